/**
 * What was so before the trace: the gap at its start, with the equation, and what triage found abnormal
 * in the look that was taken then. A trace cannot show who took that memory.
 */
import { formatBytes, formatSignedBytes } from '../../base/format.js';
import { isUrgent } from '../../triage/words.js';
import type { Conclusion } from '../report/conclusion.js';
import type { Report } from '../report/report.js';
import type { ReportStack } from '../report/report-rows.js';
import { beforeText } from './before.js';
import { equationText } from './equation.js';
import { meminfoLine, whoSubject } from './words.js';

/** A gap that changed by less has not changed. */
const CHANGED_BYTES = 2 ** 20;
/** Rules of triage on the gap and on what a reference holds of it. */
const ON_THE_GAP: readonly string[] = ['R3', 'R4'];
/** Holders in a sentence. */
const MOST_HOLDERS = 3;
type Asked = Pick<Report, 'meminfo' | 'triage' | 'before' | 'findings'>;
type Finding = NonNullable<Report['triage']>['findings'][number];

/** Returns none, one or two conclusions of the kind 'before'. */
export function beforeConclusions(report: Asked): Conclusion[] {
  // What is large but explained, or can be reclaimed, is ordinary on many machines.
  const findings = (report.triage?.findings ?? []).filter(isUrgent);
  const [first] = findings;
  const onGap = findings.find(({ rule }) => ON_THE_GAP.includes(rule));
  const gap = gapConclusion(report, onGap);
  const said = gap === null ? [] : [gap];
  // What is said of the gap has the rule on it already.
  if (first !== undefined && (gap === null || first !== onGap)) said.push(findingConclusion(first));
  return said;
}

function gapConclusion(report: Asked, finding: Finding | undefined): Conclusion | null {
  const { meminfo } = report;
  if (meminfo === null) return null;
  const { unaccountedAtStartBytes: gone, totalBytes, unaccountedBytes, perCpuFreeBytes } = meminfo;
  const text = beforeText(gone, totalBytes);
  if (text === null) return null;
  const changed = unaccountedBytes - gone;
  const since =
    Math.abs(changed) < Math.max(CHANGED_BYTES, gone / 64)
      ? 'It does not grow.'
      : `It has changed by ${formatSignedBytes(changed)} since.`;
  const reference = meminfo.heldByReferenceAtStartBytes;
  const isReference = reference * 2 >= gone;
  const holder = greatestBefore(report);
  const details = [
    report.before === null || isTable(report.before) ? '' : accountText(report.before, holder),
    finding === undefined ? '' : holdersText(finding),
    `Of ${formatBytes(meminfo.totalAtStartBytes)} then: ${equationText(meminfo, 'start')}.`,
    report.before === null || isTable(report.before)
      ? 'The trace cannot show who took it: what was allocated before it has no call path.'
      : '',
    isReference
      ? `A reference holds ${formatBytes(reference)} of it: full pipes or sockets, io_uring, or a driver's pins.`
      : '',
    perCpuFreeBytes === null ? 'Free pages on per-CPU lists may be part of it.' : '',
  ];
  const usual = isReference ? 'lsof -n | grep -E "FIFO|sock|io_uring"' : 'cat /proc/vmallocinfo';
  return {
    kind: 'before',
    text: `${text} ${since}${finding === undefined ? '' : ` (${finding.rule})`}`,
    detail: details.filter((each) => each !== '').join(' '),
    stackId: holder?.stackId ?? null,
    next: finding?.next[0] ?? usual,
  };
}

/** Returns the greatest finding from before the trace that no line of meminfo shows; null if none is known. */
function greatestBefore({ findings }: Asked): ReportStack | null {
  const hidden = findings.filter(({ baseline, category, bytes }) => {
    return (
      baseline && bytes >= CHANGED_BYTES && category !== 'backing' && meminfoLine(category ?? 'unaccounted') === 'none'
    );
  });
  return hidden.toSorted((a, b) => b.bytes - a.bytes)[0] ?? null;
}

/** slabinfo and vmallocinfo tell only of memory that lines of meminfo show. */
function isTable({ source }: NonNullable<Report['before']>): boolean {
  return source === 'slabinfo' || source === 'vmallocinfo';
}

/** Who took what was there before, as far as an account of the kernel tells. */
function accountText(before: NonNullable<Report['before']>, holder: ReportStack | null): string {
  if (holder === null) return `The kernel's own account, ${before.source}, names no call path that holds it.`;
  const amount = `${formatBytes(holder.bytes)} of ${holder.noun}`;
  const held = holder.holder.kind === 'unknown' ? `${amount} was held` : `${whoSubject(holder.holder)} held ${amount}`;
  return `By the kernel's own account, ${before.source}, ${held} before the trace.`;
}

function findingConclusion(finding: Finding): Conclusion {
  const { rule, text, next } = finding;
  const held = holdersText(finding);
  return {
    kind: 'before',
    text: `${text} It was so as this trace began. (${rule})`,
    detail: held === '' ? null : held,
    stackId: null,
    next: next[0] ?? null,
  };
}

/** 'Held by: /dev/shm 8.00 GiB; 1886 python3 1.00 GiB.'; '' where nobody is known. */
function holdersText({ holders }: Finding): string {
  const named = holders
    .slice(0, MOST_HOLDERS)
    .map(({ name, bytes }) => `${name}${bytes === null ? '' : ` ${formatBytes(bytes)}`}`);
  return named.length === 0 ? '' : `Held by: ${named.join('; ')}${holders.length > named.length ? '; and more' : ''}.`;
}
