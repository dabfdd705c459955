/** `unfreed diff` of saved censuses: what grew between them, as `unfreed census A B` prints it. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { CENSUS_FORMATS } from '../options/census-formats.js';
import type { DiffFormat } from '../options/diff-formats.js';
import type { DiffFlags } from '../options/flags.js';
import { comparedCensuses } from './saved-censuses.js';
import { writeCensus } from './write-census.js';

/** Bytes that suffice to recognise the JSON of a census. */
const HEAD_BYTES = 256;
const CENSUS_START = /^\s*\{\s*"format"\s*:\s*"unfreed-census"/;

/** True if a file begins like the JSON of a census; false also if it cannot be opened: the later open says why. */
export function beginsAsCensus(path: string): boolean {
  const head = new Uint8Array(HEAD_BYTES);
  try {
    // Reading from a pipe would take its bytes away.
    if (path === '-' || !statSync(path).isFile()) return false;
    const fd = openSync(path, 'r');
    try {
      return CENSUS_START.test(new TextDecoder().decode(head.subarray(0, readSync(fd, head))));
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/**
 * Writes what grew. One of the files may be a recording that carries a census. Throws a UserError for flags that do not
 * fit.
 */
export async function diffCensuses(
  files: readonly string[],
  format: DiffFormat,
  flags: DiffFlags & { selectsPaths: boolean },
): Promise<void> {
  const { from, to, failIf, selectsPaths, output, force } = flags;
  if (files.includes('-')) {
    throw new UserError('censuses are compared as files, and - is standard input', ['Save it to a file first.'], {
      usage: true,
    });
  }
  if (from !== undefined || to !== undefined) throw refusal('--from and --to are moments of a recording');
  if (failIf.length > 0) throw refusal('--fail-if judges call paths');
  if (selectsPaths) throw refusal('what was given selects call paths');
  const known = CENSUS_FORMATS.find((name) => name === format);
  if (known === undefined) throw refusal(`${format} draws call paths`);
  await writeCensus(await comparedCensuses(files), known, { output, force, verbose: false });
}

function refusal(what: string): UserError {
  return new UserError(`${what}, and a census has no call paths`, ['Leave it out.'], { usage: true });
}
