/**
 * The Report: immutable and plain, all that views and exporters ever see. Its JSON form is the public format
 * `unfreed-report` version 1: names may be added, never renamed. Bytes and ns are JSON numbers below 2^53.
 */
import type { AllocatorName } from '../../event/kinds.js';
import type { PageReconciliation, SlabReconciliation } from './report-reconciliation.js';
import type { SampleEstimate, SampleMove, YoungPairs } from './report-sample.js';
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

/** How far the kernel's own counters bear out a call path; reliability.ts says how it is judged. */
export type ReliabilityName = 'confirmed' | 'plausible' | 'unreliable';

/** The figures behind it, in pages or objects, at the last sample of the counters. */
export interface Evidence {
  /** 0..1: of the frees of this call path that are known, those that were not seen. */
  missedShare: number;
  /** How many of what it held could be compared with the counters; null = none. */
  compared: number | null;
  /** How many of those may have been freed unseen, if all that contradicts the counters were this call path's. */
  doubtful: number | null;
  /** The same in a sentence. */
  reason: string;
}

/** What the history of a call path looks like; 'unreliable' as its reliability says. */
export const VERDICT_NAMES = ['growing', 'one-time', 'steady', 'churning', 'unreliable'] as const;
export type VerdictName = (typeof VERDICT_NAMES)[number];

/** The trend of outstanding bytes. */
export interface Growth {
  bytesPerHour: number;
  /** 95 % interval. */
  lowBytesPerHour: number;
  highBytesPerHour: number;
  /** 0..1: how sure it is that there is a trend at all (1 less the p-value of the test). */
  confidence: number;
  /** Since when, in ns of trace time. */
  sinceNs: number;
}

/**
 * A row of a ranking that is grouped. Its numbers are sums over its call paths (group-rows.ts says which are not); stackId,
 * allocator, kind, frames, firstFrame and interruptedFrom are those of the call path that holds most in it.
 */
export interface MergedRow {
  /**
   * What the call paths have in common: a function, module, process, cache or category. With `stackId` it names the row:
   * two rows of processes may begin with the same call path. Untrusted text.
   */
  label: string;
  /** Call paths in it, with the one whose frames are shown. */
  stacks: number;
  /** Allocators of them: `count` is in pages and in objects where they count in both. */
  allocators: AllocatorName[];
  /** Held by the call paths whose frames are not shown. */
  others: { stacks: number; bytes: number; count: number };
}

/**
 * Call paths that are a rule's, the first rule that matches: of a suppression file, which takes them out of the ranking
 * (they stay in the totals), or of a watch list. Only what passes the rest of the selection is counted.
 */
export interface SuppressedRule {
  /** As it stands in the file. */
  pattern: string;
  reason: string;
  stacks: number;
  bytes: number;
  /** Pages and objects. */
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
  /** What its history looks like (verdict.ts); null while that is too short to tell. */
  verdict: VerdictName | null;
  /** The figures behind the verdict, in a sentence; null without one. */
  verdictReason: string | null;
  /** The trend, whatever the verdict; null while the history is too short for one. */
  growth: Growth | null;
  /** Outstanding bytes at the times that `Report.curve` tells, oldest first; empty where no curve is kept. */
  curve: number[];
  /** What the row stands for where `selection.group` is not 'stack', be it one call path; null where rows are call paths. */
  merged: MergedRow | null;
  reliability: ReliabilityName;
  evidence: Evidence;
  /** Outstanding now, after the selection. */
  bytes: number;
  /** How many of `bytes` could be frees that were lost: the bound of its allocator, all of which may be this row's. */
  lostFreeBytes: number;
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
  /** Outstanding bytes of this path, the tracer's own with them, when its allocator's outstanding total was greatest. */
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
  /** Reason of the rule of the watch list that it is under; null where nothing is watched. */
  watched: string | null;
  /** Null where all addresses were traced. `bytes` and `count` are what was seen, not scaled. */
  estimate: SampleEstimate | null;
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
    /** 1 of this many addresses is traced; totals are what was seen, `estimate` is what they stand for. */
    sampleOneIn: number;
    /** When it changed (--max-overhead), oldest first, at most 1000. */
    sampleMoves: SampleMove[];
    /** Share of all CPU time that tracing may take, 0..1; null = no limit. */
    maxOverhead: number | null;
    /** What was freed before it was so old was matched in the kernel: counts of allocs and frees are without it. 0 = none. */
    minAgeNs: number;
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
  /** What `outstanding` stands for where only a sample was traced; null where all was. */
  estimate: Record<AllocatorName, SampleEstimate> | null;
  /** Null where nothing was matched in the kernel (--min-age). */
  young: YoungPairs | null;
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
  /** Null until the counters were sampled twice. */
  reconciliation: { pages: PageReconciliation | null; slab: SlabReconciliation | null } | null;
  /** Times of the points of `ReportStack.curve`; null until there is one. Point i is at firstNs + i * stepNs. */
  curve: { firstNs: number; stepNs: number; points: number } | null;
  selection: Selection;
  /** What suppression rules hide, in order of the file; those that hide nothing too. */
  suppressed: SuppressedRule[];
  /** What is under each rule of the watch list, in order of the file; empty where nothing is watched. */
  watched: SuppressedRule[];
  /** Call paths with something outstanding that pass the selection, whether shown or not; and the rows that they make. */
  matching: { stacks: number; rows: number; bytes: number; count: number };
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
