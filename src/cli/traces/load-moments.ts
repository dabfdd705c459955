/** Reads a recording once and evaluates it at two moments. */
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { openTrace } from '../../recording/open.js';
import { formatMoment } from '../../recording/trace/damage-text.js';
import { Pipeline } from '../../session/pipeline/pipeline.js';
import { TimeGate } from '../../session/replay/time-gate.js';
import { readingWarnings, readToEnd } from './load-trace.js';
import { noteReading } from './whole-read.js';

export interface TwoMoments<T> {
  before: T;
  after: T;
  /** The pipeline at the second moment. */
  pipeline: Pipeline;
}

/** A recording or text, and two moments of it, in ns. */
export interface MomentsOf {
  path: string;
  fromNs: number;
  toNs: number;
  /** Of texts only, in bytes. */
  pageSize?: number;
}

/**
 * Calls `look` with the pipeline at `fromNs` and at `toNs`, including everything at exactly those times; a time beyond the
 * end means the end. The rest is not read. Throws a UserError when the recording cannot be opened, is in no readable
 * format, or ends at or before `fromNs`.
 */
export async function readMoments<T>(
  { path, fromNs, toNs, pageSize }: MomentsOf,
  look: (pipeline: Pipeline) => T,
): Promise<TwoMoments<T>> {
  const pipeline = new Pipeline('recording');
  const gate = new TimeGate(pipeline);
  gate.limitNs = fromNs;
  const { dictionary } = pipeline;
  const recording = await openTrace(path, gate, dictionary, { pageSize });
  let before: { seen: T } | null = null;
  const isDone = (): boolean => {
    if (before === null && gate.holding) {
      // Something later has been read, so the trace went on to this moment.
      pipeline.fact({ type: 'clock', timeNs: fromNs });
      before = { seen: look(pipeline) };
      gate.limitNs = toNs;
      gate.release();
    }
    return gate.holding;
  };
  await readToEnd(path, recording, () => pipeline.core.eventCount, isDone);
  // The last piece that was read may hold both moments.
  isDone();
  for (const line of readingWarnings(path, recording, pipeline.ended)) process.stderr.write(`${safeText(line)}\n`);
  noteReading(path, recording, pipeline);
  const endNs = pipeline.core.nowNs;
  if (before === null) {
    throw new UserError(`${path} ends at ${formatMoment(endNs)}, at or before --from ${formatMoment(fromNs)}`, [], {
      usage: true,
    });
  }
  if (gate.holding) pipeline.fact({ type: 'clock', timeNs: toNs });
  else if (Number.isFinite(toNs) && endNs < toNs) {
    process.stderr.write(`${safeText(`unfreed: ${path} ends at ${formatMoment(endNs)}, before --to`)}\n`);
  }
  return { before: (before as { seen: T }).seen, after: look(pipeline), pipeline };
}
