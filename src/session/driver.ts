import type { MemoryView } from './pipeline/memory-history.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { ActionStatus, SessionStatus } from './trace-session.js';

/** What the driver knows; the rest is the user's doing. */
export type DriverStatus = Omit<SessionStatus, keyof ActionStatus>;

/** What the worker thread drives: a live trace or a recording under the user's control. */
export interface Driver {
  /** The pipeline as it is now; a replay that seeks back makes a new one. */
  readonly pipeline: Pipeline;
  /** Grows whenever a new snapshot could differ from the last. */
  readonly changes: number;
  /** True while time is being moved: the pipeline is then of a time that nobody asked for. */
  readonly seeking: boolean;
  /** Called when a time that was asked for has been reached. */
  onSettled: (() => void) | null;
  /** Called once when the trace broke after it had started. */
  onFailure: ((error: unknown) => void) | null;
  /** Resolves when the first events can come; rejects with a UserError when they cannot. */
  start(): Promise<void>;
  status(): DriverStatus;
  /** /proc/meminfo over the whole length: in a replay also of what lies after the present position. */
  memory(): MemoryView | null;
  play(): void;
  pause(): void;
  seek(timeNs: number): void;
  setSpeed(speed: number): void;
  /** On by so many events, and pauses there. */
  step(events: number): void;
  /** Resolves when everything is written and closed. */
  stop(): Promise<void>;
}
