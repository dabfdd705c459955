/** `unfreed census`: every page of this machine by what it is and who holds it; saved ones are shown and subtracted. */
import { UserError } from '../../base/errors.js';
import type { CensusFlags } from '../options/flags.js';
import { censusHere } from './census-here.js';
import { comparedCensuses } from './saved-censuses.js';
import { censusFormat, writeCensus } from './write-census.js';

/** Prints a census of this machine, or of files. Throws a UserError if there is none. */
export async function runCensusCommand(files: readonly string[], flags: CensusFlags): Promise<void> {
  const format = censusFormat(flags, files);
  if (files.length === 0) {
    await writeCensus(await censusHere(flags), format, flags);
    return;
  }
  refuseFlagsOfReading(flags);
  await writeCensus(await comparedCensuses(files), format, flags);
}

/** Flags that choose what is read of this machine. */
function refuseFlagsOfReading({ quick, cache, orphans, budget, callBytes, keepAddresses }: CensusFlags): void {
  const given = [
    quick ? '--quick' : '',
    cache.length > 0 ? '--cache' : '',
    orphans ? '--orphans' : '',
    budget === 1 ? '' : '--budget',
    callBytes === undefined ? '' : '--call-bytes',
    keepAddresses ? '--keep-addresses' : '',
  ].find((name) => name !== '');
  if (given === undefined) return;
  throw new UserError(
    `${given} chooses what a census of this machine reads, and a file has what it has`,
    ['Leave it out, or give no file.'],
    { usage: true },
  );
}
