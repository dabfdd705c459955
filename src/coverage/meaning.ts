/**
 * What the figures of the held memory mean, by the gaps of a trace's coverage (event/host-facts.ts).
 */
import type { CoverageGap } from '../event/host-facts.js';
import { BEFORE_BIT, kindName } from '../event/kinds.js';

/**
 * What the bytes of a row mean that pairing calls outstanding.
 *
 *   outstanding  allocated and not freed
 *   at-most      an upper bound: frees that happened elsewhere are missing
 *   allocated    frees were not traced: allocated, and the address not used again; nothing is known of frees
 *   sample       allocs and frees are a sample: neither a bound nor a total
 *   before       held when the trace began, by the kernel's own accounting; frees during the trace are taken off
 */
export const HELD_MEANINGS = ['outstanding', 'at-most', 'allocated', 'sample', 'before'] as const;
export type HeldMeaning = (typeof HELD_MEANINGS)[number];

/** Returns what outstanding bytes of this kind of alloc (kinds.ts; SELF_BIT and BEFORE_BIT may be set) mean. */
export function heldMeaning(gaps: readonly CoverageGap[], kind: number): HeldMeaning {
  // The kernel's own accounting has no gaps.
  if ((kind & BEFORE_BIT) !== 0) return 'before';
  let meaning: HeldMeaning = 'outstanding';
  for (const gap of gaps) {
    const name = kindName(kind);
    if (gap.kinds.length > 0 && (name === null || !gap.kinds.includes(name))) continue;
    meaning = worse(meaning, meaningOfGap(gap));
  }
  return meaning;
}

/** Returns what a sum of parts of these meanings is; 'outstanding' for none. */
export function sumMeaning(meanings: Iterable<HeldMeaning>): HeldMeaning {
  const found = new Set(meanings);
  if (found.size <= 1) return [...found][0] ?? 'outstanding';
  // What was held before is outstanding too.
  if (found.delete('before')) return sumMeaning(new Set([...found, 'outstanding']));
  // A sum with a part whose frees are missing is a bound, unless a part is not even that.
  return found.has('sample') ? 'sample' : 'at-most';
}

function meaningOfGap({ cause, certain }: CoverageGap): HeldMeaning {
  switch (cause) {
    case 'frees-not-traced':
    case 'no-frees-seen':
      return 'allocated';
    case 'sampled':
      return 'sample';
    case 'some-processes':
    case 'some-cpus':
      // A quiet or short trace of the whole machine may show one process too.
      return certain ? 'at-most' : 'outstanding';
    case 'frees-filtered':
      return 'at-most';
    default:
      return 'outstanding';
  }
}

const BY_DOUBT: readonly HeldMeaning[] = ['outstanding', 'before', 'at-most', 'sample', 'allocated'];

function worse(a: HeldMeaning, b: HeldMeaning): HeldMeaning {
  return BY_DOUBT.indexOf(a) >= BY_DOUBT.indexOf(b) ? a : b;
}
