import { describe, expect, it } from 'vitest';
import type { VmstatSample } from '../../../src/pair/page-balance.js';
import { pageGrowth } from '../../../src/rank/trust/page-growth.js';

const MIB = 2 ** 20;
const PAGES_PER_MIB = 256;

interface Moment {
  /** MiB. */
  allocated: number;
  freed: number;
  used: number | null;
  vacated?: number;
  isExact?: boolean;
}

function sample({ allocated, freed, used, vacated = 0, isExact = true }: Moment): VmstatSample {
  return {
    timeNs: 0,
    allocs: 0,
    frees: 0,
    orphans: 0,
    missed: 0,
    held: 0,
    moved: 0,
    vacated: vacated * PAGES_PER_MIB,
    kernelAllocs: allocated * PAGES_PER_MIB,
    kernelFrees: freed * PAGES_PER_MIB,
    kernelMoves: 0,
    used: used === null ? null : { usedBytes: used * MIB, isExact },
  };
}

const START = { allocated: 1000, freed: 900, used: 5000 };

/** Growth since START in MiB: of memory in use, and of that without an event. */
function growth(last: Moment, unseenMoves = 0): [grown: number, withoutEvent: number | null] {
  const first = sample({ ...START, isExact: last.isExact, used: last.used === null ? null : START.used });
  const machine = { pageSize: 4096, totalBytes: 8 * 2 ** 30, unseenMoves: unseenMoves * PAGES_PER_MIB };
  const { grownBytes, withoutEventBytes } = pageGrowth(first, sample(last), machine);
  return [grownBytes / MIB, withoutEventBytes === null ? null : withoutEventBytes / MIB];
}

describe('growth of memory in use', () => {
  it("is vmstat's where both counters agree within their noise", () => {
    expect(growth({ allocated: 1300, freed: 950, used: 5260 })).toEqual([250, 0]);
    expect(growth({ allocated: 1300, freed: 950, used: 5240 })).toEqual([250, 0]);
  });

  it('is that of free memory where more has left the free lists than was allocated', () => {
    expect(growth({ allocated: 1266, freed: 900, used: 5266 + 1024 })).toEqual([1290, 1024]);
  });

  it('shows a range that was taken without an alloc and came back with frees', () => {
    expect(growth({ allocated: 1100, freed: 900 + 1024 + 50, used: 5050 })).toEqual([50, 1024]);
  });

  it('counts no move of compaction, whose old page is freed and whose new page is not allocated', () => {
    expect(growth({ allocated: 1300, freed: 950 + 100, used: 5250, vacated: 100 })).toEqual([250, 0]);
  });

  it('leaves open how a page was taken that moved unseen', () => {
    expect(growth({ allocated: 1300, freed: 950 + 100, used: 5250 }, 100)).toEqual([250, 0]);
    expect(growth({ allocated: 1300, freed: 950, used: 5250 }, 100)).toEqual([250, 0]);
    expect(growth({ allocated: 1300, freed: 950, used: 5250 + 400 }, 100)).toEqual([650, 300]);
  });

  it('tells memory that came to the free lists without a free', () => {
    expect(growth({ allocated: 1300, freed: 900, used: 5300 - 600 })).toEqual([-300, -600]);
  });

  it('is coarse where the free lists of the CPUs are not known, and silent without a meminfo', () => {
    expect(growth({ allocated: 1300, freed: 950, used: 5650, isExact: false })).toEqual([250, 0]);
    expect(growth({ allocated: 1300, freed: 950, used: 6250, isExact: false })).toEqual([1250, 1000]);
    expect(growth({ allocated: 1300, freed: 950, used: null })).toEqual([250, null]);
  });
});
