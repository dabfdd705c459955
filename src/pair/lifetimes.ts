/**
 * Lifetimes: for each call path that has freed something, a histogram of how long its allocations
 * lived, over powers of two of a nanosecond. Bar b counts lifetimes in [2^(b+7), 2^(b+8)) ns; bar 0
 * starts at 0, and the last bar, from 2^46 ns (20 hours), has no end.
 *
 * A bar has 16 bits, so that the bars a busy trace uses stay in the processor's cache; `carries`
 * holds the rest, in units of 2^16.
 *
 * Rows are those of the PathTable. Only the first ROW_LIMIT have a histogram of their own (80
 * bytes), so that a trace with a million call paths cannot exhaust the tracer's memory; the others
 * share row ROW_LIMIT + 1, which is never shown.
 */
import { alignedUint16 } from '../base/aligned.js';

export const LIFETIME_BARS = 40;
const FIRST_SHIFT = 8;
/**
 * 2 ** -FIRST_SHIFT as a constant: V8 computes a power anew each time, which took 7 % of the time
 * of pairing.
 */
const UNIT = 1 / 256;
const ROW_LIMIT = 65536;
const OVERFLOW_ROW = ROW_LIMIT + 1;
const CARRY = 2 ** 16;

export class Lifetimes {
  /** Number of rows; rows are 1..size. */
  size = 0;
  private counts = alignedUint16(256 * LIFETIME_BARS);
  private readonly carries = new Map<number, number>();

  /** Adds rows of zeros up to this one. */
  reserve(row: number): void {
    if (row <= this.size || this.size === OVERFLOW_ROW) return;
    this.size = Math.min(row, OVERFLOW_ROW);
    let { length } = this.counts;
    while ((this.size + 1) * LIFETIME_BARS > length) length *= 2;
    if (length === this.counts.length) return;
    const counts = alignedUint16(length);
    counts.set(this.counts);
    this.counts = counts;
  }

  /** Counts frees of a row, which must exist or be beyond the limit. */
  count(row: number, lifetimeNs: number, count: number): void {
    const at = (row < OVERFLOW_ROW ? row : OVERFLOW_ROW) * LIFETIME_BARS + barOf(lifetimeNs);
    const sum = this.counts[at] + count;
    this.counts[at] = sum;
    if (sum > 0xffff) this.carries.set(at, (this.carries.get(at) ?? 0) + Math.floor(sum / CARRY));
  }

  /** Takes back one free that was counted. */
  uncount(row: number, lifetimeNs: number): void {
    const at = (row < OVERFLOW_ROW ? row : OVERFLOW_ROW) * LIFETIME_BARS + barOf(lifetimeNs);
    if (this.counts[at] > 0) this.counts[at]--;
    else {
      const carry = this.carries.get(at) ?? 0;
      if (carry === 0) return;
      this.counts[at] = CARRY - 1;
      if (carry === 1) this.carries.delete(at);
      else this.carries.set(at, carry - 1);
    }
  }

  /** Returns the bars of a row; null for row 0, and for a row that has no histogram of its own. */
  bars(row: number): number[] | null {
    return row === 0 || row > ROW_LIMIT ? null : this.barsOf(row);
  }

  /** Replaces the bars of an existing row; they must be whole numbers below 2^53. */
  restoreBars(row: number, bars: ArrayLike<number>): void {
    for (let bar = 0; bar < LIFETIME_BARS; bar++) {
      const at = row * LIFETIME_BARS + bar;
      this.counts[at] = bars[bar] % CARRY;
      if (bars[bar] >= CARRY) this.carries.set(at, Math.floor(bars[bar] / CARRY));
      else this.carries.delete(at);
    }
  }

  /** Returns the bars of any existing row, the shared one included. */
  barsOf(row: number): number[] {
    const bars: number[] = [];
    for (let at = row * LIFETIME_BARS; at < (row + 1) * LIFETIME_BARS; at++) {
      bars.push(this.counts[at] + (this.carries.get(at) ?? 0) * CARRY);
    }
    return bars;
  }

  get byteLength(): number {
    return this.counts.byteLength;
  }
}

/** Returns the inclusive lower bound of a bar, ns. */
export function barStartNs(bar: number): number {
  return bar === 0 ? 0 : 2 ** (bar + FIRST_SHIFT - 1);
}

/** Returns the bar that counts a lifetime. */
export function barOf(lifetimeNs: number): number {
  // Units of 256 ns. Below 2^31 of them (9 minutes) the integer logarithm is enough.
  const units = lifetimeNs * UNIT;
  if (units < 0x80000000) return units > 0 ? 32 - Math.clz32(units) : 0;
  const bar = 63 - Math.clz32(Math.min(units * (1 / 0x80000000), 0x7fffffff));
  return bar < LIFETIME_BARS ? bar : LIFETIME_BARS - 1;
}
