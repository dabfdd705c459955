import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { RecordingFile } from '../../recording/files/recording-file.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { SymbolLog } from '../pipeline/symbol-log.js';
import { RecordingCheckpoints } from './recording-checkpoints.js';

/**
 * IndexedCopy: a recording that is made of another trace (imported, cut, repaired, begun late). The trace is paired on its
 * way to the file, so that the recording gets checkpoints and an index like that of a live run.
 */
export class IndexedCopy {
  /** The sink for the trace. */
  readonly sink: TraceSink;
  private readonly checkpoints: RecordingCheckpoints;

  /** `dictionary` defines the ids in the batches; the recording must have the same one. */
  constructor(recording: RecordingFile, dictionary: TraceDictionary) {
    const symbolLog = new SymbolLog();
    const pipeline = new Pipeline('recording', { dictionary, symbolLog });
    pipeline.recorder = recording.sink;
    this.sink = pipeline;
    this.checkpoints = new RecordingCheckpoints(pipeline, recording, symbolLog);
  }

  /** Makes a checkpoint if one is due. Must be called now and then, between two calls of the sink. */
  keep(): void {
    this.checkpoints.keep();
  }

  /** Writes the index. Must be called after the end of the trace and before the recording is closed. */
  finish(): void {
    this.checkpoints.finish();
  }
}
