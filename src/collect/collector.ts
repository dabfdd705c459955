import type { UserError } from '../base/errors.js';
import type { StartStep } from '../base/start-steps.js';
import { type AllocatorName, KERNEL_ALLOCATORS } from '../event/kinds.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { EndReason, TraceSink } from '../event/trace-sink.js';

export type CollectorName = 'bpf' | 'bpftrace';

/** What to trace on this machine, and how. */
export interface CollectorOptions {
  collector: 'auto' | CollectorName;
  /** The allocators to trace. */
  allocators: AllocatorName[];
  /** Processes whose memory is traced, and no allocation of the kernel, with those that they start. bpf alone. */
  processes: number[];
  /** The same of what this process starts from now on; null = of none. */
  childrenOf: number | null;
  /** And each block of the heap of what is started (childrenOf), or of what runs. */
  heap: boolean;
  /** Of such a heap: bytes from one sampled block to the next, on average; 0 = every block. */
  sampleBytes: number;
  /** The program that will be started: one that cannot be traced so is refused at once; null = not known. */
  commandName: string | null;
  /** Smaller allocs are dropped in the kernel; their frees are still sent, as orphans. 0 = all allocs. */
  minSizeBytes: number;
  /** Trace 1 address in this many, alloc and free alike; 1 = all. */
  sampleOneIn: number;
  /**
   * Survivors only: allocations freed at a younger age are counted in the kernel and not sent; 0 =
   * all are sent. bpf alone.
   */
  minAgeNs: number;
  /**
   * Share of all CPU time (0..1) that tracing may take; if it takes more, fewer addresses are
   * traced. null = no limit. bpf alone.
   */
  maxOverhead: number | null;
  /** How call paths are recorded. bpf alone. */
  stacks: 'auto' | 'walk' | 'fast';
  /** One in this many fast call paths is checked against the kernel's walk. bpf alone. */
  auditOneIn: number;
  /** What to do with the tracer's own allocations. */
  self: 'mark' | 'drop' | 'keep';
  /**
   * The processes of the tracer besides the collector: this process, and a child if it runs the
   * pipeline.
   */
  selfPids: number[];
  /** Names of commands whose execs and exits are marks, and those of all that they start. bpf alone. */
  watchedComms: string[];
  /** The same of what this process starts; null = of none. */
  watchedParent: number | null;
  /** Mark calls for shared memory and swap even where that slows down every system call. bpf alone. */
  systemCalls: boolean;
  /** Buffer between kernel and collector, in bytes; bpftrace splits it over the CPUs. */
  bufferBytes: number;
}

/** The default: everything is traced, exactly, with the tracer's own memory marked. */
export function defaultCollectorOptions(): CollectorOptions {
  return {
    collector: 'auto',
    allocators: [...KERNEL_ALLOCATORS],
    processes: [],
    childrenOf: null,
    heap: false,
    sampleBytes: 0,
    commandName: null,
    minSizeBytes: 0,
    sampleOneIn: 1,
    minAgeNs: 0,
    maxOverhead: null,
    stacks: 'auto',
    auditOneIn: 1000,
    self: 'mark',
    selfPids: [process.pid],
    watchedComms: [],
    watchedParent: null,
    systemCalls: false,
    bufferBytes: 64 * 2 ** 20,
  };
}

/** Returns true if the memory of processes is traced, and no allocation of the kernel. */
export function isOfProcesses({ processes, childrenOf }: CollectorOptions): boolean {
  return processes.length > 0 || childrenOf !== null;
}

/** How the collector's process ended. */
export interface CollectorExit {
  /** Exit code, null after a signal. */
  code: number | null;
  signal: string | null;
  /** The end of its stderr, untrusted text. */
  stderrTail: string;
  /** Set when it failed, rather than ended as requested. The sink has had its end in any case. */
  error: UserError | null;
}

/** A child process that traces this machine, and a decoder that turns its output into calls to a sink. */
export interface Collector {
  readonly name: CollectorName;
  /**
   * The pid of its process (or of the sudo that runs it); null before it is started and once it is
   * gone.
   */
  readonly pid: number | null;
  /** Called at each step of start(). */
  onStep: ((step: StartStep) => void) | null;
  /** Resolves when events flow: the sink has had the first host fact. Rejects with a UserError, having called nothing. */
  start(sink: TraceSink, dictionary: TraceDictionary): Promise<void>;
  /** Detaches, hands over what is still in the buffers, sends the sink an end with this reason. Call it once or often. */
  stop(reason: EndReason): Promise<void>;
  /** Never rejects. Settles after the sink's end. */
  readonly finished: Promise<CollectorExit>;
}
