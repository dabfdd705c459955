/**
 * Address spaces with a known truth (scripts/loads/hold-maps.c), all traced at once as `-p` does: what each call path holds,
 * usable and reserved, is exact to the page, and all objects of a process together are its VmSize, live and from the recording.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { MAPPED, RESERVED } from '../../../src/event/kinds.js';
import { processOf } from '../../../src/pair/live-ranges.js';
import { PATH, SLOT_WORDS } from '../../../src/pair/live-table.js';
import type { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { Load, type Truth } from '../../helpers/live.js';
import { ALL, modeIt, prepareLive, startTrace } from '../../helpers/live-trace.js';
import { replayedFile } from '../../helpers/replayed.js';

const it = modeIt(import.meta.url);
const PAGE_BYTES = 4096;
const CASES = [
  'stacks',
  'parts',
  'across',
  'fixed',
  'moved',
  'break',
  'reserved',
  'segments',
  'forked',
  'vforked',
  'threads',
  'racing',
  'deep',
  'libraries',
];

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

/** Pages of all mappings of the process with this pid that runs now, or ran at the end of the trace. */
function pagesOf({ core }: Pipeline, pid: number): number {
  const processes = core.processMemory.processes.all();
  const number = processes.findLast((each) => each.pid === pid && each.ended !== 'exec')?.number;
  let pages = 0;
  for (const allocator of [MAPPED, RESERVED]) {
    const table = core.tableOf(allocator);
    for (let slot = 0; slot < table.slots; slot++) {
      const at = slot * SLOT_WORDS;
      if (table.words[at + PATH] !== 0 && processOf(table.words, at) === number) pages += table.sizeAt(slot);
    }
  }
  return pages;
}

interface Held {
  name: string;
  pid: number;
  truth: Truth[];
  vmSize: number;
}

function answers(pipeline: Pipeline, { name, pid, truth, vmSize }: Held): unknown {
  const held = truth.map(({ allocator, symbol }) => {
    const { stacks } = pipeline.report({
      ...ALL,
      pid,
      grep: symbol,
      allocators: [allocator === 'map' ? 'map' : 'reserved'],
      includeSelf: true,
    });
    return stacks.reduce((sum, { bytes }) => sum + bytes, 0);
  });
  return { name, held, vmSize: pagesOf(pipeline, pid) * PAGE_BYTES, expectedVmSize: vmSize };
}

function expected({ name, truth, vmSize }: Held): unknown {
  return { name, held: truth.map(({ bytes }) => bytes), vmSize, expectedVmSize: vmSize };
}

describe('address spaces', () => {
  it('are exact to the page by call path, and each process sums up to its VmSize', async () => {
    const path = join(directory, 'maps.unfreed');
    const loads = await Promise.all(CASES.map((name) => Load.start('hold-maps', name)));
    const { run, settle, stop } = await startTrace(path, { processes: loads.map(({ pid }) => pid) });
    const holds: Held[] = [];
    for (const [i, load] of loads.entries()) {
      const { truth = [], vmSize = 0, pid } = await load.hold();
      holds.push({ name: CASES[i], pid, truth, vmSize });
    }
    // The kernel's own list is read once a second: by then what no call tells of is there, too.
    await settle(2.2e9);
    expect(holds.map((held) => answers(run.pipeline, held))).toEqual(holds.map(expected));
    expect(run.pipeline.core.lossLedger.lostEvents).toBe(0);
    expect(run.pipeline.core.badEvents).toBe(0);
    run.pipeline.core.checkInvariants();
    await stop();
    const { pipeline } = await replayedFile(path);
    expect(holds.map((held) => answers(pipeline, held))).toEqual(holds.map(expected));
    await Promise.all(loads.map((load) => load.end()));
  }, 60_000);
});
