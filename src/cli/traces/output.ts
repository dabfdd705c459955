/** Where the output of `export` and `diff` goes. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { isRecordingFile } from '../../recording/files/recording-file.js';
import { describeSystemError } from '../../recording/files/system-errors.js';
import { refuseSameFile } from './rewrite-recording.js';

/** Output may take the place of an older one, but never that of a recording: those cannot be made again. `what`: 'a diff'. */
export function refuseRecordings(inputs: readonly (string | null)[], output: string, what: string): void {
  for (const input of inputs) if (input !== null) refuseSameFile(input, output);
  if (isRecordingFile(output)) {
    throw new UserError(`${output} is a recording, and ${what} would take its place`, ['Choose another name.']);
  }
}

export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
}
