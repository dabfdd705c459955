/** A recording with marks. */
import { createRecording } from '../../src/recording/files/recording-file.js';
import { RecordingCheckpoints } from '../../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../../src/session/pipeline/symbol-log.js';
import { fullMark } from './marks.js';
import { randomDictionary } from './random-trace.js';
import { tell } from './replay-trace.js';

/**
 * Writes a trace with an OOM kill after each of its 40 steps; with checkpoints where `minEvents` is finite. Returns the
 * pipeline that recorded it.
 */
export function markedRecording(path: string, minEvents = Number.POSITIVE_INFINITY): Pipeline {
  const symbolLog = new SymbolLog();
  const live = new Pipeline('live', { dictionary: randomDictionary(), symbolLog });
  const { dictionary } = live;
  const recording = createRecording(path, { dictionary, force: true, pacing: { minEvents, price: 0 } });
  live.recorder = recording.sink;
  const checkpoints = new RecordingCheckpoints(live, recording, symbolLog);
  tell(1, live, () => {
    live.fact({ type: 'mark', timeNs: live.core.nowNs, mark: fullMark('oom-kill') });
    recording.flush();
    checkpoints.keep();
  });
  checkpoints.finish();
  recording.close();
  return live;
}
