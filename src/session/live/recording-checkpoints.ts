import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { checkpointSize } from '../../pair/checkpoint/checkpoint.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { savePipeline } from '../pipeline/pipeline-checkpoint.js';
import type { SymbolLog } from '../pipeline/symbol-log.js';

/** A recording that takes checkpoints: one file, or a ring of them. */
export interface CheckpointOutput {
  /** The number of symbols that a reader will have received up to here; absent = as many as the pipeline has. */
  readonly symbolsSent?: number;
  wantsCheckpoint(events: number, size: number): boolean;
  checkpoint(state: Uint8Array, events: number, timeNs: number): void;
  /** `symbols` are all that the pipeline has received. */
  writeIndex(symbols: readonly SymbolisedAddress[]): void;
}

/** RecordingCheckpoints: writes checkpoints of a pipeline into its recording, so that a replay can seek anywhere. */
export class RecordingCheckpoints {
  private readonly pipeline: Pipeline;
  private readonly recording: CheckpointOutput;
  private readonly symbolLog: SymbolLog;

  /** From its first call on, the pipeline must have this log, and the recording's sink as its recorder. */
  constructor(pipeline: Pipeline, recording: CheckpointOutput, symbolLog: SymbolLog) {
    this.pipeline = pipeline;
    this.recording = recording;
    this.symbolLog = symbolLog;
  }

  /** Writes a checkpoint if one is due. Must be called between two calls of the pipeline, about once a second. */
  keep(): void {
    const { pipeline, recording } = this;
    const { core } = pipeline;
    if (pipeline.ended !== null || !recording.wantsCheckpoint(core.eventCount, checkpointSize(core))) return;
    const state = savePipeline(pipeline, recording.symbolsSent);
    if (state !== null) recording.checkpoint(state, core.eventCount, core.nowNs);
  }

  /** Writes the index. Must be called after the end of the trace and before the recording is closed. */
  finish(): void {
    if (this.symbolLog.covers(this.pipeline.symbolCount)) this.recording.writeIndex(this.symbolLog.all());
  }
}
