/** Writes the output of `export` and `diff`: to standard output, a device or pipe, or a file that appears whole. */
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../base/errors.js';
import type { Pieces } from '../../base/pieces.js';
import { existsError, isRecordingFile } from '../../recording/files/recording-file.js';
import { NewFile } from '../../recording/output/new-file.js';
import { writeStream } from '../../recording/output/open-stream.js';
import { cannotWrite, outputPlace } from '../../recording/output/output-path.js';
import { isStdout } from '../options/output-name.js';
import { discardedOnSignal } from './interrupted.js';
import { refuseSameFile } from './rewrite-recording.js';

/**
 * Throws a UserError if the output cannot go there, or would overwrite a file without `force`. With it, an input or any
 * recording still stays: an older output can be made again, a recording cannot. `what` is the output in words: 'a diff'.
 */
export function refuseOutput(
  inputs: readonly (string | null)[],
  output: string,
  { what, force }: { what: string; force: boolean },
): void {
  for (const input of inputs) if (input !== null) refuseSameFile(input, output);
  if (outputPlace(output) !== 'file') return;
  if (isRecordingFile(output)) {
    throw new UserError(`${output} is a recording, and ${what} would take its place`, ['Choose another name.']);
  }
  if (!force) throw existsError(output);
}

/**
 * Writes an output to standard output, or to a file, over an older one only with `force`. Throws a UserError when it
 * cannot.
 */
export async function writeOutput(output: string | undefined, pieces: Pieces, force: boolean): Promise<void> {
  if (isStdout(output)) await writeStdout(pieces);
  else if (outputPlace(output) === 'stream') await writeStream(output, pieces);
  else await writeFile(output, pieces, force);
}

/** An error of standard output ends the process (run.ts). */
async function writeStdout(pieces: Pieces): Promise<void> {
  for (const piece of pieces) {
    if (process.stdout.write(piece)) continue;
    await new Promise((resolve) => {
      process.stdout.once('drain', resolve);
    });
  }
}

async function writeFile(path: string, pieces: Pieces, force: boolean): Promise<void> {
  let file: NewFile | null = null;
  const written = async (): Promise<void> => {
    file = NewFile.makeBeside(path);
    for (const piece of pieces) {
      file.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
      // Lets a signal through.
      await setImmediate();
    }
    file.sync();
    // A file may have come there while we worked.
    if (force) file.place();
    else file.placeNew();
    file.close();
  };
  // A signal may come as soon as the file is there.
  const discard = (): void => file?.discard();
  try {
    await discardedOnSignal(discard, written);
  } catch (error) {
    discard();
    throw error instanceof UserError ? error : cannotWrite(path, error);
  }
}
