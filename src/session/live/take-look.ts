/** A look at this machine as a trace carries it, with a census of its pages where one is asked for. */
import { UserError } from '../../base/errors.js';
import { CENSUS_TEXT } from '../../census/report.js';
import { readLook } from '../../collect/look/read-look.js';
import type { CarriedLook } from '../../event/trace-sink.js';
import { keptLook } from '../../proc/kept-look.js';
import type { Look } from '../../proc/look.js';
import { lookWithCensus } from '../census/carried-census.js';
import { takeCensus, USUAL_CENSUS } from '../census/take-census.js';

export interface LookOptions {
  /** The walks over processes and cgroups end after this. */
  deadlineMs: number;
  /** 'asked': without a census there is no look, and the error is thrown. 'tried': the look says why it has none. */
  census: 'none' | 'asked' | 'tried';
  /** Called with each process that takes the census. */
  onProcess: (pid: number) => void;
}

export async function takeLook({ deadlineMs, census, onProcess }: LookOptions): Promise<CarriedLook> {
  // One read of a large process's smaps may take seconds, in which this thread would read no events.
  const look = await readLook({ smaps: 'maps', deadlineMs });
  return keptLook(census === 'none' ? look : await counted(look, census, onProcess));
}

async function counted(look: Look, census: 'asked' | 'tried', onProcess: LookOptions['onProcess']): Promise<Look> {
  try {
    return lookWithCensus(look, await takeCensus(USUAL_CENSUS, look, { onProcess }));
  } catch (error) {
    if (census === 'asked' || !(error instanceof UserError)) throw error;
    return { ...look, notRead: [...look.notRead, { what: CENSUS_TEXT, why: error.message }] };
  }
}
