/**
 * The verdict on a part of a call path: what one process, cgroup or cache holds of it, or memory of
 * one age or size. Curves are kept of whole call paths only, but what the part holds has times of its
 * own. They show what of it was kept: evenly gathered during the whole history, it grows; nothing
 * young, it does not. All else stays without a verdict.
 */
import type { Growth } from '../report/report-rows.js';
import { countFrom, filledShare, unevennessOf } from './age-bars.js';
import { type Curve, type History, historyOf, LEAST_RISE, livesLong } from './history.js';
import type { HistoryFacts } from './history-facts.js';
import { type Trend, trendOf } from './trend.js';
import type { Judgement } from './verdict.js';
import { evenPartReason, keptPartReason, oncePartReason } from './verdict-reasons.js';

/** What is held came evenly: in this many allocations, at most this uneven, over this share of the history. */
const EVEN_ALLOCATIONS = 24;
const EVEN = 0.15;
const EVEN_SPAN = 0.9;
const FILLED = 0.75;
/** The same, of what came before a rest. */
const RESTED_EVEN = 0.2;
/** Nothing, or this share at most, came in the last half of the history. */
const YOUNG = 0.02;
/** It came within this share of the history. */
const ONCE_WITHIN = 1 / 4;

/** `curve` is that of the whole call paths, `facts` have the ages of the part, which holds `bytes`. */
export function judgePart(curve: Curve, facts: HistoryFacts, bytes: number): Judgement {
  const none = { verdict: null, reason: null, growth: null };
  if (facts.unreliable !== null) return { verdict: 'unreliable', reason: facts.unreliable, growth: null };
  const history = historyOf(curve, facts);
  const { allocations, ageBars, oldestAgeNs } = facts;
  if (history === null || history.isShort || ageBars === null || oldestAgeNs === null || oldestAgeNs <= 0) return none;
  const part: Part = { bars: ageBars, allocations: allocations ?? 0, oldestAgeNs };
  if (bytes >= LEAST_RISE && gathersEvenly(history, part)) {
    const growth = growthOf(part, facts, bytes);
    return { verdict: 'growing', reason: evenPartReason(growth, facts), growth };
  }
  const half = firstBar(part, history.spanNs / 2);
  if (countFrom(ageBars, half) < part.allocations * (1 - YOUNG)) return none;
  const youngestNs = (ageBars.length - filledBars(ageBars)) * (oldestAgeNs / ageBars.length);
  const isOnce = oldestAgeNs - youngestNs <= history.spanNs * ONCE_WITHIN;
  if (isOnce) return { verdict: 'one-time', reason: oncePartReason(facts), growth: null };
  const young = ageBars.length - filledBars(ageBars);
  const isEven = unevennessOf(ageBars, young) <= RESTED_EVEN && filledShare(ageBars, young) >= FILLED;
  const verdict = isEven && part.allocations >= EVEN_ALLOCATIONS ? 'rested' : 'steady';
  return { verdict, reason: keptPartReason(youngestNs), growth: null };
}

/** Ages of what a part holds. */
interface Part {
  bars: ArrayLike<number>;
  allocations: number;
  oldestAgeNs: number;
}

/** Freed allocations of the call path must not have lived long: a pool's ages are even too. */
function gathersEvenly(history: History, { bars, allocations, oldestAgeNs }: Part): boolean {
  const { unevenness } = history.facts;
  if (unevenness === null || unevenness > EVEN || allocations < EVEN_ALLOCATIONS) return false;
  return oldestAgeNs >= history.spanNs * EVEN_SPAN && filledShare(bars, 0) >= FILLED && !livesLong(history);
}

/** The slope of what is held now, by the time at which it came; its allocations count alike. */
function growthOf({ bars, allocations, oldestAgeNs }: Part, { nowNs }: HistoryFacts, bytes: number): Growth {
  const held = Float64Array.from({ length: bars.length }, (_, i) => countFrom(bars, bars.length - 1 - i));
  const trend: Trend = trendOf(held);
  const perHour = ((bytes / allocations) * 3600e9) / (oldestAgeNs / bars.length);
  return {
    bytesPerHour: trend.slope * perHour,
    lowBytesPerHour: trend.low * perHour,
    highBytesPerHour: trend.high * perHour,
    confidence: 1 - trend.p,
    sinceNs: Math.max(0, nowNs - oldestAgeNs),
  };
}

/** The first bar whose ages are all above a limit. */
function firstBar({ bars, oldestAgeNs }: Part, limitNs: number): number {
  return Math.min(bars.length, Math.ceil((limitNs / oldestAgeNs) * bars.length));
}

/** Number of bars from the youngest that is not empty to the oldest. */
function filledBars(bars: ArrayLike<number>): number {
  let youngest = 0;
  while (youngest < bars.length && bars[youngest] === 0) youngest++;
  return bars.length - youngest;
}
