/** A part of a recording or stream that could not be read. */
export interface Damage {
  /** Place in the file (in a compressed one: in what comes out of it). */
  byteOffset: number;
  /** Span of the trace that it may have held, ns; fromNs === toNs where only its place is known. */
  fromNs: number;
  toNs: number;
  /** Events lost, 0 = not known, or none. */
  events: number;
  reason: string;
}

/** Damages that are kept with their place; all are counted. */
export const DAMAGES_KEPT = 1000;
