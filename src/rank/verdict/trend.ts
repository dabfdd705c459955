/**
 * The trend of a series of evenly spaced values, by ranks and medians alone: a single jump makes no
 * trend, and the scatter of the values may have any distribution.
 *
 *   Theil-Sen     the slope is the median of the slopes between all pairs of points; its interval
 *                 is the middle of those slopes (Sen 1968, doi:10.1080/01621459.1968.10480934)
 *   Mann-Kendall  S is the number of pairs that rise less the number that fall. Without a trend its
 *                 variance is known, reduced by ties (Kendall 1975, Rank Correlation Methods)
 *   Hamed-Rao     neighbouring points of such a curve resemble each other, so S scatters more. Its
 *                 variance is multiplied by a factor that follows from the autocorrelation of the
 *                 ranks after the trend is subtracted (Hamed and Rao 1998,
 *                 doi:10.1016/S0022-1694(97)00125-X). The factor is never below 1: the teeth of a
 *                 saw make nothing more certain.
 *
 * The cost is quadratic in the points, of which there are 64 at most.
 */
import { median, quickselect } from '../../base/quickselect.js';

export interface Trend {
  /** Per step. */
  slope: number;
  /** 95 % interval. */
  low: number;
  high: number;
  /** Two-sided p-value under the hypothesis of no trend. */
  p: number;
}

const Z_95 = 1.959964;

/** Needs 4 values or more. */
export function trendOf(values: ArrayLike<number>): Trend {
  const n = values.length;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let s = 0;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = values[j] - values[i];
      s += Math.sign(rise);
      slopes[pair++] = rise / (j - i);
    }
  }
  const slope = median(slopes, slopes.length);
  const variance = varianceOfS(values) * inflation(values, slope);
  const z = s === 0 || variance === 0 ? 0 : (Math.abs(s) - 1) / Math.sqrt(variance);
  // Sen's interval: the sorted slopes less this number at each end, which lie between the orders of
  // +-S at 95 %.
  const off = Math.max(0, Math.floor((slopes.length - Z_95 * Math.sqrt(variance)) / 2));
  return {
    slope,
    low: quickselect(slopes, slopes.length, off),
    high: quickselect(slopes, slopes.length, slopes.length - 1 - off),
    p: 2 * normalTail(z),
  };
}

/** Variance of S without a trend: n(n-1)(2n+5)/18, less the same for each run of equal values. */
function varianceOfS(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).toSorted();
  let variance = spread(sorted.length);
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    variance -= spread(to - from);
    from = to;
  }
  return variance / 18;
}

function spread(n: number): number {
  return n * (n - 1) * (2 * n + 5);
}

/**
 * n/n* of Hamed and Rao, over the lags whose autocorrelation is significant, up to a quarter of the
 * points.
 */
function inflation(values: ArrayLike<number>, slope: number): number {
  const n = values.length;
  const ranks = ranksOf(Float64Array.from(values, (value, i) => value - slope * i));
  const mean = (n + 1) / 2;
  let power = 0;
  for (const rank of ranks) power += (rank - mean) ** 2;
  if (power === 0) return 1;
  let sum = 0;
  for (let lag = 1; lag <= n >> 2; lag++) {
    let product = 0;
    for (let i = 0; i + lag < n; i++) product += (ranks[i] - mean) * (ranks[i + lag] - mean);
    const correlation = product / power;
    if (Math.abs(correlation) < Z_95 / Math.sqrt(n)) continue;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return Math.max(1, 1 + (2 / (n * (n - 1) * (n - 2))) * sum);
}

/** Ranks 1..n; equal values share the mean of their ranks. */
function ranksOf(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).toSorted((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * P(Z > z) of the standard normal distribution, z >= 0: Abramowitz and Stegun 26.2.17, absolute
 * error below 7.5e-8. Beyond 6 it returns 0, which is exact enough for its callers.
 */
export function normalTail(z: number): number {
  if (z > 6) return 0;
  const t = 1 / (1 + 0.2316419 * z);
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
