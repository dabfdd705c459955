/**
 * The verdict on one curve: growing, in-steps, rested, one-time, steady, churning or unreliable;
 * null while it cannot be decided. The input is plain arrays and facts: a curve may be of one call
 * path or the sum of many. Method, sources, limits and measured error rates: VERDICTS.md; a change
 * here changes its tables (test/rank/verdict/verdict.test.ts).
 */
import type { Growth, VerdictName } from '../report/report-rows.js';
import { bounded, RETAINED } from './bounded.js';
import { changePointOf } from './change-point.js';
import { firstOf, P_PERSISTENT, rising, type TrendFrom } from './growth-tests.js';
import { type Curve, type History, historyOf, livesLong } from './history.js';
import type { HistoryFacts } from './history-facts.js';
import { restOf } from './rest.js';
import { cameInBlocks, goesOn, hasStayed, isStepped, type Stairs, stairsOf } from './staircase.js';
import { type Trend, trendOf } from './trend.js';
import { evenReason, growingReason, inStepsReason, renewedReason, restedReason } from './verdict-reasons.js';

export interface Judgement {
  verdict: VerdictName | null;
  reason: string | null;
  growth: Growth | null;
  /** The ages are not known yet. They may show that the curve is growing after all. */
  mayGrow?: true;
}

/**
 * If nothing is older than this share of the rise, the memory held is renewed all the time, only in
 * greater amounts.
 */
const RENEWED = 1 / 4;
/**
 * Memory was gathered evenly: at least this many allocations, at most this uneven, over this share
 * of the history.
 */
const EVEN_ALLOCATIONS = 12;
const EVEN = 0.2;
const EVEN_SPAN = 0.8;
/** In a short history, this many. */
const SHORT_ALLOCATIONS = 32;

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
  const agesUnknown = facts.allocations === null;
  if (history.isShort) return { ...shortly(history, { found, growth }), growth };
  const stairs = stairsOf(history);
  if (stairs !== null && isStepped(stairs) && goesOn(stairs) && !livesLong(history)) {
    if (agesUnknown && !found) return { ...bounded(history), growth, mayGrow: true };
    if (!agesUnknown && hasStayed(history) && cameInBlocks(history, stairs)) return inSteps(history, stairs);
  }
  const { oldestAgeNs, medianAgeNs } = facts;
  const youngPool = medianAgeNs !== null && medianAgeNs < history.spanNs * RETAINED && livesLong(history);
  if (found && !youngPool) {
    if (oldestAgeNs === null || oldestAgeNs >= (facts.nowNs - growth.sinceNs) * RENEWED) {
      return { verdict: 'growing', reason: growingReason(growth, facts), growth };
    }
    return { verdict: 'churning', reason: renewedReason(growth, facts), growth };
  }
  if (trend.low > 0 && trend.p < P_PERSISTENT && !livesLong(history)) {
    if (agesUnknown) return { ...bounded(history), growth, mayGrow: true };
    if (gathersEvenly(history)) return { verdict: 'growing', reason: evenReason(growth, facts), growth };
  }
  return notGrowing(history, growth);
}

/** Of a short history, only growth and a rise that stays are told, and both by curve and ages. */
function shortly(history: History, { found, growth }: { found: boolean; growth: Growth }): Omit<Judgement, 'growth'> {
  const { facts } = history;
  const none = { verdict: null, reason: null };
  if (facts.allocations === null) return { ...none, mayGrow: true };
  if (found && facts.allocations >= SHORT_ALLOCATIONS && gathersEvenly(history)) {
    return { verdict: 'growing', reason: evenReason(growth, facts) };
  }
  const judged = bounded(history);
  return judged.verdict === 'one-time' ? judged : none;
}

function inSteps(history: History, stairs: Stairs): Judgement {
  const growth = stairs.growth;
  return { verdict: 'in-steps', reason: inStepsReason(stairs, history.facts), growth };
}

/** A rise that ended must not look like memory that was always there. */
function notGrowing(history: History, growth: Growth): Judgement {
  const judged = bounded(history);
  if (judged.verdict !== 'steady' && judged.verdict !== null) return { ...judged, growth };
  const rest = restOf(history);
  return rest === null
    ? { ...judged, growth }
    : { verdict: 'rested', reason: restedReason(rest, history.facts), growth };
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
