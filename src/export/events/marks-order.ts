/** Which events of a report a reader needs first, where there is no room for all. */
import { formatCount } from '../../base/format.js';
import { compareGroups, compareKinds } from '../../event/marks/mark-groups.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportMark } from '../../rank/report/report-marks.js';

/** By group; of stalls the longest first, of others by kind, then the earliest. */
export function byImportance(a: ReportMark, b: ReportMark): number {
  return compareGroups(a.kind, b.kind) || waited(b) - waited(a) || compareKinds(a.kind, b.kind) || a.timeNs - b.timeNs;
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
    .toSorted((a, b) => compareKinds(a.kind, b.kind))
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
