/** Writes the output of `export` and `diff`. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { isRecordingFile } from '../../recording/files/recording-file.js';
import { describeSystemError } from '../../recording/files/system-errors.js';
import { refuseSameFile } from './rewrite-recording.js';

/**
 * Throws a UserError if the output would overwrite an input or any recording: an older output can be made again, a
 * recording cannot. `what` is the output in words: 'a diff'.
 */
export function refuseRecordings(inputs: readonly (string | null)[], output: string, what: string): void {
  for (const input of inputs) if (input !== null) refuseSameFile(input, output);
  if (isRecordingFile(output)) {
    throw new UserError(`${output} is a recording, and ${what} would take its place`, ['Choose another name.']);
  }
}

/** Writes a file, over an older one if there is one. Throws a UserError when it cannot. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
}
