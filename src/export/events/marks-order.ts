/** Which events of a report a reader needs first, where there is no room for all. */
import { formatCount } from '../../base/format.js';
import type { MarkKind } from '../../event/marks/marks.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportMark } from '../../rank/report/report-marks.js';

/** Each kind's sign on a line of time, the same as on the screen, and its place: those of the first are needed first. */
const KINDS: Readonly<Record<MarkKind, readonly [sign: string, place: number]>> = {
  'oom-kill': ['K', 0],
  user: ['u', 1],
  'swap-on': ['w', 2],
  'swap-off': ['w', 2],
  'drop-caches': ['d', 2],
  reclaim: ['s', 3],
  'memcg-reclaim': ['s', 3],
  compaction: ['s', 3],
  'module-loaded': ['l', 4],
  'module-unloaded': ['l', 4],
  'cgroup-removed': ['c', 5],
  'cgroup-made': ['c', 5],
  'cgroup-renamed': ['c', 5],
  shmget: ['h', 6],
  shmctl: ['h', 6],
  shmat: ['h', 7],
  shmdt: ['h', 7],
  exec: ['e', 8],
  exit: ['e', 8],
  'cgroup-released': ['c', 9],
};

export function markSign(kind: MarkKind): string {
  return KINDS[kind][0];
}

/** By place; of stalls the longest first, else the earliest. */
export function byImportance(a: ReportMark, b: ReportMark): number {
  return KINDS[a.kind][1] - KINDS[b.kind][1] || waited(b) - waited(a) || a.timeNs - b.timeNs;
}

function waited({ fields }: ReportMark): number {
  return typeof fields.durationNs === 'number' ? fields.durationNs : 0;
}

/** The most important ones, in the order of time. */
export function mostImportant(marks: readonly ReportMark[], most: number): ReportMark[] {
  if (marks.length <= most) return [...marks];
  return marks
    .toSorted(byImportance)
    .slice(0, most)
    .toSorted((a, b) => a.timeNs - b.timeNs);
}

/** '1 oom-kill, 4 exec': all that there were, the most important kinds first; '' without any. */
export function countsText({ markCounts }: Pick<Report, 'markCounts'>): string {
  return markCounts
    .toSorted((a, b) => KINDS[a.kind][1] - KINDS[b.kind][1])
    .map(({ kind, count }) => `${formatCount(count)} ${kind}`)
    .join(', ');
}

/** What a list of `shown` events lacks; '' if nothing. */
export function lackingText({ markCounts, marksLost }: Report, shown: number): string {
  const more = markCounts.reduce((sum, { count }) => sum + count, 0) - shown;
  return [
    ...(more > 0 ? [`${formatCount(more)} more: unfreed events FILE`] : []),
    ...(marksLost > 0 ? [`${formatCount(marksLost)} were lost: they came faster than they were read`] : []),
  ].join('; ');
}
