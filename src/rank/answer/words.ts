/** The words of screens and texts for states, holders and lines of meminfo. JSON has the names of the report. */
import type { AllocatorName } from '../../event/kinds.js';
import { isOfProcesses } from '../report/category.js';
import type { CgroupShare, Holder, ReportStack, VerdictName } from '../report/report-rows.js';
import type { GroupKey } from '../report/selection.js';

const STATES: Readonly<Record<VerdictName, string>> = {
  growing: 'growing',
  'in-steps': 'in steps',
  rested: 'rested',
  'one-time': 'once',
  steady: 'level',
  churning: 'renewed',
  unreliable: 'doubtful',
};

/** 'growing', 'once', 'level', ...; 'before' = held before the trace; 'too early' without a verdict, '' where none can be told. */
export function stateWord({ verdict, meaning }: Pick<ReportStack, 'verdict' | 'meaning'>): string {
  if (meaning === 'before') return 'before';
  if (verdict === null) return meaning === 'outstanding' ? 'too early' : '';
  return Object.hasOwn(STATES, verdict) ? STATES[verdict] : verdict;
}

/** The word with its sign: ' ✓' = checked by the kernel's counters, '?' = they contradict it. */
export function stateText(stack: Pick<ReportStack, 'verdict' | 'meaning' | 'reliability'>): string {
  const word = stateWord(stack);
  if (stack.reliability === 'unreliable') return `${word}?`;
  if (stack.reliability !== 'confirmed' || word === '' || word === 'too early') return word;
  // Nine columns: 'in steps✓'.
  return word.length > 7 ? `${word}✓` : `${word} ✓`;
}

const MEMINFO_LINES: Readonly<Record<string, string>> = {
  slab: 'Slab',
  vmalloc: 'VmallocUsed',
  'page tables': 'PageTables',
  anon: 'AnonPages',
  'page cache': 'Cached',
  'kernel stack': 'KernelStack',
  percpu: 'Percpu',
  shmem: 'Shmem',
  hugetlb: 'Hugetlb',
  zswap: 'Zswap',
  zram: 'zram',
  gpu: 'GPUActive',
  balloon: 'balloon',
  'held by a reference': 'none',
  backing: 'counted',
  'thread stack': 'stack',
  'file mapping': 'file',
  unaccounted: 'none',
};

/** The head of the column of meminfoLine(): a process's memory has no line of its own. */
export function memoryColumn(allocators: readonly AllocatorName[]): 'MEMINFO' | 'MEMORY' {
  return isOfProcesses(allocators) ? 'MEMORY' : 'MEMINFO';
}

/** What a category is in a few letters: the line of /proc/meminfo that counts it, 'none', or '' where it is not known. */
export function meminfoLine(category: string | null): string {
  return category !== null && Object.hasOwn(MEMINFO_LINES, category) ? MEMINFO_LINES[category] : (category ?? '');
}

/**
 * 'python3 18875', 'node +4', '[uvcvideo]', 'interrupts', '?': untrusted text for a column of `width`
 * characters. A long name is cut before its pid.
 */
export function whoText({ kind, name, pid, more }: Holder, width = 1000): string {
  if (kind === 'module') return `[${cut(name, width - 2)}]`;
  if (kind === 'interrupts') return 'interrupts';
  if (kind === 'unknown') return '?';
  const end = pid !== null ? ` ${pid}` : more > 0 ? ` +${more}` : '';
  return `${cut(name, width - end.length)}${end}`;
}

function cut(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, Math.max(1, width - 1))}…`;
}

/** The same as the subject of a sentence; names of at most 24 characters. */
export function whoSubject({ kind, name, pid, more }: Holder): string {
  const short = cut(name, 24);
  if (kind === 'module') return `Module ${short}`;
  if (kind === 'interrupts') return 'The kernel, in interrupts,';
  if (kind === 'unknown') return 'A process without a name';
  if (pid !== null) return `${short} ${pid}`;
  if (more === 0) return short;
  return `${short} and ${more} ${more === 1 ? 'other' : 'others'}`;
}

/** True if whoSubject() is several: 'node and 2 others'. Its verb is then 'hold', not 'holds'. */
export function isSeveral({ kind, pid, more }: Holder): boolean {
  return kind === 'process' && pid === null && more > 0;
}

/** The label of a merged row, with the short name of a cgroup; '' for a single call path. Untrusted text. */
export function groupLabel({ merged, cgroups }: Pick<ReportStack, 'merged' | 'cgroups'>, group: GroupKey): string {
  if (merged === null) return '';
  return group === 'cgroup' && cgroups.length > 0 ? cgroupText(cgroups[0]) : merged.label;
}

/** 'docker 3f2a9c0b1d2e', '/ci/job-17 (removed)'. Untrusted text. */
export function cgroupText({ name, removed }: Pick<CgroupShare, 'name' | 'removed'>): string {
  return removed ? `${name} (removed)` : name;
}

/** Of the bytes of a row, so much in one cgroup is nearly all. */
const NEARLY_ALL = 3 / 4;

/**
 * The cgroup that holds nearly all of a row; null where none does, where it is the root, in which everything
 * is, and for memory that an interrupt took, whose task has nothing to do with it.
 */
export function cgroupOf({
  cgroups,
  bytes,
  holder,
}: Pick<ReportStack, 'cgroups' | 'bytes' | 'holder'>): CgroupShare | null {
  const [first] = cgroups;
  if (first === undefined || first.cgroup === '/' || holder.kind === 'interrupts') return null;
  return first.bytes >= bytes * NEARLY_ALL && bytes > 0 ? first : null;
}

/** The subject of a sentence on a row: who, and in which cgroup if nearly all of it is in one. */
export function rowSubject(row: Pick<ReportStack, 'cgroups' | 'bytes' | 'holder'>): string {
  const cgroup = cgroupOf(row);
  const who = whoSubject(row.holder);
  return cgroup === null ? who : `${who} (${cut(cgroupText(cgroup), 48)})`;
}

/** The noun of a row and the number of its call paths: 'pipe buffers (9)'. Untrusted text. */
export function whatText({ noun, merged }: Pick<ReportStack, 'noun' | 'merged'>): string {
  return merged !== null && merged.stacks > 1 ? `${noun} (${merged.stacks})` : noun;
}

/** The text with a capital as its first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
