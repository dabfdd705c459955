/** Returns the code of a system error ('ENOENT'); '' for anything else. */
export function systemErrorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Returns a system error as a few words for the user. */
export function describeSystemError(error: unknown): string {
  const code = systemErrorCode(error);
  return WORDS.get(code) ?? (error instanceof Error ? error.message : String(error));
}

/** Errors of open, read, write, rename and their kin, see errno(3). */
const WORDS = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EEXIST', 'a file of that name exists'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'part of its path is not a directory'],
  ['ENOTEMPTY', 'the directory is not empty'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file would be larger than is allowed (ulimit -f, or the file system)'],
  ['EIO', 'the device reported an input/output error'],
  ['ELOOP', 'too many symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EMFILE', 'too many open files (ulimit -n)'],
  ['ENFILE', 'the system has too many open files'],
  ['ENOMEM', 'not enough memory'],
  ['ENXIO', 'no such device, or a pipe or socket without another end'],
  ['ENODEV', 'no such device'],
  ['EBUSY', 'it is in use'],
  ['ETXTBSY', 'it is a program that is running'],
  ['EXDEV', 'it is on another file system'],
  ['EPIPE', 'the reader of the pipe is gone'],
  ['EBADF', 'it is not open'],
  ['EINVAL', 'this kind of file does not allow it'],
  ['ESTALE', 'the file server has lost it'],
  ['ETIMEDOUT', 'the file server does not answer'],
  ['ENOTCONN', 'the file server is not connected'],
]);
