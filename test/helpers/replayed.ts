import { createTextDecoder } from '../../src/decode/text-decoders.js';
import type { CoverageGap } from '../../src/event/host-facts.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { TimeGate } from '../../src/session/replay/time-gate.js';
import { recordedText } from './recorded-text.js';

/** A perf script text below recordings/, gzipped, imported to its end. */
export function importedText(path: string): Pipeline {
  const pipeline = new Pipeline('recording');
  const decoder = createTextDecoder('perf-script', pipeline, pipeline.dictionary, { userFrames: false });
  decoder.push(recordedText(path));
  decoder.finish();
  return pipeline;
}

/** A recording below recordings/, read to its end. */
export async function replayed(path: string): Promise<Pipeline> {
  return (await replayedFile(new URL(`../../recordings/${path}`, import.meta.url).pathname)).pipeline;
}

/** Any recording, read to its end, and the number of its damaged parts. */
export async function replayedFile(path: string): Promise<{ pipeline: Pipeline; damageCount: number }> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(path, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return { pipeline, damageCount: recording.damageCount };
}

/** Any recording, read from its start up to a time. `coverage`: gaps that the rest of it shows. */
export async function replayedUpTo(
  path: string,
  timeNs: number,
  coverage: readonly CoverageGap[] = [],
): Promise<Pipeline> {
  const pipeline = new Pipeline('recording');
  pipeline.takeCoverage(coverage);
  const gate = new TimeGate(pipeline);
  gate.limitNs = timeNs;
  const recording = await openRecording(path, gate, pipeline.dictionary);
  while (!gate.holding && (await recording.readNext()));
  recording.close();
  return pipeline;
}
