/**
 * The conclusions on a trace of processes: what grows, how fast and by which call path; how large each process is and
 * whether its mappings explain that; what was taken once, or else that nothing grows.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatSignedBytes,
  rateUnitOf,
} from '../../base/format.js';
import type { Conclusion } from '../report/conclusion.js';
import type { Report } from '../report/report.js';
import type { TracedProcess } from '../report/report-memory.js';
import type { ReportStack } from '../report/report-rows.js';
import {
  changeOf,
  explainedText,
  functionText,
  heapText,
  mostChanged,
  pathText,
  processSubject,
  sizeText,
  unexplainedBytes,
} from './process-words.js';
import { isSeveral, whoSubject } from './words.js';

/** Findings and processes in sentences; of more, the number. */
const SENTENCES = 3;
/** What was taken once is worth a word from here on. */
const ONCE_BYTES = 2 ** 20;
/** A resident size that changed by less says nothing. */
const RSS_BYTES = 2 ** 20;
/** Address space that is reserved is worth a word from this share of VmSize on. */
const RESERVED_SHARE = 1 / 16;

type Asked = Pick<Report, 'durationNs' | 'findings' | 'outstanding' | 'processes' | 'self' | 'source'>;

/** What the caller has worked out: the findings that grow, and the slowest leak that would show by now. */
export interface Growing {
  growing: readonly ReportStack[];
  floorBytesPerHour: number;
  isEarly: boolean;
}

export function processConclusions(report: Asked, { growing, floorBytesPerHour, isEarly }: Growing): Conclusion[] {
  const said = growing.slice(0, SENTENCES).map((finding) => growingConclusion(finding, report));
  if (growing.length > SENTENCES) said.push(countConclusion('growing', growing.length - SENTENCES, 'grows', 'grow'));
  const once = growing.length > 0 ? undefined : report.findings.find(isOnce);
  const processes = worthSaying(report.processes ?? []);
  const isQuiet = growing.length === 0;
  const quiet = isEarly ? earlyConclusion(report) : quietConclusion(report, floorBytesPerHour);
  // The tracer's own memory in them is known as a sum.
  const own = processes.length === 1 ? report.self.bytes : 0;
  const sizes = processes.slice(0, SENTENCES).map((process) => processConclusion(process, own, isQuiet && !isEarly));
  const peak = isQuiet && processes.length === 1 && processes[0].endedNs !== null ? peakText(report.outstanding) : null;
  if (peak !== null) sizes.push({ kind: 'process', text: peak, detail: null, stackId: null, next: null });
  if (processes.length > SENTENCES) sizes.push(processCount(processes.length - SENTENCES));
  if (once !== undefined) said.push(onceConclusion(once));
  if (isQuiet) said.push(quiet);
  return [...said, ...sizes];
}

/** Those that run, or that ended and left something held, by how much they changed. A program before an exec is none. */
function worthSaying(processes: readonly TracedProcess[]): TracedProcess[] {
  const running = processes.filter(({ endedNs, stays }) => endedNs === null || stays);
  const shown = running.filter(({ last }) => last !== null);
  // It has just begun: another that ended would be taken for it.
  if (running.length > 0 && shown.length === 0) return [];
  return mostChanged(shown.length > 0 ? shown : processes.filter(({ last }) => last !== null).slice(-1));
}

function processConclusion(process: TracedProcess, own: number, isQuiet: boolean): Conclusion {
  const { pid, last, objects, endedNs, sinceNs } = process;
  const who = processSubject(process);
  const head =
    endedNs === null ? `${who}:` : `${who} ended ${formatDuration(endedNs - sinceNs)} after it was first seen; at last`;
  const grown = changeOf(process, 'rss');
  const rest = unexplainedBytes(process);
  const reserved = last !== null && objects !== null && objects.reserved >= last.vsz * RESERVED_SHARE;
  const details = [
    explainedText(process),
    last !== null && own >= last.vsz * RESERVED_SHARE ? `${formatBytes(own)} of it is unfreed's own.` : '',
    reserved ? `${formatBytes(objects.reserved)} of it is reserved: no access is allowed.` : '',
    last !== null && last.late + last.gone > 0
      ? `Found without an event: ${formatBytes(last.late)} mapped, ${formatBytes(last.gone)} gone.`
      : '',
    heapText(process),
    // The pages are those of mappings and blocks that are older.
    isQuiet && grown - Math.max(0, changeOf(process, 'vsz')) >= RSS_BYTES
      ? 'Its resident size rose within what it had mapped before.'
      : '',
  ].filter((text) => text !== '');
  return {
    kind: 'process',
    text: `${head} ${sizeText('VmSize', process, 'vsz')}, ${sizeText('RSS', process, 'rss')}.`,
    detail: details.length === 0 ? null : details.join(' '),
    stackId: null,
    next: endedNs === null && rest !== null && rest !== 0 ? `pmap -x ${pid}` : null,
  };
}

/** Of a program that freed its heap as it ended: when that was largest; null where most of it is held still. */
function peakText({ heap }: Report['outstanding']): string | null {
  if (heap === undefined || heap.peakBytes < ONCE_BYTES || heap.peakBytes < heap.bytes * 2) return null;
  return `Its heap was largest after ${formatDuration(heap.peakNs)}, ${formatBytes(heap.peakBytes)}: --at peak shows what was held then.`;
}

function growingConclusion(finding: ReportStack, report: Asked): Conclusion {
  const unit = rateUnitOf(report.durationNs);
  const { growth } = finding;
  const rate = (bytesPerHour: number): string => `${formatBytes(Math.abs(bytesPerHour) * unit.hours)}/${unit.name}`;
  const [holds, takes] = isSeveral(finding.holder) ? ['hold', 'take'] : ['holds', 'takes'];
  const pace = growth === null ? '' : ` and ${takes} ${rate(growth.bytesPerHour)} more`;
  const path = pathText(finding);
  const details = [
    path === '' ? '' : `By ${path}.`,
    residentText(finding),
    freedText(finding),
    growth === null
      ? ''
      : rangeText(growth.lowBytesPerHour * unit.hours, growth.highBytesPerHour * unit.hours, unit.name),
  ].filter((text) => text !== '');
  return {
    kind: 'growing',
    text: `${whoSubject(finding.holder)} ${holds} ${formatBytes(finding.estimate?.bytes ?? finding.bytes)} of ${finding.noun}${pace}.`,
    detail: details.join(' '),
    stackId: finding.stackId,
    next: ownNext(finding),
  };
}

/** 'RSS 4.00 KiB of 40.0 KiB.'; '' where it was not read. */
export function residentText({ resident }: Pick<ReportStack, 'resident'>): string {
  return resident === undefined ? '' : `RSS ${formatBytes(resident.bytes)} of ${formatBytes(resident.ofBytes)}.`;
}

/** Whether such memory comes back, and what that means for a thread's stack. */
export function freedText({ category, allocator, allocCount, freeCount, missedFrees }: Freed): string {
  if (allocCount === 0) return '';
  const [back, none] = allocator === 'heap' ? ['freed', 'freed'] : ['unmapped', 'unmapped'];
  const gone = freeCount + missedFrees;
  if (gone === 0) {
    return category === 'thread stack'
      ? 'None of these stacks was unmapped: those of threads that have ended stay until they are joined or detached.'
      : `Nothing of it was ${none}.`;
  }
  return `${formatShare(gone, allocCount)} of all that was taken so was ${back}.`;
}

type Freed = Pick<ReportStack, 'category' | 'allocator' | 'allocCount' | 'freeCount' | 'missedFrees'>;

function rangeText(low: number, high: number, per: string): string {
  const [from, to] = [formatBytes(Math.max(0, low)), formatBytes(Math.max(0, high))];
  return from === to ? '' : `95 % sure: ${from} to ${to}/${per}.`;
}

/** Functions are plain words in a command; any other name is not put into one. */
const PLAIN = /^[\w.:]+$/;

function ownNext({ allocator, category, holder, frames, firstFrame }: ReportStack): string | null {
  // What malloc() took from the kernel does not say whose blocks are in it.
  if (allocator === 'map' && category === 'heap' && holder.pid !== null) return `unfreed live -p ${holder.pid} --heap`;
  const name = functionText(frames[firstFrame]?.symbol ?? '');
  return PLAIN.test(name) ? `unfreed top --grep ${name} --frames` : null;
}

/** What every program maps as it starts, and what takes no memory, is not worth a word. */
const NOT_ONCE: readonly (string | null)[] = ['backing', 'reserved', 'file mapping'];

function isOnce({ verdict, bytes, category, meaning, resident }: ReportStack): boolean {
  if (meaning !== 'outstanding' || bytes < ONCE_BYTES || NOT_ONCE.includes(category)) return false;
  // A stack of 8 MiB of which three pages are in memory is none.
  if (resident !== undefined && resident.bytes < ONCE_BYTES) return false;
  return verdict === 'one-time' || verdict === 'rested';
}

function onceConclusion(finding: ReportStack): Conclusion {
  const hold = isSeveral(finding.holder) ? 'hold' : 'holds';
  const path = pathText(finding);
  const details = [path === '' ? '' : `By ${path}.`, residentText(finding)].filter((text) => text !== '');
  return {
    kind: 'once',
    text:
      `${whoSubject(finding.holder)} took ${formatBytes(finding.bytes)} of ${finding.noun} once, ` +
      `${formatDuration(finding.medianAgeNs)} ago, and still ${hold} it.`,
    detail: details.length === 0 ? null : details.join(' '),
    stackId: finding.stackId,
    next: ownNext(finding),
  };
}

function quietConclusion({ durationNs, processes }: Asked, floorBytesPerHour: number): Conclusion {
  const unit = rateUnitOf(durationNs);
  // Those that have ended have given all back.
  const here = (processes ?? []).filter(({ endedNs, stays }) => endedNs === null || stays);
  const change = here.reduce((sum, process) => sum + changeOf(process, 'vsz'), 0);
  const traced = formatDuration(durationNs);
  const sizes = (processes ?? []).some(({ last }) => last !== null)
    ? `Address space changed by ${formatSignedBytes(change)} in ${traced}.`
    : `The trace lasted ${traced}.`;
  return {
    kind: 'quiet',
    text: `Nothing grows. ${sizes}`,
    detail: `A leak of ${formatBytes(floorBytesPerHour * unit.hours)}/${unit.name} or more would show by now; a slower one needs more time.`,
    stackId: null,
    next: null,
  };
}

function earlyConclusion({ durationNs }: Asked): Conclusion {
  return {
    kind: 'early',
    text: `Too early to say after ${formatDuration(durationNs)}: growth shows from about 12.0s on.`,
    detail: null,
    stackId: null,
    next: null,
  };
}

function processCount(count: number): Conclusion {
  const text = `${formatCount(count)} more ${count === 1 ? 'process is' : 'processes are'} traced.`;
  return { kind: 'process', text, detail: null, stackId: null, next: null };
}

function countConclusion(kind: Conclusion['kind'], count: number, one: string, several: string): Conclusion {
  const text = `${formatCount(count)} more ${count === 1 ? one : several}.`;
  return { kind, text, detail: null, stackId: null, next: null };
}
