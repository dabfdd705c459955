/** History: what a verdict is based on, with the measures that several tests share. */
import { barStartNs } from '../../pair/lifetimes.js';
import type { HistoryFacts } from './history-facts.js';

/** Outstanding bytes at evenly spaced times: value i at firstNs + i * stepNs. */
export interface Curve {
  firstNs: number;
  stepNs: number;
  values: ArrayLike<number>;
}

/** A shorter history proves nothing: RCU, writeback and per-CPU lists come and go by the second. */
export const SHORTEST_NS = 5e9;
/** Points since a call path was first seen. */
export const FEWEST_POINTS = 16;
/** A history of fewer points is at least so long. */
const SHORTEST_BORN_NS = 2e9;
/** Least rise that counts: a page. */
export const LEAST_RISE = 4096;
/**
 * Lifetimes of a sixteenth of the history are long. If one allocation in twenty was freed at such
 * an age, a pool is being filled.
 */
const LONG_LIFETIME = 1 / 16;
const LONG_SHARE = 1 / 20;

export interface History {
  values: Float64Array;
  times: Pick<Curve, 'firstNs' | 'stepNs'>;
  facts: HistoryFacts;
  /** Index of the first point at which anything was held. */
  born: number;
  /** Time since then. */
  spanNs: number;
  /** Fewer points than FEWEST_POINTS: what it shows must be shown by the ages too. */
  isShort: boolean;
}

/** Returns null if the history is too short. */
export function historyOf(curve: Curve, facts: HistoryFacts): History | null {
  const held = Float64Array.from(curve.values);
  const born = held.findIndex((value) => value > 0);
  if (born < 0 || held.length * curve.stepNs < SHORTEST_NS) return null;
  const spanNs = (held.length - born) * curve.stepNs;
  const points = held.length - born;
  const isShort = points < FEWEST_POINTS;
  if (points < facts.fewestPoints || (isShort && spanNs < SHORTEST_BORN_NS)) return null;
  return { values: held, times: curve, facts, born, spanNs, isShort };
}

/** True if memory that was freed had often lived long. */
export function livesLong({ facts, spanNs }: History): boolean {
  const { lifetimes, allocCount } = facts;
  if (lifetimes === null) return facts.freeCount > allocCount * LONG_SHARE;
  let long = 0;
  for (let bar = 0; bar < lifetimes.length; bar++) {
    if (barStartNs(bar) >= spanNs * LONG_LIFETIME) long += lifetimes[bar];
  }
  return long > allocCount * LONG_SHARE;
}

/** Time from a point of the curve to now. */
export function sinceIndexNs({ facts, times }: History, index: number): number {
  return facts.nowNs - (times.firstNs + index * times.stepNs);
}
