/** The screen's end of the worker thread. */
import { Worker } from 'node:worker_threads';
import { BugError, UserError } from '../../base/errors.js';
import { FIRST_STEP, type StartStep } from '../../base/start-steps.js';
import { refusalSentences } from '../../coverage/refusals.js';
import type { Selection } from '../../rank/report/selection.js';
import type { SessionSnapshot, SessionStatus, TraceSession, UserAction } from '../trace-session.js';
import { NO_VIEW, type ViewRequest } from '../view-data.js';
import type { WorkerCommand, WorkerEvent, WorkerInit } from './messages.js';
import { firstLook, gapLook, thisMachine } from './starting.js';

const STARTING: SessionStatus = {
  state: 'starting',
  message: '',
  eventRates: [],
  outstandingHistory: [],
  positionNs: 0,
  durationNs: 0,
  readShare: 0,
  speed: 1,
  recordingPath: null,
  recordingBytes: 0,
  lateRecording: null,
  timeline: null,
  markNs: null,
  collectorCpu: null,
  notice: null,
  saved: [],
};

export class WorkerSession implements TraceSession {
  readonly mode: 'live' | 'replay';
  /** Resolves when the trace runs or the recording is open; rejects with the worker's error. */
  readonly started: Promise<void>;
  /** The error of a trace that could not start or has failed; null while there is none. */
  failure: Error | null = null;
  /** The same, if the trace could not start though stop() had not been called; null in any other case. */
  refusal: Error | null = null;
  private readonly worker: Worker;
  private readonly listeners = new Set<() => void>();
  private readonly stopped: Promise<void>;
  private snapshot: SessionSnapshot = {
    report: null,
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    triage: null,
    status: STARTING,
  };
  private hasLook = false;
  private isStarted = false;
  private isStopping = false;

  constructor(init: WorkerInit) {
    this.mode = init.mode;
    if (init.mode === 'live') {
      const machine = thisMachine();
      const starting = { step: FIRST_STEP, machine, firstLook: gapLook(machine), refused: [] };
      this.snapshot = { ...this.snapshot, status: { ...STARTING, starting } };
    }
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: init });
    let resolveStarted: () => void = ignore;
    let rejectStarted: (error: Error) => void = ignore;
    this.started = new Promise((resolve, reject) => {
      resolveStarted = resolve;
      rejectStarted = reject;
    });
    // An error reaches those who await `started`; a screen that was left before reads `failure`.
    this.started.catch(ignore);
    this.stopped = new Promise((resolve) => {
      this.worker.on('exit', () => resolve());
    });
    const broken = (error: Error): void => {
      this.failure ??= error;
      if (!this.isStarted) {
        if (!this.isStopping) this.refusal ??= error;
        rejectStarted(error);
        return;
      }
      this.publish({ ...this.snapshot, status: { ...this.snapshot.status, state: 'failed', message: error.message } });
    };
    this.worker.on('error', broken);
    this.worker.on('message', (event: WorkerEvent) => {
      if (event.type === 'snapshot') this.publish(this.withStart(this.withMarks(event.snapshot)));
      else if (event.type === 'step') this.publish(this.withStart(this.snapshot, event.step));
      else if (event.type === 'failure') broken(toError(event.failure));
      else if (event.type === 'started') {
        this.isStarted = true;
        resolveStarted();
      }
    });
  }

  getSnapshot(): SessionSnapshot {
    return this.snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  select(selection: Selection): void {
    this.send({ type: 'select', selection });
  }

  openStack(stackId: number | null): void {
    this.send({ type: 'open', stackId });
  }

  show(view: ViewRequest): void {
    this.send({ type: 'show', view });
  }

  play(): void {
    this.send({ type: 'play' });
  }

  pause(): void {
    this.send({ type: 'pause' });
  }

  seek(timeNs: number): void {
    this.send({ type: 'seek', timeNs });
  }

  setSpeed(speed: number): void {
    this.send({ type: 'speed', speed });
  }

  act(action: UserAction): void {
    this.send({ type: 'act', action });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.send({ type: 'stop' });
    await this.stopped;
  }

  private send(command: WorkerCommand): void {
    this.worker.postMessage(command);
  }

  /** The worker's snapshots do not know the start, which this thread shows until there is something to report. */
  private withStart(snapshot: SessionSnapshot, step?: StartStep): SessionSnapshot {
    const { starting } = this.snapshot.status;
    if (starting === undefined || !isBeforeFirstEvent(snapshot)) return snapshot;
    const now = { ...starting };
    if (step !== undefined) Object.assign(now, { step, refused: refusalSentences(step.notes ?? []) });
    // performance.now() counts from the start of the program.
    if (!this.hasLook && snapshot.triage !== null && snapshot.triage !== undefined) {
      this.hasLook = true;
      now.firstLook = firstLook(snapshot.triage, performance.now());
    }
    return { ...snapshot, status: { ...snapshot.status, starting: now } };
  }

  private withMarks(snapshot: SessionSnapshot): SessionSnapshot {
    const { marks } = this.snapshot;
    return marks === undefined ? snapshot : { marks, ...snapshot };
  }

  private publish(snapshot: SessionSnapshot): void {
    this.snapshot = snapshot;
    for (const listener of this.listeners) listener();
  }
}

/** True until a live trace has told of anything: its hooks are not all attached, or its first events still on their way. */
export function isBeforeFirstEvent({ status, report }: Pick<SessionSnapshot, 'status' | 'report'>): boolean {
  if (status.state === 'starting') return true;
  return status.state === 'tracing' && (report === null || (report.events.total === 0 && report.durationNs === 0));
}

function ignore(): void {}

function toError(failure: { message: string; nextSteps: string[]; bug: boolean }): Error {
  return failure.bug ? new BugError(failure.message) : new UserError(failure.message, failure.nextSteps);
}
