/**
 * DiffReport: what grew between two reports. Its JSON form is the public format `unfreed-diff` version 1: names may be
 * added, never renamed (src/export/diff/diff.schema.json). Bytes and ns are JSON numbers below 2^53; a difference is what was
 * after less what was before.
 */
import type { AllocatorName } from '../../event/kinds.js';
import type { ReliabilityName, Report, ReportFrame, VerdictName } from './report.js';
import type { SampleEstimate } from './report-sample.js';
import type { Selection } from './selection.js';

export interface DiffReport {
  format: 'unfreed-diff';
  version: 1;
  /** 'moments': two of one trace. 'traces': each at its end, whatever was outstanding before it began left out. */
  kind: 'moments' | 'traces';
  /**
   * What makes two call paths the same. 'stack': they are, within one trace. 'symbol+offset': function, offset and module
   * of each frame up to an interrupt. 'symbol': function and module, for kernels that are not the same build.
   */
  matchedBy: MatchedBy;
  before: DiffSide;
  after: DiffSide;
  /** Between the two moments; null for two traces. */
  elapsedNs: number | null;
  outstanding: Record<AllocatorName | 'distinct', DiffTotal>;
  selection: Selection;
  /** How many call paths changed how, whether shown or not. */
  changes: Record<ChangeName, DiffGroup>;
  /** What grew first; within that as `selection.sort` says; see diff-order.ts. */
  stacks: DiffStack[];
  /** By bytes of growth, all of them; those that hold the same as before are not here but in `processesUnchanged`. */
  processes: DiffProcess[];
  processesUnchanged: number;
  /** Sentences about what the two have not in common. */
  notes: string[];
}

export type MatchedBy = 'stack' | 'symbol+offset' | 'symbol';

export const CHANGE_NAMES = ['new', 'grown', 'shrunk', 'gone', 'unchanged'] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];

/** One of the two reports. */
export interface DiffSide {
  /** As the user named it: a file, or a file and a moment. Untrusted text. */
  name: string;
  source: Report['source'];
  /** Length of the trace, or the moment in it. */
  durationNs: number;
  events: Report['events'];
  anomalies: Report['anomalies'];
  losses: Report['losses'];
  outstanding: Report['outstanding'];
  /** The tracer's own: part of `outstanding`, and of the call paths only where the selection says so. */
  self: Report['self'];
  /** Call paths that pass the selection; `given` of them could be compared. */
  matching: Report['matching'] & { given: number };
}

export interface DiffTotal {
  beforeBytes: number;
  afterBytes: number;
  differenceBytes: number;
  /** The difference cannot be outside of these: lost frees of both sides taken off at worst. */
  lowestBytes: number;
  highestBytes: number;
  /** moments: the difference over the time between. traces: the rate of one less that of the other. Null without time. */
  bytesPerHour: number | null;
  /** Null where all addresses were traced on both sides; of `distinct`, always. */
  estimate: DiffEstimate | null;
}

/**
 * What the difference stands for where only a sample was traced: the ends of both sides' intervals against each other, so
 * that the truth lies in it 19 times of 20, or more.
 */
export interface DiffEstimate {
  differenceBytes: number;
  lowBytes: number;
  highBytes: number;
}

/** With the interval in which the truth lies 19 times of 20, or more. */
export type HeldEstimate = Pick<SampleEstimate, 'bytes' | 'lowBytes' | 'highBytes'>;

export interface DiffGroup {
  stacks: number;
  differenceBytes: number;
}

/** A call path on one side. */
export interface DiffFigures {
  /** Rows of the report that are this call path: some may differ in what an interrupt hit, or in offsets. */
  rows: number;
  bytes: number;
  /** Pages or objects. */
  count: number;
  lostFreeBytes: number;
  allocBytes: number;
  allocCount: number;
  freeCount: number;
  missedFrees: number;
  /** What `bytes` stand for where only a sample was traced; null where all was. */
  estimate: HeldEstimate | null;
  verdict: VerdictName | null;
  reliability: ReliabilityName;
}

export interface DiffComm {
  /** Untrusted text. */
  comm: string;
  beforeBytes: number;
  afterBytes: number;
}

export interface DiffStack {
  /** 1 = first. */
  rank: number;
  change: ChangeName;
  allocator: AllocatorName;
  kind: string;
  category: string | null;
  differenceBytes: number;
  differenceCount: number;
  /** As DiffTotal.bytesPerHour. */
  bytesPerHour: number | null;
  /** As DiffTotal.estimate. */
  estimate: DiffEstimate | null;
  /** Null where it holds nothing, or nothing that passes the selection. */
  before: DiffFigures | null;
  after: DiffFigures | null;
  /** Greatest difference first. */
  comms: DiffComm[];
  caches: string[];
  /** Leaf first, of the report after where it is there. */
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
  note: string | null;
}

/** 'restarted': what had the same name has another pid. 'new' and 'gone' hold nothing on the other side. */
export type ProcessChange = 'new' | 'gone' | 'restarted' | 'same';

export interface DiffProcess {
  /** Untrusted text. */
  comm: string;
  /** The one after, or before where it is gone; null where pids are not known. */
  pid: number | null;
  /** Null but for 'restarted'. */
  pidBefore: number | null;
  change: ProcessChange;
  beforeBytes: number;
  afterBytes: number;
  differenceBytes: number;
  beforeCount: number;
  afterCount: number;
  /** Outstanding allocations that were made between the two moments, or in the trace after; null where not known. */
  newAllocations: number | null;
}

/** What is compared. */
export interface DiffInput {
  /** As the user named it. */
  name: string;
  /** Of single call paths (group 'stack'), all of them. */
  report: Report;
  /** Null where nothing but the report is there. */
  processes: readonly ProcessHeld[] | null;
}

/** What a side knows of a process; ProcessRow has it all. */
export interface ProcessHeld {
  comm: string;
  pid: number | null;
  bytes: number;
  count: number;
  newAllocations: number | null;
}
