/**
 * Losses: what the tracer knows that it missed, or received and could not keep. The numbers are
 * those of the collector's stream and of the recording; they never change meaning.
 */
/** The ring buffer had no room for an event: its reader was too slow. */
export const LOSS_RING_FULL = 1;
/** The kernel skipped our program because it was already running on that CPU (bpf_prog_info.recursion_misses). */
export const LOSS_RECURSION = 2;
/** bpf_get_stack() failed: the event was kept, without a call path. */
export const LOSS_NO_STACK = 3;
/** The kernel's table of call paths was full: the event was kept, without a call path. */
export const LOSS_STACK_TABLE_FULL = 4;
/** The kernel's table of process or cache names was full: the event was kept, without the name. */
export const LOSS_NAME_TABLE_FULL = 5;
/** Events that another tool reported lost without a kind ("Lost N events"). */
export const LOSS_REPORTED = 6;
/** Bytes of the stream or recording could not be decoded; `count` is in events where known. */
export const LOSS_DAMAGED = 7;
/** Not a loss: a failed alloc (ptr NULL, pfn -1), counted in the kernel and not sent. */
export const FAILED_ALLOC = 8;
/** Not a loss: kfree(NULL) or kfree(ZERO_SIZE_PTR), counted in the kernel and not sent. */
export const NULL_FREE = 9;
/** Not a loss: an event dropped in the kernel by a filter that the user chose (min size, own memory). */
export const FILTERED = 10;
/**
 * Not a loss: an alloc and its free that the kernel programs matched and did not send (min age);
 * `kind` is that of the free.
 */
export const YOUNG_PAIR = 11;
/**
 * Not a loss: an alloc that was waiting to reach the min age when its address was allocated again;
 * not sent.
 */
export const YOUNG_MISSED = 12;
/** Not a loss: an alloc sent at once, because there was no room for it to wait for the min age. */
export const YOUNG_DIRECT = 13;
/** Not a loss: an alloc that had not reached the min age when the trace ended. */
export const YOUNG_LEFT = 14;

/** Returns true for the causes 1, 2, 6 and 7: events that the core never received. */
export function isEventLoss(cause: number): boolean {
  return cause === LOSS_RING_FULL || cause === LOSS_RECURSION || cause === LOSS_REPORTED || cause === LOSS_DAMAGED;
}

/** The growth of one loss counter since the last message. */
export interface LossRow {
  /** One of the LOSS_ numbers above. */
  cause: number;
  /** Kind of the lost events (kinds.ts), 0 = unknown. */
  kind: number;
  /** CPU on which they were lost, -1 = unknown. */
  cpu: number;
  /** Number of events. */
  count: number;
  /** Bytes of those events as far as the kernel knew them, otherwise 0. */
  bytes: number;
  /** How many of the `count` events `bytes` covers. */
  countWithBytes: number;
}
