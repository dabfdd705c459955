import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { RecordingFile } from '../../recording/files/recording-file.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { SymbolLog } from '../pipeline/symbol-log.js';
import { RecordingCheckpoints } from './recording-checkpoints.js';

/**
 * IndexedCopy: a recording that is made of another trace (imported, cut, repaired, begun late), with the checkpoints and
 * the index that a live run's has: the trace is paired on its way to the file.
 */
export class IndexedCopy {
  /** Takes the trace. */
  readonly sink: TraceSink;
  private readonly checkpoints: RecordingCheckpoints;

  /** `dictionary` is that of the ids in batches, and of the recording. */
  constructor(recording: RecordingFile, dictionary: TraceDictionary) {
    const symbolLog = new SymbolLog();
    const pipeline = new Pipeline('recording', { dictionary, symbolLog });
    pipeline.recorder = recording.sink;
    this.sink = pipeline;
    this.checkpoints = new RecordingCheckpoints(pipeline, recording, symbolLog);
  }

  /** To be called between two calls of the sink, now and then: makes a checkpoint where one is due. */
  keep(): void {
    this.checkpoints.keep();
  }

  /** After the end of the trace, before the recording is closed. */
  finish(): void {
    this.checkpoints.finish();
  }
}
