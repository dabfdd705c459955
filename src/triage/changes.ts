/**
 * How a count of events changed between looks: counters since boot say nothing of now, and their
 * change does. Amounts of memory have trends (trends.ts).
 */
import type { Facts } from './facts.js';

export interface Change {
  /** Last less first; below 0 where a count began anew. */
  by: number;
  seconds: number;
}

/**
 * Returns how a number changed between the first and the last of the looks that have it. Null: fewer than
 * two have it, or no time lies between them. `looks`: oldest first, each with a time.
 */
export function changeOf(looks: readonly Facts[], pick: (facts: Facts) => number | null | undefined): Change | null {
  let first: { at: number; value: number } | null = null;
  let last: { at: number; value: number } | null = null;
  for (const facts of looks) {
    const value = pick(facts);
    if (value === null || value === undefined || facts.timeMs === null) continue;
    last = { at: facts.timeMs, value };
    first ??= last;
  }
  if (first === null || last === null || last.at <= first.at) return null;
  return { by: last.value - first.value, seconds: (last.at - first.at) / 1000 };
}
