/**
 * How a count of events changed between looks: counters since boot say nothing of now, and their
 * change does. Amounts of memory have trends (trends.ts); of many names, what grew most.
 */
import { formatBytes } from '../base/format.js';
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

/** Names of what grew most. */
const MOST_GROWN = 3;
const LEAST_GROWN = 2 ** 20;

/**
 * Returns what grew most between the first and the last of the looks that have the amounts: 'kmalloc-64 by 1.20 GiB,
 * ...'; '' where nothing did, or fewer than two looks have them. Untrusted names.
 */
export function grownText(
  looks: readonly Facts[],
  amounts: (facts: Facts) => ReadonlyMap<string, number> | null,
): string {
  const known = looks.map(amounts).filter((each) => each !== null);
  const [first, last] = [known.at(0), known.at(-1)];
  if (first === undefined || last === undefined || first === last) return '';
  return [...last]
    .map(([name, bytes]) => ({ name, bytes: bytes - (first.get(name) ?? 0) }))
    .filter(({ bytes }) => bytes >= LEAST_GROWN)
    .toSorted((one, other) => other.bytes - one.bytes)
    .slice(0, MOST_GROWN)
    .map(({ name, bytes }) => `${name} by ${formatBytes(bytes)}`)
    .join(', ');
}
