/** Looks to the report of triage. */
import type { Look } from '../../proc/look.js';
import { triage } from '../../triage/answer/triage.js';
import { gatherFacts } from '../../triage/gather-facts.js';
import type { TriageReport } from '../../triage/report.js';

/**
 * Returns what triage says of a machine. The newest look is judged; the others, in any order, give
 * the pace. Looks of different machines give none.
 */
export function triageOf(looks: readonly Look[]): TriageReport {
  const sorted = looks
    .map((look, index) => ({ look, index }))
    .toSorted((one, other) => (one.look.timeMs ?? 0) - (other.look.timeMs ?? 0) || one.index - other.index)
    .map(({ look }) => look);
  const newest = sorted[sorted.length - 1];
  const now = gatherFacts(newest);
  const earlier = sorted
    .slice(0, -1)
    .map(gatherFacts)
    .filter(
      ({ machine }) =>
        machine.hostname === now.machine.hostname && isSameBoot(machine.totalBytes, now.machine.totalBytes),
    );
  return triage({
    facts: [...earlier, now],
    source: newest.source,
    here: newest.origin === 'live',
    notRead: newest.notRead,
  });
}

/** Two looks at one machine have the same MemTotal, but for memory that was plugged in or given to a balloon. */
function isSameBoot(one: number, other: number): boolean {
  return Math.abs(one - other) <= 0.1 * Math.max(one, other);
}
