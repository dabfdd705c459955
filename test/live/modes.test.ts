/** What of the machine's events is sent: survivors only, a sample, and both, on loads of known truth. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CollectorOptions, defaultCollectorOptions } from '../../src/collect/collector.js';
import { encodeJson } from '../../src/export/json.js';
import type { Report, ReportStack } from '../../src/rank/report.js';
import { defaultSelection, type Selection } from '../../src/rank/selection.js';
import { LiveRun } from '../../src/session/live-run.js';
import type { Pipeline } from '../../src/session/pipeline.js';
import { buildLoads, Load, requireRoot, until } from '../helpers/live.js';
import { replayedFile } from '../helpers/replayed.js';

let directory = '';
beforeAll(() => {
  requireRoot();
  buildLoads();
  directory = mkdtempSync(join(tmpdir(), 'unfreed-modes-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ALL: Selection = { ...defaultSelection(1_000_000), comm: 'hold-pipes' };
const PIPES = 300;
const MIN_AGE_NS = 5e8;

interface Run {
  run: LiveRun;
  /** Resolves when the core has come so far past now. */
  settle: (moreNs?: number) => Promise<void>;
  report: () => Report;
}

async function startRun(options: Partial<CollectorOptions>, recordPath: string | null = null): Promise<Run> {
  const collector: CollectorOptions = { ...defaultCollectorOptions(), collector: 'bpf', ...options };
  const run = new LiveRun({ collector, recordPath, force: true });
  await run.start();
  const settle = async (moreNs = 0.05e9): Promise<void> => {
    const nowNs = (Date.now() - run.pipeline.facts.startUnixMs) * 1e6;
    await until('the core to come past now', () => run.pipeline.core.nowNs > nowNs + moreNs);
  };
  return { run, settle, report: () => run.pipeline.report(ALL) };
}

/** Call paths through a function of any prefix, without what the slab allocator takes for itself. */
function through(report: Report, symbol: string): ReportStack[] {
  return report.stacks.filter(
    (stack) =>
      stack.category !== 'backing' &&
      stack.kind === (symbol === 'pipe_write' ? 'mm_page_alloc' : 'kmalloc') &&
      stack.frames.some((frame) => frame.symbol === symbol || frame.symbol === `anon_${symbol}`) &&
      !stack.frames.some((frame) =>
        /^(allocate_slab|alloc_slab_obj_exts|refill_objects|__pcs_|.*sheaf)/.test(frame.symbol),
      ),
  );
}

function countThrough(report: Report, symbol: string): number {
  return through(report, symbol).reduce((sum, stack) => sum + stack.count, 0);
}

const replay = async (path: string): Promise<Pipeline> => (await replayedFile(path)).pipeline;

it('survivors only: 300 full pipes are 4,800 pages to the page, 0 when closed, and the churn beside them is not sent', async () => {
  const path = join(directory, 'survivors.unfreed');
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const churn = await Load.start('churn', '2');
  const { run, settle, report } = await startRun({ minAgeNs: MIN_AGE_NS }, path);
  await Promise.all([pipes.go(), churn.go().catch(() => [])]);
  await settle(2 * MIN_AGE_NS + 0.2e9);
  expect(countThrough(report(), 'pipe_write')).toBe(16 * PIPES);
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(2 * PIPES);
  const turns = (await churn.released()).turns ?? 0;
  await settle(1.1e9);
  const { young, source } = report();
  expect(source.minAgeNs).toBe(MIN_AGE_NS);
  // A turn of churn takes and gives back 16 pages of a pipe and some 15 objects.
  expect(young?.pairs).toBeGreaterThan(turns * 20);
  expect(young?.sentAtOnce).toBeLessThan(turns / 10);
  const sent = through(report(), 'pipe_write').reduce((sum, stack) => sum + stack.allocCount, 0);
  expect(sent - 16 * PIPES).toBeLessThan(turns / 10);
  // Objects are as old as their allocs, not as the moment at which they came.
  const [stack] = through(report(), 'pipe_write');
  expect(stack.medianAgeNs).toBeGreaterThan(2e9);
  await pipes.release();
  await settle();
  expect(countThrough(report(), 'pipe_write')).toBe(0);
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(0);
  await Promise.all([pipes.stop(), churn.stop()]);
  await run.stop('stopped');
  await run.finished;
  const live = report();
  const replayed = (await replay(path)).report(ALL);
  expect(encodeJson({ ...replayed, source: { ...replayed.source, kind: 'live' } })).toBe(encodeJson(live));
});

it('survivors only: what is old enough when the trace ends is there, although no sweep was due', async () => {
  const { run, settle, report } = await startRun({ minAgeNs: 2e9 });
  const pipes = await Load.start('hold-pipes', '23');
  await pipes.go();
  await settle(2.1e9);
  await run.stop('stopped');
  await run.finished;
  expect(countThrough(report(), 'pipe_write')).toBe(16 * 23);
  await pipes.stop();
});

it('survivors only, where the kernel walks the stacks: they wait in its own tables, and none is lost', async () => {
  const pipes = await Load.start('hold-pipes', '101');
  const churn = await Load.start('churn', '1');
  const { run, settle, report } = await startRun({ minAgeNs: MIN_AGE_NS, stacks: 'walk' });
  await Promise.all([pipes.go(), churn.go().catch(() => [])]);
  const turns = (await churn.released()).turns ?? 0;
  await settle(2 * MIN_AGE_NS + 0.2e9);
  expect(countThrough(report(), 'pipe_write')).toBe(16 * 101);
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(2 * 101);
  await settle(1.1e9);
  expect(report().young?.pairs).toBeGreaterThan(turns * 20);
  await pipes.release();
  await settle();
  expect(countThrough(report(), 'pipe_write')).toBe(0);
  await Promise.all([pipes.stop(), churn.stop()]);
  await run.stop();
});

it('a sample of 1 in 16: the estimate of what 300 pipes hold is true within its interval', async () => {
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const { run, settle, report } = await startRun({ sampleOneIn: 16 });
  await pipes.go();
  await settle();
  const held = report();
  expect(held.source.sampleOneIn).toBe(16);
  for (const [symbol, truth] of [
    ['pipe_write', 16 * PIPES],
    ['alloc_pipe_info', 2 * PIPES],
  ] as const) {
    const stacks = through(held, symbol);
    const [low, high, seen, count] = ['lowCount', 'highCount', 'seen', 'count'].map((name) =>
      stacks.reduce((sum, stack) => {
        if (stack.estimate === null) throw new Error('no estimate');
        return sum + (name === 'seen' ? stack.count : stack.estimate[name as 'count']);
      }, 0),
    );
    expect(count, symbol).toBe(16 * seen);
    // The interval misses one time in 20; three of them next to never.
    expect(truth, `${symbol} ${low} to ${high}`).toBeGreaterThan(low - (high - low));
    expect(truth, `${symbol} ${low} to ${high}`).toBeLessThan(high + (high - low));
    expect(seen).toBeLessThan(truth / 2);
  }
  await pipes.release();
  await settle();
  expect(countThrough(report(), 'pipe_write')).toBe(0);
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(0);
  await pipes.stop();
  await run.stop();
});

it('survivors of a sample: what is held and was sampled comes, and goes', async () => {
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const { run, settle, report } = await startRun({ sampleOneIn: 4, minAgeNs: MIN_AGE_NS });
  await pipes.go();
  await settle(2 * MIN_AGE_NS + 0.2e9);
  const seen = countThrough(report(), 'alloc_pipe_info');
  // 150 expected, and 11 the standard deviation.
  expect(seen).toBeGreaterThan(90);
  expect(seen).toBeLessThan(210);
  await pipes.release();
  await settle();
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(0);
  await pipes.stop();
  await run.stop();
});

it('--max-overhead: the sample shrinks under load, what is outside is forgotten and not held for ever, and replay agrees', async () => {
  const path = join(directory, 'budget.unfreed');
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const churn = await Load.start('churn', '6');
  const { run, settle, report } = await startRun({ maxOverhead: 0.001 }, path);
  await pipes.go();
  await settle();
  expect(countThrough(report(), 'pipe_write')).toBe(16 * PIPES);
  const churning = churn.go().catch(() => []);
  await until('the sample to shrink to 1/64', () => report().source.sampleOneIn === 64);
  const { source, estimate } = report();
  expect(source.maxOverhead).toBe(0.001);
  expect(source.sampleMoves.map((move) => [move.fromOneIn, move.toOneIn])).toEqual([
    [1, 4],
    [4, 16],
    [16, 64],
  ]);
  for (const { overhead } of source.sampleMoves) expect(overhead).toBeGreaterThan(0.001);
  expect(estimate?.page.count).toBeGreaterThan(0);
  // 9 of these objects are in the sample on average, each with the time of its alloc.
  const seen = through(report(), 'alloc_pipe_info');
  const held = seen.reduce((sum, stack) => sum + stack.count, 0);
  expect(held).toBeLessThan(60);
  expect(seen.reduce((sum, stack) => sum + (stack.estimate?.count ?? 0), 0)).toBe(64 * held);
  await churning;
  await churn.released();
  await pipes.release();
  await settle();
  expect(countThrough(report(), 'pipe_write')).toBe(0);
  expect(countThrough(report(), 'alloc_pipe_info')).toBe(0);
  await Promise.all([pipes.stop(), churn.stop()]);
  await run.stop('stopped');
  await run.finished;
  const live = report();
  run.pipeline.core.checkInvariants();
  const replayed = (await replay(path)).report(ALL);
  expect(encodeJson({ ...replayed, source: { ...replayed.source, kind: 'live' } })).toBe(encodeJson(live));
});
