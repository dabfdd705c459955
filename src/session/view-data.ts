/**
 * The data that a view of the screen needs besides the Report: its requests and the session's answers. The session only
 * computes the answer to the last request. To add a view: a member in each union, and a case in answerView().
 */
import type { ProcessNameRow } from '../rank/breakdown/process-names.js';
import type { SinceMark } from '../rank/breakdown/since-mark.js';
import type { CacheRow } from '../rank/breakdown/slab-caches.js';
import type { CallTree, TreeRequest } from '../rank/breakdown/tree.js';
import type { MemoryView } from './pipeline/memory-history.js';

export type { MemoryView } from './pipeline/memory-history.js';

/** 'stacks' needs the Report alone. */
export type ViewRequest =
  | { kind: 'stacks' }
  | ({ kind: 'tree' } & TreeRequest)
  | { kind: 'processes'; by: ProcessKey; sort: ProcessSort }
  | { kind: 'caches'; sort: CacheSort }
  | { kind: 'memory' }
  | { kind: 'diff' };

/** One row for each process, or one for all processes of a name. */
export type ProcessKey = 'pid' | 'name';

/** Sort keys of the processes and of the caches, each with the greatest value first. */
export const PROCESS_SORTS = ['bytes', 'growth', 'pages', 'slab', 'vmalloc', 'allocs', 'paths', 'oldest'] as const;
export type ProcessSort = (typeof PROCESS_SORTS)[number];
export const CACHE_SORTS = ['bytes', 'objects', 'paths', 'oldest', 'in use', 'grew'] as const;
export type CacheSort = (typeof CACHE_SORTS)[number];

/** The values by which the lists are ranked, the greatest first. */
export const PROCESS_VALUES: Readonly<Record<ProcessSort, (row: ProcessNameRow) => number>> = {
  bytes: (row) => row.bytes,
  growth: (row) => row.state?.growth ?? 0,
  pages: (row) => row.pageBytes,
  slab: (row) => row.slabBytes,
  vmalloc: (row) => row.vmallocBytes,
  allocs: (row) => row.allocations,
  paths: (row) => row.stacks,
  oldest: (row) => row.oldestAgeNs,
};

/** Caches that slabinfo does not list come last. */
export const CACHE_VALUES: Readonly<Record<CacheSort, (row: CacheRow) => number>> = {
  bytes: (row) => row.bytes,
  objects: (row) => row.objects,
  paths: (row) => row.stacks,
  oldest: (row) => row.oldestAgeNs,
  'in use': ({ balance }) => balance?.active ?? -1,
  grew: ({ balance }) => (balance === null ? Number.NEGATIVE_INFINITY : balance.active - balance.activeAtStart),
};

export type ViewData =
  | { kind: 'tree'; tree: CallTree }
  | ({ kind: 'processes'; by: ProcessKey; sort: ProcessSort } & Rows<ProcessNameRow>)
  | ({ kind: 'caches'; sort: CacheSort } & Rows<CacheRow>)
  /** `memory` is null before the first sample of /proc/meminfo. */
  | { kind: 'memory'; memory: MemoryView | null }
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
