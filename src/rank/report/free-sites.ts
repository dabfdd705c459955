/** Where memory is usually freed, as reports tell it. Names, as in report.ts, may be added, never renamed. */
import type { ReportFrame } from './report-frame.js';

/** A call path by which memory of a row is freed. */
export interface FreePath {
  /** Frees in the sample. */
  count: number;
  /** Of all frees of the row in the sample, 0..1. */
  share: number;
  /** The function that lets the memory go; null where there are only functions of allocators, or none has a name. Untrusted. */
  function: string | null;
  /** Its module, null for the core kernel. */
  module: string | null;
  /** True if RCU frees it, after a grace period. */
  afterGracePeriod: boolean;
  /** Half of what is freed here lived less; the bounds of a power of two, ns. */
  medianNs: { from: number; to: number };
  /** Of the frees whose two CPUs are known, those on another CPU than the alloc, 0..1; null where none is known. */
  otherCpuShare: number | null;
  /** Leaf first. */
  frames: ReportFrame[];
  /** Index in `frames` of `function`; 0 without one. */
  firstFrame: number;
  /** As in ReportStack. */
  interruptedFrom: number | null;
}

/** Where the memory of a row is usually freed, by a sample of its frees. */
export interface TypicalFree
  extends Pick<FreePath, 'function' | 'module' | 'share' | 'afterGracePeriod' | 'medianNs' | 'otherCpuShare'> {
  /** Frees in the sample. */
  samples: number;
  /** The other functions that let such memory go, most frequent first. */
  otherFunctions: { function: string; share: number }[];
  /** Nine of ten lived at most so long, ns. */
  withinNs: number;
  /** Pages or objects of the row that are older than 99 of 100 of those that were freed were then. */
  heldLonger: number;
  /** The most frequent call paths, at most 3. */
  sites: FreePath[];
}

/** A function in the tree of the call paths of frees. */
export interface FreeNode {
  function: string;
  module: string | null;
  count: number;
  callers: FreeNode[];
}
