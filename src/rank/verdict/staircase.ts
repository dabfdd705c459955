/**
 * Memory taken in steps: a curve that rests, rises, rests on the new level, and so on. Its floor,
 * the least value from each point on, is what was never given back. A rest is a stretch of the floor
 * that rises by hardly anything; a step lies between two rests.
 */
import type { Growth } from '../report/report-rows.js';
import { filledShare } from './age-bars.js';
import { meanOf } from './block-means.js';
import { type History, LEAST_RISE, sinceIndexNs } from './history.js';

export interface Stairs {
  steps: number;
  /** Bytes by which all steps together rose. */
  rise: number;
  greatestStep: number;
  /** Bytes held before the first step. */
  firstLevel: number;
  /** The deepest fall of the curve below an earlier height. */
  fall: number;
  /** Share of the points that are at rest. */
  restShare: number;
  /** Squares of the distances from the levels of the rests, as a share of those from a straight line. */
  misfit: number;
  /** Share of `rise` that came in the second half of the history. */
  lateShare: number;
  /** Bytes by which the mean of the last quarter exceeds that of the second. */
  lateRise: number;
  /** Points since the last step, and between the two neighbouring steps that are furthest apart. */
  lastRest: number;
  longestRest: number;
  /** Time since the last step. */
  lastStepAgoNs: number;
  /** The mean rate of the history; its interval, as if one step fewer or more had come. */
  growth: Growth;
}

/** A rest has at least this many points, or this share of the history. */
const REST_POINTS = 3;
const REST_SHARE = 1 / 16;
/** The floor rises by at most this share of the whole rise in a rest. */
const REST_RISE = 1 / 32;
/** A call path that held nothing for this share of the trace has come with a step. */
const BORN_LATE = 1 / 16;

/** Levels of a staircase, those that it rose to; the first counts too if it is like a step. */
const FEWEST_STEPS = 4;
/** A first level is like a step if it is at most this many times as high or as low. */
const LIKE = 2;
/** No step makes up more than this share of the rise: otherwise memory was taken once, and a little more. */
const GREATEST_SHARE = 1 / 2;
/** The curve never fell by more than this share of a mean step: each step has stayed. */
const FALLEN_SHARE = 1 / 2;
/** The second half of the history has at least this share of the rise. */
const LATE_SHARE = 0.3;
/** The last step is no longer ago than this, in longest rests. */
const OVERDUE = 1.5;
/**
 * Rests take up at least this share of a history that is a staircase rather than a slope, and the
 * levels of the rests fit it better than a line by this factor at least.
 */
const AT_REST = 1 / 2;
const FITS_BETTER = 1 / 8;
/** Of the times at which it could have come, at most this share is taken; not asked of so few allocations a step. */
const BLOCKS = 0.75;
const FEW_EACH = 2;
/** The median age of what is held is at least this share of the time since half of it was held. */
const STAYED = 1 / 2;

/** Returns null if nothing rises, or if there are no two rests. */
export function stairsOf(history: History): Stairs | null {
  const { values, born, times } = history;
  const { length } = values;
  const quarter = length >> 2;
  const from = born > length * BORN_LATE ? born - 1 : born;
  const floor = floorOf(values, from);
  const last = floor.length - 1;
  const rise = floor[last] - floor[0];
  if (rise < LEAST_RISE) return null;
  const rests = restsOf(floor, rise * REST_RISE);
  if (rests.length < 2) return null;
  const stairs = { steps: 0, greatestStep: 0, longestRest: 0, points: 0 };
  for (const [i, rest] of rests.entries()) {
    stairs.points += rest.to - rest.from;
    if (i === 0) continue;
    stairs.steps++;
    stairs.greatestStep = Math.max(stairs.greatestStep, floor[rest.from] - floor[rests[i - 1].to - 1]);
    stairs.longestRest = Math.max(stairs.longestRest, rest.from - rests[i - 1].from);
  }
  const lastRest = rests[rests.length - 1];
  const { steps, greatestStep, longestRest, points } = stairs;
  const perHour = (rise / (floor.length * times.stepNs)) * 3600e9;
  return {
    steps,
    rise,
    greatestStep,
    firstLevel: floor[rests[0].to - 1],
    fall: deepestFall(values),
    restShare: points / floor.length,
    misfit: misfitOf(values.subarray(from), rests),
    lateShare: (floor[last] - floor[floor.length >> 1]) / rise,
    lateRise: meanOf(values, length - quarter, length) - meanOf(values, quarter, 2 * quarter),
    lastRest: floor.length - lastRest.from,
    longestRest,
    lastStepAgoNs: sinceIndexNs(history, from + lastRest.from),
    growth: {
      bytesPerHour: perHour,
      lowBytesPerHour: (perHour * (steps - 1)) / steps,
      highBytesPerHour: (perHour * (steps + 1)) / steps,
      confidence: 1 - 2 ** -steps,
      sinceNs: Math.max(0, times.firstNs + (from + rests[0].to - 1) * times.stepNs),
    },
  };
}

/** True if the steps are many, alike, recent, and have stayed: the next one is to be expected. */
export function goesOn(stairs: Stairs): boolean {
  const { steps, rise, greatestStep, firstLevel, fall, lateShare, lateRise, lastRest, longestRest } = stairs;
  const ratio = (firstLevel * steps) / rise;
  const levels = ratio <= LIKE && ratio >= 1 / LIKE ? steps + 1 : steps;
  if (levels < FEWEST_STEPS || greatestStep > rise * GREATEST_SHARE) return false;
  if (fall > (rise / steps) * FALLEN_SHARE) return false;
  return lateShare >= LATE_SHARE && lateRise >= LEAST_RISE && lastRest <= longestRest * OVERDUE;
}

/** True if it is a staircase rather than a slope. */
export function isStepped({ restShare, misfit }: Stairs): boolean {
  return restShare >= AT_REST && misfit <= FITS_BETTER;
}

/**
 * True if what is held came in a few blocks. Otherwise it came evenly, and only the points of the
 * curve make it seem to rest: a saw whose teeth are as long as a few points, or few allocations by
 * chance. Must not be asked while the ages are unknown.
 */
export function cameInBlocks({ facts }: History, { steps }: Stairs): boolean {
  const { allocations, ageBars } = facts;
  if (allocations === null || ageBars === null) return false;
  return allocations <= steps * FEW_EACH || filledShare(ageBars, 0) <= BLOCKS;
}

/**
 * True if the memory held is as old as the steps. Otherwise it is renewed all the time, on a level
 * that rises in steps. Must not be asked while the ages are unknown.
 */
export function hasStayed(history: History): boolean {
  const { values, facts } = history;
  const half = values[values.length - 1] / 2;
  const index = values.findIndex((value) => value >= half);
  return facts.medianAgeNs !== null && facts.medianAgeNs >= sinceIndexNs(history, index) * STAYED;
}

/** The least value from each point on, from `from` to the end. */
function floorOf(values: Float64Array, from: number): Float64Array {
  const floor = values.slice(from);
  for (let i = floor.length - 2; i >= 0; i--) floor[i] = Math.min(floor[i], floor[i + 1]);
  return floor;
}

/** Of the points at rest: see Stairs.misfit. */
function misfitOf(values: Float64Array, rests: readonly Stretch[]): number {
  const line = lineOf(values);
  let ofLevels = 0;
  let ofLine = 0;
  for (const { from, to } of rests) {
    const level = meanOf(values, from, to);
    for (let i = from; i < to; i++) {
      ofLevels += (values[i] - level) ** 2;
      ofLine += (values[i] - line(i)) ** 2;
    }
  }
  return ofLine === 0 ? 1 : ofLevels / ofLine;
}

/** The line of least squares. */
function lineOf(values: Float64Array): (i: number) => number {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values, 0, values.length);
  let product = 0;
  let power = 0;
  for (let i = 0; i < values.length; i++) {
    product += (i - middle) * (values[i] - mean);
    power += (i - middle) ** 2;
  }
  return (i) => mean + (i - middle) * (product / power);
}

interface Stretch {
  from: number;
  /** Exclusive. */
  to: number;
}

/** The longest stretches, from the start on, in which the floor rises by `slack` at most. */
function restsOf(floor: Float64Array, slack: number): Stretch[] {
  const shortest = Math.max(REST_POINTS, Math.ceil(floor.length * REST_SHARE));
  const rests: Stretch[] = [];
  for (let from = 0; from < floor.length; ) {
    let to = from + 1;
    while (to < floor.length && floor[to] - floor[from] <= slack) to++;
    if (to - from >= shortest) {
      rests.push({ from, to });
      from = to;
    } else from++;
  }
  return rests;
}

function deepestFall(values: Float64Array): number {
  let highest = 0;
  let fall = 0;
  for (const value of values) {
    highest = Math.max(highest, value);
    fall = Math.max(fall, highest - value);
  }
  return fall;
}
