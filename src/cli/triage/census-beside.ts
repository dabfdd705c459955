/** The census that `unfreed triage` asks for where counters alone do not say who holds what is abnormal. */
import { UserError } from '../../base/errors.js';
import { CENSUS_TEXT } from '../../census/report.js';
import type { Look } from '../../proc/look.js';
import { lookWithCensus } from '../../session/census/carried-census.js';
import { takeCensus, USUAL_CENSUS } from '../../session/census/take-census.js';
import { type AskedCensus, askedCensus, CENSUS_RULES } from '../../session/look/asked-census.js';
import { triageOf } from '../../session/look/triage-looks.js';

/**
 * Returns the look, with a census if a finding asks for one. Where none can be taken, the look says why: triage
 * answers without.
 */
export async function censusBeside(look: Look): Promise<Look> {
  const asked = askedCensus(triageOf([look]), CENSUS_RULES);
  return asked === null || process.getuid?.() !== 0 ? look : counted(look, asked);
}

async function counted(look: Look, asked: AskedCensus): Promise<Look> {
  try {
    return lookWithCensus(look, await takeCensus({ ...USUAL_CENSUS, ...asked }, look));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...look, notRead: [...look.notRead, { what: CENSUS_TEXT, why: error.message }] };
  }
}
