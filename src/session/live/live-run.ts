/**
 * LiveRun: one trace of this machine, from a collector into a pipeline and its recording. Commands without a screen run
 * it in their own thread, the screen in its worker.
 */
import { UserError } from '../../base/errors.js';
import { FIRST_STEP, type StartStep, stepText } from '../../base/start-steps.js';
import { chooseCollector } from '../../collect/choose.js';
import { type Collector, isOfProcesses } from '../../collect/collector.js';
import { LimitedSink } from '../../event/limited-sink.js';
import { type CarriedLook, type EndReason, MOST_LOOKS, type TraceSink } from '../../event/trace-sink.js';
import {
  createRecording,
  RecordingFile,
  type RecordingOutput,
  refuseOutput,
} from '../../recording/files/recording-file.js';
import { createRing, type RecordingRing } from '../../recording/files/recording-ring.js';
import { refuseRing } from '../../recording/files/ring-place.js';
import { PACING } from '../../recording/trace/index-writer.js';
import { TraceNames } from '../names/trace-names.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { SymbolLog } from '../pipeline/symbol-log.js';
import { EndGate } from './end-gate.js';
import { HeldBeforeSink, heldBefore } from './held-before.js';
import type { LiveOptions } from './live-options.js';
import { MarkSocket } from './mark-socket.js';
import { OwnProcesses } from './own-processes.js';
import { RecordingCheckpoints } from './recording-checkpoints.js';
import { takeLook } from './take-look.js';

/** A recorder that is killed loses at most this much. */
const FLUSH_EVERY_MS = 1000;
/** Time between two checks whether a checkpoint is due: some 300,000 events on a busy machine. */
const KEEP_EVERY_MS = 250;
/** The walks of a look over processes and cgroups end after this; at the end somebody waits. */
const LOOK_MS = 2000;
const END_LOOK_MS = 700;
/** A recording that ends at a smaller size has no look: that would be much of it. */
const LOOK_WITHIN_BYTES = 4 << 20;

export class LiveRun {
  readonly pipeline: Pipeline;
  /** What its rows belong to. */
  readonly names: TraceNames;
  /** Settles when the trace is over and the recording is closed; rejects with a UserError when either failed. */
  readonly finished: Promise<void>;
  /** The step of the start that is being done. */
  step = FIRST_STEP;
  /** Called at each step of the start. */
  onStep: ((step: StartStep) => void) | null = null;
  /** The part of the trace in a recording that ended at its size limit; null = the recording holds all of the trace. */
  recordedPart: { events: number; timeNs: number } | null = null;
  private readonly options: LiveOptions;
  /** What a command must be started with that this trace is about. */
  environment: Readonly<Record<string, string>> = {};
  private collector: Collector | null = null;
  private recording: RecordingOutput | null = null;
  private checkpoints: RecordingCheckpoints | null = null;
  private readonly symbolLog = new SymbolLog();
  private flushTimer: NodeJS.Timeout | null = null;
  private keepTimer: NodeJS.Timeout | null = null;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };
  /** The reason of the first stop(), null before it. */
  private stopReason: EndReason | null = null;
  /** Looks that the trace has not got yet. */
  private waitingLooks: CarriedLook[] = [];
  /** Called with the look as soon as it was taken; the trace gets it when it has begun. */
  onLook: ((look: CarriedLook) => void) | null = null;
  /** Settles when the look at the end has come into the trace. */
  private endLook: Promise<void> = Promise.resolve();
  private readonly gate: EndGate;
  /** Marks what processes take that run beside the trace for it. */
  readonly own: OwnProcesses;
  private hasStarted = false;
  private markSocket: MarkSocket | null = null;
  /** Why recording failed, null while it has not. */
  private recordingError: UserError | null = null;

  constructor(options: LiveOptions) {
    this.options = options;
    // Symbols are kept twice only where the recording's index will need them.
    const symbolLog = options.recordPath === null ? undefined : this.symbolLog;
    this.pipeline = new Pipeline('live', { symbolLog });
    this.gate = new EndGate(this.pipeline);
    this.own = new OwnProcesses(this.gate);
    this.names = new TraceNames(this.pipeline, this.own);
    this.finished = new Promise<void>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // An error reaches those who await `finished`; without this, one that comes earlier would end the process.
    this.finished.catch(() => undefined);
  }

  get recordingBytes(): number {
    return this.recording?.bytes ?? 0;
  }

  /** Process of the collector (or the sudo that runs it), null where there is none. */
  get collectorPid(): number | null {
    return this.collector?.pid ?? null;
  }

  /** Path of the recording; null without one, or when it has failed. */
  get recordingPath(): string | null {
    return this.recording === null || this.recordingError !== null ? null : this.options.recordPath;
  }

  /** Resolves when the collector is attached and events flow; rejects with a UserError if that fails or stop() came first. */
  async start(): Promise<void> {
    const { recordPath, force, recordOptional, ring } = this.options;
    try {
      // Refused before anything is traced; the file is made (or overwritten) only when there is something to record.
      if (recordPath !== null && recordOptional !== true) {
        if (ring === undefined) refuseOutput(recordPath, force);
        else refuseRing(recordPath, force);
      }
      const collector = await chooseCollector(this.options.collector);
      this.collector = collector;
      this.refuseIfStopped();
      collector.onStep = (step) => {
        this.environment = step.environment ?? this.environment;
        this.step = step;
        this.onStep?.(step);
      };
      this.pipeline.onFirstHost = () => {
        if (recordPath !== null) this.openRecording(recordPath);
        // Behind the host fact, which is the first of a trace.
        queueMicrotask(() => this.sendLooks());
      };
      // Read before the hooks are attached: what is allocated from then on is an event.
      const held = isOfProcesses(this.options.collector)
        ? null
        : await heldBefore(this.options.collector, this.pipeline.dictionary, this.options.heldRoot);
      this.refuseIfStopped();
      // The collector's own memory is not yet there.
      if (this.options.census === true) await this.takeLook('asked', LOOK_MS);
      const sink = held === null ? this.own : new HeldBeforeSink(this.own, held);
      const attached = collector.start(sink, this.pipeline.dictionary);
      // Beside the attaching, which is another process's work.
      if (this.wantsLooks && this.options.census !== true) void this.lookAround(LOOK_MS);
      await attached;
      if (this.stopReason !== null) {
        // A stop() during the start went to a collector that could not end yet.
        await collector.stop(this.stopReason);
        this.refuseIfStopped();
      }
      this.hasStarted = true;
      if (this.options.takesMarks === true) this.markSocket = await MarkSocket.open((text) => this.mark(text));
      void this.waitForEnd(collector);
    } catch (error) {
      this.closeRecording();
      const reason = this.stopReason === null ? error : (this.recordingError ?? this.stoppedEarly());
      this.settle.reject(reason);
      throw reason;
    }
  }

  /** Detaches, drains and finishes the recording. A call during start() makes start() reject. */
  async stop(reason: EndReason = 'stopped'): Promise<void> {
    const isFirst = this.stopReason === null;
    this.stopReason ??= reason;
    // Beside the detaching, as at the start.
    if (isFirst && this.hasStarted) this.lookAtEnd();
    await this.collector?.stop(this.stopReason);
    if (this.hasStarted) await this.finished.catch(() => undefined);
  }

  /** Sets a mark of the user's now. Returns its time, ns. */
  mark(text: string): number {
    return this.pipeline.mark(text, Date.now());
  }

  private refuseIfStopped(): void {
    if (this.stopReason !== null) throw this.recordingError ?? this.stoppedEarly();
  }

  private stoppedEarly(): UserError {
    return new UserError(`nothing was traced: stopped before tracing had begun (${stepText(this.step)})`);
  }

  /** A look that fails is none: the trace goes on without. */
  private async lookAround(deadlineMs: number): Promise<void> {
    await this.takeLook(this.options.census === true ? 'tried' : 'none', deadlineMs).catch(() => undefined);
  }

  private async takeLook(census: 'none' | 'asked' | 'tried', deadlineMs: number): Promise<void> {
    const look = await this.own.during((onProcess) => takeLook({ deadlineMs, census, onProcess }));
    this.onLook?.(look);
    this.send(look);
  }

  /** Looks once more, for the one who reads the recording; the end of the trace waits for that. */
  private lookAtEnd(): void {
    const looks = this.wantsLooks && this.pipeline.recorder !== null;
    if (!looks && this.options.names !== true) return;
    this.gate.close();
    const named = this.options.names === true ? this.names.lookAtEnd() : null;
    const looked = looks ? this.lookAround(END_LOOK_MS) : null;
    // Where kernel memory may not be read there are no names.
    this.endLook = Promise.allSettled([named, looked]).then(() => undefined);
  }

  /** False where a look would be much of the recording. */
  private get wantsLooks(): boolean {
    const { look, stopAtBytes, recordLimitBytes, ring } = this.options;
    const limits = [stopAtBytes, recordLimitBytes, ring?.maxBytes].map((bytes) => bytes ?? Number.POSITIVE_INFINITY);
    return look === true && Math.min(...limits) >= LOOK_WITHIN_BYTES;
  }

  /** Sends a look into the trace, once that has begun. */
  private send(look: CarriedLook): void {
    this.waitingLooks.push(look);
    this.sendLooks();
  }

  private sendLooks(): void {
    const { pipeline } = this;
    if (pipeline.onFirstHost !== null || pipeline.ended !== null) return;
    for (const look of this.waitingLooks) pipeline.fact({ type: 'look', timeNs: pipeline.core.nowNs, look });
    this.waitingLooks = [];
  }

  /**
   * Sends a look into the trace, and so into its recordings. False if they have no room: a reader takes no more looks, and
   * the last place is for the one at the end.
   */
  carry(look: CarriedLook): boolean {
    const { pipeline, waitingLooks } = this;
    const count = pipeline.looks.length + waitingLooks.length;
    if (!this.wantsLooks || pipeline.ended !== null || count >= MOST_LOOKS - 1) return false;
    this.send(look);
    return true;
  }

  /** Called at the first host fact, when the trace has begun: a start that fails must not overwrite a file. */
  private openRecording(path: string): void {
    // A trace that was stopped before it began must not replace a file.
    if (this.stopReason !== null) return;
    const { force, ring } = this.options;
    const { dictionary } = this.pipeline;
    try {
      const recording =
        ring === undefined
          ? createRecording(path, { force, dictionary })
          : createRing(path, { force, dictionary, pacing: PACING, ...ring });
      this.recording = recording;
      this.checkpoints = new RecordingCheckpoints(this.pipeline, recording, this.symbolLog);
      this.pipeline.recorder = this.limited(recording);
      recording.onError = (error) => this.recordingFailed(error);
      this.flushTimer = setInterval(() => recording.flush(), FLUSH_EVERY_MS);
      this.keepTimer = setInterval(() => this.checkpoints?.keep(), KEEP_EVERY_MS);
    } catch (error) {
      this.recordingFailed(error instanceof UserError ? error : new UserError(String(error)));
    }
  }

  private async waitForEnd(collector: Collector): Promise<void> {
    try {
      const exit = await collector.finished;
      await this.endLook;
      this.gate.open();
      this.closeRecording();
      if (this.recordingError !== null && this.options.recordOptional !== true) throw this.recordingError;
      if (exit.error !== null) throw exit.error;
      this.settle.resolve();
    } catch (error) {
      this.gate.open();
      this.closeRecording();
      this.settle.reject(error);
    }
  }

  /** A full disk must not lose the trace: the recording is closed readable, and the run ends with the reason. */
  private recordingFailed(error: UserError): void {
    if (this.recordingError !== null) return;
    this.recordingError = error;
    this.pipeline.recorder = null;
    if (this.options.recordOptional !== true) void this.stop('output-failed');
  }

  /** The recording's sink; with a size limit, one that ends the recording there, at the end of a chunk. */
  private limited(recording: RecordingFile | RecordingRing): TraceSink {
    const { recordLimitBytes, stopAtBytes } = this.options;
    const limit = Math.min(recordLimitBytes ?? Number.POSITIVE_INFINITY, stopAtBytes ?? Number.POSITIVE_INFINITY);
    if (limit === Number.POSITIVE_INFINITY || !(recording instanceof RecordingFile)) return recording.sink;
    return new LimitedSink(recording, limit, (timeNs) => {
      const stops = stopAtBytes !== undefined && recording.bytes >= stopAtBytes;
      recording.sink.fact({
        type: 'end',
        timeNs,
        reason: 'size-limit',
        detail: stops ? '' : 'tracing went on; the recording did not',
      });
      this.pipeline.recorder = null;
      this.recordedPart = { events: recording.events, timeNs };
      this.closeRecording();
      if (stops) void this.stop('size-limit');
    });
  }

  private closeRecording(): void {
    this.markSocket?.close();
    this.markSocket = null;
    if (this.flushTimer !== null) clearInterval(this.flushTimer);
    this.flushTimer = null;
    if (this.keepTimer !== null) clearInterval(this.keepTimer);
    this.keepTimer = null;
    try {
      this.checkpoints?.finish();
      this.recording?.close();
    } catch (error) {
      this.recordingError ??= error instanceof UserError ? error : new UserError(String(error));
    }
  }
}
