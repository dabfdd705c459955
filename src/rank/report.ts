/**
 * The Report: immutable and plain, all that views and exporters ever see. Its JSON form is the public format
 * `unfreed-report` version 1: names may be added, never renamed. Bytes and ns are JSON numbers below 2^53.
 */
import type { AllocatorName } from '../event/kinds.js';
import type { Selection } from './selection.js';

export interface ReportFrame {
  /** Function name as the traced machine gave it (untrusted text), or the address in hex where it has none. */
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Module, null for the core kernel. */
  module: string | null;
  /** Return address, `0x` and 16 hex digits. */
  address: string;
}

export interface CommShare {
  comm: string;
  bytes: number;
  count: number;
}

export interface ReportStack {
  /** 1 = first. */
  rank: number;
  /** Id of this row for as long as the trace lasts (selecting, detail); the same in a replay. */
  stackId: number;
  allocator: AllocatorName;
  /** Tracepoint of its allocs, e.g. 'kmalloc', 'mm_page_alloc'. */
  kind: string;
  /**
   * What /proc/meminfo accounts it to (categories.ts): 'slab', 'vmalloc', 'page tables', 'anon', 'page cache',
   * 'kernel stack', 'percpu', 'shmem', 'hugetlb', 'zswap'; 'backing' for pages that another allocator's bytes already
   * count; 'unaccounted' for pages that no line shows; null where no name tells.
   */
  category: string | null;
  /** Null until the history of a call path is judged. */
  verdict: string | null;
  /** Outstanding now, after the selection. */
  bytes: number;
  /** Outstanding now: pages for page and vmalloc, objects for slab and percpu. */
  count: number;
  /** All ever allocated on this path, whatever the selection. */
  allocBytes: number;
  /** Pages or objects, as `count`. */
  allocCount: number;
  /** Pages or objects freed and seen. */
  freeCount: number;
  /** Pages or objects whose free was not seen: their address was allocated again. */
  missedFrees: number;
  /** Outstanding bytes of this path when its allocator's outstanding total was greatest. */
  bytesAtHighWaterMark: number;
  oldestAgeNs: number;
  /** Median over outstanding allocations. */
  medianAgeNs: number;
  /** Outstanding bytes / time since the trace began: the mean growth, since at time 0 nothing is outstanding. */
  growthBytesPerSecond: number;
  /** Greatest share first. */
  comms: CommShare[];
  caches: string[];
  /** Leaf first. */
  frames: ReportFrame[];
  /** Index in `frames` of the first frame that is not allocator plumbing: where a reader should start. */
  firstFrame: number;
  /**
   * Index in `frames` from which on they are interrupt entry and whatever was interrupted, which has nothing to do with
   * the memory; null for a call path that was not taken in an interrupt.
   */
  interruptedFrom: number | null;
  /** A sentence about the pool that this call path fills, whose pieces others may hold now; null without one. */
  note: string | null;
}

export interface Outstanding {
  bytes: number;
  /** Pages for page and vmalloc, objects for slab and percpu. */
  count: number;
  /** How many of `bytes` could be frees that were lost rather than memory that is held; 0 when no free was lost. */
  lostFreeBytes: number;
  /** Greatest `bytes` so far, and when. */
  peakBytes: number;
  peakNs: number;
}

export interface ReportLoss {
  /** 'ring-full', 'recursion', 'no-stack', 'stack-table-full', 'name-table-full', 'reported', 'damaged'. */
  cause: string;
  /** Tracepoint, or null where not known. */
  kind: string | null;
  /** -1 = not known. */
  cpu: number;
  count: number;
  bytes: number;
}

export interface Report {
  format: 'unfreed-report';
  version: 1;
  source: {
    kind: 'live' | 'recording' | 'import';
    collector: string;
    hostname: string;
    kernel: string;
    arch: string;
    pageSize: number;
    startUnixMs: number;
    /** 1 of this many addresses was traced; totals are not scaled. */
    sampleOneIn: number;
    allocators: AllocatorName[];
    notes: string[];
  };
  durationNs: number;
  events: { total: number; allocs: number; frees: number };
  anomalies: {
    orphanFrees: number;
    missedFrees: number;
    failedAllocs: number;
    /** Events that the core never saw. */
    lostEvents: number;
    /** Events without a call path. */
    stackMisses: number;
    /** kfree(NULL) and the like: never frees. */
    nullFrees: number;
    /** Events of a kind or size that cannot be, skipped. */
    badEvents: number;
  };
  losses: ReportLoss[];
  outstanding: Record<AllocatorName, Outstanding> & {
    /** No byte twice: page - backing + slab + percpu + vmalloc. */
    distinct: { bytes: number };
    /** Pages that back slabs, large kmallocs, vmalloc or percpu chunks; part of `page`. */
    backing: { bytes: number; count: number };
  };
  /** The tracer's own outstanding memory; not ranked unless asked for, part of `outstanding`. */
  self: { bytes: number; count: number };
  /** Kernel's own counters at the nearest sample before now, in bytes; null when none was taken. */
  meminfo: {
    timeNs: number;
    totalBytes: number;
    freeBytes: number;
    unaccountedBytes: number;
    unaccountedAtStartBytes: number;
  } | null;
  selection: Selection;
  /** Call paths with something outstanding that pass the selection, whether shown or not. */
  matching: { stacks: number; bytes: number; count: number };
  stacks: ReportStack[];
}

/** One bar of a histogram over a power-of-two scale. */
export interface HistogramBar {
  /** Inclusive lower bound. */
  from: number;
  /** Exclusive upper bound. */
  to: number;
  count: number;
}

export interface PidShare {
  pid: number;
  comm: string;
  bytes: number;
  count: number;
}

/** One call path opened. */
export interface StackDetail {
  stack: ReportStack;
  pids: PidShare[];
  /** Bytes per outstanding allocation. */
  sizes: HistogramBar[];
  /** Age of outstanding allocations, ns. */
  ages: HistogramBar[];
  /** Lifetimes of allocations freed so far, ns. */
  lifetimes: HistogramBar[];
  /** Up to 8 outstanding addresses (or pfns), oldest first, hex. */
  addresses: { address: string; bytes: number; ageNs: number; pid: number; comm: string }[];
}
