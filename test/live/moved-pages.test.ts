/**
 * Pages that the kernel moves while they are held, on this machine's kernel. The truth is the load's
 * own: how many pages it holds, and how many of them have another page frame than before.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { through } from '../helpers/held.js';
import { Load } from '../helpers/live.js';
import { ALL, modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { replayedFile } from '../helpers/replayed.js';

const it = modeIt(import.meta.url);
let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(() => end());

const COMM = 'hold-moved';

function anonymous(report: Report): ReportStack[] {
  return through(report, 'mm_page_alloc', 'do_anonymous_page', COMM);
}

function pagesOf(report: Report): number {
  let pages = 0;
  for (const stack of anonymous(report)) pages += stack.comms.find(({ comm }) => comm === COMM)?.count ?? 0;
  return pages;
}

it('400 MiB of memory that compaction moves stay on their call path, to 1 %', async () => {
  const path = join(directory, 'moved.unfreed');
  const load = await Load.start('hold-moved', '400');
  const { run, report, settle, settleHeld, stop } = await startTrace(path, { allocators: ['page'] });
  const before = pagesOf(report());
  const { truth = [], moved = 0 } = await load.hold();
  const [{ count }] = truth;
  // Fewer would not stand out from the 1 % below.
  expect(moved, 'pages that the kernel moved').toBeGreaterThan(count * 0.02);
  await settleHeld();
  const held = pagesOf(report()) - before;
  expect(held).toBeGreaterThan(count * 0.99);
  expect(held).toBeLessThan(count * 1.01);
  const { core } = run.pipeline;
  expect(core.moves.movedPages).toBeGreaterThanOrEqual(moved);
  core.checkInvariants();
  await load.release();
  await settle();
  expect(pagesOf(report()) - before).toBeLessThan(count * 0.01);
  await load.stop();
  await stop();
  const replayed = (await replayedFile(path)).pipeline;
  expect(replayed.core.moves.movedPages).toBe(core.moves.movedPages);
  expect(replayed.report(ALL).outstanding).toEqual(report().outstanding);
});
