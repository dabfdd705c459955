import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { checkpointSize } from '../../pair/checkpoint/checkpoint.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { savePipeline } from '../pipeline/pipeline-checkpoint.js';
import type { SymbolLog } from '../pipeline/symbol-log.js';

/** A recording that takes checkpoints: one file, or a ring of them. */
export interface CheckpointOutput {
  /** Symbols that a reader will have been told up to here; absent = as many as the pipeline was. */
  readonly symbolsTold?: number;
  wantsCheckpoint(events: number, size: number): boolean;
  checkpoint(state: Uint8Array, events: number, timeNs: number): void;
  /** `symbols`: all that the pipeline was told. */
  writeIndex(symbols: readonly SymbolisedAddress[]): void;
}

/** RecordingCheckpoints: checkpoints of a pipeline in the recording that is made of it, so that a replay can go anywhere. */
export class RecordingCheckpoints {
  private readonly pipeline: Pipeline;
  private readonly recording: CheckpointOutput;
  private readonly symbolLog: SymbolLog;

  /** The pipeline has the log, and the recording's sink as its recorder, from its first call on. */
  constructor(pipeline: Pipeline, recording: CheckpointOutput, symbolLog: SymbolLog) {
    this.pipeline = pipeline;
    this.recording = recording;
    this.symbolLog = symbolLog;
  }

  /** To be called between two calls of the pipeline, about once a second. */
  keep(): void {
    const { pipeline, recording } = this;
    const { core } = pipeline;
    if (pipeline.ended !== null || !recording.wantsCheckpoint(core.eventCount, checkpointSize(core))) return;
    const state = savePipeline(pipeline, recording.symbolsTold);
    if (state !== null) recording.checkpoint(state, core.eventCount, core.nowNs);
  }

  /** After the end of the trace, before the recording is closed. */
  finish(): void {
    if (this.symbolLog.covers(this.pipeline.symbolCount)) this.recording.writeIndex(this.symbolLog.all());
  }
}
