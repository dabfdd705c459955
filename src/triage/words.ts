/** The words of texts and screens for what triage finds. JSON has the names of the report. */
import { formatBytes, formatCount } from '../base/format.js';
import type { MachineFacts } from './facts.js';
import type { Gauge, Severity, TriageFinding } from './report.js';

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

/** Times beyond are no dates of JavaScript's. */
const MOST_MS = 8.64e15;

/** A counter is near its limit from this share of it on. */
export const NEAR_SHARE = 0.8;

/** 'memory.max of /kubepods/pod1', 'tcp_mem': untrusted. */
export function gaugeName({ name, of }: Pick<Gauge, 'name' | 'of'>): string {
  return of === '' ? name : `${name} of ${of}`;
}

/** '88.0 MiB of 93.6 MiB', '31,200 of 32,768 threads'. */
export function gaugeAmounts({ used, limit, unit }: Pick<Gauge, 'used' | 'limit' | 'unit'>): string {
  if (unit === 'bytes') return `${formatBytes(used)} of ${formatBytes(limit)}`;
  return `${formatCount(used)} of ${formatCount(limit)} ${unit}`;
}

/** 'most by 1234 java', '300 MiB of it file cache', 'as of 16:17:12 UTC'; '' if nothing is known. Untrusted. */
export function gaugeNote({ reclaimable, holder, readMs }: Pick<Gauge, 'reclaimable' | 'holder' | 'readMs'>): string {
  const parts = [
    reclaimable === null ? '' : `${formatBytes(reclaimable)} of it file cache`,
    holder === '' ? '' : `most by ${holder}`,
    readMs === null || !(readMs > 0 && readMs < MOST_MS)
      ? ''
      : `as of ${new Date(readMs).toISOString().slice(11, 19)} UTC`,
  ];
  return parts.filter((part) => part !== '').join(', ');
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
