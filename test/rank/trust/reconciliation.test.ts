import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/export/text.js';
import type { Report } from '../../../src/rank/report/report.js';
import { meminfoText, vmstatText } from '../../helpers/counter-texts.js';
import { pairText } from '../../helpers/text-trace.js';

interface Counters {
  /** Pages since boot. */
  allocs: number;
  frees: number;
  moves?: number;
  /** KiB of 8 GiB. */
  freeKiB: number;
}

const TOTAL_KIB = 8 * 2 ** 20;

/** The report of a trace between two samples of the counters; made figures. */
function reportOf(trace: string, first: Counters, last: Counters, allocators = ['page', 'slab']): Report {
  const host = { allocators: allocators as Report['source']['allocators'] };
  const { core } = pairText('0 clock', { host });
  const paired = pairText(trace, { host });
  for (const [target, timeNs, { allocs, frees, moves = 0, freeKiB }] of [
    [core, 0, first],
    [paired.core, 9, last],
  ] as const) {
    if (target === paired.core) {
      paired.core.pageBalance = core.pageBalance;
      paired.core.firstMeminfo = core.firstMeminfo;
    }
    target.fact({ type: 'counters', timeNs, source: 'meminfo', text: meminfoText(TOTAL_KIB, freeKiB) });
    target.fact({ type: 'counters', timeNs, source: 'vmstat', text: vmstatText(allocs, frees, moves) });
  }
  return paired.report();
}

const GIB_PAGES = 2 ** 18;
const START: Counters = { allocs: 10_000_000, frees: 9_000_000, freeKiB: 4 * 2 ** 20 };
const held = Array.from({ length: 256 }, (_, i) => `1 palloc ${i * 1024} order 10 holder`).join('\n');

describe('growth of pages', () => {
  it('that a contiguous range took is not explained, and said', () => {
    const report = reportOf(held, START, {
      allocs: START.allocs + GIB_PAGES,
      frees: START.frees,
      freeKiB: START.freeKiB - 2 * 2 ** 20,
    });
    expect(report.reconciliation?.pages).toMatchObject({
      grownBytes: 2 * 2 ** 30,
      explainedBytes: 2 ** 30,
      unexplainedBytes: 2 ** 30,
      withoutEventBytes: 2 ** 30,
    });
    expect(encodeText(report, { columns: 300, frames: false })).toContain('1.00 GiB were taken without an alloc');
  });

  it('is not that of ranges that were taken and given back', () => {
    // Three times a GiB came back page by page, with frees that pair with no alloc.
    const back = Array.from({ length: 768 }, (_, i) => `2 pfree ${(i + 1000) * 1024} order 10`).join('\n');
    const report = reportOf(`${held}\n${back}`, START, {
      allocs: START.allocs + GIB_PAGES,
      frees: START.frees + 3 * GIB_PAGES,
      freeKiB: START.freeKiB - 2 ** 20,
    });
    expect(report.reconciliation?.pages).toMatchObject({
      grownBytes: 2 ** 30,
      explainedBytes: 2 ** 30,
      unexplainedBytes: 0,
      freedFromBeforeBytes: 0,
    });
    const text = encodeText(report, { columns: 300, frames: false });
    expect(text).toContain('3.00 GiB were taken and given back without an alloc');
    expect(text).not.toContain('which no call path can hold');
  });

  it('is explained although old pages of moves that were not seen were freed', () => {
    // Half of it moved unseen: pages from before the trace, whose old pages seem freed from before.
    const moved = Array.from({ length: 128 }, (_, i) => `2 pfree ${(i + 1000) * 1024} order 10`).join('\n');
    const report = reportOf(`${held}\n${moved}`, START, {
      allocs: START.allocs + GIB_PAGES,
      frees: START.frees + GIB_PAGES / 2,
      moves: GIB_PAGES / 2,
      freeKiB: START.freeKiB - 2 ** 20,
    });
    expect(report.reconciliation?.pages).toMatchObject({
      grownBytes: 2 ** 30,
      explainedBytes: 2 ** 30,
      unexplainedBytes: 0,
      freedFromBeforeBytes: 0,
    });
  });

  it('is not held against allocators that were not traced', () => {
    const grown = { allocs: START.allocs + GIB_PAGES, frees: START.frees, freeKiB: START.freeKiB - 2 ** 20 };
    expect(reportOf('0 clock', START, grown, ['slab']).reconciliation).toBeNull();
  });
});
