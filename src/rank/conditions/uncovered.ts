/**
 * Conditions on rows whose frees the trace does not cover (coverage/meaning.ts): their figures are
 * uncertain, so they never make a condition hold, unless it includes unreliable rows. Where they
 * could, the condition cannot be told, and the reason says why.
 */
import { heldMeaning } from '../../coverage/meaning.js';
import { coverageReason } from '../../coverage/sentences.js';
import { type CoverageGap } from '../../event/host-facts.js';
import { KIND_NAMED } from '../../event/kinds.js';
import type { Verification } from './conditions.js';

/** `certain`: by the rows that are covered. `withAll`: by all of them, asked only if nothing is found among those. */
export function verifyCovered<Row>(
  certain: Verification<Row>,
  withAll: () => Verification<Row>,
  gaps: readonly CoverageGap[],
): Verification<Row> {
  if (certain.finding !== null || certain.untold !== null || gaps.length === 0) return certain;
  return withAll().finding === null ? certain : { finding: null, untold: uncoveredReason(gaps) };
}

/** 'frees of kmalloc were not traced': the gaps because of which held memory is not known. */
export function uncoveredReason(gaps: readonly CoverageGap[]): string {
  const allocs = Object.values(KIND_NAMED);
  const reasons = gaps
    .filter((gap) => allocs.some((kind) => heldMeaning([gap], kind) !== 'outstanding'))
    .map(coverageReason)
    .filter((reason) => reason !== null);
  return [...new Set(reasons)].join('; ');
}
