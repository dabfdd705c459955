/**
 * Pages that no process maps, but a pipe or an io_uring holds: their figure and their category, by
 * the process that took them, living or gone; and the gap, which does not move by itself.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { LiveRun } from '../../src/session/live/live-run.js';
import { Load } from '../helpers/live.js';
import { modeIt, prepareLive, startRun } from '../helpers/live-trace.js';
import { modeName, modeOptions } from '../helpers/modes.js';
import { until } from '../helpers/patience.js';

const it = modeIt(import.meta.url);
const MIB = 2 ** 20;
const HELD_MIB = 128;
/** Pages on their way to a list, and what other processes leave behind meanwhile. */
const NOISE_BYTES = 8 * MIB;

let { end } = { end: () => Promise.resolve() };
beforeAll(() => {
  ({ end } = prepareLive());
});
afterAll(() => end());

function heldOf(report: Report): number {
  return report.meminfo?.heldByReferenceBytes ?? 0;
}

/** Traces while the load holds its memory; returns the reports before it, with it, and after it. */
async function traced(...args: string[]): Promise<{ before: Report; during: Report; own: Report; after: Report }> {
  const { run, later } = await startRun();
  const load = await Load.start('hold-unmapped', String(HELD_MIB), ...args);
  await later(2);
  const before = run.pipeline.report(defaultSelection(10_000));
  await load.go();
  await later(3);
  const during = run.pipeline.report(defaultSelection(10_000));
  const own = run.pipeline.report({ ...defaultSelection(100), comm: 'hold-unmapped', hideAccounted: true });
  await load.release();
  await later(3);
  const after = run.pipeline.report(defaultSelection(10));
  await load.stop();
  await run.stop();
  await run.finished;
  return { before, during, own, after };
}

function faultRow({ stacks }: Report): ReportStack {
  const found = stacks.find((stack) => stack.heldByReference !== null);
  if (found === undefined) throw new Error('no row is held by a reference');
  return found;
}

// The counters are those of the whole machine, so whoever else works on it disturbs: hence the retries. Of a sample of
// addresses, what a process holds is not known.
describe.runIf(modeName !== 'sample')('memory that a reference holds', () => {
  for (const [by, ...args] of [['vmsplice'], ['vmsplice', '--child'], ['io_uring'], ['io_uring', '--child']]) {
    it(`by ${by} ${args.join('')} is counted, named and on top`, { retry: 2 }, () => check(by, args));
  }
});

it('the gap stays where it is while free pages move between the zones and the lists of the CPUs', {
  retry: 2,
}, async () => {
  const run = new LiveRun({ collector: modeOptions(), recordPath: null, force: false });
  await run.start();
  const churn = await Load.start('churn', '8', '--rate', '300');
  await churn.go();
  const gaps: number[] = [];
  for (let second = 2; second <= 14; second++) {
    await until(`${second} s of trace`, () => run.pipeline.core.nowNs > second * 1e9);
    const { meminfo } = run.pipeline.report(defaultSelection(1));
    if (meminfo === null) throw new Error('no meminfo');
    expect(meminfo.perCpuFreeBytes).not.toBeNull();
    gaps.push(meminfo.unaccountedBytes);
    const sum = meminfo.terms.reduce((bytes, term) => bytes + term.bytes, meminfo.unaccountedBytes);
    expect(Math.abs(sum - meminfo.totalBytes)).toBeLessThan(meminfo.totalBytes / 100);
  }
  await churn.end();
  await run.stop();
  await run.finished;
  expect(Math.max(...gaps) - Math.min(...gaps), gaps.join(' ')).toBeLessThan(16 * MIB);
});

async function check(by: string, args: string[]): Promise<void> {
  const { before, during, own, after } = await traced('--by', by, ...args);
  const bytes = HELD_MIB * MIB;
  const grown = heldOf(during) - heldOf(before);
  expect(Math.abs(grown - bytes)).toBeLessThan(bytes / 100 + NOISE_BYTES);
  expect(heldOf(during) - heldOf(after)).toBeGreaterThan(bytes - NOISE_BYTES);
  const pins = (during.meminfo?.pinnedPages ?? 0) - (before.meminfo?.pinnedPages ?? 0);
  if (by === 'io_uring') expect(pins).toBeGreaterThanOrEqual(HELD_MIB * 256);
  // The row of the load's own faults, of the category that it has, and not hidden.
  const [row] = own.stacks;
  expect(row.category).toBe('held by a reference');
  const held = row.heldByReference;
  if (held === null) throw new Error('nothing of the row is held');
  const isRight = Math.abs(held.bytes - bytes) <= bytes / 100;
  const isBounded = !held.isExact && held.atMostBytes >= bytes * 0.99 && row.reliability !== 'confirmed';
  expect(isRight || isBounded, JSON.stringify({ held, grown, reliability: row.reliability })).toBe(true);
  if (args.length > 0) expect(held.goneBytes).toBeGreaterThan(held.bytes * 0.98);
  else expect(held.goneBytes).toBe(0);
  // In the whole ranking the same pages weigh as unaccounted memory does, although others' faults share the row.
  expect(faultRow(during).heldByReference?.atMostBytes).toBeGreaterThan(bytes * 0.98);
  expect(faultRow(during).rank).toBeLessThanOrEqual(3);
}
