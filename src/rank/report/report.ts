/**
 * The Report: immutable and plain; views and exporters see nothing else. Its JSON form is the
 * public format `unfreed-report` version 1: names may be added, never renamed. Bytes and ns are
 * JSON numbers below 2^53.
 */
import type { CensusReport } from '../../census/report.js';
import type { HeldMeaning } from '../../coverage/meaning.js';
import type { CoverageGap } from '../../event/host-facts.js';
import type { AllocatorName, ByAllocator } from '../../event/kinds.js';
import type { TriageFinding } from '../../triage/report.js';
import type { Conclusion } from './conclusion.js';
import type { RemovedCgroups } from './report-cgroups.js';
import type { ReportLimits } from './report-limits.js';
import type { ReportMarks } from './report-marks.js';
import type { MemorySeries, TracedProcess } from './report-memory.js';
import type {
  PageMoves,
  PageReconciliation,
  PercpuReconciliation,
  SlabReconciliation,
} from './report-reconciliation.js';
import type { ReportStack } from './report-rows.js';
import type { SampleEstimate, SampleMove, YoungPairs } from './report-sample.js';
import type { Selection } from './selection.js';

/**
 * Sums over the call paths whose first matching rule is this one. A rule of a suppression file
 * takes them out of the ranking (they stay in the totals); a rule of a watch list keeps them. Only
 * call paths that pass the rest of the selection are counted.
 */
export interface SuppressedRule {
  /** As written in the file. */
  pattern: string;
  reason: string;
  stacks: number;
  bytes: number;
  /** Pages and objects. */
  count: number;
}

export interface Outstanding {
  /** What `bytes` and `count` are: the meaning of the rows that hold them (coverage/meaning.ts). */
  meaning: HeldMeaning;
  bytes: number;
  /** Pages for page and vmalloc, objects for slab and percpu. */
  count: number;
  /** How many of `bytes` could be lost frees rather than held memory; 0 when no free was lost. */
  lostFreeBytes: number;
  /** Everything ever allocated. */
  allocBytes: number;
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

export interface Report extends ReportMarks {
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
    /** One address in this many is traced. Totals are of traced addresses; `estimate` is of all addresses. */
    sampleOneIn: number;
    /** When it changed (--max-overhead), oldest first, at most 1000. */
    sampleMoves: SampleMove[];
    /** Share of all CPU time that tracing may take, 0..1; null = no limit. */
    maxOverhead: number | null;
    /**
     * Allocations freed at a lower age were matched in the kernel: counts of allocs and frees leave
     * them out. 0 = none.
     */
    minAgeNs: number;
    /** True if the times of the trace are counts of unknown unit, shown as ns: no rate and no verdict can be told. */
    timesAreCounts: boolean;
    allocators: AllocatorName[];
    /** What the trace was not asked to show; `notes` has a sentence for each. */
    coverage: CoverageGap[];
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
    /** Events of an impossible kind or size. They were skipped. */
    badEvents: number;
  };
  losses: ReportLoss[];
  outstanding: ByAllocator<Outstanding> & {
    /** No byte twice: page - backing + slab + percpu + vmalloc; in a trace of processes alone heap + map - backing. */
    distinct: { bytes: number };
    /** Pages that back slabs, large kmallocs, vmalloc or percpu chunks; part of `page`. */
    backing: { bytes: number; count: number };
  };
  /**
   * Estimates of `outstanding` for all addresses where only a sample was traced; null where all
   * were traced.
   */
  estimate: ByAllocator<SampleEstimate> | null;
  /** Null where nothing was matched in the kernel (--min-age). */
  young: YoungPairs | null;
  /**
   * What was held when the trace began, part of `outstanding`: the rows with `baseline`; null where it
   * was not read. Pages that back other allocators' memory are left out of `bytes`.
   */
  before: {
    /** Where it is from: 'page_owner', 'page_owner_sort', 'page_owner_stacks', 'allocinfo', 'slabinfo', 'vmallocinfo'; 'maps' of processes. */
    source: string;
    bytes: number;
    /** Call paths or lines of code. */
    stacks: number;
  } | null;
  /** Cgroups that were removed while the trace ran and of which something is held; null without one. Whatever the selection. */
  removedCgroups: RemovedCgroups | null;
  /** The tracer's own outstanding memory: part of `outstanding`, ranked only when asked for. */
  self: { bytes: number; count: number };
  /**
   * Where the memory is by the kernel's own counters, at the last sample (proc/memory-account.ts);
   * null when no sample was taken.
   */
  meminfo: {
    timeNs: number;
    /** MemTotal and MemFree. */
    totalBytes: number;
    freeBytes: number;
    /** MemTotal at the first sample: memory is plugged in and out. */
    totalAtStartBytes: number;
    /** Free pages on per-CPU lists, which MemFree lacks; null if not sampled: then the gap contains them. */
    perCpuFreeBytes: number | null;
    /** Bytes of MemTotal and MemFree that are not plugged in: no zone has them. */
    unpluggedBytes: number;
    /** The gap: `totalBytes` less the sum of `terms`, not below 0. */
    unaccountedBytes: number;
    unaccountedAtStartBytes: number;
    /** Of the gap: pages that no process maps and no file has, but that a reference holds. */
    heldByReferenceBytes: number;
    heldByReferenceAtStartBytes: number;
    /** References of pin_user_pages() not given back, in pages, since boot; null = not known. */
    pinnedPages: number | null;
    /** What the counters show, each page once; `atStartBytes` at the first sample. */
    terms: { name: string; bytes: number; atStartBytes: number }[];
  } | null;
  /**
   * What triage says of the look that was taken as the trace began, by the rules of `unfreed triage`; null where
   * the trace carries none. Texts and names in it are untrusted.
   */
  triage: {
    /** Wall clock of the look, ms since 1970; null = not known. */
    timeMs: number | null;
    /** In order: limits, growing, abnormal, large, reclaimable, notes; 'fine' first where it holds. */
    findings: TriageFinding[];
  } | null;
  /** Counters beside their limits; null where the trace carries no look that has one. Names in it are untrusted. */
  limits: ReportLimits | null;
  /**
   * The last census of all pages that the trace carries, with what each row changed by since its first; null where
   * it carries none. Names in it are untrusted.
   */
  census: CensusReport | null;
  /** The traced processes, in the order of their numbers; absent or null in a trace of the kernel's memory alone. */
  processes?: TracedProcess[] | null;
  /** Where the memory was over the whole trace; null when no sample was taken. */
  memory: MemorySeries | null;
  /** Pages that the kernel moved; null where it is not known. */
  moves: PageMoves | null;
  /** Null until the counters were sampled twice. */
  reconciliation: {
    pages: PageReconciliation | null;
    slab: SlabReconciliation | null;
    percpu: PercpuReconciliation | null;
  } | null;
  /**
   * Times of the points of `ReportStack.curve`; null until there is one. Point i is at firstNs + i
   * * stepNs.
   */
  curve: { firstNs: number; stepNs: number; points: number } | null;
  selection: Selection;
  /** Sums of what each suppression rule hides, in order of the file, including rules that hide nothing. */
  suppressed: SuppressedRule[];
  /** Sums of what each watch rule matches, in order of the file; empty where nothing is watched. */
  watched: SuppressedRule[];
  /**
   * Call paths with something outstanding that pass the selection, whether shown or not, and the
   * number of rows they make.
   */
  matching: { stacks: number; rows: number; bytes: number; count: number };
  /** The sentences that a reader needs first, of the whole trace whatever the selection. */
  conclusions: Conclusion[];
  /** The first findings of the whole trace whatever the selection, at most 16: groups of one cause. */
  findings: ReportStack[];
  stacks: ReportStack[];
}
