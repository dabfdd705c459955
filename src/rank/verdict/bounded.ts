/** The verdict on a curve that does not grow, or not provably: one-time, churning, steady or none. */
import type { VerdictName } from '../report/report-rows.js';
import { meanOf } from './block-means.js';
import { FEWEST_POINTS, type History } from './history.js';
import { churningReason, oneTimeReason, steadyReason } from './verdict-reasons.js';

/**
 * Half of the memory held is younger than this share of the history under churn, and in a pool of
 * long lifetimes.
 */
export const RETAINED = 1 / 4;
const CHURN_FREED = 3 / 4;
const CHURN_TURNS = 8;
const ONCE_WITHIN = 1 / 4;
const ONCE_RANGE = 0.2;
const ONCE_TURNS = 2;
const ONCE_AGED = 3 / 4;
const LATE_RISE = 1.25;

export interface Bounded {
  verdict: VerdictName | null;
  reason: string | null;
}

export function bounded(history: History): Bounded {
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
