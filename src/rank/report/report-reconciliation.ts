/** Of the Report: what the kernel's own counters say beside it. Names as in report.ts: added, never renamed. */

/** What the kernel's counters say grew, and what is outstanding of it. Bytes since the start of the trace. */
export interface PageReconciliation {
  /** 'vmstat': pages handed out less pages taken back, exact. 'MemFree': its fall, which the CPUs' free lists blur. */
  source: 'vmstat' | 'MemFree';
  /** Of the sample. */
  timeNs: number;
  /** Memory in use has grown by this; negative = it has shrunk. */
  grownBytes: number;
  /** Of that, what outstanding pages account for, those freed from before the trace taken off; and what they do not. */
  explainedBytes: number;
  unexplainedBytes: number;
  /** What seems held beyond all growth. */
  excessBytes: number;
  memFreeFellBytes: number | null;
  /** Outstanding at the sample. */
  heldBytes: number;
  /** Freed without having been outstanding: from before the trace, or allocated without an event. */
  freedFromBeforeBytes: number;
  /** Pages that came and went without an event (alloc_pages_bulk, lost events); null where vmstat is missing. */
  unseenAllocBytes: number | null;
  unseenFreeBytes: number | null;
}

export interface CacheBalance {
  /** Name of the cache (it may stand for several that the kernel merged); 'kmalloc-N' for all of kmalloc's of N bytes. */
  cache: string;
  /** Lines of slabinfo summed up. */
  slabCaches: number;
  objectBytes: number;
  /** Objects, by slabinfo. */
  activeAtStart: number;
  active: number;
  /** Objects outstanding at the sample. */
  held: number;
  /** held less growth: freed unseen, or freed from before the trace; negative = allocated without an event. */
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
  /** Summed over all caches: what seems held beyond their growth. */
  excessBytes: number;
  /** With something outstanding, greatest bytes first, at most 100. */
  caches: CacheBalance[];
  cachesHeld: number;
  /** Objects that no line of slabinfo could be found for, and the names of their caches (kmallocs have none). */
  unmatched: { count: number; caches: string[] };
}
