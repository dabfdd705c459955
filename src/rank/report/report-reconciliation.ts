/**
 * Parts of the Report that compare it with the kernel's own counters. Names, as in report.ts, may
 * be added, never renamed.
 */

/** Growth by the kernel's counters, and how much of it is outstanding. Bytes since the start of the trace. */
export interface PageReconciliation {
  /**
   * 'vmstat': pages handed out less pages taken back, exact. 'MemFree': its fall, which the CPUs'
   * free lists blur.
   */
  source: 'vmstat' | 'MemFree';
  /** Time of the sample. */
  timeNs: number;
  /** Memory in use has grown by this; negative = it has shrunk. */
  grownBytes: number;
  /**
   * The part of that which outstanding pages explain, less pages from before the trace that were
   * freed; and the rest.
   */
  explainedBytes: number;
  unexplainedBytes: number;
  /** Pages that seem held beyond all growth. */
  excessBytes: number;
  /** Growth of the memory in use by meminfo and zoneinfo: MemTotal less free memory. */
  memFreeFellBytes: number | null;
  /**
   * Memory that left the free lists without an alloc that any counter or event shows: contiguous
   * ranges (gigantic huge pages, CMA). Negative: it came to them without a free. 0 as long as the
   * counters agree within their noise; null without vmstat or meminfo.
   */
  withoutEventBytes: number | null;
  /** Outstanding at the sample. */
  heldBytes: number;
  /** Pages freed that were not outstanding: allocated before the trace, or without an event. */
  freedFromBeforeBytes: number;
  /** Pages allocated and freed without an event (alloc_pages_bulk, lost events); null without vmstat. */
  unseenAllocBytes: number | null;
  unseenFreeBytes: number | null;
}

/** Pages that the kernel moved to other page frames since the start of the trace. */
export interface PageMoves {
  pages: number;
  /** Those whose call path was carried over to the new page. */
  followedPages: number;
  /** The others: up to as many more pages than shown may be held. */
  unseenPages: number;
}

/**
 * Percpu memory beside the line Percpu of meminfo, which counts the pages of all chunks. An alloc
 * takes its size once for each possible CPU.
 */
export interface PercpuReconciliation {
  /** Time of the sample. */
  timeNs: number;
  /** Growth of the line; it is by whole pages, some of which are kept empty. */
  grownBytes: number;
  /** Outstanding at the last event. */
  heldBytes: number;
  /** Of those, how many the line does not bear out: they may lie in pages that were there before. */
  excessBytes: number;
}

export interface CacheBalance {
  /**
   * Name of the cache, which may stand for several that the kernel merged; 'kmalloc-N' for all
   * kmalloc caches of N bytes.
   */
  cache: string;
  /** Number of lines of slabinfo that are summed up. */
  slabCaches: number;
  objectBytes: number;
  /** Objects, by slabinfo. */
  activeAtStart: number;
  active: number;
  /** Objects outstanding at the sample. */
  held: number;
  /**
   * held less growth: objects freed unseen, or freed from before the trace; negative = allocated
   * without an event.
   */
  excess: number;
  /** Free objects that slabinfo may count as active. */
  uncertain: number;
  state: 'agrees' | 'uncertain' | 'contradicted';
}

export interface SlabReconciliation {
  timeNs: number;
  /** Summed over the caches that grew. */
  grownBytes: number;
  explainedBytes: number;
  unexplainedBytes: number;
  /** Summed over all caches: bytes that seem held beyond their growth. */
  excessBytes: number;
  /** Caches with something outstanding, greatest bytes first, at most 100. */
  caches: CacheBalance[];
  cachesHeld: number;
  /** Objects without a line of slabinfo, and the names of their caches (objects of kmalloc have none). */
  unmatched: { count: number; caches: string[] };
}
