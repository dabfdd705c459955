/** A census in a few lines, for the text of a ranking or of a diff that carries one. Untrusted text. */
import { formatBytes, formatChange, formatDuration } from '../../base/format.js';
import { holderText } from '../../census/holder-text.js';
import type { CensusReport } from '../../census/report.js';
import { growthTables, growthTitle } from './census-growth.js';
import { censusSentences } from './census-tables.js';

/** As the other words at the start of lines of `top`. */
const LEAD = 'census   ';
const INDENT = ' '.repeat(LEAD.length);
/** Holders, and classes that changed. */
const MOST_ROWS = 3;
/** Rows of each table of a diff. */
const MOST_GROWN = 5;

/** What it says, who holds most of what no line of meminfo counts, and what changed since the first of the trace. */
export function censusLines(census: CensusReport): string[] {
  const holders = (census.holders ?? []).filter(({ holder, pages }) => holder !== '' && pages > 0);
  return [
    `${LEAD}${censusSentences(census, { withHolder: false }).join(' ')}`,
    ...holders.slice(0, MOST_ROWS).map((row) => `${INDENT}${formatBytes(row.bytes).padStart(8)}  ${holderText(row)}`),
    ...changeLine(census),
  ];
}

function changeLine({ classes, sinceSeconds, machine }: CensusReport): string[] {
  if (sinceSeconds === null) return [];
  const changed = classes
    .filter(({ deltaPages }) => deltaPages !== null && deltaPages !== 0)
    .toSorted((a, b) => Math.abs(b.deltaPages ?? 0) - Math.abs(a.deltaPages ?? 0))
    .slice(0, MOST_ROWS)
    .map((row) => `${row.text} ${formatChange((row.deltaPages ?? 0) * machine.pageSize)}`);
  const what = changed.length === 0 ? 'nothing' : changed.join(', ');
  return [`${INDENT}Changed most in ${formatDuration(sinceSeconds * 1e9)}: ${what}.`];
}

/** What grew between two censuses, for the end of a diff. */
export function growthLines(census: CensusReport): string[] {
  const tables = growthTables(census, MOST_GROWN);
  if (tables.length === 0) return [`${LEAD}${growthTitle(census)}: nothing.`];
  return [
    `${LEAD}${growthTitle(census)}:`,
    ...tables.flatMap(({ title, rows, more }) => [
      `${INDENT}${title}`,
      ...rows.map(([change, now, what]) => `${INDENT}${change.padStart(9)} ${now.padStart(8)}  ${what}`),
      ...(more > 0 ? [`${INDENT}${''.padStart(9)} ${more} more`] : []),
    ]),
  ];
}
