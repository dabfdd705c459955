import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';

export const HELD_PIPES = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;

/** The report of the held-pipes recording at its end. */
export async function realReport(limit: number): Promise<Report> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(HELD_PIPES, pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return pipeline.report(defaultSelection(limit));
}
