/** The part of the Report that shows the machine's memory over the trace. */

/**
 * Where the memory was at up to 64 samples of the kernel's counters: the first one, the latest one, and between them the
 * last one of each of some equal steps of time.
 */
export interface MemorySeries {
  /** Times of the samples, ns, rising. */
  timesNs: number[];
  /**
   * Bytes of each part at those times, in the order of a stacked chart from the bottom: what the kernel needs, the
   * user's memory, `not in meminfo` (the gap), `free`. They add up to MemTotal; where the gap is 0, to a little more
   * at times, because the counters are read one after the other.
   */
  parts: { name: string; bytes: number[] }[];
}
