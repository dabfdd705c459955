/**
 * A rise that has come to rest: the curve grew as a leak does until some time, and all of that has
 * stayed since. The work may be over that leaked; or what it filled is full.
 */
import { median } from '../../base/quickselect.js';
import { countFrom, filledShare, unevennessOf } from './age-bars.js';
import { FEWEST_VALUES } from './block-means.js';
import { firstOf, isRising } from './growth-tests.js';
import { FEWEST_POINTS, type History, LEAST_RISE, livesLong, sinceIndexNs } from './history.js';
import { trendOf } from './trend.js';

export interface Rest {
  /** Bytes held since. */
  level: number;
  /** Bytes by which it rose before. */
  rise: number;
  sinceNs: number;
  restNs: number;
}

/** A rest takes at least this share of the history, and this many points. */
const REST_SHARE = 1 / 8;
const REST_POINTS = 4;
/** A longer rest than this many times the rise is a level. */
const LONGEST_REST = 1.25;
/** At least this share of the level came by the rise. */
const ROSE = 1 / 4;
/** The second half of the rise rose by this share of the first, or more: a cache levels off. */
const LATE_RISE = 1 / 2;
/** It keeps to its level within this share, or within this many ranges of its last eighth. */
const LEVEL = 0.03;
const RANGES = 2;
/** The median age is at least the rest and this share of the rise: what was taken has stayed. */
const RISE_AGED = 1 / 5;
/**
 * What is held came evenly: at least this share of it before the rest, at most this uneven
 * (Kolmogorov's distance), in at least this share of the times at which it could have come, in this
 * many allocations, over this share of the history.
 */
const BEFORE = 0.9;
const EVEN = 0.2;
const FILLED = 0.75;
const EVEN_ALLOCATIONS = 12;
const EVEN_SPAN = 0.8;

/** Returns null if there is no rest after a rise, or if the ages contradict it or are not known. */
export function restOf(history: History): Rest | null {
  const { values, born, times, facts } = history;
  const { length } = values;
  const { level, from } = lastLevel(values);
  if (length - from < Math.max(REST_POINTS, (length - born) * REST_SHARE)) return null;
  if (from - born < FEWEST_POINTS || level < LEAST_RISE) return null;
  const restNs = sinceIndexNs(history, from);
  const riseNs = (from - born) * times.stepNs;
  const { medianAgeNs } = facts;
  if (restNs > riseNs * LONGEST_REST) return null;
  if (medianAgeNs === null || medianAgeNs < restNs + riseNs * RISE_AGED || livesLong(history)) return null;
  const isGathered = gatheredEvenly(history, restNs);
  const rise = isGathered ? level : level - values[born];
  if (!isGathered && (rise < level * ROSE || !hasRisen(history, from))) return null;
  return { level, rise, sinceNs: times.firstNs + from * times.stepNs, restNs };
}

/** The level at the end, and the first point from which on the curve keeps to it. */
function lastLevel(values: Float64Array): { level: number; from: number } {
  const eighth = values.slice(values.length - Math.max(REST_POINTS, values.length >> 3));
  const range = Math.max(...eighth) - Math.min(...eighth);
  const level = median(eighth, eighth.length);
  const slack = Math.max(level * LEVEL, range * RANGES);
  let from = values.length - 1;
  while (from > 0 && Math.abs(values[from - 1] - level) <= slack) from--;
  return { level, from };
}

/** True if the curve grew until the rest began. */
function hasRisen(history: History, until: number): boolean {
  const { values, times } = history;
  const before = values.subarray(0, until);
  if (before.length - history.born < FEWEST_VALUES) return false;
  const part = { ...history, values: before, spanNs: (until - history.born) * times.stepNs };
  const middle = (history.born + until) >> 1;
  const late = before[until - 1] - before[middle];
  if (late < (before[middle] - before[history.born]) * LATE_RISE) return false;
  // Without the test for a late growth: a cache that levels off may seem to begin anew.
  const from = firstOf(before.length, history.born);
  return isRising(part, from, trendOf(before.subarray(from)));
}

/** True if what is held came evenly until the rest began, and neither since nor in a few blocks. */
function gatheredEvenly({ facts, spanNs }: History, restNs: number): boolean {
  const { allocations, ageBars, oldestAgeNs } = facts;
  if (allocations === null || ageBars === null || oldestAgeNs === null) return false;
  if (allocations < EVEN_ALLOCATIONS || oldestAgeNs < spanNs * EVEN_SPAN) return false;
  // The bar in which the rest began is half full.
  const from = Math.ceil((restNs / oldestAgeNs) * ageBars.length);
  if (from >= ageBars.length || countFrom(ageBars, from) < allocations * BEFORE) return false;
  return unevennessOf(ageBars, from) <= EVEN && filledShare(ageBars, from) >= FILLED;
}
