/**
 * Rows of the Report: ReportStack with its parts, and StackDetail, the details of one. Names, as in
 * report.ts, may be added, never renamed.
 */
import type { HeldMeaning } from '../../coverage/meaning.js';
import type { AllocatorName } from '../../event/kinds.js';
import type { FreeNode, FreePath, TypicalFree } from './free-sites.js';
import type { ReportFrame } from './report-frame.js';
import type { SampleEstimate } from './report-sample.js';
import type { RowNames } from './row-names.js';

export type { ReportFrame } from './report-frame.js';

export interface CommShare {
  comm: string;
  bytes: number;
  count: number;
}

/** What of a row was taken by processes that have ended. */
export interface GoneHolders {
  /** Processes that took something which is still held, and those of them that have ended. */
  processes: number;
  gone: number;
  /** Held of what these took. */
  bytes: number;
  count: number;
}

export interface CgroupShare {
  /** Path in the hierarchy that counts memory, or 'cgroup 4711' where it is not known. Untrusted text. */
  cgroup: string;
  /** Short for a list: 'docker 3f2a9c0b1d2e', 'pod shop/web-0/nginx', 'nginx.service'; the path of others. Untrusted text. */
  name: string;
  /** The kernel's number of its directory, decimal; a number is used again after the cgroup was removed. Absent in older reports. */
  id?: string;
  /** It was removed while the trace ran. */
  removed: boolean;
  bytes: number;
  count: number;
  /** Its tasks by process name, greatest share first. */
  comms: CommShare[];
}

/** How far the kernel's own counters bear out a call path; reliability.ts says how it is judged. */
export type ReliabilityName = 'confirmed' | 'plausible' | 'unreliable';

/** The figures behind a reliability, in pages or objects, at the last sample of the counters. */
export interface Evidence {
  /** 0..1: of the known frees of this call path, the share that was not seen. */
  missedShare: number;
  /** Pages or objects held that could be compared with the counters; null = none. */
  compared: number | null;
  /** Of those, how many may have been freed unseen if this call path alone caused the whole contradiction. */
  doubtful: number | null;
  /** Pages that the kernel moved unseen: this call path may hold up to as many more than it shows. */
  movedUnseen: number;
  /** The same figures as a sentence. */
  reason: string;
}

/** Verdicts on the history of a call path. 'unreliable' follows from its reliability. */
export const VERDICT_NAMES = ['growing', 'in-steps', 'rested', 'one-time', 'steady', 'churning', 'unreliable'] as const;
export type VerdictName = (typeof VERDICT_NAMES)[number];

/** Only of such a row is a rate told: nothing else is known to go on. */
export function isRising(verdict: VerdictName | null): boolean {
  return verdict === 'growing' || verdict === 'in-steps';
}

/** False for memory from before the trace whose times nobody wrote down: its ages are 0. */
export function isAgeKnown({ baseline, oldestAgeNs }: Pick<ReportStack, 'baseline' | 'oldestAgeNs'>): boolean {
  return !baseline || oldestAgeNs > 0;
}

/** The trend of outstanding bytes. */
export interface Growth {
  bytesPerHour: number;
  /** 95 % interval. */
  lowBytesPerHour: number;
  highBytesPerHour: number;
  /** 0..1: confidence that there is a trend at all (1 less the p-value of the test). */
  confidence: number;
  /** Since when, in ns of trace time. */
  sinceNs: number;
}

/**
 * A row of a grouped ranking. Its numbers are sums over its call paths (exceptions: group-rows.ts);
 * stackId, allocator, kind, frames, firstFrame and interruptedFrom are those of the call path that
 * holds most of it.
 */
export interface MergedRow {
  /**
   * The common property of the call paths: a function, module, process, cache or category. Label
   * and `stackId` together identify the row, because two rows of processes may have the same first
   * call path. Untrusted text.
   */
  label: string;
  /** Number of its call paths, including the one whose frames are shown. */
  stacks: number;
  /** Their allocators. `count` adds pages and objects where these allocators count in both. */
  allocators: AllocatorName[];
  /** Held by the call paths whose frames are not shown. */
  others: { stacks: number; bytes: number; count: number };
  /** Of a finding: its greatest call paths, at most 8, greatest first. Absent in other groups. */
  paths?: FindingPath[];
}

/** One of the call paths of a finding. */
export interface FindingPath {
  /** As in ReportStack. */
  stackId: number;
  allocator: AllocatorName;
  category: string | null;
  bytes: number;
  /** Pages for page and vmalloc, objects for slab and percpu. */
  count: number;
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
}

/** Who holds the memory of a row: the name that a reader looks for first (rows/holder.ts). */
export interface Holder {
  /** 'interrupts' = taken in interrupts, whose process has nothing to do with it; 'unknown' = no name is known. */
  kind: 'module' | 'process' | 'interrupts' | 'unknown';
  /** Module or process name; untrusted text. */
  name: string;
  /** The process that holds nearly all of it; null where several do, or where it is no process. */
  pid: number | null;
  /** Number of other process names that hold some of it. */
  more: number;
}

/**
 * Of a row of anon, shmem, page cache or no known category: what no process maps and no file has, but
 * a reference holds. Bytes.
 */
export interface HeldShare {
  /** What is surely held so: what its processes took, hold and do not map, and no child can map. */
  bytes: number;
  /** Of `bytes`, from processes that are gone. */
  goneBytes: number;
  /**
   * The same, and what no process can be found for, which may be in this row or in another; or all that
   * its processes do not map, up to what the kernel's counters show, where children may map some of it.
   */
  atMostBytes: number;
  /** True if the processes' figures and the kernel's counters agree. */
  isExact: boolean;
}

/** Bytes in memory of the bytes of a row whose residence was read. */
export interface ResidentShare {
  bytes: number;
  ofBytes: number;
}

export interface ReportStack {
  /** 1 = first. */
  rank: number;
  /** Id of this row (selecting, detail): constant for the whole trace and the same in a replay. */
  stackId: number;
  allocator: AllocatorName;
  /** Tracepoint of its allocs, e.g. 'kmalloc', 'mm_page_alloc'. */
  kind: string;
  /**
   * The line of /proc/meminfo that accounts for it (categories.ts): 'slab', 'vmalloc', 'page
   * tables', 'anon', 'page cache', 'kernel stack', 'percpu', 'shmem', 'hugetlb', 'zswap', 'gpu'; of
   * other counters 'zram' and 'balloon'; 'held by a reference' if half of its anonymous pages are;
   * 'backing' for pages that another allocator's bytes already count; 'unaccounted' for pages that no
   * line shows; null where no name decides.
   */
  category: string | null;
  /** Verdict on its history (verdict.ts); null while the history is too short. */
  verdict: VerdictName | null;
  /** The figures behind the verdict as a sentence; null without a verdict. */
  verdictReason: string | null;
  /** The trend, whatever the verdict; null while the history is too short for one. */
  growth: Growth | null;
  /** Outstanding bytes at the times of `Report.curve`, oldest first; empty where no curve is kept. */
  curve: number[];
  /**
   * The group that the row stands for, even one of a single call path; null where `selection.group`
   * is 'stack'.
   */
  merged: MergedRow | null;
  /**
   * The value of the order 'suspect': bytes, weighed by who can take them back and by the verdict. Absent
   * in other orders.
   */
  suspicion?: number;
  reliability: ReliabilityName;
  evidence: Evidence;
  /** What `bytes` and `count` are, by what the trace covers; not 'outstanding' where frees are missing. */
  meaning: HeldMeaning;
  /**
   * True for memory that was held when the trace began (page_owner, allocinfo): it has no allocs, no
   * verdict and no growth, and its ages are 0 where they are not known. Such memory is never in one
   * row with traced memory.
   */
  baseline: boolean;
  /** Outstanding now, after the selection. */
  bytes: number;
  /**
   * How many of `bytes` could be lost frees: the bound of its allocator, because all of them may
   * belong to this row.
   */
  lostFreeBytes: number;
  /** Outstanding now: pages for page and vmalloc, objects for slab and percpu. */
  count: number;
  /** Everything ever allocated on this path, whatever the selection. */
  allocBytes: number;
  /** Pages or objects, as `count`. */
  allocCount: number;
  /** Pages or objects freed and seen. */
  freeCount: number;
  /** Pages or objects whose free was not seen: their address was allocated again. */
  missedFrees: number;
  /**
   * Outstanding bytes of this path, including the tracer's own, when its allocator's outstanding
   * total was greatest.
   */
  bytesAtHighWaterMark: number;
  oldestAgeNs: number;
  /** Median over outstanding allocations. */
  medianAgeNs: number;
  /**
   * Outstanding bytes / time since the trace began: the mean growth, since at time 0 nothing is
   * outstanding.
   */
  growthBytesPerSecond: number | null;
  /** Greatest share first. */
  comms: CommShare[];
  /** By the cgroup of the task that took it, greatest share first; empty where the trace does not tell. */
  cgroups: CgroupShare[];
  /** Null where the trace does not tell which processes have ended. */
  gone: GoneHolders | null;
  /** Who holds most of it. */
  holder: Holder;
  /** What the memory is, as a noun: 'pipe buffers' (names/nouns.ts). Untrusted text. */
  noun: string;
  caches: string[];
  /** Leaf first, without trampolines of tracing (names/tracing-frames.ts). */
  frames: ReportFrame[];
  /** Index in `frames` of the first frame that is not allocator plumbing: where a reader should start. */
  firstFrame: number;
  /**
   * Index in `frames` of the first frame of interrupt entry. From there on the frames (the entry
   * and the interrupted code) have nothing to do with the memory. Null for a call path that was not
   * taken in an interrupt.
   */
  interruptedFrom: number | null;
  /**
   * A sentence about the pool that this call path fills, whose pieces other code may hold now, or about
   * who holds its memory; null without either.
   */
  note: string | null;
  /** Null where no page of it can be held by a reference alone. */
  heldByReference: HeldShare | null;
  /** Of what processes mapped: how much of it is in memory, where that was read. Absent otherwise. */
  resident?: ResidentShare;
  /** Of what processes mapped or reserved: the number of ranges. */
  ranges?: number;
  /** Where such memory is usually freed; null where no free of it was in the sample. */
  typicalFree: TypicalFree | null;
  /** Reason of the watch rule that matches it; null where nothing is watched. */
  watched: string | null;
  /**
   * Files, sockets, BPF maps or devices that a sample of it belongs to; of a row of several call paths, of its
   * greatest. Absent where nobody looked.
   */
  names?: RowNames;
  /** Null where all addresses were traced. `bytes` and `count` are of traced addresses alone, not scaled. */
  estimate: SampleEstimate | null;
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

/** The details of one call path. */
export interface StackDetail {
  stack: ReportStack;
  pids: PidShare[];
  /** Bytes per outstanding allocation. */
  sizes: HistogramBar[];
  /** Age of outstanding allocations, ns. */
  ages: HistogramBar[];
  /** Lifetimes of allocations freed so far, ns. */
  lifetimes: HistogramBar[];
  /** The call paths by which such memory is freed, most frequent first; at most 8, see pair/free-sites.ts. */
  freePaths: FreePath[];
  /** The same as a tree, from the function that lets the memory go to its callers. */
  freeTree: FreeNode[];
  /** Up to 8 outstanding addresses (or pfns), oldest first, hex; of the memory of processes up to 32, by address and pid. */
  addresses: { address: string; bytes: number; ageNs: number; pid: number; comm: string }[];
}
