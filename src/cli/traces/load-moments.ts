/** Reads a recording once and evaluates it at two moments. */
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { formatMoment } from '../../recording/trace/damage-text.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import { readSteps } from './read-steps.js';

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
  let before: { seen: T } | null = null;
  const { pipeline, atEnd } = await readSteps({
    path,
    pageSize,
    firstNs: fromNs,
    at: (now) => {
      if (before !== null) return null;
      before = { seen: look(now) };
      return toNs;
    },
  });
  const endNs = pipeline.core.nowNs;
  if (before === null) {
    throw new UserError(`${path} ends at ${formatMoment(endNs)}, at or before --from ${formatMoment(fromNs)}`, [], {
      usage: true,
    });
  }
  if (atEnd && Number.isFinite(toNs) && endNs < toNs) {
    process.stderr.write(`${safeText(`unfreed: ${path} ends at ${formatMoment(endNs)}, before --to`)}\n`);
  }
  return { before: (before as { seen: T }).seen, after: look(pipeline), pipeline };
}
