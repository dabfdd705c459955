/** The census that a look carries, in a recording or on the screen: the public JSON, shortened. */
import { parseCensusReport } from '../../census/parse-report.js';
import { CENSUS_TEXT, type CensusReport } from '../../census/report.js';
import { censusJson } from '../../export/census/census-json.js';
import type { Look } from '../../proc/look.js';

/** Less than a look keeps of one text (TEXT_BYTES of proc/kept-look.ts): a text that is cut is no JSON. */
const MOST_BYTES = 128 << 10;
/** Rows of each list to begin with; cgroups are the only list that is longer as a rule. */
const MOST_ROWS = 200;

/** Returns the look with the census in it: counts and names, no addresses. */
export function lookWithCensus<L extends Pick<Look, 'texts'>>(look: L, report: CensusReport): L {
  return { ...look, texts: new Map([...look.texts, [CENSUS_TEXT, shortText(report)]]) };
}

/** Looks that were read already: a replay that seeks takes the same ones again and again. A memo, never an input. */
const read = new WeakMap<ReadonlyMap<string, string>, CensusReport | null>();

/** Returns the census that a look carries; null = none. */
export function carriedCensus({ texts }: Pick<Look, 'texts'>): CensusReport | null {
  const text = texts.get(CENSUS_TEXT);
  if (text === undefined) return null;
  let census = read.get(texts);
  if (census === undefined) {
    census = parseCensusReport(text);
    read.set(texts, census);
  }
  return census;
}

/** Returns the census as a recording and the screen have room for it: the largest rows of each list, no addresses. */
export function shortCensus(report: CensusReport): CensusReport {
  return parseCensusReport(shortText(report)) ?? report;
}

/** The largest rows of each list, as many as fit. Classes are all kept: they add up. */
function shortText(report: CensusReport): string {
  for (let rows = MOST_ROWS; ; rows = Math.floor(rows / 2)) {
    const text = censusJson(shortened(report, rows));
    if (rows === 0 || Buffer.byteLength(text) <= MOST_BYTES) return text;
  }
}

function shortened(report: CensusReport, rows: number): CensusReport {
  const { owners, areas, holders, types, orphans } = report;
  // Removed ones are found by nothing else.
  const dying = owners.filter((owner) => owner.dying).slice(0, rows);
  return {
    ...report,
    owners: [...dying, ...owners.filter((owner) => !owner.dying).slice(0, rows)].map((owner) => ({
      ...owner,
      parts: owner.parts.slice(0, 8),
    })),
    areas: areas.slice(0, rows),
    holders:
      holders === null ? null : holders.slice(0, rows).map((row) => ({ ...row, chains: row.chains.slice(0, 4) })),
    types: types === null ? null : types.map((cache) => ({ ...cache, rows: cache.rows.slice(0, Math.min(rows, 20)) })),
    orphans:
      orphans === null
        ? null
        : { ...orphans, rows: orphans.rows.slice(0, rows).map((row) => ({ ...row, addresses: [] })) },
  };
}
