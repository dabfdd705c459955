/**
 * TraceSession: the screen's interface to the thread that runs the pipeline, live or over a recording. The screen reads
 * snapshots and sends commands; nothing here blocks.
 */
import type { StartStep } from '../base/start-steps.js';
import type { Report } from '../rank/report/report.js';
import type { StackDetail } from '../rank/report/report-rows.js';
import type { Selection } from '../rank/report/selection.js';
import type { TriageReport } from '../triage/report.js';
import type { MarksView } from './pipeline/mark-log.js';
import type { TimelineView } from './pipeline/timeline.js';
import type { Notice, UserAction } from './user-action.js';
import type { ViewData, ViewRequest } from './view-data.js';

export type { ExportFormat, GrowthFormat } from './export-formats.js';
export { EXPORT_FORMATS, GROWTH_FORMATS } from './export-formats.js';
export type { MarkCount, MarksView } from './pipeline/mark-log.js';
export type { TimelineView } from './pipeline/timeline.js';
export type { Notice, UserAction } from './user-action.js';

export type SessionState = 'starting' | 'tracing' | 'reading' | 'playing' | 'paused' | 'ended' | 'failed';

/** A live trace whose hooks are not all attached yet, or whose first event has not come. */
export interface StartingStatus {
  step: StartStep;
  /** Null if nothing is known of it. */
  machine: StartingMachine | null;
  /** What the first look says; null until it has come. */
  firstLook: FirstLook | null;
  /** What this kernel refuses, and what the trace will lack therefore: untrusted sentences. */
  refused: readonly string[];
}

/** The first look at the machine in a sentence. */
export interface FirstLook {
  /** Untrusted. */
  text: string;
  /** True if something is abnormal before the trace. */
  abnormal: boolean;
}

/** This machine before it is traced. */
export interface StartingMachine {
  /** Untrusted. */
  hostname: string;
  kernel: string;
  /** RAM in bytes; 0 = unknown. */
  totalBytes: number;
  availableBytes: number;
  /** RAM that no line of meminfo shows, bytes; null = unknown. */
  gapBytes: number | null;
}

export interface SessionStatus {
  state: SessionState;
  /** The start of a live trace; absent in a replay, and once its first events have come. */
  starting?: StartingStatus;
  /** A sentence for the user: why the trace waits, has ended or has failed; '' when there is nothing to say. */
  message: string;
  /** Events per second, newest last, one value a second, at most 60. */
  eventRates: number[];
  /** Outstanding bytes of all allocators, none counted twice, newest last, one value a second, at most 60. */
  outstandingHistory: number[];
  /** Position in a replay, ns; time traced so far when live. */
  positionNs: number;
  /** Length of the recording, ns, as far as it is known; 0 when live. */
  durationNs: number;
  /** Share of the recording's bytes that have been read, 0..1; 1 when live, and once the end has been read. */
  readShare: number;
  /** Replay speed; 0 = as fast as it can be read. */
  speed: number;
  /** File that the trace is recorded to, null when there is none. */
  recordingPath: string | null;
  recordingBytes: number;
  /** The recording that was begun on the screen, from `sinceNs` of the trace on; null when there is none. */
  lateRecording: { path: string; bytes: number; sinceNs: number } | null;
  /** The whole replay as far as it has been read, at any position; null when live. */
  timeline: TimelineView | null;
  /** Time of the mark, ns; null without one. */
  markNs: number | null;
  /** CPU time of the collector's own process as a share of one core; null when it is not known. */
  collectorCpu: number | null;
  /** Result of the user's last action; null before the first. */
  notice: Notice | null;
  /** The last files that the user's actions wrote. */
  saved: string[];
}

/** The part of the status that the user's own actions make. */
export type ActionStatus = Pick<SessionStatus, 'notice' | 'saved' | 'markNs' | 'lateRecording'>;

/** Immutable: every change makes a new object. */
export interface SessionSnapshot {
  report: Report | null;
  /** Detail of the opened stack; null when none is open or its detail has not been made yet. */
  detail: StackDetail | null;
  /** Data of the last requested view besides the report; null when it needs none, or has not been made yet. */
  view: ViewData | null;
  /** The request that `view` answers. */
  viewRequest: ViewRequest;
  /**
   * What triage says of the first look: live of the one that was taken as the trace began, in a replay of
   * those in the recording. Null or absent until it has come, some 0.3 s after the start of a live trace; and
   * in recordings without a look.
   */
  triage?: TriageReport | null;
  /** What happened on the machine: live so far, of a replay as far as it has been read, at any position. Absent: nothing is known. */
  marks?: MarksView;
  status: SessionStatus;
}

export interface TraceSession {
  readonly mode: 'live' | 'replay';
  getSnapshot(): SessionSnapshot;
  /** Calls `listener` at each new snapshot; returns a function that stops that. */
  subscribe(listener: () => void): () => void;
  /** Ranks by this selection from now on. */
  select(selection: Selection): void;
  /** Keeps `detail` filled for this stack; null = none. */
  openStack(stackId: number | null): void;
  /** Keeps `view` filled with the answer to this request alone. */
  show(view: ViewRequest): void;
  /** This and the next three apply to a replay; they are ignored when live. */
  play(): void;
  pause(): void;
  seek(timeNs: number): void;
  setSpeed(speed: number): void;
  /** Does this; its result is reported in `status.notice`. */
  act(action: UserAction): void;
  /** Ends the trace (live: detaches and finishes the recording); resolves when everything is written. */
  stop(): Promise<void>;
}
