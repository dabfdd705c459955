/** A census of the collector, with what a look tells of processes, to a report; and the census that a look carries. */
import { UserError } from '../../base/errors.js';
import { judgeCensus } from '../../census/judge-census.js';
import { parseCensus } from '../../census/parse-census.js';
import { parseCensusReport } from '../../census/parse-report.js';
import type { CensusReport } from '../../census/report.js';
import type { Look } from '../../proc/look.js';
import { gatherFacts } from '../../triage/gather-facts.js';
import { possessionsOf } from '../../triage/possessions.js';

/** The text of a look that is a census, as the public JSON. */
export const CENSUS_TEXT = 'report/census';

/** Judges the collector's JSON beside a look of the same moment. Throws a UserError if it is none. */
export function censusOf(raw: string, look: Look): CensusReport {
  const census = parseCensus(raw);
  if (census === null)
    throw new UserError('the collector printed no census: it is of another version than this program');
  return judgeCensus({
    source: look.source,
    timeMs: look.timeMs,
    census,
    possessions: possessionsOf(gatherFacts(look)),
  });
}

/** Returns the census that a look carries; null = none. */
export function carriedCensus({ texts }: Look): CensusReport | null {
  const text = texts.get(CENSUS_TEXT);
  return text === undefined ? null : parseCensusReport(text);
}
