/** unfreed diff over recordings of this very kernel: 100 pipes held in one and 300 in another, and both in one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultCollectorOptions } from '../../src/collect/collector.js';
import type { DiffReport } from '../../src/rank/diff-report.js';
import { LiveRun } from '../../src/session/live-run.js';
import { unfreed } from '../helpers/cli.js';
import { buildLoads, Load, requireRoot, until } from '../helpers/live.js';

const PAGES_OF_A_PIPE = 16;
const PAGE_BYTES = 4096;

let directory = '';
beforeAll(() => {
  requireRoot();
  buildLoads();
  directory = mkdtempSync(join(tmpdir(), 'unfreed-live-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Held {
  /** Time in the trace at which all of them were held, ns. */
  timesNs: number[];
}

/** Records loads that start one after the other and hold so many pipes each to the end. */
async function recordPipes(path: string, ...pipes: number[]): Promise<Held> {
  const loads: Load[] = [];
  for (const count of pipes) loads.push(await Load.start('hold-pipes', String(count)));
  const run = new LiveRun({
    collector: { ...defaultCollectorOptions(), collector: 'bpf' },
    recordPath: path,
    force: true,
  });
  await run.start();
  const timesNs: number[] = [];
  for (const load of loads) {
    await load.go();
    const nowNs = (Date.now() - run.pipeline.facts.startUnixMs) * 1e6;
    await until('the core to come past now', () => run.pipeline.core.nowNs > nowNs + 0.05e9);
    timesNs.push(run.pipeline.core.nowNs);
  }
  await run.stop('stopped');
  await run.finished;
  for (const load of loads) await load.stop();
  return { timesNs };
}

async function diff(...args: string[]): Promise<DiffReport> {
  const pipes = ['--comm', 'hold-pipes', '--grep', '^(anon_)?pipe_write$', '--allocator', 'page', '--format', 'json'];
  const ran = await unfreed(['diff', ...args, ...pipes]);
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout) as DiffReport;
}

it('100 pipes, then 300 in another recording: 200 pipes more, of a process that was restarted', async () => {
  const [before, after] = [join(directory, '100.unfreed'), join(directory, '300.unfreed')];
  await recordPipes(before, 100);
  await recordPipes(after, 300);
  const report = await diff(before, after);
  expect(report).toMatchObject({ kind: 'traces', matchedBy: 'symbol+offset' });
  const pages = report.stacks.reduce((sum, stack) => sum + stack.differenceCount, 0);
  expect(pages).toBe(200 * PAGES_OF_A_PIPE);
  expect(report.stacks.every((stack) => stack.change === 'grown')).toBe(true);
  expect(report.processes).toMatchObject([
    {
      comm: 'hold-pipes',
      change: 'restarted',
      beforeBytes: 100 * PAGES_OF_A_PIPE * PAGE_BYTES,
      afterBytes: 300 * PAGES_OF_A_PIPE * PAGE_BYTES,
      newAllocations: 300 * PAGES_OF_A_PIPE,
    },
  ]);
});

it('100 pipes, then 200 more of another process in the same recording: the moments between tell them apart', async () => {
  const path = join(directory, 'both.unfreed');
  const { timesNs } = await recordPipes(path, 100, 200);
  const report = await diff(path, '--from', `${Math.ceil(timesNs[0] / 1e6)}ms`);
  const pages = report.stacks.reduce((sum, stack) => sum + stack.differenceCount, 0);
  expect(pages).toBe(200 * PAGES_OF_A_PIPE);
  expect(report.processes).toMatchObject([
    { change: 'new', beforeBytes: 0, afterCount: 200 * PAGES_OF_A_PIPE, newAllocations: 200 * PAGES_OF_A_PIPE },
  ]);
  expect(report.processesUnchanged).toBe(1);
});
