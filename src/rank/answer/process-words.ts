/** Words for traced processes and their memory. All of it is untrusted text. */
import { formatBytes, formatChange } from '../../base/format.js';
import type { ProcessFigures, TracedProcess } from '../report/report-memory.js';
import type { ReportStack } from '../report/report-rows.js';

/** Longest name and cgroup in a sentence. */
const MOST_NAME = 24;
const MOST_CGROUP = 48;
/** Functions of a call path in a sentence. */
const MOST_FUNCTIONS = 4;

/** 'server 4711 (docker 3f2a9c0b1d2e)'. */
export function processSubject({ name, pid, cgroup }: Pick<TracedProcess, 'name' | 'pid' | 'cgroup'>): string {
  const who = `${name === '' ? 'process' : cut(name, MOST_NAME)} ${pid}`;
  return cgroup === null ? who : `${who} (${cut(cgroup, MOST_CGROUP)})`;
}

/** 'VmSize 2.60 MiB (+160 KiB)', without the change where there is one sample. */
export function sizeText(name: string, process: Pick<TracedProcess, 'first' | 'last'>, key: 'vsz' | 'rss'): string {
  const { first, last } = process;
  if (last === null) return '';
  const change = first === null || first.timeNs === last.timeNs ? '' : ` (${formatChange(last[key] - first[key])})`;
  return `${name} ${formatBytes(last[key])}${change}`;
}

/** What a process's size has changed by between its samples. */
export function changeOf({ first, last }: Pick<TracedProcess, 'first' | 'last'>, key: 'vsz' | 'rss' | 'anon'): number {
  return first === null || last === null ? 0 : last[key] - first[key];
}

/** Those that run first, or left something; by how much their size changed, then by their size. */
export function mostChanged(processes: readonly TracedProcess[]): TracedProcess[] {
  return processes.toSorted(
    (a, b) =>
      Number(isShown(b)) - Number(isShown(a)) ||
      Math.abs(changeOf(b, 'vsz')) - Math.abs(changeOf(a, 'vsz')) ||
      (b.last?.vsz ?? 0) - (a.last?.vsz ?? 0) ||
      a.number - b.number,
  );
}

function isShown({ endedNs, stays }: TracedProcess): boolean {
  return endedNs === null || stays;
}

/** VmSize less the objects that the trace has at the same moment; null where either is not known. */
export function unexplainedBytes({ last, objects }: Pick<TracedProcess, 'last' | 'objects'>): number | null {
  return last === null || objects === null ? null : last.vsz - objects.mapped - objects.reserved;
}

/** 'to the page' or what is left, as a sentence; '' where it is not known. */
export function explainedText(process: Pick<TracedProcess, 'last' | 'objects'>): string {
  const rest = unexplainedBytes(process);
  if (rest === null) return '';
  if (rest === 0) return 'The mappings seen explain VmSize to the page.';
  return rest > 0
    ? `Unexplained: ${formatBytes(rest)} of VmSize, in no mapping that was seen.`
    : `Unexplained: the mappings seen exceed VmSize by ${formatBytes(-rest)}.`;
}

/** Less is the allocator's own book-keeping. */
const FRAGMENTS_BYTES = 2 ** 20;
const FRAGMENTS_SHARE = 1 / 8;

/** Anonymous memory, in RAM or swap, beyond what is known to be in it; 0 where that is little. */
export function beyondHeap(last: Pick<ProcessFigures, 'anon' | 'swap'>, knownBytes: number): number {
  const anon = last.anon + last.swap;
  const beyond = anon - knownBytes;
  return beyond >= Math.max(FRAGMENTS_BYTES, anon * FRAGMENTS_SHARE) ? beyond : 0;
}

/** How RssAnon and the heap compare at the same moment, as a sentence; '' where the heap is not traced. */
export function heapText({
  last,
  objects,
  otherResidentBytes,
}: Pick<TracedProcess, 'last' | 'objects' | 'otherResidentBytes'>): string {
  const heapBytes = objects?.heap ?? null;
  if (last === null || heapBytes === null) return '';
  const swapped = last.swap > 0 ? ` and ${formatBytes(last.swap)} in swap` : '';
  const other = otherResidentBytes ?? 0;
  const beyond = beyondHeap(last, heapBytes + other);
  const others = other >= FRAGMENTS_BYTES ? `, other mappings ${formatBytes(other)}` : '';
  const rest = beyond === 0 ? '' : `: fragmentation or from before the trace: ${formatBytes(beyond)}`;
  return `RssAnon ${formatBytes(last.anon)}${swapped}, heap blocks held ${formatBytes(heapBytes)}${others}${rest}.`;
}

/** By these every program and every thread begins: they say nothing. main() does. */
const ENTRY = /^(?:__libc_start_\w+|_start|start_thread|__?clone3?|clone3?|execute_native_thread_routine)$/;

/** 'mmap < spawn_worker < main': the functions of a row from the first that is not plumbing; '' without a call path. */
export function pathText({
  frames,
  firstFrame,
  baseline,
}: Pick<ReportStack, 'frames' | 'firstFrame' | 'baseline'>): string {
  if (baseline) return '';
  const all = frames.slice(firstFrame).map(({ symbol }) => functionText(symbol));
  const start = all.findIndex((name, i) => i > 0 && ENTRY.test(name));
  const names = start < 0 ? all : all.slice(0, start);
  const shown = names.slice(0, MOST_FUNCTIONS).join(' < ');
  return names.length > MOST_FUNCTIONS ? `${shown} …` : shown;
}

/** A function without its arguments. */
export function functionText(symbol: string): string {
  return cut(symbol.replaceAll('(anonymous namespace)::', '').replace(/(?<!operator|^)\(.*$/s, ''), 60);
}

function cut(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, width - 1)}…`;
}
