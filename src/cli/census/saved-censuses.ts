/** Censuses of files: the JSON of an earlier one, or those that a recording carries. */
import { readFileSync, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import { parseCensusReport } from '../../census/parse-report.js';
import type { CensusReport } from '../../census/report.js';
import { subtractCensus } from '../../census/subtract-census.js';
import { carriedCensus } from '../../session/census/carried-census.js';
import { holdsRecording, looksOfRecording } from '../traces/recorded-looks.js';

/** A census of 100,000 cgroups takes some 50 MB. */
const MOST_BYTES = 512 << 20;

/** The last of all censuses of the files by time, with its changes since the first. Throws as savedCensuses(). */
export async function comparedCensuses(files: readonly string[]): Promise<CensusReport> {
  const saved: CensusReport[] = [];
  for (const file of files) saved.push(...(await savedCensuses(file)));
  saved.sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
  const [first, last] = [saved[0], saved.at(-1)];
  if (first === undefined || last === undefined) throw new UserError('the files hold no census');
  return first === last ? last : subtractCensus(last, first);
}

/** Returns at least one. Throws a UserError if the file cannot be read, or holds none. */
export async function savedCensuses(path: string): Promise<CensusReport[]> {
  if (path !== '-' && holdsRecording(path)) {
    const carried = (await looksOfRecording(path))
      .map(carriedCensus)
      .filter((census): census is CensusReport => census !== null);
    if (carried.length > 0) return carried;
    throw new UserError(`${path} carries no census`, [
      'Make one that does: unfreed record --census, or press C in unfreed live --record FILE.',
    ]);
  }
  const census = parseCensusReport(textOf(path));
  const named = path === '-' ? 'standard input' : path;
  if (census !== null) return [{ ...census, machine: { ...census.machine, source: named } }];
  throw new UserError(`${named} is no census`, [
    'Save one: unfreed census --format json -o a.json',
    'Or give a recording that carries one: unfreed record --census.',
  ]);
}

function textOf(path: string): string {
  try {
    if (path === '-') return readFileSync(0, 'utf8');
    const status = statSync(path);
    if (status.isFile() && status.size > MOST_BYTES) throw new UserError(`${path} is too large for a census`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path} cannot be read: ${describeSystemError(error)}`, [], { cause: error });
  }
}
