/** A census of this machine, and a look at its processes in the same moment. */
import { UserError } from '../../base/errors.js';
import { judgeCensus } from '../../census/judge-census.js';
import { parseCensus } from '../../census/parse-census.js';
import type { CensusReport } from '../../census/report.js';
import { type CensusOptions, type CensusWatch, runCensus } from '../../collect/census/run-census.js';
import type { Look } from '../../proc/look.js';
import { gatherFacts } from '../../triage/gather-facts.js';
import { possessionsOf } from '../../triage/possessions.js';

/** Who holds what no line of meminfo counts, with all that one CPU has. */
export const USUAL_CENSUS: CensusOptions = {
  holders: true,
  caches: [],
  orphans: false,
  budget: 1,
  callBytes: null,
  keepAddresses: false,
};

/**
 * Takes a census and judges it beside the look, which may come later: processes are named from it. Throws a UserError
 * where it may not, or cannot.
 */
export async function takeCensus(
  options: CensusOptions,
  look: Look | Promise<Look>,
  watch: CensusWatch = {},
): Promise<CensusReport> {
  const [raw, beside] = await Promise.all([runCensus(options, watch), look]);
  return censusOf(raw, beside);
}

/** Judges the collector's JSON beside a look of the same moment. Throws a UserError if it is none. */
export function censusOf(raw: string, look: Look): CensusReport {
  const census = parseCensus(raw);
  if (census === null) {
    throw new UserError('the collector printed no census that this program knows: they are of two versions', [
      'build the collector again: make -C bpf',
    ]);
  }
  return judgeCensus({
    source: look.source,
    timeMs: look.timeMs,
    census,
    possessions: possessionsOf(gatherFacts(look)),
  });
}
