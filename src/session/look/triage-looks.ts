/** Looks to the report of triage. */
import type { Look, NotRead } from '../../proc/look.js';
import { triage } from '../../triage/answer/triage.js';
import type { Facts } from '../../triage/facts.js';
import { gatherFacts } from '../../triage/gather-facts.js';
import type { TriageReport } from '../../triage/report.js';
import { joinedLooks } from './joined-looks.js';

/**
 * Returns what triage says of a machine. The newest whole look is judged; the others, in any order,
 * give pace and noise. Looks of other machines give none, and are said. Single texts of one moment are one look.
 */
export function triageOf(all: readonly Look[]): TriageReport {
  const looks = joinedLooks(all);
  const whole = looks.filter(({ texts }) => !texts.has(QUICK_READING));
  const judged = (whole.length > 0 ? whole : looks).reduce((newest, look) =>
    (look.timeMs ?? 0) >= (newest.timeMs ?? 0) ? look : newest,
  );
  const now = gatherFacts(judged);
  const others = looks.filter((look) => look !== judged).map(gatherFacts);
  const same = others.filter(
    ({ machine }) =>
      machine.hostname === now.machine.hostname && isSameSize(machine.totalBytes, now.machine.totalBytes),
  );
  return triage({
    facts: [...same, now],
    source: judged.source,
    origin: judged.origin,
    notRead: [...judged.notRead, ...withoutPace(now, same), ...strangers(others.length - same.length)],
  });
}

/** A look with quick readings has counters alone. */
const QUICK_READING = 'proc/meminfo#1';

/** Two looks at one machine have the same MemTotal, but for memory that was plugged in or given to a balloon. */
function isSameSize(one: number, other: number): boolean {
  return Math.abs(one - other) <= 0.1 * Math.max(one, other);
}

/** Several looks give a pace only if each has a time of its own. */
function withoutPace(now: Facts, others: readonly Facts[]): NotRead[] {
  if (others.length === 0) return [];
  const times = [now, ...others].map(({ timeMs }) => timeMs);
  if (new Set(times.filter((time) => time !== null)).size > 1) return [];
  const what = times.includes(null) ? 'the looks have no time' : 'all looks have the same time';
  return [
    {
      what: 'pace',
      why: `${what}: put it into the names of the files (meminfo-2026-11-30T10:00), or set it with touch -d`,
    },
  ];
}

function strangers(count: number): NotRead[] {
  if (count === 0) return [];
  const looks = count === 1 ? 'look is' : 'looks are';
  return [{ what: 'pace', why: `${count} ${looks} of another machine: its name or MemTotal differs` }];
}
