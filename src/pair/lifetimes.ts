/**
 * Lifetimes: for each call path that has freed something, how long its allocations lived, as a histogram over powers
 * of two of a nanosecond. Bar b counts lifetimes in [2^(b+7), 2^(b+8)) ns; bar 0 starts at 0 and the last one, from
 * 2^46 ns (20 hours), has no end.
 *
 * A bar is 32 bits, so that what a busy trace touches stays in the processor's cache; a busy path would overflow that
 * within hours, so what is beyond is kept aside, in `carries`, in units of 2^32.
 *
 * At most ROW_LIMIT paths get a histogram (a row is 160 bytes), so that a trace with a million call paths cannot eat the
 * tracer's memory; the others share row ROW_LIMIT + 1, which is never shown.
 */
export const LIFETIME_BARS = 40;
const FIRST_SHIFT = 8;
/** 2 ** -FIRST_SHIFT: V8 works a power out anew each time, which took 7 % of the time of pairing. */
const UNIT = 1 / 256;
const ROW_LIMIT = 65536;
const OVERFLOW_ROW = ROW_LIMIT + 1;

export class Lifetimes {
  /** Rows given out; rows are 1..size. */
  size = 0;
  private counts = new Uint32Array(256 * LIFETIME_BARS);
  private readonly carries = new Map<number, number>();

  /** A row of zeros for one call path. */
  addRow(): number {
    if (this.size > ROW_LIMIT) return OVERFLOW_ROW;
    const row = ++this.size;
    if ((row + 1) * LIFETIME_BARS > this.counts.length) {
      const counts = new Uint32Array(this.counts.length * 2);
      counts.set(this.counts);
      this.counts = counts;
    }
    return row;
  }

  count(row: number, lifetimeNs: number, count: number): void {
    const at = row * LIFETIME_BARS + barOf(lifetimeNs);
    const sum = this.counts[at] + count;
    this.counts[at] = sum;
    if (sum > 0xffffffff) this.carries.set(at, (this.carries.get(at) ?? 0) + 1);
  }

  /** The bars of a row, null if the path is one of those without. */
  bars(row: number): number[] | null {
    return row === 0 || row === OVERFLOW_ROW ? null : this.barsOf(row);
  }

  /** Takes the bars of a row that addRow() has just given; whole numbers below 2^53. */
  restoreBars(row: number, bars: ArrayLike<number>): void {
    for (let bar = 0; bar < LIFETIME_BARS; bar++) {
      const at = row * LIFETIME_BARS + bar;
      this.counts[at] = bars[bar] % 2 ** 32;
      if (bars[bar] >= 2 ** 32) this.carries.set(at, Math.floor(bars[bar] / 2 ** 32));
    }
  }

  /** The bars of any row that was given out, the one that is never shown too. */
  barsOf(row: number): number[] {
    const bars: number[] = [];
    for (let at = row * LIFETIME_BARS; at < (row + 1) * LIFETIME_BARS; at++) {
      bars.push(this.counts[at] + (this.carries.get(at) ?? 0) * 2 ** 32);
    }
    return bars;
  }

  get byteLength(): number {
    return this.counts.byteLength;
  }
}

/** Inclusive lower bound of a bar, ns. */
export function barStartNs(bar: number): number {
  return bar === 0 ? 0 : 2 ** (bar + FIRST_SHIFT - 1);
}

function barOf(lifetimeNs: number): number {
  // Units of 256 ns; below 2^31 of them (9 minutes) the integer logarithm will do.
  const units = lifetimeNs * UNIT;
  if (units < 0x80000000) return units > 0 ? 32 - Math.clz32(units) : 0;
  const bar = 63 - Math.clz32(Math.min(units * (1 / 0x80000000), 0x7fffffff));
  return bar < LIFETIME_BARS ? bar : LIFETIME_BARS - 1;
}
