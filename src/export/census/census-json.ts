/** The census as JSON: census.schema.json has its shape. Other tools rely on the names: add, never rename. */
import { joined } from '../../base/pieces.js';
import { safeJsonPieces } from '../../base/safe-json.js';
import { CENSUS_FORMAT, CENSUS_VERSION } from '../../census/parse-report.js';
import type { CensusReport } from '../../census/report.js';

/** Returns one JSON object with a line end. A machine of 100,000 cgroups has some 50 MB of it. */
export function censusJson(report: CensusReport): string {
  return joined(censusJsonPieces(report));
}

export function censusJsonPieces({ machine, ...rest }: CensusReport): Generator<string> {
  return safeJsonPieces({ format: CENSUS_FORMAT, version: CENSUS_VERSION, machine, ...rest });
}
