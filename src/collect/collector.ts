import type { UserError } from '../base/errors.js';
import { ALLOCATOR_NAMES, type AllocatorName } from '../event/kinds.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { EndReason, TraceSink } from '../event/trace-sink.js';

export type CollectorName = 'bpf' | 'bpftrace';

/** What to trace on this machine, and how. */
export interface CollectorOptions {
  collector: 'auto' | CollectorName;
  /** Only these have events. */
  allocators: AllocatorName[];
  /** Smaller allocs are left out in the kernel; their frees come as orphans. 0 = all. */
  minSizeBytes: number;
  /** Trace 1 address in this many, alloc and free alike; 1 = all. */
  sampleOneIn: number;
  /** Survivors only: what is freed before it is so old stays in the kernel, counted; 0 = all is sent. bpf alone. */
  minAgeNs: number;
  /** Share of all CPU time (0..1) that tracing may take: samples more sparsely when it takes more; null = no limit. bpf alone. */
  maxOverhead: number | null;
  /** How call paths are taken. bpf alone. */
  stacks: 'auto' | 'walk' | 'fast';
  /** One in so many cheap call paths is checked against the kernel's walk. bpf alone. */
  auditOneIn: number;
  /** What to do with the tracer's own allocations. */
  self: 'mark' | 'drop' | 'keep';
  /** Whose allocations those are, beside the collector's: this process, and a child if it runs the pipeline. */
  selfPids: number[];
  /** Buffer between kernel and collector, in bytes; bpftrace splits it over the CPUs. */
  bufferBytes: number;
}

/** Everything, exactly, the tracer's own memory marked. */
export function defaultCollectorOptions(): CollectorOptions {
  return {
    collector: 'auto',
    allocators: [...ALLOCATOR_NAMES],
    minSizeBytes: 0,
    sampleOneIn: 1,
    minAgeNs: 0,
    maxOverhead: null,
    stacks: 'auto',
    auditOneIn: 1000,
    self: 'mark',
    selfPids: [process.pid],
    bufferBytes: 64 * 2 ** 20,
  };
}

/** How the collector's process ended. */
export interface CollectorExit {
  /** Exit code, null after a signal. */
  code: number | null;
  signal: string | null;
  /** The last lines of its stderr, untrusted text. */
  stderrTail: string;
  /** Set when it ended otherwise than it was told to. The sink has had its end() all the same. */
  error: UserError | null;
}

/** A child process that traces this machine and a decoder that turns what it prints into calls to a sink. */
export interface Collector {
  readonly name: CollectorName;
  /** Of its process (or the sudo that runs it); null before it is started and once it is gone. */
  readonly pid: number | null;
  /** Resolves when events flow (the sink has had host()). Rejects with a UserError, and has called nothing then. */
  start(sink: TraceSink, dictionary: TraceDictionary): Promise<void>;
  /** Detaches, hands over what is still in the buffers, calls the sink's end() with this reason. Call it once or often. */
  stop(reason: EndReason): Promise<void>;
  /** Never rejects. Settles after the sink's end(). */
  readonly finished: Promise<CollectorExit>;
}
