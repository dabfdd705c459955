/** Histograms over powers of two: bar 0 is [0, 1), bar b is [2^(b-1), 2^b). */
import type { HistogramBar } from '../report/report-rows.js';

/** Bars of a scale that holds every value below 2^53. */
export const BARS = 64;

/** Returns the bar of a value that is not negative. */
export function barOf(value: number): number {
  const whole = Math.floor(value);
  return whole < 2 ** 31 ? 32 - Math.clz32(whole) : 63 - Math.clz32(whole / 2 ** 31);
}

/** Returns the bars from the first to the last that is not empty. */
export function powerBars(counts: ArrayLike<number>): HistogramBar[] {
  return filledBars(counts, (bar) => (bar === 0 ? 0 : 2 ** (bar - 1)));
}

/** The same on another scale, whose bars begin at `startOf`. */
export function filledBars(
  counts: ArrayLike<number>,
  startOf: (bar: number) => number,
  length = counts.length,
): HistogramBar[] {
  let first = 0;
  let last = length - 1;
  while (first < length && counts[first] === 0) first++;
  while (last > first && counts[last] === 0) last--;
  const bars: HistogramBar[] = [];
  for (let bar = first; bar <= last && bar < length; bar++) {
    bars.push({ from: startOf(bar), to: startOf(bar + 1), count: counts[bar] });
  }
  return bars;
}
