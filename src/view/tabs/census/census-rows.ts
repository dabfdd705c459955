/** The classes of a census as rows: first what no line of /proc/meminfo counts, then by size. */
import { type CensusClass, type CensusReport, isUncounted, UNCOUNTED } from '../../../census/report.js';
import type { TriageReport } from '../../../triage/report.js';
import { isAbnormal } from '../../../triage/words.js';
import { firstLookOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';
import { rulesOf } from '../memory/line-page.js';
import { numberOf } from '../triage/finding-page.js';
import { termOf } from './class-names.js';
import { holdersText } from './holders-of-class.js';

export interface CensusRow extends CensusClass {
  /** Who holds them, as far as found; and the same for a narrow screen. Untrusted; '' = nothing is known. */
  heldBy: string;
  shortHeldBy: string;
  /** Numbers of the findings of the first look about them: 'T1 T3'. */
  findings: string;
}

/** The session's answer; null until there is one, and while there is no census. */
export function censusOf({ data }: ViewState): CensusReport | null {
  return data?.kind === 'census' ? data.census : null;
}

/** The answers are immutable, and a screen asks for the same rows several times. */
const memo = new WeakMap<CensusReport, { look: TriageReport | null; rows: CensusRow[] }>();

/** The rows on the screen; empty without a census. */
export function censusRows(state: ViewState): CensusRow[] {
  const census = censusOf(state);
  if (census === null) return [];
  const look = firstLookOf(state);
  let known = memo.get(census);
  if (known === undefined || known.look !== look) {
    known = { look, rows: rowsOf(census, look) };
    memo.set(census, known);
  }
  return known.rows;
}

function rowsOf(census: CensusReport, look: TriageReport | null): CensusRow[] {
  const there = census.classes.filter(({ pages, deltaPages }) => pages > 0 || (deltaPages ?? 0) !== 0);
  const uncounted = there
    .filter((row) => isUncounted(row.class))
    .toSorted((a, b) => placeOf(a.class) - placeOf(b.class));
  const counted = there.filter((row) => !isUncounted(row.class)).toSorted((a, b) => b.pages - a.pages);
  return [...uncounted, ...counted].map((row) => ({
    ...row,
    heldBy: holdersText(census, row.class, false),
    shortHeldBy: holdersText(census, row.class, true),
    findings: look === null ? '' : findingsText(look, row.class),
  }));
}

function placeOf(name: string): number {
  return (UNCOUNTED as readonly string[]).indexOf(name);
}

/** `T` is the key that shows the first look, where these numbers stand. */
function findingsText(look: TriageReport, name: string): string {
  const term = termOf(name);
  const rules = term === null ? [] : rulesOf(term);
  return look.findings
    .filter((finding) => isAbnormal(finding) && rules.includes(finding.rule))
    .map((finding) => `T${numberOf(look, finding)}`)
    .join(' ');
}
