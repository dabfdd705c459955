/** The words of texts and screens for what triage finds. JSON has the names of the report. */
import type { MachineFacts } from './facts.js';
import type { Severity, TriageFinding } from './report.js';

/** Words at the start of a finding, for readers and for grep; at most eight characters. */
export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  limit: 'LIMIT',
  growing: 'GROWING',
  abnormal: 'ABNORMAL',
  large: 'LARGE',
  reclaimable: 'CACHE',
  note: 'NOTE',
  fine: 'FINE',
};

/** True for what is neither fine nor a mere note. */
export function isAbnormal({ severity }: Pick<TriageFinding, 'severity'>): boolean {
  return severity !== 'fine' && severity !== 'note';
}

/** The findings that need a hand: a full limit, growth, what nothing explains. Large or reclaimable memory is explained. */
export function isUrgent({ severity }: Pick<TriageFinding, 'severity'>): boolean {
  return severity === 'limit' || severity === 'growing' || severity === 'abnormal';
}

/** Writers of a /proc/meminfo that is not the machine's. */
const OTHER_WRITERS = new Set(['lxcfs', 'sandbox']);

/** True where /proc/meminfo shows a container: the machine cannot be judged from it. */
export function isOfContainer({ meminfoBy }: Pick<MachineFacts, 'meminfoBy'>): boolean {
  return OTHER_WRITERS.has(meminfoBy);
}

/** '/proc/meminfo', or the tool whose output stands for it. */
export function meminfoName(machine: Pick<MachineFacts, 'meminfoBy'>): string {
  const { meminfoBy } = machine;
  return meminfoBy === '' || meminfoBy === 'kernel' || isOfContainer(machine) ? '/proc/meminfo' : meminfoBy;
}
