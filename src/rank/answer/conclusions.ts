/**
 * The conclusions: what a tired reader must know first, as sentences. Pure rules over the findings,
 * the counters and the losses of a report; every face prints the same.
 *
 * A dump of what was held at one moment has conclusions of its own (dump-conclusions.ts).
 * Order: doubt, what grows (at most three), what removed cgroups hold, what was gone before the trace, what was taken once, or
 * else that nothing grows, or that it is too early to say.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatSignedBytes,
  rateUnitOf,
} from '../../base/format.js';
import { isOfProcesses } from '../report/category.js';
import type { Conclusion } from '../report/conclusion.js';
import { dumpName } from '../report/meaning.js';
import type { Report } from '../report/report.js';
import { isRising, type ReportStack } from '../report/report-rows.js';
import { SHORTEST_NS } from '../verdict/history.js';
import { beforeConclusions } from './before-conclusions.js';
import { dumpConclusions } from './dump-conclusions.js';
import { goneSentence, isHolderGone } from './gone-words.js';
import { lossMatters, lostShare } from './loss.js';
import { processConclusions } from './process-conclusions.js';
import { readingOf } from './readings.js';
import { removedConclusions } from './removed-conclusions.js';
import { capital, isSeveral, meminfoLine, rowSubject } from './words.js';

/** A report before its conclusions. */
export type Concluded = Omit<Report, 'conclusions' | 'stacks'>;

/** Findings in sentences; of more, the number. */
const SENTENCES = 3;
/** Growth shows from about here on. */
const USUAL_NS = 12e9;
/** What was taken once is worth a word from here on. */
const ONCE_BYTES = 2 ** 20;
/** What processes take as they start is worth a word from this share of all memory on. */
const ONCE_SHARE = 0.05;
/** Caches of files that were looked up: whoever reads many files fills them once. */
const RECLAIMED: readonly string[] = ['inodes', 'file names', 'index of the page cache'];
const OF_PROCESSES: readonly string[] = ['anon', 'page tables', 'kernel stack', 'shmem'];
/** Steps of a page that a staircase needs, and the share of the trace in which it may have come. */
const FLOOR_PAGES = 8;
const FLOOR_TIME = 3 / 4;

export function conclusionsOf(report: Concluded): Conclusion[] {
  if (dumpName(report) !== null) return dumpConclusions(report);
  const known = report.findings.filter(({ category }) => category !== 'backing');
  const growing = known.filter((finding) => isGrowing(finding, report));
  const conclusions: Conclusion[] = [];
  if (lossMatters(report, growing.slice(0, SENTENCES))) conclusions.push(lossDoubt(report, growing[0] ?? known[0]));
  const unknown = coverageDoubt(report, known);
  if (unknown !== null) return [...conclusions, unknown];
  if (isOfProcesses(report.source.allocators)) {
    const floor = upToTwoDigits(floorBytesPerHour(report));
    return [
      ...conclusions,
      ...processConclusions(report, { growing, floorBytesPerHour: floor, isEarly: isEarly(report) }),
    ];
  }
  for (const finding of growing.slice(0, SENTENCES)) conclusions.push(growingConclusion(finding, report));
  if (growing.length > SENTENCES) conclusions.push(moreGrow(growing.length - SENTENCES));
  conclusions.push(...removedConclusions(report), ...beforeConclusions(report));
  const once = growing.length > 0 ? undefined : known.find((finding) => isOnce(finding, report));
  if (once !== undefined) conclusions.push(onceConclusion(once));
  if (growing.length === 0) conclusions.push(isEarly(report) ? earlyConclusion(report) : quietConclusion(report));
  return conclusions;
}

/** The slowest leak that would show by now, bytes an hour: eight steps of a page in three quarters of the trace. */
export function floorBytesPerHour({ durationNs, source }: Pick<Report, 'durationNs' | 'source'>): number {
  return (FLOOR_PAGES * source.pageSize * 3600e9) / (durationNs * FLOOR_TIME);
}

function isGrowing(finding: ReportStack, report: Concluded): boolean {
  const { verdict, growth, meaning, reliability } = finding;
  if (!isRising(verdict) || growth === null || meaning !== 'outstanding' || reliability === 'unreliable') return false;
  // Page cache exists to grow. It is in the rows.
  if (finding.category === 'page cache') return false;
  return growth.bytesPerHour >= floorBytesPerHour(report);
}

function isOnce({ verdict, bytes, category, noun, meaning }: ReportStack, { meminfo }: Concluded): boolean {
  if (meaning !== 'outstanding' || bytes < ONCE_BYTES || category === 'page cache') return false;
  if (RECLAIMED.includes(noun)) return false;
  // Every process that starts takes its memory once: only much of it is worth a word.
  const isUsual = category !== null && OF_PROCESSES.includes(category);
  if (isUsual && bytes < (meminfo?.totalBytes ?? Number.POSITIVE_INFINITY) * ONCE_SHARE) return false;
  return verdict === 'one-time' || verdict === 'rested';
}

function isEarly({ durationNs, curve }: Concluded): boolean {
  return curve === null || durationNs < SHORTEST_NS;
}

function growingConclusion(finding: ReportStack, report: Concluded): Conclusion {
  const unit = rateUnitOf(report.durationNs);
  const { growth } = finding;
  const rate = (bytesPerHour: number): string => `${formatBytes(Math.abs(bytesPerHour) * unit.hours)}/${unit.name}`;
  const [holds, takes] = isSeveral(finding.holder) ? ['hold', 'take'] : ['holds', 'takes'];
  const pace = growth === null ? '' : ` and ${takes} ${rate(growth.bytesPerHour)} more`;
  const range =
    growth === null
      ? ''
      : rangeText(growth.lowBytesPerHour * unit.hours, growth.highBytesPerHour * unit.hours, unit.name);
  const reading = readingOf(finding);
  const gone = isHolderGone(finding) ? goneSentence(finding.gone) : null;
  const more = [gone, reading?.text ?? null].flatMap((text) => (text === null ? [] : [`${capital(text)}.`]));
  return {
    kind: 'growing',
    text: `${rowSubject(finding)} ${holds} ${formatBytes(heldBytes(finding))} of ${finding.noun}${pace}.`,
    detail: [`${whereText(finding, report)}${range}`, ...more].join(' '),
    stackId: finding.stackId,
    next: reading?.next ?? ownNext(finding),
  };
}

/** ' 95 % sure: 76.3 to 76.8 MiB/min.', with a unit each where the units differ; '' where both read the same. */
function rangeText(low: number, high: number, per: string): string {
  const [from, to] = [formatBytes(Math.max(0, low)), formatBytes(Math.max(0, high))];
  if (from === to) return '';
  const [number, unit] = from.split(' ');
  return ` 95 % sure: ${to.endsWith(` ${unit}`) ? number : from} to ${to}/${per}.`;
}

function heldBytes({ estimate, bytes }: ReportStack): number {
  return estimate?.bytes ?? bytes;
}

/** Where /proc/meminfo counts it, how much of the gap it explains, and whether the counters agree. */
function whereText(finding: ReportStack, { meminfo }: Concluded): string {
  const line = meminfoLine(finding.category);
  const where = line === 'none' ? noLineText(finding, meminfo) : line === '' ? '' : `In meminfo as ${line}.`;
  const checked =
    finding.reliability === 'confirmed' ? "Checked by the kernel's counters." : "Not checked by the kernel's counters.";
  return [where, checked].filter((text) => text !== '').join(' ');
}

function noLineText(finding: ReportStack, meminfo: Report['meminfo']): string {
  const none = 'No line of /proc/meminfo shows it';
  if (meminfo === null) return `${none}.`;
  const grown = meminfo.unaccountedBytes - meminfo.unaccountedAtStartBytes;
  if (grown < ONCE_BYTES) return `${none}.`;
  const share = Math.min(1, hiddenBytes(finding) / grown);
  const part = share > 0.95 ? 'all' : formatShare(share, 1);
  return `${none}; it explains ${part} of the ${formatSignedBytes(grown)} there.`;
}

/** Bytes of a finding that no line shows, as far as its listed call paths tell. */
function hiddenBytes({ merged, bytes }: ReportStack): number {
  if (merged?.paths === undefined) return bytes;
  return merged.paths.reduce((sum, path) => sum + (meminfoLine(path.category) === 'none' ? path.bytes : 0), 0);
}

/** Functions and modules are plain words in a command; any other name is not put into one. */
const PLAIN = /^[\w.]+$/;

function ownNext({ holder, frames, firstFrame }: ReportStack): string | null {
  if (holder.kind === 'module' && PLAIN.test(holder.name)) return `modinfo ${holder.name}`;
  const symbol = frames[firstFrame]?.symbol ?? '';
  return PLAIN.test(symbol) ? `unfreed top --grep ${symbol} --frames` : null;
}

function moreGrow(count: number): Conclusion {
  return {
    kind: 'growing',
    text: `${formatCount(count)} more ${count === 1 ? 'grows' : 'grow'}.`,
    detail: null,
    stackId: null,
    next: null,
  };
}

function onceConclusion(finding: ReportStack): Conclusion {
  const reading = readingOf(finding);
  const [are, hold] = isSeveral(finding.holder) ? ['are', 'hold'] : ['is', 'holds'];
  const still = isHolderGone(finding) ? `${are} gone; it is still held` : `still ${hold} it`;
  return {
    kind: 'once',
    text:
      `${rowSubject(finding)} took ${formatBytes(heldBytes(finding))} of ${finding.noun} once, ` +
      `${formatDuration(finding.medianAgeNs)} ago, and ${still}.`,
    detail: reading === null ? null : `${capital(reading.text)}.`,
    stackId: finding.stackId,
    next: reading?.next ?? null,
  };
}

function quietConclusion(report: Concluded): Conclusion {
  const { durationNs, reconciliation } = report;
  const unit = rateUnitOf(durationNs);
  const pages = reconciliation?.pages ?? null;
  const traced = formatDuration(durationNs);
  const change =
    pages === null
      ? `The trace lasted ${traced}.`
      : `Memory in use changed by ${formatSignedBytes(pages.grownBytes)} in ${traced}${unexplainedText(pages.unexplainedBytes)}.`;
  const floor = formatBytes(upToTwoDigits(floorBytesPerHour(report) * unit.hours));
  return {
    kind: 'quiet',
    text: `Nothing grows. ${change}`,
    detail: `A leak of ${floor}/${unit.name} or more would show by now; a slower one needs more time.`,
    stackId: null,
    next: null,
  };
}

function unexplainedText(bytes: number): string {
  return Math.abs(bytes) < ONCE_BYTES
    ? ', all explained'
    : `, of which ${formatBytes(Math.abs(bytes))} no call path explains`;
}

/** Rounds up to two significant digits, so that the promise holds. */
function upToTwoDigits(value: number): number {
  if (!(value > 0)) return 0;
  let unit = 1;
  while (value / unit >= 999.5) unit *= 1024;
  const step = 10 ** Math.max(-1, Math.floor(Math.log10(value / unit)) - 1) * unit;
  return Math.ceil(value / step) * step;
}

function earlyConclusion({ durationNs }: Concluded): Conclusion {
  return {
    kind: 'early',
    text: `Too early to say after ${formatDuration(durationNs)}: growth shows from about ${formatDuration(USUAL_NS)} on.`,
    detail: null,
    stackId: null,
    next: null,
  };
}

function lossDoubt(report: Concluded, finding: ReportStack | undefined): Conclusion {
  const { lostEvents } = report.anomalies;
  const freed = finding === undefined ? 0 : Math.min(finding.bytes, finding.lostFreeBytes);
  return {
    kind: 'doubt',
    text:
      `${formatShare(lostShare(report), 1)} of the events were lost (${formatCount(lostEvents)}): ` +
      'do not rely on what looks held.',
    detail:
      finding === undefined || freed === 0
        ? null
        : `Of the ${formatBytes(finding.bytes)} of ${finding.noun}, ${formatBytes(freed)} may be freed already.`,
    stackId: finding?.stackId ?? null,
    next: isOfProcesses(report.source.allocators) ? 'unfreed live --buffer 256M' : 'unfreed live --sample 1/16',
  };
}

/** Where the trace shows no frees, or has no times, nothing can be concluded; null where it can. */
function coverageDoubt({ source }: Concluded, findings: readonly ReportStack[]): Conclusion | null {
  const without = findings.find(({ meaning }) => meaning === 'allocated');
  if (without === undefined && !source.timesAreCounts) return null;
  return {
    kind: 'doubt',
    text: source.timesAreCounts
      ? 'The times of this trace have no unit: what grows, and how fast, cannot be told.'
      : 'This trace has no frees: what is listed was allocated, and may be freed long ago.',
    detail: source.notes[0] ?? null,
    stackId: null,
    next: null,
  };
}
