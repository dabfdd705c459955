/**
 * LiveRun: one trace of this machine: a collector into a pipeline, and the recording beside it. Used by the headless
 * commands in their own thread and by the screen's worker.
 */
import { UserError } from '../base/errors.js';
import { chooseCollector } from '../collect/choose.js';
import type { Collector, CollectorOptions } from '../collect/collector.js';
import type { EndReason } from '../event/trace-sink.js';
import { createRecording, RecordingFile, type RecordingOutput } from '../recording/file.js';
import { createRing } from '../recording/file-ring.js';
import { Pipeline } from './pipeline.js';
import { RecordingCheckpoints } from './recording-checkpoints.js';
import { SymbolLog } from './symbol-log.js';

export interface LiveOptions {
  collector: CollectorOptions;
  /** File to record to, null = none. */
  recordPath: string | null;
  /** Overwrite it if it exists. */
  force: boolean;
  /** Stop recording (not tracing) when the file has this size; absent = no limit. */
  recordLimitBytes?: number;
  /** End the run when the file has this size; absent = no limit. */
  stopAtBytes?: number;
  /** Record to a ring of files instead of to one. */
  ring?: { maxBytes: number; keep: number };
}

/** A recorder that is killed loses at most this much. */
const FLUSH_EVERY_MS = 1000;

export class LiveRun {
  readonly pipeline: Pipeline;
  /** Settles when the trace is over and the recording is closed; rejects with a UserError when either failed. */
  readonly finished: Promise<void>;
  private readonly options: LiveOptions;
  private collector: Collector | null = null;
  private recording: RecordingOutput | null = null;
  private checkpoints: RecordingCheckpoints | null = null;
  private readonly symbolLog = new SymbolLog();
  private flushTimer: NodeJS.Timeout | null = null;
  private settle!: { resolve: () => void; reject: (error: unknown) => void };
  private stopping: Promise<void> | null = null;
  /** Why recording ended early, null while all is well. */
  private recordingError: UserError | null = null;

  constructor(options: LiveOptions) {
    this.options = options;
    // Symbols are kept twice only where the recording's index will need them.
    const symbolLog = options.recordPath === null ? undefined : this.symbolLog;
    this.pipeline = new Pipeline('live', { symbolLog });
    this.finished = new Promise<void>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever awaits `finished` gets the error; nobody having done so yet is no crash.
    this.finished.catch(() => undefined);
  }

  get recordingBytes(): number {
    return this.recording?.bytes ?? 0;
  }

  /** Resolves when the collector is attached and events flow. Throws a UserError when it cannot. */
  async start(): Promise<void> {
    const { recordPath, force, ring } = this.options;
    const collector = await chooseCollector(this.options.collector);
    this.collector = collector;
    if (recordPath !== null) {
      const { dictionary } = this.pipeline;
      const recording =
        ring === undefined
          ? createRecording(recordPath, { force, dictionary })
          : createRing(recordPath, { force, dictionary, ...ring });
      this.recording = recording;
      if (recording instanceof RecordingFile) {
        this.checkpoints = new RecordingCheckpoints(this.pipeline, recording, this.symbolLog);
      }
      this.pipeline.recorder = recording.sink;
      recording.onError = (error) => this.recordingFailed(error);
      this.flushTimer = setInterval(() => this.flushRecording(recording), FLUSH_EVERY_MS);
    }
    try {
      await collector.start(this.pipeline, this.pipeline.dictionary);
    } catch (error) {
      this.closeRecording();
      throw error;
    }
    void this.waitForEnd(collector);
  }

  /** Detaches, drains, finishes the recording. */
  stop(reason: EndReason = 'stopped'): Promise<void> {
    this.stopping ??= (async () => {
      await this.collector?.stop(reason);
      await this.finished.catch(() => undefined);
    })();
    return this.stopping;
  }

  private async waitForEnd(collector: Collector): Promise<void> {
    try {
      const exit = await collector.finished;
      this.closeRecording();
      if (this.recordingError !== null) throw this.recordingError;
      if (exit.error !== null) throw exit.error;
      this.settle.resolve();
    } catch (error) {
      this.closeRecording();
      this.settle.reject(error);
    }
  }

  /** A full disk must not end in a lost trace: the recording is closed whole, and the run ends with the reason. */
  private recordingFailed(error: UserError): void {
    if (this.recordingError !== null) return;
    this.recordingError = error;
    this.pipeline.recorder = null;
    void this.stop('output-failed');
  }

  private flushRecording(recording: RecordingOutput): void {
    recording.flush();
    this.checkpoints?.keep();
    const { recordLimitBytes, stopAtBytes } = this.options;
    if (stopAtBytes !== undefined && recording.bytes >= stopAtBytes) void this.stop('size-limit');
    if (recordLimitBytes === undefined || recording.bytes < recordLimitBytes) return;
    this.pipeline.recorder?.end(this.pipeline.core.nowNs, 'size-limit', 'tracing went on; the recording did not');
    this.pipeline.recorder = null;
    this.closeRecording();
  }

  private closeRecording(): void {
    if (this.flushTimer !== null) clearInterval(this.flushTimer);
    this.flushTimer = null;
    try {
      this.checkpoints?.finish();
      this.recording?.close();
    } catch (error) {
      this.recordingError ??= error instanceof UserError ? error : new UserError(String(error));
    }
  }
}
