import type { AllocatorName } from '../../event/kinds.js';
import type { Category } from './category.js';

/** Orders of a ranking: by suspicion (suspicion.ts), or by a column, greatest first. */
export const SORT_KEYS = [
  'suspect',
  'bytes',
  'count',
  'growth',
  'age',
  'median-age',
  'allocs',
  'freed',
  'peak',
  'missed',
  'verdict',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/**
 * The call paths that make one row: a single call path; those that differ only in allocator
 * plumbing, in offsets or in interrupted code ('path'); those of one allocation site (the first
 * frame that is not plumbing); or those of one module, process name, cgroup, slab cache or category. A
 * 'finding' has the call paths of one cause (groups/clusters.ts).
 */
export const GROUP_KEYS = [
  'finding',
  'stack',
  'path',
  'site',
  'module',
  'comm',
  'cgroup',
  'cache',
  'category',
] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

/** A line of a suppression file or watch list; for patterns see path-rules.ts. */
export interface PathRule {
  pattern: string;
  reason: string;
}

/**
 * The contents and the order of a ranking. With every field at its default it holds everything, the
 * most suspect first.
 */
export interface Selection {
  sort: SortKey;
  group: GroupKey;
  /** Call paths of these allocators only; empty = all. */
  allocators: AllocatorName[];
  /** Only outstanding allocations of at least this many bytes each; 0 = all. */
  minSizeBytes: number;
  /** Only outstanding allocations at least this old; 0 = all. */
  olderNs: number;
  /** Only allocations by a process of this name; null = all. */
  comm: string | null;
  /**
   * Only allocations by tasks in a cgroup that this names (select/cgroup-matcher.ts), or in one below it; null =
   * all. Memory whose cgroup is not known does not pass.
   */
  cgroup: string | null;
  /** Only allocations whose process is known to have ended. */
  gone: boolean;
  /** Only allocations by this tgid; null = all. */
  pid: number | null;
  /**
   * Only objects of this slab cache, by its own name or by its name in slab-caches.ts
   * ('kmalloc-64'); null = all.
   */
  cache: string | null;
  /** Only call paths with a frame in this module; null = all. */
  module: string | null;
  /**
   * Only call paths with a frame, comm or cache that matches; null = all. A JavaScript RegExp
   * source, case-insensitive.
   */
  grep: string | null;
  /** Leave out call paths with a frame that matches; null = none. */
  hide: string | null;
  /** Only call paths of these categories; empty = all. */
  categories: Category[];
  /**
   * Leave out memory that a line of /proc/meminfo or another row shows. Unaccounted and unnamed
   * pages remain.
   */
  hideAccounted: boolean;
  /** Rank the tracer's own memory too. The totals include it in either case. */
  includeSelf: boolean;
  /** Leave out call paths that one of these rules matches (path-rules.ts), and report how much that hides. */
  suppress: PathRule[];
  /** Only call paths that one of these rules matches; empty = all. */
  watch: PathRule[];
  /** At most this many call paths in the report. */
  limit: number;
}

export function defaultSelection(limit: number): Selection {
  return {
    sort: 'suspect',
    group: 'stack',
    allocators: [],
    minSizeBytes: 0,
    olderNs: 0,
    comm: null,
    cgroup: null,
    gone: false,
    pid: null,
    cache: null,
    module: null,
    grep: null,
    hide: null,
    categories: [],
    hideAccounted: false,
    includeSelf: false,
    suppress: [],
    watch: [],
    limit,
  };
}

/** What a selection asks for to get the tasks of one cgroup, without those below it: its path with '/.' behind. */
export function oneCgroup(path: string): string {
  return path.startsWith('/') ? `${path === '/' ? '' : path}/.` : path;
}

export function isOneCgroup(pattern: string): boolean {
  return pattern.startsWith('/') && pattern.endsWith('/.');
}
