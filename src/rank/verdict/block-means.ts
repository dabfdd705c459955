/**
 * The means of 6 or 8 blocks of a series, and a test of whether the series drifts, against the null
 * hypothesis that it wanders. A random walk without drift (a cache that happens to fill more than
 * it empties) passes tests for trends in a fifth of all cases, even with a correction for
 * autocorrelation. But its block means fall as often as they rise. The test uses this: t = mean /
 * (standard deviation / sqrt(number)) of the differences between neighbours.
 */
export const FEWEST_VALUES = 12;
const MANY_VALUES = 24;

/** Means of 8 blocks of nearly equal length, or of 6 where there are fewer than 24 values. */
export function blockMeans(values: ArrayLike<number>): number[] {
  const blocks = values.length >= MANY_VALUES ? 8 : 6;
  return Array.from({ length: blocks }, (_, block) => {
    const from = Math.floor((block * values.length) / blocks);
    const to = Math.floor(((block + 1) * values.length) / blocks);
    return meanOf(values, from, to);
  });
}

/**
 * Returns t of the mean difference of neighbours: 0 if nothing changes, infinite if all differences
 * are equal.
 */
export function driftOf(means: number[]): number {
  const rises = means.slice(1).map((mean, i) => mean - means[i]);
  const mean = meanOf(rises, 0, rises.length);
  if (mean === 0) return 0;
  const squares = rises.reduce((sum, rise) => sum + (rise - mean) ** 2, 0);
  return mean / Math.sqrt(squares / (rises.length - 1) / rises.length);
}

/**
 * Correlation of neighbours (lag 1) in the rest of a series after a slope per step is subtracted; 0
 * if the rest is constant.
 */
export function persistence(values: ArrayLike<number>, slope: number): number {
  const rest = Array.from(values, (value, i) => value - slope * i);
  const mean = meanOf(rest, 0, rest.length);
  let power = 0;
  let product = 0;
  for (let i = 0; i < rest.length; i++) {
    power += (rest[i] - mean) ** 2;
    if (i > 0) product += (rest[i] - mean) * (rest[i - 1] - mean);
  }
  return power === 0 ? 0 : product / power;
}

/** Mean of values [from, to). */
export function meanOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i];
  return sum / Math.max(1, to - from);
}
