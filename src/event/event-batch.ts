/**
 * EventBatch: one typed array per field, the only form of events before pairing. Decoders and the
 * recording reader fill a batch and pass it to a TraceSink. The sink must use or copy the rows
 * before its call returns: the producer then clears the batch and fills it again.
 *
 * Rows [0, length) are valid, in causal order for any one address. A column that a kind does not
 * use holds 0.
 */
export class EventBatch {
  readonly capacity: number;
  length = 0;
  /** ns since the start of the trace. Never raw ktime, which passes 2^53 after 104 days of uptime. */
  readonly timeNs: Float64Array;
  /** Event kind, see kinds.ts; SELF_BIT may be set on allocs. */
  readonly kind: Uint8Array;
  /**
   * High 32 bits of the pointer (slab, percpu, vmalloc), or of the pfn (page); the low ones are in
   * addrLo.
   */
  readonly addrHi: Uint32Array;
  readonly addrLo: Uint32Array;
  /**
   * Allocs of slab and percpu: bytes_alloc. Allocs and frees of pages, and vmalloc allocs: pages.
   * Otherwise 0.
   */
  readonly size: Uint32Array;
  /** Allocs of kmalloc, kmem_cache and percpu: bytes_req. Otherwise 0. */
  readonly bytesReq: Uint32Array;
  /**
   * Call path of an alloc, an id of the trace's StackTable; 0 = the kernel could not record one. Of a
   * free 0, unless it is one of the few whose call path was taken; such a free has its task and CPU too.
   */
  readonly stackId: Uint32Array;
  /** tgid of the task that ran at an alloc (in an interrupt: of the task that it interrupted). */
  readonly pid: Uint32Array;
  /** Name of that task, an id of the trace's comm table; 0 = unknown. */
  readonly commId: Uint32Array;
  /** Slab cache of a kmem_cache_alloc, an id of the trace's cache table; 0 = none or unknown. */
  readonly cacheId: Uint32Array;
  /** 1 + the number of the CPU at an alloc, 0 = unknown. */
  readonly cpu: Uint16Array;

  /**
   * `memory` and `offset` are for a batch that two threads share: it uses batchBytes(capacity)
   * bytes from `offset` on, which must be a multiple of 8.
   */
  constructor(
    capacity: number = DEFAULT_BATCH_CAPACITY,
    memory: ArrayBufferLike = new ArrayBuffer(batchBytes(capacity)),
    offset = 0,
  ) {
    this.capacity = capacity;
    const words = (column: number): Uint32Array =>
      new Uint32Array(memory, offset + capacity * (TIME_BYTES + column * WORD_BYTES), capacity);
    this.timeNs = new Float64Array(memory, offset, capacity);
    this.addrHi = words(0);
    this.addrLo = words(1);
    this.size = words(2);
    this.bytesReq = words(3);
    this.stackId = words(4);
    this.pid = words(5);
    this.commId = words(6);
    this.cacheId = words(7);
    const rest = offset + capacity * (TIME_BYTES + WORDS * WORD_BYTES);
    this.cpu = new Uint16Array(memory, rest, capacity);
    this.kind = new Uint8Array(memory, rest + capacity * CPU_BYTES, capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** Appends rows [from, to) of another batch. The caller must make sure that they fit. */
  append(batch: EventBatch, from: number, to: number): void {
    const at = this.length;
    this.timeNs.set(batch.timeNs.subarray(from, to), at);
    this.kind.set(batch.kind.subarray(from, to), at);
    this.addrHi.set(batch.addrHi.subarray(from, to), at);
    this.addrLo.set(batch.addrLo.subarray(from, to), at);
    this.size.set(batch.size.subarray(from, to), at);
    this.bytesReq.set(batch.bytesReq.subarray(from, to), at);
    this.stackId.set(batch.stackId.subarray(from, to), at);
    this.pid.set(batch.pid.subarray(from, to), at);
    this.commId.set(batch.commId.subarray(from, to), at);
    this.cacheId.set(batch.cacheId.subarray(from, to), at);
    this.cpu.set(batch.cpu.subarray(from, to), at);
    this.length = at + to - from;
  }
}

/** From here on a Number holds times inexactly: an event with such a time is damaged. */
export const TIME_LIMIT_NS = Number.MAX_SAFE_INTEGER;

const TIME_BYTES = 8;
const WORD_BYTES = 4;
const CPU_BYTES = 2;
/** Number of 32-bit columns. */
const WORDS = 8;

/** Returns the bytes that a batch takes, a multiple of 8. */
export function batchBytes(capacity: number): number {
  return Math.ceil((capacity * (TIME_BYTES + WORDS * WORD_BYTES + CPU_BYTES + 1)) / 8) * 8;
}

/**
 * 8 Ki events: 360 KB of columns, which stay in the processor's second-level cache, and 8 ms of a
 * busy machine's events.
 */
export const DEFAULT_BATCH_CAPACITY = 8192;
