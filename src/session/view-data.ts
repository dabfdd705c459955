/**
 * The data that a view of the screen needs besides the Report: its requests and the session's answers. The session only
 * computes the answer to the last request. To add a view: a member in each union, and a case in answerView().
 */
import type { CensusReport, CensusType } from '../census/report.js';
import type { CacheSort } from '../rank/breakdown/cache-order.js';
import type { CacheTableRow } from '../rank/breakdown/cache-table.js';
import type { ProcessNameRow } from '../rank/breakdown/process-names.js';
import type { SinceMark } from '../rank/breakdown/since-mark.js';
import type { CallTree, TreeRequest } from '../rank/breakdown/tree.js';
import type { LimitsNow, MappingsNow, ProcessesNow, ReadAt } from './look/machine-now.js';
import type { MemoryView } from './pipeline/memory-history.js';
import type { PagingView } from './pipeline/paging-history.js';

export {
  CACHE_LETTERS,
  CACHE_SORT_HELP,
  CACHE_SORTS,
  type CacheSort,
  cacheSortOf,
} from '../rank/breakdown/cache-order.js';
export type { LimitsNow, MappingsNow, ReadAt } from './look/machine-now.js';
export type { MemoryView } from './pipeline/memory-history.js';
export type { PagingRate, PagingView } from './pipeline/paging-history.js';

/** 'stacks' needs the Report alone. */
export type ViewRequest =
  | { kind: 'stacks' }
  | ({ kind: 'tree' } & TreeRequest)
  /** `pid`: a process whose mappings are asked for too. */
  | { kind: 'processes'; by: ProcessKey; sort: ProcessSort; pid?: number }
  | { kind: 'caches'; sort: CacheSort }
  | { kind: 'memory' }
  | { kind: 'limits' }
  | { kind: 'paging' }
  | { kind: 'census' }
  | { kind: 'diff' };

/**
 * One row for each process that holds something, for all of a name, or for each cgroup; or for every process of the
 * machine. In this order the screen turns from one to the next.
 */
export const PROCESS_KEYS = ['pid', 'name', 'cgroup', 'all'] as const;
export type ProcessKey = (typeof PROCESS_KEYS)[number];

/** Sort keys of the processes, each with the greatest value first. */
export const PROCESS_SORTS = [
  'bytes',
  'growth',
  'pages',
  'slab',
  'vmalloc',
  'allocs',
  'paths',
  'oldest',
  'rss',
  'vsz',
  'swap',
] as const;
export type ProcessSort = (typeof PROCESS_SORTS)[number];

/** What the kernel counts for a process alone sorts no cgroups. */
export function processSortsOf(by: ProcessKey): readonly ProcessSort[] {
  return by === 'cgroup' ? PROCESS_SORTS.filter((sort) => !OF_PROCESSES.includes(sort)) : PROCESS_SORTS;
}

const OF_PROCESSES: readonly ProcessSort[] = ['rss', 'vsz', 'swap'];

/** The values by which the list of processes is ranked, the greatest first. */
export const PROCESS_VALUES: Readonly<Record<ProcessSort, (row: ProcessNameRow) => number>> = {
  bytes: (row) => row.bytes,
  growth: (row) => row.state?.growth ?? 0,
  pages: (row) => row.pageBytes,
  slab: (row) => row.slabBytes,
  vmalloc: (row) => row.vmallocBytes,
  allocs: (row) => row.allocations,
  paths: (row) => row.stacks,
  oldest: (row) => row.oldestAgeNs,
  rss: (row) => row.resident?.rss ?? 0,
  vsz: (row) => row.resident?.virtual ?? 0,
  swap: (row) => row.resident?.swap ?? 0,
};

export type ViewData =
  | { kind: 'tree'; tree: CallTree }
  /**
   * `read`: when the figures of the processes themselves are from; null if they were not read. `mappings`: of the process
   * that was asked for; null until they were read.
   */
  | ({
      kind: 'processes';
      by: ProcessKey;
      sort: ProcessSort;
      read?: ReadAt | null;
      mappings?: MappingsNow | null;
    } & Rows<ProcessNameRow>)
  /** `types`: what the objects of some caches are, of those that a census looked at. */
  | ({ kind: 'caches'; sort: CacheSort; types?: CensusType[] } & Rows<CacheTableRow>)
  /** `memory` is null before the first sample of /proc/meminfo. */
  | { kind: 'memory'; memory: MemoryView | null }
  /** `limits` is null until they were read, or where no look has any. */
  | { kind: 'limits'; limits: LimitsNow | null }
  /** `swaps`: devices of swap, as far as they were read. */
  | { kind: 'paging'; paging: PagingView; swaps: ProcessesNow['swaps'] }
  /** `census` is null while there is none. */
  | { kind: 'census'; census: CensusReport | null }
  /** `since` is null without a mark. */
  | { kind: 'diff'; since: SinceMark | null };

/** The first rows of a list, and the total of all its rows. */
export interface Rows<Row> {
  rows: Row[];
  /** Includes the rows that are not in `rows`. */
  total: { rows: number; bytes: number };
}

/** The request in force until the screen sends one. */
export const NO_VIEW: ViewRequest = { kind: 'stacks' };
