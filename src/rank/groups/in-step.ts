/**
 * In step: two call paths whose outstanding memory was made together. Each turn of a loop makes so
 * many of the one and so many of the other, so their counts keep one ratio at every point of their
 * curves.
 */

/** What a call path held at the points of the trace, in allocations (pages or objects), and holds now. */
export interface StepCurve {
  counts: Float64Array;
  now: number;
}

/** Largest whole ratio that is looked for: a pipe has 16 pages, an io_uring some 100. */
const GREATEST_RATIO = 1024;
/** With fewer turns than this, a whole ratio is chance. */
const LEAST_TURNS = 8;
/** Of growing call paths: points at which both rose. Two steps of equal size are chance. */
const LEAST_RISES = 6;
/** Lost events and turns under way blur a ratio by this share, or by two turns. */
const BLUR = 0.02;

/**
 * Returns true if the counts keep one whole ratio at all points. `isGrowing`: they must also rise at six
 * points or more. Two leaks that have nothing to do with each other keep such a ratio only by
 * chance: each has a clock of its own, and drifts by more than two turns.
 */
export function inWholeRatio(a: StepCurve, b: StepCurve, isGrowing: boolean): boolean {
  const [more, fewer] = a.now >= b.now ? [a, b] : [b, a];
  if (fewer.now < LEAST_TURNS || more.counts.length !== fewer.counts.length || more.counts.length === 0) return false;
  const ratio = Math.round(more.now / fewer.now);
  if (ratio > GREATEST_RATIO) return false;
  const blur = Math.max(2 * ratio, BLUR * more.now);
  // Of few turns, two turns are no test.
  if (blur > more.now / 4) return false;
  if (Math.abs(more.now - ratio * fewer.now) > blur) return false;
  let rises = 0;
  for (let i = 0; i < more.counts.length; i++) {
    if (Math.abs(more.counts[i] - ratio * fewer.counts[i]) > blur) return false;
    if (i > 0 && more.counts[i] > more.counts[i - 1] && fewer.counts[i] > fewer.counts[i - 1]) rises++;
  }
  return !isGrowing || rises >= LEAST_RISES;
}
