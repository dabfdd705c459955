/**
 * What the present view of the screen needs besides the Report, and what the session answers. The session works out
 * nothing but what was asked for last. To add a view: a member in each union, and a case in answerView().
 */
import type { ProcessNameRow } from '../rank/process-names.js';
import type { SinceMark } from '../rank/since-mark.js';
import type { CacheRow } from '../rank/slab-caches.js';
import type { CallTree, TreeRequest } from '../rank/tree.js';
import type { MemoryView } from './memory-history.js';

export type { MemoryView } from './memory-history.js';

/** 'stacks' needs the Report alone. */
export type ViewRequest =
  | { kind: 'stacks' }
  | ({ kind: 'tree' } & TreeRequest)
  | { kind: 'processes'; by: ProcessKey }
  | { kind: 'caches' }
  | { kind: 'memory' }
  | { kind: 'diff' };

/** What makes one row of the processes: each process, or all of one name. */
export type ProcessKey = 'pid' | 'name';

export type ViewData =
  | { kind: 'tree'; tree: CallTree }
  | ({ kind: 'processes'; by: ProcessKey } & Rows<ProcessNameRow>)
  | ({ kind: 'caches' } & Rows<CacheRow>)
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
