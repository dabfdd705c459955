/**
 * DiffReport: the growth between two reports. Its JSON form is the public format `unfreed-diff`
 * version 1: names may be added, never renamed (src/export/diff/diff.schema.json). Bytes and ns are JSON
 * numbers below 2^53; a difference is the amount after less the amount before.
 */
import type { CensusReport } from '../../census/report.js';
import type { HeldMeaning } from '../../coverage/meaning.js';
import type { AllocatorName, ByAllocator } from '../../event/kinds.js';
import type { Report } from './report.js';
import type { Growth, Holder, ReliabilityName, ReportFrame, VerdictName } from './report-rows.js';
import type { SampleEstimate } from './report-sample.js';
import type { Selection } from './selection.js';

export interface DiffReport {
  format: 'unfreed-diff';
  version: 1;
  /**
   * 'moments': two moments of one trace. 'traces': two traces, each at its end, without memory from
   * before it began.
   */
  kind: 'moments' | 'traces';
  /**
   * The property by which two call paths are the same. 'stack': their id, within one trace.
   * 'symbol+offset': function, offset and module of each frame up to an interrupt. 'symbol':
   * function and module, for kernels of different builds.
   */
  matchedBy: MatchedBy;
  /** The sentences that a reader needs first (answer/diff-conclusions.ts). */
  conclusions: DiffConclusion[];
  before: DiffSide;
  after: DiffSide;
  /** Time between the two moments; null for two traces. */
  elapsedNs: number | null;
  outstanding: ByAllocator<DiffTotal> & { distinct: DiffTotal };
  selection: Selection;
  /** Number of call paths of each change, whether shown or not. */
  changes: Record<ChangeName, DiffGroup>;
  /** Growing call paths first, each part in the order of `selection.sort`; see diff-order.ts. */
  stacks: DiffStack[];
  /**
   * All processes that changed, by bytes of growth. `processesUnchanged` counts those that hold the
   * same as before.
   */
  processes: DiffProcess[];
  processesUnchanged: number;
  /**
   * All cgroups that changed, by bytes of growth; none where neither side knows cgroups. `cgroupsUnchanged` counts those that
   * hold the same as before.
   */
  cgroups: DiffCgroup[];
  cgroupsUnchanged: number;
  /**
   * The last census of the later trace, with its changes against that of the earlier one; null unless both carry one, of
   * two times. Names in it are untrusted.
   */
  census: CensusReport | null;
  /** Sentences about differences between the two that the numbers do not show. */
  notes: string[];
}

export type MatchedBy = 'stack' | 'symbol+offset' | 'symbol';

export const CHANGE_NAMES = ['new', 'grown', 'shrunk', 'gone', 'unchanged'] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];

/**
 * 'grew' and 'new': there is more of it than before, or it was not there; 'shrank' and 'gone': there is
 * less of it, or nothing is left; 'quiet': nothing grew; 'doubt': the figures must not be relied on.
 */
export const DIFF_CONCLUSION_KINDS = ['doubt', 'grew', 'new', 'quiet', 'shrank', 'gone'] as const;
export type DiffConclusionKind = (typeof DIFF_CONCLUSION_KINDS)[number];

export interface DiffConclusion {
  kind: DiffConclusionKind;
  /** One or two plain sentences. They contain names of processes and functions: untrusted text. */
  text: string;
  /** Where it counts, how sure it is, and what it means; null = nothing to add. Untrusted text. */
  detail: string | null;
  /** DiffStack.rank of its greatest call path, listed or not; null = none. */
  rank: number | null;
  /** A command that tells more; null = none. */
  next: string | null;
}

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
  /**
   * The tracer's own memory: part of `outstanding`, and of the call paths only if the selection
   * includes it.
   */
  self: Report['self'];
  /** Call paths that pass the selection; `given` of them could be compared. */
  matching: Report['matching'] & { given: number };
}

export interface DiffTotal {
  beforeBytes: number;
  afterBytes: number;
  differenceBytes: number;
  /** Bounds of the difference: in the worst case, all lost frees of one side or the other are taken off. */
  lowestBytes: number;
  highestBytes: number;
  /**
   * moments: the difference over the time between. traces: the rate of one less the rate of the
   * other. Null if no time passed, or where frees are missing on one side.
   */
  bytesPerHour: number | null;
  /** Null where all addresses were traced on both sides. Always null for `distinct`. */
  estimate: DiffEstimate | null;
}

/**
 * An estimate of the difference for all addresses where only a sample was traced. Its interval
 * takes the opposite ends of both sides' intervals, so that the truth lies in it 19 times of 20, or
 * more.
 */
export interface DiffEstimate {
  differenceBytes: number;
  lowBytes: number;
  highBytes: number;
}

/** An estimate with the interval in which the truth lies 19 times of 20, or more. */
export type HeldEstimate = Pick<SampleEstimate, 'bytes' | 'lowBytes' | 'highBytes'>;

export interface DiffGroup {
  stacks: number;
  differenceBytes: number;
}

/** A call path on one side. */
export interface DiffFigures {
  /** Rows of the report that are this call path. They may differ in the interrupted code, or in offsets. */
  rows: number;
  /** What `bytes` and `count` are, by what the trace covers. */
  meaning: HeldMeaning;
  bytes: number;
  /** Pages or objects. */
  count: number;
  lostFreeBytes: number;
  allocBytes: number;
  allocCount: number;
  freeCount: number;
  missedFrees: number;
  /** Estimate of `bytes` for all addresses where only a sample was traced; null where all were traced. */
  estimate: HeldEstimate | null;
  verdict: VerdictName | null;
  reliability: ReliabilityName;
  /** Who holds most of it. Of two traces it has no pid, because the same pid is another process after a boot. */
  holder: Holder;
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
  /** Null where the call path holds nothing that passes the selection. */
  before: DiffFigures | null;
  after: DiffFigures | null;
  /** Greatest difference first. */
  comms: DiffComm[];
  caches: string[];
  /** What the memory is, as ReportStack.noun. Untrusted text. */
  noun: string;
  /** The trend of its memory after, whatever the verdict; null where it did not grow, or where none is known. */
  growth: Growth | null;
  /** Leaf first; from the report after if the call path is in it. */
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
  note: string | null;
}

/** 'restarted': the same, started again. 'new' and 'gone': it holds nothing on the other side. */
export type ProcessChange = 'new' | 'gone' | 'restarted' | 'same';

/** What a process or a cgroup held before and after. */
export interface HeldChange {
  change: ProcessChange;
  beforeBytes: number;
  afterBytes: number;
  differenceBytes: number;
  /** Pages and objects. */
  beforeCount: number;
  afterCount: number;
}

/** 'restarted': same name, other pid. */
export interface DiffProcess extends HeldChange {
  /** Untrusted text. */
  comm: string;
  /** The pid after, or before if the process is gone; null where pids are not known. */
  pid: number | null;
  /** Null unless 'restarted'. */
  pidBefore: number | null;
  /** Outstanding allocations made between the two moments, or in the trace after; null where not known. */
  newAllocations: number | null;
  /** Of a trace of processes: what the kernel counts for it on both sides. Absent in others. */
  sizes?: ProcessSizes;
}

/** Bytes; null where the process was not there, or was not looked at. */
export interface ProcessSizes {
  beforeVsz: number | null;
  afterVsz: number | null;
  beforeRss: number | null;
  afterRss: number | null;
}

/** 'restarted': another path, but the same container, pod or unit (diff/diff-cgroups.ts). All texts are untrusted. */
export interface DiffCgroup extends HeldChange {
  /** Path after, or before if it is gone. */
  cgroup: string;
  /** Short for a list. */
  name: string;
  /** Null unless 'restarted'. */
  cgroupBefore: string | null;
}

/** One of the two inputs of a comparison. */
export interface DiffInput {
  /** As the user named it. */
  name: string;
  /** Holds all call paths, not grouped (group 'stack'). */
  report: Report;
  /** Null where only the report is given. */
  processes: readonly ProcessHeld[] | null;
}

/** The figures of a process that a diff compares. A ProcessRow is one. */
export interface ProcessHeld {
  comm: string;
  pid: number | null;
  bytes: number;
  count: number;
  newAllocations: number | null;
}
