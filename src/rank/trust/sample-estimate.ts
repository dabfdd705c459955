/**
 * Estimates of everything outstanding where only 1 of N addresses was traced, with the interval in
 * which the truth lies 19 times of 20.
 *
 * Each address is in the sample with probability 1/N, independently of the others. So N times the
 * traced amount is right on average (Horvitz and Thompson), and N (N - 1) times the sum of the
 * squares is its variance. Pages are sampled by neighbourhoods of 4 MiB (sampling.ts): there the
 * squares are of the amounts that neighbourhoods hold. A sum of few or unequal parts is not
 * normally distributed, so the interval is the one for a weighted sum of Poisson counts by Fay and
 * Feuer (Statistics in Medicine 16, 1997), with the quantiles of chi-squared by Wilson and
 * Hilferty. It errs on the wide side.
 *
 * N is that of the time of the allocation (SampleHistory.weightAt()).
 */

import { ALLOCATOR_COUNT, byAllocator, PAGE } from '../../event/kinds.js';
import { PAGE_SHIFT } from '../../event/sampling.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { ORDER_SHIFT } from '../../pair/live-pages.js';
import { HI, LO, SLOT_WORDS } from '../../pair/live-table.js';
import type { SampleHistory } from '../../pair/losses/sample-history.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { Report } from '../report/report.js';
import type { SampleEstimate } from '../report/report-sample.js';
import { HeldTable } from '../select/held-table.js';

/** 97.5 % of a normal distribution lie below. */
const Z = 1.959964;
const SUMS = 8;

/** Adds up the outstanding allocations of several places. */
export class SampleEstimator {
  private readonly sampling: SampleHistory;
  /**
   * Per place, for bytes and then for counts: the traced sum, the sum scaled to all addresses, the
   * sum of the squares of the possible errors, and the greatest of these errors.
   */
  private readonly sums: Float64Array;
  /** Neighbourhoods of pages, by place, and the possible error of each. */
  private readonly neighbourhoods = new AddressTable();
  private offBytes = new Float64Array(1024);
  private offCount = new Float64Array(1024);

  constructor(sampling: SampleHistory, places: number) {
    this.sampling = sampling;
    this.sums = new Float64Array((places + 1) * SUMS);
  }

  /** Adds the outstanding allocation in a slot to a place; places count from 1. */
  add(place: number, held: HeldTable, slot: number): void {
    const bytes = held.bytesAt(slot);
    const count = held.countAt(slot);
    const oneIn = this.sampling.weightAt(held.timeNsAt(slot));
    const off = Math.sqrt(oneIn * (oneIn - 1));
    const { sums } = this;
    const at = place * SUMS;
    sums[at] += bytes;
    sums[at + 1] += oneIn * bytes;
    sums[at + 4] += count;
    sums[at + 5] += oneIn * count;
    if (held.allocator !== PAGE) {
      this.square(at + 2, off * bytes);
      this.square(at + 6, off * count);
      return;
    }
    const { words } = held.table;
    const hi = words[slot * SLOT_WORDS + HI] & ((1 << ORDER_SHIFT) - 1);
    const key = (words[slot * SLOT_WORDS + LO] >>> PAGE_SHIFT) | (hi << (32 - PAGE_SHIFT));
    const id = this.neighbourhoods.intern(place, key >>> 0);
    if (id >= this.offBytes.length) this.grow();
    this.offBytes[id] += off * bytes;
    this.offCount[id] += off * count;
  }

  /** Returns the estimates of the places, from the first. May be called once. */
  estimates(): SampleEstimate[] {
    const { neighbourhoods, sums } = this;
    for (let id = 1; id <= neighbourhoods.size; id++) {
      const at = neighbourhoods.hi[id] * SUMS;
      this.square(at + 2, this.offBytes[id]);
      this.square(at + 6, this.offCount[id]);
    }
    const estimates: SampleEstimate[] = [];
    for (let at = SUMS; at < sums.length; at += SUMS) {
      const bytes = interval(sums.subarray(at, at + 4));
      const count = interval(sums.subarray(at + 4, at + 8));
      estimates.push({
        bytes: bytes.sum,
        lowBytes: bytes.low,
        highBytes: bytes.high,
        count: count.sum,
        lowCount: count.low,
        highCount: count.high,
      });
    }
    return estimates;
  }

  private square(at: number, off: number): void {
    this.sums[at] += off * off;
    if (off > this.sums[at + 1]) this.sums[at + 1] = off;
  }

  private grow(): void {
    const bytes = new Float64Array(this.offBytes.length * 2);
    const count = new Float64Array(this.offBytes.length * 2);
    bytes.set(this.offBytes);
    count.set(this.offCount);
    this.offBytes = bytes;
    this.offCount = count;
  }
}

/** Estimates of everything outstanding in each allocator; null where all addresses were traced. */
export function allocatorEstimates(core: PairingCore): Report['estimate'] {
  if (core.sampling.isWhole) return null;
  const estimator = new SampleEstimator(core.sampling, ALLOCATOR_COUNT);
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    held.each((slot) => estimator.add(allocator + 1, held, slot));
  }
  const estimates = estimator.estimates();
  return byAllocator((_, allocator) => estimates[allocator], core.allocatorsSeen());
}

/**
 * 95 % interval of a scaled sum. `sum` is of weighted parts, `squares` of the squares of their
 * possible errors, and `greatest` is the greatest of these errors. The traced amount `seen` is
 * certain: no interval begins below it.
 */
function interval([seen, sum, squares, greatest]: Float64Array): { sum: number; low: number; high: number } {
  if (squares === 0) return { sum, low: sum, high: sum };
  const low = (squares / sum) * quantile((sum * sum) / squares, -Z);
  const more = sum + greatest;
  const moreSquares = squares + greatest * greatest;
  const high = (moreSquares / more) * quantile((more * more) / moreSquares, Z);
  return { sum, low: Math.round(Math.max(seen, low)), high: Math.round(high) };
}

/** Half the quantile of chi-squared with 2n degrees of freedom, z standard deviations from the middle. */
function quantile(n: number, z: number): number {
  const root = 1 - 1 / (9 * n) + z / (3 * Math.sqrt(n));
  return root > 0 ? n * root ** 3 : 0;
}
