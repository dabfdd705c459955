/** A span of a recording or stream that could not be read. */
export interface Damage {
  /** Offset in the file; in a compressed file, in the uncompressed bytes. */
  byteOffset: number;
  /** The time of the trace that it may have held, ns. Equal where only the place is known. */
  fromNs: number;
  toNs: number;
  /** Events lost; 0 = none, or unknown. */
  events: number;
  reason: string;
}

/** The most damaged spans that are kept with their place; all of them are counted. */
export const DAMAGED_SPANS_KEPT = 1000;
