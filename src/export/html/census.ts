/** The section of the page on every page of the machine, where the trace carries a census. */
import type { CensusReport } from '../../census/report.js';
import { type CensusStyle, censusSaid, tableHtml } from '../census/census-html.js';
import { censusTables } from '../census/census-tables.js';

/** Rows of a table: the page stays below 2 MB. */
const ROWS = 40;
/** Tables that are open at first: who holds what no line counts, and every page by what it is. */
const OPEN = 2;

/** The page writes headings below a section's, and tables, in this way. */
export const PAGE_TABLES: CensusStyle = { heading: 'h3', wide: 'scroll', number: 'number' };

export function censusText(census: CensusReport): string {
  const tables = censusTables(census, ROWS).map((table) => tableHtml(table, PAGE_TABLES));
  const rest = tables.slice(OPEN);
  return [
    '<section id="census" class="column"><h2>Every page (census)</h2>',
    censusSaid(census),
    ...tables.slice(0, OPEN),
    rest.length === 0
      ? ''
      : `<details><summary>cgroups, callers of vmalloc, objects, checks</summary>${rest.join('\n')}</details>`,
    '</section>',
  ].join('\n');
}
