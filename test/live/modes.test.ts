/**
 * Modes that send only some of the machine's events: survivors, a sample, and both, on loads of
 * known truth.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { encodeJson } from '../../src/export/json.js';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { countThrough, expectHeld, expectReleased, through } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { ALL, modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { until } from '../helpers/patience.js';
import { replayedFile } from '../helpers/replayed.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

const PIPES = 300;
const MIN_AGE_NS = 5e8;

/** Losses are reported once a second. */
const LOSSES_TOLD_NS = 1.1e9;
const COMM = 'hold-pipes';

const pages = (report: Report): number => countThrough(report, 'mm_page_alloc', 'pipe_write', COMM);
const pipeObjects = (report: Report): number => countThrough(report, 'kmalloc', 'alloc_pipe_info', COMM);
const pageRows = (report: Report): ReportStack[] => through(report, 'mm_page_alloc', 'pipe_write', COMM);

/** Expects that a replay gives the same report as the live run at its end, to the byte. */
async function expectReplayAgrees(path: string, live: Report): Promise<void> {
  const replayed = (await replayedFile(path)).pipeline.report(ALL);
  expect(encodeJson({ ...replayed, source: { ...replayed.source, kind: 'live' } })).toBe(encodeJson(live));
}

it('survivors only: 300 full pipes are 4,800 pages to the page, 0 when closed, and the churn beside them is not sent', async () => {
  const path = join(directory, 'survivors.unfreed');
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const churn = await Load.start('churn', '2');
  const { report, settle, settleHeld, stop } = await startTrace(path, { minAgeNs: MIN_AGE_NS });
  await Promise.all([pipes.go(), churn.go().catch(() => [])]);
  await settleHeld();
  expect(pages(report())).toBe(16 * PIPES);
  expect(pipeObjects(report())).toBe(2 * PIPES);
  const turns = (await churn.released()).turns ?? 0;
  await settle(LOSSES_TOLD_NS);
  const { young, source } = report();
  expect(source.minAgeNs).toBe(MIN_AGE_NS);
  // A turn of churn allocates and frees 16 pages of a pipe and some 15 objects.
  expect(young?.pairs).toBeGreaterThan(turns * 20);
  expect(young?.sentAtOnce).toBeLessThan(turns / 10);
  const sent = pageRows(report()).reduce((sum, stack) => sum + stack.allocCount, 0);
  expect(sent - 16 * PIPES).toBeLessThan(turns / 10);
  // The age of an object counts from its alloc, not from when the event came.
  const [stack] = pageRows(report());
  expect(stack.medianAgeNs).toBeGreaterThan(2e9);
  await pipes.release();
  await settle();
  expect(pages(report())).toBe(0);
  expect(pipeObjects(report())).toBe(0);
  await Promise.all([pipes.stop(), churn.stop()]);
  await stop();
  await expectReplayAgrees(path, report());
});

it('survivors only: what is old enough when the trace ends is there, although no sweep was due', async () => {
  const { settle, report, stop } = await startTrace(null, { minAgeNs: 2e9 });
  const pipes = await Load.start('hold-pipes', '23');
  await pipes.go();
  await settle(2.1e9);
  await stop();
  expect(pages(report())).toBe(16 * 23);
  await pipes.stop();
});

it('survivors only, where the kernel walks the stacks: they wait in its own tables, and none is lost', async () => {
  const pipes = await Load.start('hold-pipes', '101');
  const churn = await Load.start('churn', '1');
  const { settle, settleHeld, report, stop } = await startTrace(null, { minAgeNs: MIN_AGE_NS, stacks: 'walk' });
  await Promise.all([pipes.go(), churn.go().catch(() => [])]);
  const turns = (await churn.released()).turns ?? 0;
  await settleHeld();
  expect(pages(report())).toBe(16 * 101);
  expect(pipeObjects(report())).toBe(2 * 101);
  await settle(LOSSES_TOLD_NS);
  expect(report().young?.pairs).toBeGreaterThan(turns * 20);
  await pipes.release();
  await settle();
  expect(pages(report())).toBe(0);
  await Promise.all([pipes.stop(), churn.stop()]);
  await stop();
});

it('a sample of 1 in 16: of what 300 pipes hold exactly what is in it, and the estimate is true within its interval', async () => {
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const { run, witness, settle, report, stop } = await startTrace(null, { sampleOneIn: 16 });
  const truth = await pipes.go();
  await settle();
  const held = report();
  expect(held.source.sampleOneIn).toBe(16);
  expectHeld(held, truth, { comm: COMM, facts: run.pipeline.facts, witness });
  for (const { count, estimate } of [...pageRows(held), ...through(held, 'kmalloc', 'alloc_pipe_info', COMM)]) {
    expect(estimate?.count).toBe(16 * count);
  }
  await pipes.release();
  await settle();
  expectReleased(report(), truth, COMM);
  await pipes.stop();
  await stop();
});

it('survivors of a sample: what is held and was sampled comes, and goes', async () => {
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const trace = await startTrace(null, { sampleOneIn: 4, minAgeNs: MIN_AGE_NS });
  const truth = await pipes.go();
  await trace.settleHeld();
  expectHeld(trace.report(), truth, { comm: COMM, facts: trace.run.pipeline.facts, witness: trace.witness });
  await pipes.release();
  await trace.settle();
  expectReleased(trace.report(), truth, COMM);
  await pipes.stop();
  await trace.stop();
});

it('--max-overhead: the sample shrinks under load, what is outside is forgotten and not held for ever, and replay agrees', async () => {
  const path = join(directory, 'budget.unfreed');
  const pipes = await Load.start('hold-pipes', String(PIPES));
  const churn = await Load.start('churn', '6');
  const { run, witness, settle, report, stop } = await startTrace(path, { maxOverhead: 0.001 });
  const truth = await pipes.go();
  await settle();
  expect(pages(report())).toBe(16 * PIPES);
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
  expectHeld(report(), truth, { comm: COMM, facts: run.pipeline.facts, witness });
  for (const { count, estimate: own } of through(report(), 'kmalloc', 'alloc_pipe_info', COMM)) {
    expect(own?.count).toBe(64 * count);
  }
  await churning;
  await churn.released();
  await pipes.release();
  await settle();
  expectReleased(report(), truth, COMM);
  await Promise.all([pipes.stop(), churn.stop()]);
  await stop();
  run.pipeline.core.checkInvariants();
  await expectReplayAgrees(path, report());
});
