/**
 * Parts of the Report about memory that was not traced on purpose, or not sent. Names, as in
 * report.ts, may be added, never renamed.
 */

/**
 * An estimate of everything outstanding where only a sample of all addresses was traced: N times
 * the traced amount, with the interval in which the truth lies 19 times of 20. The traced amount is
 * a certain lower bound.
 */
export interface SampleEstimate {
  bytes: number;
  lowBytes: number;
  highBytes: number;
  /** Pages or objects. */
  count: number;
  lowCount: number;
  highCount: number;
}

/**
 * A change of the sample. `overhead`: the share of all CPU time that tracing had taken until then,
 * the cause of the change (0..1, 0 = not known).
 */
export interface SampleMove {
  timeNs: number;
  fromOneIn: number;
  toOneIn: number;
  overhead: number;
}

/** Allocations that were freed young, and therefore matched in the kernel and not sent. */
export interface YoungPairs {
  /** Allocs with their frees, and their bytes. */
  pairs: number;
  bytes: number;
  /** Young allocs whose address was allocated again, so that their free was not seen. */
  missedFrees: number;
  /** Allocs that were sent at once because there was no room to wait. */
  sentAtOnce: number;
  /** Allocs that were still young when the trace ended. The report knows nothing else of them. */
  left: number;
}
