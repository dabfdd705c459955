/** Of the Report: what was not traced on purpose, or not sent. Names as in report.ts: added, never renamed. */

/**
 * What is outstanding in truth where only a sample of all addresses was traced: N times what was seen, with the
 * interval in which the truth lies 19 times of 20. What was seen is a lower bound that is certain.
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

/** A change of the sample, because of what tracing took of all CPU time until then (0..1, 0 = not known). */
export interface SampleMove {
  timeNs: number;
  fromOneIn: number;
  toOneIn: number;
  overhead: number;
}

/** What was matched in the kernel because it was freed young, and not sent. */
export interface YoungPairs {
  /** Allocs with their frees, and the bytes that they had. */
  pairs: number;
  bytes: number;
  /** Young allocs whose address was allocated again: their free was not seen. */
  missedFrees: number;
  /** Allocs that were sent at once, for there was no room to wait. */
  sentAtOnce: number;
  /** Allocs that were young when the trace ended: not known to the report. */
  left: number;
}
