/**
 * Where the memory of a machine was when it ran out, from the kernel's OOM report alone:
 *
 *     gap = RAM - reserved - sum of the terms
 *
 * The report has no line for vmalloc, percpu, zram, GPU drivers and balloons: they are in the gap, with
 * the pages that drivers took. So it is an upper bound of what memoryAccount() would say.
 * Sources: mm/show_mem.c (before 6.3 mm/page_alloc.c and lib/show_mem.c), 3.10 to 7.x.
 */
import type { OomFacts } from './facts.js';

export interface OomAccount {
  /** RAM less what was reserved at boot: MemTotal, nearly. */
  totalBytes: number;
  /** Never below 0: the counters are read at slightly different times. */
  gapBytes: number;
  /** By the report's own names; those that are 0 or that this kernel does not print are left out. */
  terms: { name: string; bytes: number }[];
  /**
   * At most so many bytes of the lists are held by a reference alone: they are neither page cache nor
   * of a task in the table. Null: the table does not tell anonymous memory (before 6.7).
   */
  heldByReferenceBytes: number | null;
}

const LISTS = [
  'active_anon',
  'inactive_anon',
  'isolated_anon',
  'active_file',
  'inactive_file',
  'isolated_file',
  'unevictable',
] as const;
const OTHERS = [
  'free',
  'free_pcp',
  'slab_reclaimable',
  'slab_unreclaimable',
  'pagetables',
  'sec_pagetables',
  'kernel_misc_reclaimable',
  'kernel_stack',
  'bounce',
] as const;

/** Returns null if the report has no account of the machine: that of a cgroup has none. */
export function oomAccount(oom: OomFacts): OomAccount | null {
  const of = (name: string): number => oom.memory.get(name) ?? 0;
  if (oom.ramBytes === 0 || !oom.memory.has('free')) return null;
  const totalBytes = Math.max(0, oom.ramBytes - oom.reservedBytes);
  const terms = [...OTHERS, ...LISTS].map((name) => ({ name: name as string, bytes: of(name) }));
  terms.push({ name: 'hugetlb', bytes: oom.hugetlbBytes });
  const sum = terms.reduce((total, { bytes }) => total + bytes, 0);
  const gapBytes = Math.max(0, totalBytes - sum);
  return {
    totalBytes,
    gapBytes,
    terms: terms.filter(({ bytes }) => bytes > 0),
    heldByReferenceBytes: heldAtMost(
      oom,
      LISTS.reduce((total, name) => total + of(name), 0),
    ),
  };
}

function heldAtMost(oom: OomFacts, onLists: number): number | null {
  const anon = oom.tasks.reduce((total, { anonBytes }) => total + anonBytes, 0);
  return anon === 0 ? null : Math.max(0, onLists - oom.pageCacheBytes - anon);
}
