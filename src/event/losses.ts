/**
 * Losses: everything the tracer knows that it did not see, or saw and could not keep. The numbers are wire numbers of
 * the collector's stream and of the recording.
 */
/** An event had no room in the ring buffer (the reader was too slow). */
export const LOSS_RING_FULL = 1;
/** The kernel skipped our program because it was already running on that CPU (bpf_prog_info.recursion_misses). */
export const LOSS_RECURSION = 2;
/** bpf_get_stack failed: the event was kept, without a call path. */
export const LOSS_NO_STACK = 3;
/** The kernel's table of call paths was full: the event was kept, without a call path. */
export const LOSS_STACK_TABLE_FULL = 4;
/** The kernel's table of process or cache names was full: the event was kept, without the name. */
export const LOSS_NAME_TABLE_FULL = 5;
/** Events that another tool reported lost without a kind ("Lost N events"). */
export const LOSS_REPORTED = 6;
/** Bytes of the stream or recording that could not be decoded; `count` is of events where known. */
export const LOSS_DAMAGED = 7;
/** Not a loss: an alloc that failed in the kernel (ptr NULL, pfn -1), counted there and not sent. */
export const FAILED_ALLOC = 8;
/** Not a loss: kfree(NULL) or kfree(ZERO_SIZE_PTR), counted in the kernel and not sent. */
export const NULL_FREE = 9;
/** Not a loss: left out in the kernel by a filter that the user chose (min size, own memory). */
export const FILTERED = 10;
/** Not a loss: an alloc and its free that were matched in the kernel and not sent (min age); kind is that of the free. */
export const YOUNG_PAIR = 11;
/** Not a loss: an alloc that waited to be old enough when its address was allocated again, and was not sent. */
export const YOUNG_MISSED = 12;
/** Not a loss: an alloc for which there was no room to wait, and which was sent at once. */
export const YOUNG_DIRECT = 13;
/** Not a loss: an alloc that was not yet old enough when the trace ended. */
export const YOUNG_LEFT = 14;

/** Causes 1, 2, 6, 7 mean events the core never saw. */
export function isEventLoss(cause: number): boolean {
  return cause === LOSS_RING_FULL || cause === LOSS_RECURSION || cause === LOSS_REPORTED || cause === LOSS_DAMAGED;
}

/** One growing counter's growth since the last message. */
export interface LossRow {
  /** One of the LOSS_ numbers above. */
  cause: number;
  /** Event kind (kinds.ts) that was lost, 0 = not known. */
  kind: number;
  /** CPU on which it was lost, -1 = not known. */
  cpu: number;
  /** Events. */
  count: number;
  /** Bytes of those events where the kernel knew them, 0 otherwise. */
  bytes: number;
  /** How many of `count` are covered by `bytes`. */
  countWithBytes: number;
}
