import { ALLOCATOR_NAMES, type AllocatorName } from './kinds.js';

/** Facts of the traced machine and of how it was traced, fixed at the start of a trace. */
export interface HostFacts {
  /** Which collector made the events: 'bpf', 'bpftrace', 'perf-script', ... */
  collector: string;
  hostname: string;
  /** uname -r */
  kernel: string;
  /** uname -m */
  arch: string;
  pageSize: number;
  cpus: number;
  /** MemTotal in bytes, 0 = unknown. */
  memTotalBytes: number;
  /** Wall clock at time 0 of the trace, ms since 1970, 0 = unknown. */
  startUnixMs: number;
  /** Allocators that were traced; an absent one has no events because nobody listened. */
  allocators: AllocatorName[];
  /** Allocs smaller than this were left out in the kernel; 0 = none. */
  minSizeBytes: number;
  /** 1 of this many addresses is traced; 1 = all. Totals are never scaled silently. A later host() may say another. */
  sampleOneIn: number;
  /** Which addresses those are: see sampling.ts. */
  sampleSeed: number;
  /** What was freed before it was so old was matched in the kernel and is not among the events; 0 = all is. */
  minAgeNs: number;
  /** Share of all CPU time (0..1) that tracing may take: above it fewer addresses are traced; 0 = no limit. */
  maxOverhead: number;
  /** What it took when the sample last changed, 0..1; 0 = it has not. */
  overhead: number;
  /** How the tracer treated its own memory: marked (SELF_BIT), dropped in the kernel, or not told apart. */
  self: 'mark' | 'drop' | 'keep';
  /** Hooks in force, e.g. 'tp_btf:kmalloc'. */
  hooks: string[];
  /** Sentences for the user about what could not be had, e.g. 'no vmalloc tracepoints on this kernel'. */
  notes: string[];
}

/** All facts unknown: what a reader starts from. */
export function unknownHost(): HostFacts {
  return {
    collector: 'unknown',
    hostname: '',
    kernel: '',
    arch: '',
    pageSize: 4096,
    cpus: 0,
    memTotalBytes: 0,
    startUnixMs: 0,
    allocators: [...ALLOCATOR_NAMES],
    minSizeBytes: 0,
    sampleOneIn: 1,
    sampleSeed: 0,
    minAgeNs: 0,
    maxOverhead: 0,
    overhead: 0,
    self: 'keep',
    hooks: [],
    notes: [],
  };
}

/** Collectors that are other tools: their events came as text. */
const IMPORTED: ReadonlySet<string> = new Set(['perf-script', 'ftrace', 'trace-cmd', 'bpftrace-text']);

/** True when the trace was imported, now or before it was recorded. */
export function isImported(facts: HostFacts): boolean {
  return IMPORTED.has(facts.collector);
}
