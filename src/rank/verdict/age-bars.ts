/** The ages of outstanding allocations, in equal parts of the time from now back to the oldest. */

export const AGE_BARS = 32;

/**
 * Kolmogorov's distance of the ages in the bars from `from` on from an even spread: 0 = quite even,
 * near 1 = all of one age.
 */
export function unevennessOf(bars: ArrayLike<number>, from: number): number {
  const total = countFrom(bars, from);
  if (total === 0) return 1;
  let younger = 0;
  let greatest = 0;
  for (let bar = from; bar < bars.length; bar++) {
    younger += bars[bar];
    greatest = Math.max(greatest, Math.abs(younger / total - (bar + 1 - from) / (bars.length - from)));
  }
  return greatest;
}

/** The number of allocations in the bars from `from` on. */
export function countFrom(bars: ArrayLike<number>, from: number): number {
  let count = 0;
  for (let bar = from; bar < bars.length; bar++) count += bars[bar];
  return count;
}

/**
 * The number of bars from `from` on that are not empty, as a share of the number that is expected of
 * so many allocations at random times: well below 1 if they came in a few blocks.
 */
export function filledShare(bars: ArrayLike<number>, from: number): number {
  const length = bars.length - from;
  const expected = length * (1 - (1 - 1 / length) ** countFrom(bars, from));
  let filled = 0;
  for (let bar = from; bar < bars.length; bar++) if (bars[bar] > 0) filled++;
  return expected === 0 ? 0 : filled / expected;
}
