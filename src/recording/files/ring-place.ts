/** The place of a ring: all that could be in the way of its files, found before anything is deleted. */
import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../base/errors.js';
import { systemErrorCode } from '../../base/system-errors.js';
import { cannotWrite } from '../output/output-path.js';
import { olderPartPaths } from './open-parts.js';
import { isRecordingFile, refuseOutput } from './recording-file.js';

/**
 * Returns the parts of an earlier ring of that name, which the new one takes the place of. Throws a
 * UserError if the ring cannot be written there: a part's name is borne by something that is no
 * recording (a pipe, a folder, a link, another file), or the directory does not allow it, or there
 * is an earlier recording and `force` is false.
 */
export function refuseRing(path: string, force: boolean): string[] {
  refuseOutput(path, force);
  const parts = olderPartPaths(path);
  const states = parts.map(partState);
  for (const [i, part] of parts.entries()) if (states[i] === null) throw inTheWay(part);
  if (parts.length > 0 && !force) {
    throw new UserError(`${parts[0]} exists already, a part of an earlier recording`, [
      'choose another name, or overwrite it with --force',
    ]);
  }
  refuseDirectory(
    path,
    states.filter((state) => state !== null),
  );
  return parts;
}

/** Null if it is no part that may be deleted; an empty file is one: a recorder was killed as it began. */
function partState(part: string): Stats | null {
  const found = lstatSync(part, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return null;
  return found.size === 0 || isRecordingFile(part) ? found : null;
}

/** Returns the error for something that is not ours at the name of a part. */
export function inTheWay(part: string, step = 'move it away, or choose another name; nothing was deleted'): UserError {
  return new UserError(`${part} is not a part of this recording, and has the name of one`, [step]);
}

/** Files of a ring are renamed and deleted, which is a right to their directory, not to the files (unlink(2)). */
function refuseDirectory(path: string, parts: readonly Stats[]): void {
  const directory = dirname(path);
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(directory, R_OK | W_OK | X_OK);
  } catch (error) {
    // Creating the file says more about a directory that is not there.
    if (systemErrorCode(error) === 'ENOENT') return;
    throw cannotWrite(path, error);
  }
  const { uid: owner, mode } = statSync(directory);
  const me = process.geteuid?.() ?? 0;
  if ((mode & STICKY) === 0 || me === 0 || me === owner) return;
  if (parts.every(({ uid }) => uid === me)) return;
  throw new UserError(`parts of an earlier recording ${path} belong to another user, and only they may delete them`, [
    'choose another name; nothing was deleted',
  ]);
}

/** The sticky bit of a directory (inode(7)): only the owner of a file may rename or delete it. */
const STICKY = 0o1000;
