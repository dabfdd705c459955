/**
 * TraceSession: what the screen needs from whatever runs the pipeline (a worker thread, live or over a recording).
 * The screen only reads snapshots and sends commands; nothing here blocks.
 */
import type { Report, StackDetail } from '../rank/report.js';
import type { Selection } from '../rank/selection.js';
import type { ViewData, ViewRequest } from './view-data.js';

export type SessionState = 'starting' | 'tracing' | 'reading' | 'playing' | 'paused' | 'ended' | 'failed';

export interface SessionStatus {
  state: SessionState;
  /** One sentence for the user: why it waits, ended or failed; '' when all is well. */
  message: string;
  /** Events per second, newest last, one value a second, at most 60. */
  eventRates: number[];
  /** Outstanding bytes without double counting, newest last, at most 60. */
  outstandingHistory: number[];
  /** Position in a replay, ns; time traced so far when live. */
  positionNs: number;
  /** Whole length of a recording, ns, as far as it is known; 0 when live. */
  durationNs: number;
  /** Share of a recording's bytes that have been read, 0..1; 1 when live. */
  readShare: number;
  /** Replay speed; 0 = as fast as it can be read. */
  speed: number;
  /** File being recorded to, null when none. */
  recordingPath: string | null;
  recordingBytes: number;
}

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
  /** End the trace (live: detach and finish the recording); resolves when all is written. */
  stop(): Promise<void>;
}
