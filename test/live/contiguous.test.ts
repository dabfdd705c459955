/**
 * Memory that the kernel takes in whole ranges, without an alloc that any event shows: a gigantic
 * huge page of this machine's kernel.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { encodeText } from '../../src/export/text.js';
import type { Report } from '../../src/rank/report/report.js';
import { modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { until } from '../helpers/patience.js';

const it = modeIt(import.meta.url);
let { end } = { end: () => Promise.resolve() };
beforeAll(() => {
  ({ end } = prepareLive());
});
afterAll(() => end());

const GIB = 2 ** 30;
const PAGES = '/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages';

function gigantic(change: number): void {
  writeFileSync(PAGES, String(Number(readFileSync(PAGES, 'utf8')) + change));
}

/** True if a gigantic page could be had; the kernel may find no range that it can empty. */
function takeGigantic(): boolean {
  const before = Number(readFileSync(PAGES, 'utf8'));
  gigantic(1);
  return Number(readFileSync(PAGES, 'utf8')) === before + 1;
}

/** Returns the report of a trace in which `load` ran, at a sample of all counters after it. */
async function reportOf(load: () => boolean | Promise<boolean>): Promise<Report | null> {
  const { run, report, stop } = await startTrace(null, { allocators: ['page'] });
  const { pageBalance } = run.pipeline.core;
  await until('the first samples', () => pageBalance.firstVmstat !== null);
  const ran = await load();
  const then = run.pipeline.core.nowNs;
  await until('a later sample of vmstat', () => (run.pipeline.core.pageBalance.lastVmstat?.timeNs ?? 0) > then);
  await stop();
  return ran ? report() : null;
}

it('a gigantic page is memory that no event explains, and what comes back is not from before', async () => {
  expect(existsSync(PAGES), 'THIS KERNEL HAS NO GIGANTIC PAGES: the test of contiguous ranges cannot run').toBe(true);
  let taken: Report | null;
  try {
    taken = await reportOf(takeGigantic);
  } finally {
    gigantic(-1);
  }
  expect(taken, 'NO RANGE OF 1 GiB COULD BE EMPTIED: the test of contiguous ranges cannot run').not.toBeNull();
  const pages = taken?.reconciliation?.pages;
  // Other programs take and free memory meanwhile; their part is explained by their call paths.
  expect(pages?.withoutEventBytes).toBeGreaterThan(GIB * 0.97);
  expect(pages?.withoutEventBytes).toBeLessThan(GIB * 1.03);
  expect(pages?.unexplainedBytes).toBeGreaterThan(GIB * 0.9);
  if (taken !== null) {
    expect(encodeText(taken, { columns: 200, frames: false })).toMatch(
      /(1\.\d+ GiB|10\d\d MiB) were taken without an alloc .* huge pages \(Hugetlb\) hold 1/,
    );
  }

  const returned = await reportOf(() => {
    const could = takeGigantic();
    gigantic(-1);
    return could;
  });
  // Its pages come back with frees that pair with no alloc; none of them is from before the trace.
  expect(returned?.reconciliation?.pages?.freedFromBeforeBytes).toBeLessThan(GIB * 0.9);
});
