/** Whether all of an input was read; a command prints what could be read, and then ends with status 1. */
import { UserError } from '../../base/errors.js';
import { adviceFor } from '../../decode/recognise.js';
import type { OpenRecording } from '../../recording/open.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';

/** Pipelines whose inputs were read in part only, with the reasons. */
const partlyRead = new WeakMap<Pipeline, UserError>();

/** The notes of pipelines whose input is another tool's text. */
const textNotes = new WeakMap<Pipeline, readonly string[]>();

/** Keeps for assertWholeRead() whether a part of this pipeline's input could not be read. */
export function noteReading(path: string, recording: OpenRecording, pipeline: Pipeline): void {
  const error = partError(path, recording);
  if (error !== null) partlyRead.set(pipeline, error);
  const summary = recording.importSummary();
  if (summary !== null) textNotes.set(pipeline, summary.notes);
}

/** Returns the error for an input of which a part could not be read, null if all was read. */
export function partError(path: string, recording: OpenRecording): UserError | null {
  if (recording.damageCount > 0) {
    return new UserError(`${path} is damaged or cut off: the above is what could be read of it`);
  }
  const problems = recording.importSummary()?.problems ?? [];
  if (problems.length === 0) return null;
  const [{ what, details }, ...others] = problems;
  return new UserError(`${path}: ${what}: the above is the rest of it`, [
    ...details,
    ...others.flatMap((other) => [other.what, ...other.details]),
  ]);
}

/** Throws a UserError if a part could not be read. Must be called after the output, which shows the parts that could. */
export function assertWholeRead(pipeline: Pipeline): void {
  const error = partlyRead.get(pipeline);
  if (error !== undefined) throw error;
}

/** Throws a UserError if there is not a single event; `what` names the recording or run. */
export function assertNotEmpty(pipeline: Pipeline, what: string): void {
  if (pipeline.core.eventCount > 0 || pipeline.core.before.size > 0) return;
  const error = partlyRead.get(pipeline);
  if (error !== undefined) throw new UserError(`${what} holds no events that can be read`, error.nextSteps);
  const notes = textNotes.get(pipeline);
  if (notes !== undefined) {
    throw new UserError(`${what} holds no events of allocations and frees`, [...notes, ...adviceFor('unknown')]);
  }
  throw new UserError(`${what} holds no events: nothing was recorded`, [
    'Was the right allocator traced (--allocator)? Was --min-size too large?',
  ]);
}
