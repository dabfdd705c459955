/**
 * What a name given for an output stands for, found before anything there is touched. A symbolic
 * link is never followed: whoever left it would choose the file that is overwritten, and kernel
 * addresses would go to a place that nobody named.
 */
import { accessSync, constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../base/errors.js';
import { describeSystemError, systemErrorCode } from '../../base/system-errors.js';

/**
 * - `nothing`: a file can be made there, as far as can be seen.
 * - `file`: a regular file, which this process may write.
 * - `stream`: a device, a pipe, or one of the process's own descriptors: written as it is.
 */
export type OutputPlace = 'nothing' | 'file' | 'stream';

/** Names of descriptors, which are links on Linux and mean what they lead to. */
const DESCRIPTOR = /^\/(?:dev\/(?:stdin|stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** Returns what is at `path`. Throws a UserError if no output can go there: a directory, link or socket. */
export function outputPlace(path: string): OutputPlace {
  const found = lstatOrNull(path);
  if (DESCRIPTOR.test(path) && found !== null) return 'stream';
  if (found === null) {
    refuseUnwritable(path, dirname(path));
    return 'nothing';
  }
  if (found.isSymbolicLink()) throw linkError(path);
  if (found.isDirectory())
    throw new UserError(`${path} is a folder`, [`Name a file in it, such as ${join(path, 'trace.unfreed')}`]);
  if (found.isSocket()) throw new UserError(`${path} is a socket`, ['Name a file.']);
  if (!found.isFile()) return 'stream';
  // The name is taken by renaming, a right to the directory, which does not ask for that to the file.
  refuseUnwritable(path, path);
  refuseUnwritable(path, dirname(path));
  return 'file';
}

function refuseUnwritable(path: string, needed: string): void {
  try {
    accessSync(needed, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Returns the error for an output that the system refuses; the steps are those that help with this error. */
export function cannotWrite(path: string, error: unknown): UserError {
  const code = systemErrorCode(error);
  // O_NOFOLLOW: the link came between the check and the opening.
  if (code === 'ELOOP') return linkError(path);
  return new UserError(`cannot write ${path}: ${describeSystemError(error)}`, stepsFor(code, path), { cause: error });
}

function stepsFor(code: string, path: string): string[] {
  if (code === 'ENOENT' && lstatOrNull(dirname(path)) === null)
    return [`make its folder first: mkdir -p ${dirname(path)}`];
  return STEPS.get(code) ?? [];
}

const STEPS: ReadonlyMap<string, string[]> = new Map([
  ['ENOSPC', ['make room there, or name a file on another disk']],
  ['EDQUOT', ['make room there, or name a file on another disk']],
  ['EFBIG', ['raise the limit on file sizes (ulimit -f unlimited), or name a file on another file system']],
  ['EMFILE', ['raise the limit on open files: ulimit -n 1024']],
  ['EROFS', ['name a file on a file system that can be written']],
]);

function linkError(path: string): UserError {
  let target = '';
  try {
    target = readlinkSync(path);
  } catch {
    // It is gone, or was a link within the path.
  }
  return new UserError(`${path} is a symbolic link, which is not followed`, [
    target === '' ? 'name the file itself' : `name the file that it leads to: ${target}, or remove the link`,
  ]);
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw cannotWrite(path, error);
  }
}
