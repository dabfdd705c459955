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

const WORDS = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'part of its path is not a directory'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file would be larger than is allowed'],
  ['EIO', 'the device reported an input/output error'],
  ['ELOOP', 'too many symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EMFILE', 'too many open files'],
  ['ENXIO', 'no such device'],
]);
