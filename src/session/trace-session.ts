/**
 * TraceSession: what the screen needs from whatever runs the pipeline (a worker thread, live or over a recording).
 * The screen only reads snapshots and sends commands; nothing here blocks.
 */
import type { Report, StackDetail } from '../rank/report/report.js';
import type { Selection } from '../rank/report/selection.js';
import type { TimelineView } from './pipeline/timeline.js';
import type { Notice, UserAction } from './user-action.js';
import type { ViewData, ViewRequest } from './view-data.js';

export type { ExportFormat, GrowthFormat } from './export-formats.js';
export { EXPORT_FORMATS, GROWTH_FORMATS } from './export-formats.js';
export type { TimelineView } from './pipeline/timeline.js';
export type { Notice, UserAction } from './user-action.js';

export type SessionState = 'starting' | 'tracing' | 'reading' | 'playing' | 'paused' | 'ended' | 'failed';

export interface SessionStatus {
  state: SessionState;
  /** One sentence for the user: why it waits, ended or failed; '' when all is well. */
  message: string;
  /** Events per second, newest last, one value a second, at most 60. */
  eventRates: number[];
  /** Outstanding bytes of all allocators, none counted twice, newest last, one value a second, at most 60. */
  outstandingHistory: number[];
  /** Position in a replay, ns; time traced so far when live. */
  positionNs: number;
  /** Whole length of a recording, ns, as far as it is known; 0 when live. */
  durationNs: number;
  /** Share of a recording's bytes that have been read, 0..1; 1 when live, and once all has been read. */
  readShare: number;
  /** Replay speed; 0 = as fast as it can be read. */
  speed: number;
  /** File being recorded to, null when none. */
  recordingPath: string | null;
  recordingBytes: number;
  /** Begun on the screen: a recording of its own, from `sinceNs` of the trace on. */
  lateRecording: { path: string; bytes: number; sinceNs: number } | null;
  /** Whole length of a replay as far as it has been read, wherever time stands now; null when live. */
  timeline: TimelineView | null;
  /** When the mark was made; null without one. */
  markNs: number | null;
  /** What the collector's own process takes, as a share of one core; null when it is not known. */
  collectorCpu: number | null;
  /** What came of the last thing that the user did; null before the first. */
  notice: Notice | null;
  /** Files written because of what the user did, the last of them. */
  saved: string[];
}

/** The part of the status that the user's own actions make. */
export type ActionStatus = Pick<SessionStatus, 'notice' | 'saved' | 'markNs' | 'lateRecording'>;

/** Immutable; a new one (new identity) whenever anything changed. */
export interface SessionSnapshot {
  report: Report | null;
  /** Detail of the opened stack, null when none is open or it is not there yet. */
  detail: StackDetail | null;
  /** What the view that was asked for last needs besides; null when that is nothing, or it is not there yet. */
  view: ViewData | null;
  /** What `view` answers. */
  viewRequest: ViewRequest;
  status: SessionStatus;
}

export interface TraceSession {
  readonly mode: 'live' | 'replay';
  getSnapshot(): SessionSnapshot;
  /** Calls back on each new snapshot; returns the way to stop that. */
  subscribe(listener: () => void): () => void;
  /** Rank by this from now on. */
  select(selection: Selection): void;
  /** Keep `detail` filled for this stack; null = none. */
  openStack(stackId: number | null): void;
  /** Keep `view` filled with what this asks for, and with nothing else. */
  show(view: ViewRequest): void;
  /** Replay only; ignored when live. */
  play(): void;
  pause(): void;
  seek(timeNs: number): void;
  setSpeed(speed: number): void;
  /** Do this; what comes of it is told in `status.notice`. */
  act(action: UserAction): void;
  /** End the trace (live: detach and finish the recording); resolves when all is written. */
  stop(): Promise<void>;
}
