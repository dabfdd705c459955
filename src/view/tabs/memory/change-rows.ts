/**
 * The change of the machine's memory since the start, line by line of /proc/meminfo: each page is in one line, so the
 * changes of all lines and that of free memory cancel out. Exceptions have rows of their own: memory that was plugged in
 * or out (MemTotal), and what the counters, which are read one after the other, show twice.
 */
import type { Category } from '../../../rank/report/category.js';
import { totalMeaning } from '../../../rank/report/meaning.js';
import type { Report } from '../../../rank/report/report.js';
import type { ReportStack } from '../../../rank/report/report-rows.js';

export interface ChangeRow {
  /** As /proc/meminfo spells it. */
  name: string;
  startBytes: number;
  nowBytes: number;
  changeBytes: number;
  /** Terms of the account that it is the sum of. */
  terms: readonly string[];
  /** Categories of the call paths that this line counts. */
  categories: readonly Category[];
  /** Findings of the whole trace whose memory this line counts, where it is as much as matters for the change. */
  findings: readonly ReportStack[];
  /** How many lines it is the sum of. */
  lines: number;
}

export interface MemoryChanges {
  /** Lines that show anything, in an order that never changes; the first is what no line shows. */
  lines: ChangeRow[];
  /** What makes the difference between them and free memory: MemTotal, counted twice. Mostly empty. */
  rest: ChangeRow[];
  free: ChangeRow;
  /** Of what free memory lost, bytes that findings hold in lines that grew; null where that cannot be told. */
  explainedBytes: number | null;
}

/** Name of a line, the terms of the account in it (proc/memory-account.ts), and the categories it counts. */
type LineSpec = readonly [name: string, terms: readonly string[], categories: readonly Category[]];

/** Those that leaks are found in come first. */
const LINES: readonly LineSpec[] = [
  ['Shmem', ['Shmem'], ['shmem']],
  ['Cached less Shmem', ['Cached without Shmem'], ['page cache']],
  ['AnonPages', ['AnonPages'], ['anon']],
  ['PageTables', ['PageTables'], ['page tables']],
  ['Slab', ['Slab'], ['slab']],
  ['VmallocUsed', ['vmalloc without stacks'], ['vmalloc']],
  ['KernelStack', ['KernelStack'], ['kernel stack']],
  ['Percpu', ['Percpu without first chunk'], ['percpu']],
  ['Buffers', ['Buffers'], []],
  ['SwapCached', ['swap cache not mapped'], []],
  ['KReclaimable', ['KReclaimable beyond slab'], []],
  ['SecPageTables', ['SecPageTables'], []],
  ['Hugetlb', ['Hugetlb'], ['hugetlb']],
  ['Zswap', ['Zswap'], ['zswap']],
  ['zram', ['zram'], ['zram']],
  ['GPUActive', ['GPUActive'], ['gpu']],
  ['GPUReclaim', ['GPUReclaim'], []],
  ['Balloon', ['balloon'], ['balloon']],
  ['Bounce', ['Bounce'], []],
  ['WritebackTmp', ['WritebackTmp'], []],
  ['HardwareCorrupted', ['HardwareCorrupted'], []],
];
const FREE: LineSpec = ['free', ['MemFree', 'per-CPU free lists'], []];
const NONE: readonly Category[] = ['unaccounted', 'held by a reference'];

/** Every term of the account is in one line, or in free memory. */
export const SHOWN_TERMS: readonly string[] = [...LINES, FREE].flatMap(([, terms]) => terms);

/** Terms of triage's equation that make the first row. */
const GAP: readonly string[] = ['not in meminfo', 'held by a reference'];

/** A finding that holds less of a line's change than this says nothing of it. */
const NAMED_SHARE = 1 / 8;
/** A change below this share of the greatest one, or of 1 MiB, cannot be seen in a bar. */
const SEEN_SHARE = 1 / 128;
const LEAST_SCALE = 2 ** 20;

/** The reports are immutable, and a screen asks for the same rows several times. */
const memo = new WeakMap<Report, MemoryChanges | null>();

/** Returns the changes since the first sample of the counters; null without a sample. */
export function memoryChanges(report: Report): MemoryChanges | null {
  let changes = memo.get(report);
  if (changes === undefined) {
    changes = changesOf(report);
    memo.set(report, changes);
  }
  return changes;
}

/** Returns the row of this name, or else the one that this term of the account is in; null if there is none. */
export function lineRow(report: Report, name: string): ChangeRow | null {
  const lines = memoryChanges(report)?.lines ?? [];
  return lines.find((row) => row.name === name) ?? lines.find(({ terms }) => terms.includes(name)) ?? null;
}

function changesOf({ meminfo, findings, outstanding, estimate }: Report): MemoryChanges | null {
  if (meminfo === null) return null;
  const { unaccountedBytes, unaccountedAtStartBytes, totalBytes, totalAtStartBytes, terms } = meminfo;
  const sum = (names: readonly string[] | null, key: 'bytes' | 'atStartBytes'): number =>
    terms.reduce((bytes, term) => bytes + (names === null || names.includes(term.name) ? term[key] : 0), 0);
  const rowOf = ([name, of, categories]: LineSpec): ChangeRow =>
    changeRow(name, sum(of, 'atStartBytes'), sum(of, 'bytes'), { terms: of, categories });
  const all = [
    changeRow('not in meminfo', unaccountedAtStartBytes, unaccountedBytes, { terms: GAP, categories: NONE }),
    ...LINES.map(rowOf).filter(({ startBytes, nowBytes }) => startBytes !== 0 || nowBytes !== 0),
  ];
  const least = leastSeen(all);
  const lines = all.map((row) => ({ ...row, findings: findingsOf(row, findings, least) }));
  const rest = [
    changeRow('MemTotal', totalAtStartBytes, totalBytes),
    changeRow(
      'counted twice',
      sum(null, 'atStartBytes') + unaccountedAtStartBytes - totalAtStartBytes,
      sum(null, 'bytes') + unaccountedBytes - totalBytes,
    ),
  ].filter(({ changeBytes }) => changeBytes !== 0);
  const free = rowOf(FREE);
  // What was allocated, freed or not, and a sample of the addresses explain nothing.
  const canTell = estimate === null && totalMeaning({ outstanding }) === 'outstanding' && free.changeBytes < 0;
  const explained = lines.reduce((bytes, row) => bytes + explainedOf(row, findings), 0);
  return { lines, rest, free, explainedBytes: canTell ? Math.min(explained, -free.changeBytes) : null };
}

function changeRow(
  name: string,
  startBytes: number,
  nowBytes: number,
  { terms, categories }: Pick<ChangeRow, 'terms' | 'categories'> = { terms: [], categories: [] },
): ChangeRow {
  return { name, startBytes, nowBytes, changeBytes: nowBytes - startBytes, terms, categories, findings: [], lines: 1 };
}

/** Returns the least change that is worth a row. */
function leastSeen(rows: readonly ChangeRow[]): number {
  return Math.max(LEAST_SCALE, ...rows.map(({ changeBytes }) => Math.abs(changeBytes))) * SEEN_SHARE;
}

/** Findings that hold most of their memory in this line, and as much as matters for its change, in their order. */
function findingsOf(row: ChangeRow, findings: readonly ReportStack[], least: number): ReportStack[] {
  const change = Math.abs(row.changeBytes);
  if (change < least) return [];
  const here = (category: string | null): boolean => row.categories.some((each) => each === category);
  return findings.filter(
    (finding) => here(finding.category) && heldIn(finding, row.categories) >= change * NAMED_SHARE,
  );
}

/** What findings hold of a line that grew, at most what it grew by. */
function explainedOf({ changeBytes, categories }: ChangeRow, findings: readonly ReportStack[]): number {
  const held = findings.reduce((bytes, finding) => bytes + heldIn(finding, categories), 0);
  return Math.max(0, Math.min(changeBytes, held));
}

/** Bytes of a finding in these categories. */
function heldIn({ merged, category, bytes }: ReportStack, categories: readonly Category[]): number {
  const paths = merged?.paths ?? [{ category, bytes }];
  return paths.reduce((sum, path) => sum + (categories.some((each) => each === path.category) ? path.bytes : 0), 0);
}

/**
 * Returns at most `most` rows: lines whose change cannot be seen, and where there is no room the least changes, become one
 * row, the last of the lines. The first line always stays.
 */
export function foldedRows({ lines, rest }: MemoryChanges, most: number): ChangeRow[] {
  const least = leastSeen(lines);
  const room = Math.max(2, most - rest.length);
  const byChange = lines.slice(1).toSorted((a, b) => Math.abs(b.changeBytes) - Math.abs(a.changeBytes));
  let kept = byChange.filter(({ changeBytes }) => Math.abs(changeBytes) >= least);
  // A sum of one line is that line.
  if (byChange.length - kept.length === 1) kept = byChange;
  const sums = kept.length < byChange.length ? 1 : 0;
  if (1 + kept.length + sums > room) kept = byChange.slice(0, room - 2);
  const folded = byChange.filter((row) => !kept.includes(row));
  const shown = lines.filter((row, index) => index === 0 || kept.includes(row));
  return [...shown, ...(folded.length === 0 ? [] : [sumOf(folded)]), ...rest];
}

function sumOf(rows: readonly ChangeRow[]): ChangeRow {
  const start = rows.reduce((bytes, { startBytes }) => bytes + startBytes, 0);
  const now = rows.reduce((bytes, { nowBytes }) => bytes + nowBytes, 0);
  const name = `${rows.length} more ${rows.length === 1 ? 'line' : 'lines'}`;
  return { ...changeRow(name, start, now), lines: rows.length };
}
