import { type AllocatorName, KERNEL_ALLOCATORS, type KindName } from './kinds.js';

/**
 * Causes of a gap in what a trace covers: what it cannot show although no event was lost, because
 * it was not asked for. Texts of other tools may hold allocs without frees, a sample of the events,
 * one process or one CPU. Our own collectors trace the whole machine, and report no gap. The
 * numbers on disk are the indices in this list; they never change meaning.
 *
 *   frees-not-traced  the list of traced events names the allocs of `kinds`, not their frees
 *   no-frees-seen     allocs of `kinds` came and no free of them: not traced, or none happened
 *   sampled           only some of the events were recorded, whatever their address
 *   some-processes    only the events of some processes
 *   some-cpus         only the events of some CPUs
 *   frees-filtered    a filter of the tracer left out frees
 *   allocs-filtered   a filter of the tracer left out allocs of `kinds`, and no frees
 *   page-size         the size of a page is assumed
 */
export const COVERAGE_CAUSES = [
  'frees-not-traced',
  'no-frees-seen',
  'sampled',
  'some-processes',
  'some-cpus',
  'frees-filtered',
  'allocs-filtered',
  'page-size',
] as const;
export type CoverageCause = (typeof COVERAGE_CAUSES)[number];

export interface CoverageGap {
  cause: CoverageCause;
  /** Tracepoints of the allocs concerned; empty = of all. */
  kinds: KindName[];
  /**
   * True if the tracer's own words say so, or no trace of a whole machine looks like this; false if
   * events only suggest it.
   */
  certain: boolean;
  /** How it is known, e.g. 'perf record -F 99' or 'CPU 0 of 2'. Untrusted text; '' = nothing to add. */
  detail: string;
}

/**
 * Facts about the traced machine and how it was traced. A trace begins with them; a later host fact
 * may change the sample and add hooks, gaps of coverage and notes.
 */
export interface HostFacts {
  /** The collector that produced the events: 'bpf', 'bpftrace', 'perf-script', ... */
  collector: string;
  hostname: string;
  /** uname -r */
  kernel: string;
  /** uname -m */
  arch: string;
  pageSize: number;
  cpus: number;
  /** MemTotal of /proc/meminfo in bytes, 0 = unknown. */
  memTotalBytes: number;
  /**
   * Bytes of the first percpu chunk of all CPUs, which the line Percpu counts although MemTotal
   * lacks them; 0 = unknown (the kernel log that says it has been overwritten, or may not be read).
   */
  percpuFirstChunkBytes: number;
  /** True if pages that a balloon driver gave to the host are still in MemTotal. */
  balloonInTotal: boolean;
  /** Wall-clock time at time 0 of the trace, ms since 1970; 0 = unknown. */
  startUnixMs: number;
  /** The allocators that were traced. For any other, no events means that none were looked for. */
  allocators: AllocatorName[];
  /** Allocs smaller than this were filtered out in the kernel; 0 = none. */
  minSizeBytes: number;
  /** 1 of this many addresses is traced; 1 = all. Totals are never scaled silently. A later host fact may say another. */
  sampleOneIn: number;
  /** Seed that chooses those addresses, see sampling.ts. */
  sampleSeed: number;
  /**
   * Allocations freed at a younger age were matched in the kernel and are not among the events; 0 =
   * none were.
   */
  minAgeNs: number;
  /**
   * Share of all CPU time (0..1) that tracing may take. Above it, fewer addresses are traced. 0 =
   * no limit.
   */
  maxOverhead: number;
  /** The share it took when the sample last changed, 0..1; 0 = the sample has not changed. */
  overhead: number;
  /**
   * How the tracer treated its own memory: marked (SELF_BIT), dropped in the kernel, or not
   * distinguished.
   */
  self: 'mark' | 'drop' | 'keep';
  /** True if the times are counts of a clock of unknown unit: nothing can be said by the second. */
  timesAreCounts: boolean;
  /**
   * Names of slab caches that share one cache, a list for each such cache, of at least two names; empty
   * = none do, or nobody could read /sys/kernel/slab. Events name only one of them. Untrusted text.
   */
  mergedCaches: string[][];
  /**
   * Which of the kernel's own accounts told what was held before the trace: 'allocinfo', 'page_owner' or
   * 'page_owner_stacks', else 'slabinfo' or 'vmallocinfo'; '' = none did, or the trace is itself a dump of one.
   */
  heldBy: string;
  /** Hooks in use, e.g. 'tp_btf:kmalloc'. */
  hooks: string[];
  /**
   * What the trace cannot show because it was not asked for; empty for our own collectors. Some of
   * it is known only when a text has been read to its end.
   */
  coverage: CoverageGap[];
  /**
   * Sentences that tell the user what could not be traced, e.g. 'no vmalloc tracepoints on this
   * kernel'.
   */
  notes: string[];
}

/** Returns facts that are all unknown: a reader starts from these. */
export function unknownHost(): HostFacts {
  return {
    collector: 'unknown',
    hostname: '',
    kernel: '',
    arch: '',
    pageSize: 4096,
    cpus: 0,
    memTotalBytes: 0,
    percpuFirstChunkBytes: 0,
    balloonInTotal: false,
    startUnixMs: 0,
    allocators: [...KERNEL_ALLOCATORS],
    minSizeBytes: 0,
    sampleOneIn: 1,
    sampleSeed: 0,
    minAgeNs: 0,
    maxOverhead: 0,
    overhead: 0,
    self: 'keep',
    timesAreCounts: false,
    mergedCaches: [],
    heldBy: '',
    hooks: [],
    coverage: [],
    notes: [],
  };
}

/** Collectors that are other tools, whose events were read from text. */
const IMPORTED: ReadonlySet<string> = new Set([
  'perf-script',
  'ftrace',
  'trace-cmd',
  'bpftrace-text',
  'page_owner',
  'page_owner_sort',
  'page_owner_stacks',
  'allocinfo',
  'slabinfo',
  'vmallocinfo',
]);

/** Returns true if the trace was imported from text, now or before it was recorded. */
export function isImported(facts: HostFacts): boolean {
  return IMPORTED.has(facts.collector);
}
