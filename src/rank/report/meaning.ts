/** What the totals of a report are, where the trace does not cover all frees (coverage/meaning.ts). */
import { type HeldMeaning, sumMeaning } from '../../coverage/meaning.js';
import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import type { Report } from './report.js';

/** Returns the meaning of all that is held together. */
export function totalMeaning({ outstanding }: Pick<Report, 'outstanding'>): HeldMeaning {
  const held = ALLOCATOR_NAMES.map((name) => outstanding[name]).filter(({ bytes }) => bytes > 0);
  return sumMeaning(held.map(({ meaning }) => meaning));
}
