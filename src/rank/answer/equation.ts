/** Where all memory is, in a few words: the equation of the gap, and what of it is older than the trace. */
import { formatBytes } from '../../base/format.js';
import type { Report } from '../report/report.js';

type Meminfo = NonNullable<Report['meminfo']>;

/** Parts of the equation in a sentence. */
const MOST_PARTS = 5;
/** Lines of the equation, by the words of a sentence. */
const PARTS: readonly (readonly [name: string, terms: readonly string[]])[] = [
  ['free', ['MemFree', 'per-CPU free lists']],
  ['files', ['Buffers', 'Cached without Shmem']],
  ['anon', ['AnonPages', 'swap cache not mapped']],
  ['shmem', ['Shmem']],
  ['slab', ['Slab', 'KReclaimable beyond slab']],
  ['vmalloc', ['vmalloc without stacks']],
  ['stacks', ['KernelStack']],
  ['page tables', ['PageTables', 'SecPageTables']],
  ['percpu', ['Percpu without first chunk']],
  ['hugetlb', ['Hugetlb']],
];

/** Free memory, that on the lists of the CPUs included. */
export function freeBytes({ terms }: Meminfo): number {
  return terms.reduce((sum, { name, bytes }) => sum + (PARTS[0][1].includes(name) ? bytes : 0), 0);
}

/** 'free 18.7 GiB, files 2.61 GiB, ..., other 36 MiB, not in meminfo 1.00 GiB': they add up to MemTotal, at the start or end. */
export function equationText(meminfo: Meminfo, at: 'start' | 'end'): string {
  const isEnd = at === 'end';
  const values = new Map(meminfo.terms.map(({ name, bytes, atStartBytes }) => [name, isEnd ? bytes : atStartBytes]));
  const parts = PARTS.map(([name, terms]) => ({
    name,
    bytes: terms.reduce((sum, term) => sum + (values.get(term) ?? 0), 0),
  }));
  const largest = parts.toSorted((one, other) => other.bytes - one.bytes).slice(0, MOST_PARTS);
  const total = isEnd ? meminfo.totalBytes : meminfo.totalAtStartBytes;
  const gap = isEnd ? meminfo.unaccountedBytes : meminfo.unaccountedAtStartBytes;
  const other = total - gap - largest.reduce((sum, { bytes }) => sum + bytes, 0);
  const shown = parts.filter((part) => largest.includes(part) && part.bytes > 0);
  const named = [...shown, ...(other > 0 ? [{ name: 'other', bytes: other }] : [])];
  return `${named.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}, not in meminfo ${formatBytes(gap)}`;
}

/**
 * What of the gap is older than the trace, whatever a conclusion says: 'Of what is not in meminfo, at most
 * 27.5 MiB are older than the trace; nothing abnormal was there as it began'. Null where /proc/meminfo was not sampled.
 */
export function olderText({
  meminfo,
  triage,
  conclusions,
}: Pick<Report, 'meminfo' | 'triage' | 'conclusions'>): string | null {
  if (meminfo === null) return null;
  // A part of what was there at the start may have been freed since: no more than what is there now is that old.
  const older = Math.min(meminfo.unaccountedAtStartBytes, meminfo.unaccountedBytes);
  const text = `Of what is not in meminfo, at most ${formatBytes(older)} are older than the trace`;
  const isSaid = conclusions.some(({ kind }) => kind === 'before');
  return triage === null || isSaid ? text : `${text}; nothing abnormal was there as it began`;
}
