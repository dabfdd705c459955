/** Records seeded traffic like a live run: to a file, and to a ring of files beside it. */
import { EventBatch } from '../src/event/event-batch.js';
import { TeeSink } from '../src/event/tee-sink.js';
import { createRecording } from '../src/recording/files/recording-file.js';
import { createRing, type RecordingRing } from '../src/recording/files/recording-ring.js';
import { PACING } from '../src/recording/trace/index-writer.js';
import { RecordingCheckpoints } from '../src/session/live/recording-checkpoints.js';
import { Pipeline } from '../src/session/pipeline/pipeline.js';
import { SymbolLog } from '../src/session/pipeline/symbol-log.js';
import { BenchTraffic, type Habit } from './bench-traffic.js';

/** A recorder flushes once a second, and asks four times as often whether a checkpoint is due. */
const FLUSH_EVERY_NS = 1e9;
const KEEP_EVERY_NS = 0.25e9;

export interface RecordPaths {
  file: string;
  /** Null = no ring. */
  ring: string | null;
  /** Size of one file of the ring, bytes. */
  partBytes: number;
}

export interface RecordedTraffic {
  events: number;
  /** Outstanding allocations, a number that is kept once it is reached. */
  outstanding: number;
  habit: Habit;
}

export function recordTraffic(paths: RecordPaths, { events, outstanding, habit }: RecordedTraffic): void {
  const traffic = new BenchTraffic(7, habit);
  const { dictionary } = traffic;
  const symbolLog = new SymbolLog();
  const pipeline = new Pipeline('live', { dictionary, symbolLog });
  const recording = createRecording(paths.file, { dictionary });
  const outputs: (typeof recording | RecordingRing)[] = [recording];
  pipeline.recorder = recording.sink;
  if (paths.ring !== null) {
    const ring = createRing(paths.ring, { dictionary, maxBytes: paths.partBytes, keep: 1000, pacing: PACING });
    const both = new TeeSink(ring);
    both.recorder = recording.sink;
    pipeline.recorder = both;
    outputs.push(ring);
  }
  const checkpoints = outputs.map((output) => new RecordingCheckpoints(pipeline, output, symbolLog));
  pipeline.fact({ type: 'host', facts: pipeline.facts });
  const { frames } = dictionary.stacks;
  for (let id = 1; id <= frames.size; id++) {
    const symbol = `function_${id}`;
    pipeline.fact({
      type: 'symbol',
      entry: { addressHi: frames.hi[id], addressLo: frames.lo[id], symbol, offset: 4, module: null },
    });
  }
  const batch = new EventBatch();
  let flushedNs = 0;
  let keptNs = 0;
  while (pipeline.core.eventCount < events) {
    nextBatch(traffic, batch, outstanding);
    pipeline.events(batch);
    const { nowNs } = pipeline.core;
    if (nowNs - keptNs < KEEP_EVERY_NS) continue;
    keptNs = nowNs;
    for (const each of checkpoints) each.keep();
    if (nowNs - flushedNs < FLUSH_EVERY_NS) continue;
    flushedNs = nowNs;
    pipeline.fact({ type: 'clock', timeNs: nowNs });
    for (const output of outputs) output.flush();
  }
  pipeline.fact({ type: 'end', timeNs: pipeline.core.nowNs, reason: 'duration', detail: '' });
  for (const each of checkpoints) each.finish();
  for (const output of outputs) output.close();
}

function nextBatch(traffic: BenchTraffic, batch: EventBatch, target: number): void {
  traffic.fill(batch, target);
}
