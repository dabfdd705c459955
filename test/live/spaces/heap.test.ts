/**
 * `unfreed record --heap -- CMD` of programs whose heap is known exactly (test/bpf/preload/loads.c): what each call path
 * holds at the end is exact to the block and byte, in the recording, with the names of its functions. The collector alone with
 * all of these programs: command-heap.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { HEAP } from '../../../src/event/kinds.js';
import { Programs, truths } from '../../bpf/preload/traced.js';
import { unfreed } from '../../helpers/cli.js';
import { requireRoot } from '../../helpers/live.js';
import { ALL, modeIt } from '../../helpers/live-trace.js';
import { replayedFile } from '../../helpers/replayed.js';

const it = modeIt(import.meta.url);
const programs = new Programs();
const directory = mkdtempSync(join(tmpdir(), 'unfreed-heap-'));
beforeAll(() => {
  requireRoot();
  programs.build('loads', 'loads.c');
}, 60_000);
afterAll(() => {
  programs.remove();
  rmSync(directory, { recursive: true });
});

interface Sum {
  blocks: number;
  bytes: number;
}

async function heldBy(name: string, ...args: string[]): Promise<{ wanted: [string, Sum][]; found: [string, Sum][] }> {
  const path = join(directory, `${name}.unfreed`);
  const { stderr, code } = await unfreed(['record', '--heap', '-o', path, '--', programs.path('loads'), name, ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const said = truths(stderr);
  expect(said.size).toBeGreaterThan(0);
  const { pipeline } = await replayedFile(path);
  const { core } = pipeline;
  core.checkInvariants();
  expect({ bad: core.badEvents, lost: core.lossLedger.lostEvents, noPath: core.stackMisses }).toEqual({
    bad: 0,
    lost: 0,
    noPath: 0,
  });
  expect(core.paths.totalLive(HEAP)).toBeGreaterThan(0);
  const wanted = [...said].map(([symbol, all]): [string, Sum] => [symbol, all[0]]);
  const found = wanted.map(([symbol]): [string, Sum] => {
    const { stacks } = pipeline.report({ ...ALL, grep: `^${symbol}$`, allocators: ['heap'] });
    const sum = { blocks: 0, bytes: 0 };
    for (const { count, bytes } of stacks) {
      sum.blocks += count;
      sum.bytes += bytes;
    }
    return [symbol, sum];
  });
  return { wanted, found };
}

const LOADS: [name: string, ...args: string[]][] = [['failing'], ['threads', '4'], ['exec']];

describe('the heap of a command', () => {
  for (const [name, ...args] of LOADS) {
    it(`${name}: exact to the block and byte by call path`, async () => {
      const { wanted, found } = await heldBy(name, ...args);
      expect(found).toEqual(wanted);
    }, 30_000);
  }
});
