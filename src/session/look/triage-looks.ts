/** Looks to the report of triage. */
import type { Look } from '../../proc/look.js';
import { triage } from '../../triage/answer/triage.js';
import { gatherFacts } from '../../triage/gather-facts.js';
import type { TriageReport } from '../../triage/report.js';

/**
 * Returns what triage says of a machine. The newest whole look is judged; the others, in any order,
 * give pace and noise. Looks of other machines give none.
 */
export function triageOf(looks: readonly Look[]): TriageReport {
  const whole = looks.filter(({ texts }) => !texts.has(QUICK_READING));
  const judged = (whole.length > 0 ? whole : looks).reduce((newest, look) =>
    (look.timeMs ?? 0) >= (newest.timeMs ?? 0) ? look : newest,
  );
  const now = gatherFacts(judged);
  const others = looks
    .filter((look) => look !== judged)
    .map(gatherFacts)
    .filter(
      ({ machine }) =>
        machine.hostname === now.machine.hostname && isSameSize(machine.totalBytes, now.machine.totalBytes),
    );
  return triage({
    facts: [...others, now],
    source: judged.source,
    here: judged.origin === 'live',
    notRead: judged.notRead,
  });
}

/** A look with quick readings has counters alone. */
const QUICK_READING = 'proc/meminfo#1';

/** Two looks at one machine have the same MemTotal, but for memory that was plugged in or given to a balloon. */
function isSameSize(one: number, other: number): boolean {
  return Math.abs(one - other) <= 0.1 * Math.max(one, other);
}
