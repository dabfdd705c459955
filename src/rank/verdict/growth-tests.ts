/** The tests for growth (VERDICTS.md, "How growth is found"): does a curve rise, and go on rising? */
import { blockMeans, driftOf, FEWEST_VALUES, meanOf, persistence } from './block-means.js';
import { type History, LEAST_RISE, livesLong } from './history.js';
import type { Trend } from './trend.js';

export type TrendFrom = (from: number) => Trend;

/**
 * Limits of the trend test. They depend on the correlation of neighbouring points; VERDICTS.md has
 * the error rates.
 */
const PERSISTENT = 0.3;
const P_SCATTER = 0.001;
export const P_PERSISTENT = 0.01;
const LEAST_DRIFT = 3.5;
const LEAST_UPS = 8;
/**
 * Share of the rise in the first half of a window that the second half must reach: with long
 * lifetimes, and without.
 */
const LEVELLING_LONG = 0.7;
const LEVELLING = 0.4;

/**
 * Looks for growth after the first quarter, in which a pool fills up that was empty only because
 * the trace began. If there is none, looks for growth that began late, in the last half.
 */
export function rising(history: History, trendFrom: TrendFrom): { found: boolean; trend: Trend; from: number } {
  const { values, born } = history;
  const first = firstOf(values.length, born);
  const trend = trendFrom(first);
  if (isRising(history, first, trend)) return { found: true, trend, from: first };
  const late = values.length >> 1;
  if (late > first && values.length - late >= FEWEST_VALUES) {
    const lateTrend = trendFrom(late);
    // A growth that begins late rises faster than before; a pool that is being filled rises slower.
    const before = (meanAround(values, late) - meanAround(values, first)) / (late - first);
    if (lateTrend.slope > before && isRising(history, late, lateTrend))
      return { found: true, trend: lateTrend, from: late };
  }
  return { found: false, trend, from: first };
}

/** Index of the first point after the first quarter since birth. */
export function firstOf(length: number, born: number): number {
  return born + Math.ceil((length - born) / 4);
}

/** Mean of a point and its two neighbours. */
function meanAround(values: Float64Array, at: number): number {
  return meanOf(values, at - 1, at + 2);
}

/** True if the values from a point on certainly rise, to new heights, without levelling off. */
export function isRising(history: History, from: number, trend: Trend): boolean {
  const window = history.values.subarray(from);
  if (!(trend.slope > 0) || trend.slope * window.length < LEAST_RISE) return false;
  const means = blockMeans(window);
  return hasTrend(window, means, trend) && reachesNewHeights(history, from, means) && !levelsOff(history, means);
}

/** True if the values of a window certainly rise. VERDICTS.md has the error rates. */
export function hasTrend(window: Float64Array, means: number[], trend: Trend): boolean {
  if (trend.p >= P_PERSISTENT) return false;
  // If points scatter independently around the line, the p-value of the test is exact.
  if (trend.p < P_SCATTER && persistence(window, trend.slope) < PERSISTENT) return true;
  return driftOf(means) > LEAST_DRIFT || neverFalls(window, means);
}

/** True for a staircase. A curve that wanders would have fallen at times. */
function neverFalls(window: Float64Array, means: number[]): boolean {
  let ups = 0;
  for (let i = 1; i < window.length; i++) {
    if (window[i] < window[i - 1]) return false;
    if (window[i] > window[i - 1]) ups++;
  }
  const rises = means.filter((mean, i) => i > 0 && mean > means[i - 1]).length;
  return ups >= LEAST_UPS && rises >= means.length - 2;
}

/**
 * True if the curve ends higher than ever, and has risen by more than it ever fell. The next tooth
 * of a saw does not.
 */
function reachesNewHeights({ values, born }: History, from: number, means: number[]): boolean {
  const end = Math.max(means[means.length - 1], means[means.length - 2]);
  const before = blockMeans(values.subarray(born));
  let highest = 0;
  let fall = 0;
  for (const mean of before) {
    highest = Math.max(highest, mean);
    fall = Math.max(fall, highest - mean);
  }
  const earlier = Math.max(...before.slice(0, -2));
  return end >= earlier && means[means.length - 1] - Math.min(means[0], values[from]) > fall;
}

/** True if the rise slows down: a pool or a cache on the way to its level. */
function levelsOff(history: History, means: number[]): boolean {
  const half = means.length / 2;
  const part = half >> 1;
  const first = meanOf(means, half - part, half) - meanOf(means, 0, part);
  const second = meanOf(means, means.length - part, means.length) - meanOf(means, half, half + part);
  if (second <= 0) return true;
  return second < first * (livesLong(history) ? LEVELLING_LONG : LEVELLING);
}
