/**
 * Weights of a byte in the default order, by category (who could take it back) and by verdict
 * (VERDICTS.md, "The default order").
 */
import { GEM, TRACER } from '../names/path-traits.js';
import type { Category } from '../report/category.js';
import type { VerdictName } from '../report/report-rows.js';

/**
 * In this order: memory that no line of meminfo shows; memory of the kernel that only its own code
 * gives back; memory that goes when a task ends; memory of processes, which all tools show; memory
 * that is taken back when memory is short.
 */
export const UNACCOUNTED = 1;
const KERNEL = 1 / 4;
const OF_TASKS = 1 / 16;
const OF_PROCESSES = 1 / 1024;
/** In a trace of processes: what they themselves took. Reserved ranges hold no memory. */
const OWN = 1;
/** What a process had before the trace has no call path and no history: libraries, and the heap as it was. */
export const OF_BEFORE = 1 / 64;
export const RECLAIMABLE = 1 / 4096;

/** Of a row whose holders have all ended. */
export const GONE = 2;

const CATEGORY_WEIGHTS: Record<Category, number> = {
  unaccounted: UNACCOUNTED,
  'held by a reference': UNACCOUNTED,
  slab: KERNEL,
  vmalloc: KERNEL,
  percpu: KERNEL,
  'kernel stack': OF_TASKS,
  'page tables': OF_TASKS,
  anon: OF_PROCESSES,
  shmem: OF_PROCESSES,
  hugetlb: OF_PROCESSES,
  balloon: OF_PROCESSES,
  zram: OF_PROCESSES,
  heap: OWN,
  mapped: OWN,
  'thread stack': OWN,
  'file mapping': OWN,
  reserved: OF_TASKS,
  gpu: OF_TASKS,
  zswap: RECLAIMABLE,
  'page cache': RECLAIMABLE,
  backing: RECLAIMABLE,
};

/**
 * The weight of a byte of a category, null = no name decides it, on a call path with these traits
 * (path-traits.ts). Caches that shrinkers empty are the caller's to tell.
 */
export function memoryWeight(category: string | null, traits: number): number {
  const known: Partial<Record<string, number>> = CATEGORY_WEIGHTS;
  const weight = category === null || !Object.hasOwn(known, category) ? UNACCOUNTED : (known[category] ?? UNACCOUNTED);
  // Buffers of a GPU driver: no mount and no mapping shows whose they are.
  if (category === 'shmem' && (traits & GEM) !== 0) return OF_TASKS;
  // Another tracer's maps go with its process.
  return (traits & TRACER) !== 0 ? Math.min(weight, OF_TASKS) : weight;
}

const VERDICT_WEIGHTS: Record<VerdictName, number> = {
  growing: 16,
  'in-steps': 16,
  rested: 4,
  'one-time': 1,
  steady: 1 / 4,
  churning: 1 / 16,
  unreliable: 1,
};

/**
 * Growth does not raise the weight of reclaimable caches, because caches exist to grow. An unknown
 * verdict, of a later version, has weight 1.
 */
export function verdictWeight(verdict: VerdictName | null, isReclaimable: boolean): number {
  const weight = verdict === null || !Object.hasOwn(VERDICT_WEIGHTS, verdict) ? 1 : VERDICT_WEIGHTS[verdict];
  return isReclaimable ? Math.min(1, weight) : weight;
}
