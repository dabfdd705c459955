import { checkpointSize } from '../pair/checkpoint.js';
import type { RecordingFile } from '../recording/file.js';
import type { Pipeline } from './pipeline.js';
import { savePipeline } from './pipeline-checkpoint.js';
import type { SymbolLog } from './symbol-log.js';

/** RecordingCheckpoints: checkpoints of a pipeline in the recording that is made of it, so that a replay can go anywhere. */
export class RecordingCheckpoints {
  private readonly pipeline: Pipeline;
  private readonly recording: RecordingFile;
  private readonly symbolLog: SymbolLog;

  /** The pipeline has the log, and the recording's sink as its recorder, from its first call on. */
  constructor(pipeline: Pipeline, recording: RecordingFile, symbolLog: SymbolLog) {
    this.pipeline = pipeline;
    this.recording = recording;
    this.symbolLog = symbolLog;
  }

  /** To be called between two calls of the pipeline, about once a second. */
  keep(): void {
    const { pipeline, recording } = this;
    const { core } = pipeline;
    if (pipeline.ended !== null || !recording.wantsCheckpoint(core.eventCount, checkpointSize(core))) return;
    const state = savePipeline(pipeline);
    if (state !== null) recording.checkpoint(state, core.eventCount, core.nowNs);
  }

  /** After the end of the trace, before the recording is closed. */
  finish(): void {
    if (this.symbolLog.covers(this.pipeline.symbolCount)) this.recording.writeIndex(this.symbolLog.all());
  }
}
