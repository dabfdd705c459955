/**
 * What the present view of the screen needs besides the Report, and what the session answers. The session works out
 * nothing but what was asked for last. To add a view: a member in each union, and a case in answerView().
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

/** What makes one row of the processes: each process, or all of one name. */
export type ProcessKey = 'pid' | 'name';

/** What their rows can be sorted by, the greatest first. */
export const PROCESS_SORTS = ['bytes', 'pages', 'slab', 'vmalloc', 'allocs', 'paths', 'oldest'] as const;
export type ProcessSort = (typeof PROCESS_SORTS)[number];
export const CACHE_SORTS = ['bytes', 'objects', 'paths', 'oldest', 'in use', 'grew'] as const;
export type CacheSort = (typeof CACHE_SORTS)[number];

export type ViewData =
  | { kind: 'tree'; tree: CallTree }
  | ({ kind: 'processes'; by: ProcessKey; sort: ProcessSort } & Rows<ProcessNameRow>)
  | ({ kind: 'caches'; sort: CacheSort } & Rows<CacheRow>)
  /** Null before the first sample of /proc/meminfo. */
  | { kind: 'memory'; memory: MemoryView | null }
  /** Null without a mark. */
  | { kind: 'diff'; since: SinceMark | null };

/** The first rows of a list, and what all of it holds. */
export interface Rows<Row> {
  rows: Row[];
  /** Of all, those that are not in `rows` too. */
  total: { rows: number; bytes: number };
}

/** Asked for until the screen says otherwise. */
export const NO_VIEW: ViewRequest = { kind: 'stacks' };
