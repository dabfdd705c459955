/**
 * The verdict on one curve: growing, one-time, steady, churning or unreliable; null while it cannot
 * be decided. The input is plain arrays and facts: a curve may be of one call path or the sum of
 * many. Method, sources, limits and measured error rates: VERDICTS.md; a change here changes its
 * tables (test/rank/verdict/verdict.test.ts).
 */
import { barStartNs } from '../../pair/lifetimes.js';
import type { Growth, VerdictName } from '../report/report.js';
import { blockMeans, driftOf, FEWEST_VALUES, meanOf, persistence } from './block-means.js';
import { changePointOf } from './change-point.js';
import type { HistoryFacts } from './history-facts.js';
import { type Trend, trendOf } from './trend.js';
import {
  churningReason,
  evenReason,
  growingReason,
  oneTimeReason,
  renewedReason,
  steadyReason,
} from './verdict-reasons.js';

/** Outstanding bytes at evenly spaced times: value i at firstNs + i * stepNs. */
export interface Curve {
  firstNs: number;
  stepNs: number;
  values: ArrayLike<number>;
}

export interface Judgement {
  verdict: VerdictName | null;
  reason: string | null;
  growth: Growth | null;
  /** The ages are not known yet. They may show that the curve is growing after all. */
  mayGrow?: true;
}

/** A shorter history proves nothing: RCU, writeback and per-CPU lists come and go by the second. */
export const SHORTEST_NS = 5e9;
/** Points since a call path was first seen. */
export const FEWEST_POINTS = 16;
/** Least rise that counts: a page. */
export const LEAST_RISE = 4096;
/**
 * Limits of the trend test. They depend on the correlation of neighbouring points; VERDICTS.md has
 * the error rates.
 */
const PERSISTENT = 0.3;
const P_SCATTER = 0.001;
const P_PERSISTENT = 0.01;
const LEAST_DRIFT = 3.5;
const LEAST_UPS = 8;
/**
 * Share of the rise in the first half of a window that the second half must reach: with long
 * lifetimes, and without.
 */
const LEVELLING_LONG = 0.7;
const LEVELLING = 0.4;
/**
 * Lifetimes of a sixteenth of the history are long. If one allocation in twenty was freed at such
 * an age, a pool is being filled.
 */
const LONG_LIFETIME = 1 / 16;
const LONG_SHARE = 1 / 20;
/**
 * If nothing is older than this share of the rise, the memory held is renewed all the time, only in
 * greater amounts.
 */
const RENEWED = 1 / 4;
/**
 * Half of the memory held is younger than this share of the history under churn, and in a pool of
 * long lifetimes.
 */
const RETAINED = 1 / 4;
const CHURN_FREED = 3 / 4;
const CHURN_TURNS = 8;
const ONCE_WITHIN = 1 / 4;
const ONCE_RANGE = 0.2;
const ONCE_TURNS = 2;
const ONCE_AGED = 3 / 4;
const LATE_RISE = 1.25;
/**
 * Memory was gathered evenly: at least this many allocations, at most this uneven, over this share
 * of the history.
 */
const EVEN_ALLOCATIONS = 12;
const EVEN = 0.2;
const EVEN_SPAN = 0.8;

/**
 * `trendFrom` returns trendOf() the values from a point on. A caller that asks repeatedly passes
 * its own, with a memo.
 */
export function judge(
  curve: Curve,
  facts: HistoryFacts,
  trendFrom: TrendFrom = (from) => trendOf(Array.prototype.slice.call(curve.values, from)),
): Judgement {
  const history = historyOf(curve, facts);
  const unreliable = facts.unreliable !== null;
  if (history === null) {
    return { verdict: unreliable ? 'unreliable' : null, reason: facts.unreliable, growth: null };
  }
  const { found, trend, from } = rising(history, trendFrom);
  const growth = growthOf(history, trend, from);
  if (unreliable) return { verdict: 'unreliable', reason: facts.unreliable, growth };
  const { oldestAgeNs, medianAgeNs } = facts;
  const youngPool = medianAgeNs !== null && medianAgeNs < history.spanNs * RETAINED && livesLong(history);
  if (found && !youngPool) {
    if (oldestAgeNs === null || oldestAgeNs >= (facts.nowNs - growth.sinceNs) * RENEWED) {
      return { verdict: 'growing', reason: growingReason(growth, facts), growth };
    }
    return { verdict: 'churning', reason: renewedReason(growth, oldestAgeNs), growth };
  }
  if (trend.low > 0 && trend.p < P_PERSISTENT && !livesLong(history)) {
    if (facts.allocations === null) return { ...bounded(history), growth, mayGrow: true };
    if (gathersEvenly(history)) return { verdict: 'growing', reason: evenReason(growth, facts), growth };
  }
  return { ...bounded(history), growth };
}

type TrendFrom = (from: number) => Trend;

interface History {
  values: Float64Array;
  times: Pick<Curve, 'firstNs' | 'stepNs'>;
  facts: HistoryFacts;
  /** Index of the first point at which anything was held. */
  born: number;
  /** Time since then. */
  spanNs: number;
}

function historyOf(curve: Curve, facts: HistoryFacts): History | null {
  const held = Float64Array.from(curve.values);
  const born = held.findIndex((value) => value > 0);
  if (born < 0 || held.length - born < FEWEST_POINTS || held.length * curve.stepNs < SHORTEST_NS) return null;
  return { values: held, times: curve, facts, born, spanNs: (held.length - born) * curve.stepNs };
}

/**
 * Looks for growth after the first quarter, in which a pool fills up that was empty only because
 * the trace began. If there is none, looks for growth that began late, in the last half.
 */
function rising(history: History, trendFrom: TrendFrom): { found: boolean; trend: Trend; from: number } {
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
function firstOf(length: number, born: number): number {
  return born + Math.ceil((length - born) / 4);
}

/** Mean of a point and its two neighbours. */
function meanAround(values: Float64Array, at: number): number {
  return meanOf(values, at - 1, at + 2);
}

function isRising(history: History, from: number, trend: Trend): boolean {
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

function livesLong({ facts, spanNs }: History): boolean {
  const { lifetimes, allocCount } = facts;
  if (lifetimes === null) return facts.freeCount > allocCount * LONG_SHARE;
  let long = 0;
  for (let bar = 0; bar < lifetimes.length; bar++) {
    if (barStartNs(bar) >= spanNs * LONG_LIFETIME) long += lifetimes[bar];
  }
  return long > allocCount * LONG_SHARE;
}

/**
 * True if the memory held is of all ages, evenly. Where no freed allocation lived long, that memory
 * was left over when the rest was freed. This also holds where the work that allocates and frees on
 * the same call path has ended, so that the curve fell.
 */
function gathersEvenly(history: History): boolean {
  const { allocations, unevenness, oldestAgeNs } = history.facts;
  if (allocations === null || unevenness === null || oldestAgeNs === null) return false;
  return allocations >= EVEN_ALLOCATIONS && unevenness <= EVEN && oldestAgeNs >= history.spanNs * EVEN_SPAN;
}

/** The verdict on a curve that does not grow, or not provably. */
function bounded(history: History): { verdict: VerdictName | null; reason: string | null } {
  const { values, facts, born, times } = history;
  const { medianAgeNs } = facts;
  const { length } = values;
  const mean = meanOf(values, born, length);
  const turns = facts.allocBytes / mean;
  const once = riseOf(history);
  const sinceNs = once === null ? 0 : times.firstNs + once.end * times.stepNs;
  // Other memory may come and go on the same call path: the ages show whether the memory held is
  // still that of the rise.
  const stayed =
    medianAgeNs === null
      ? once !== null && facts.allocBytes <= once.level * ONCE_TURNS
      : medianAgeNs >= (facts.nowNs - sinceNs) * ONCE_AGED;
  if (once !== null && stayed) {
    return { verdict: 'one-time', reason: oneTimeReason(once.level, sinceNs, facts) };
  }
  const freed = facts.allocCount === 0 ? 0 : facts.freeCount / facts.allocCount;
  const isYoung = medianAgeNs === null || medianAgeNs < history.spanNs * RETAINED;
  if (freed >= CHURN_FREED && turns >= CHURN_TURNS && isYoung) {
    return { verdict: 'churning', reason: churningReason(turns, freed, history.spanNs) };
  }
  const quarter = length - ((length - born) >> 2);
  const level = meanOf(values, quarter, length);
  // Still on the way up, to an unknown level.
  if (level > meanOf(values, born + ((quarter - born) >> 1), quarter) * LATE_RISE)
    return { verdict: null, reason: null };
  return { verdict: 'steady', reason: steadyReason(values.subarray(length - ((length - born) >> 1)), times.stepNs) };
}

/**
 * Returns a rise from a tenth to nine tenths of the last level within a quarter of the history,
 * level since; null = none.
 */
function riseOf({ values, born }: History): { level: number; end: number } | null {
  const { length } = values;
  const level = values[length - 1];
  let end = length - 1;
  while (end > 0 && Math.abs(values[end - 1] - level) <= level * (ONCE_RANGE / 2)) end--;
  let start = end;
  while (start > 0 && values[start - 1] > level * 0.1) start--;
  const longest = Math.max(1, length * ONCE_WITHIN);
  // It must be flat for at least a quarter of the time.
  if (length - end < (length - born) / 4 || length - end < FEWEST_POINTS / 4) return null;
  return end - start <= longest ? { level, end } : null;
}

function growthOf(history: History, trend: Trend, from: number): Growth {
  const perHour = 3600e9 / history.times.stepNs;
  return {
    bytesPerHour: trend.slope * perHour,
    lowBytesPerHour: trend.low * perHour,
    highBytesPerHour: trend.high * perHour,
    confidence: 1 - trend.p,
    sinceNs: sinceOf(history, from),
  };
}

/** Returns the start of a rise: the change point of a window, or the birth if it rises at once. */
function sinceOf({ values, born, times }: History, from: number): number {
  const window = values.subarray(from);
  const changePoint = changePointOf(window);
  // In the window of a late growth, its beginning is the change point.
  const atOnce = changePoint <= window.length >> 3 && from <= firstOf(values.length, born);
  const first = atOnce ? born - 1 : from + changePoint;
  return Math.max(0, times.firstNs + first * times.stepNs);
}
