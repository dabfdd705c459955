/** The census as one HTML file without scripts; its sentences and tables also for other pages. */
import { formatCount } from '../../base/format.js';
import type { CensusReport } from '../../census/report.js';
import { markupText } from '../parts/markup.js';
import { type CensusTable, censusSentences, censusTables } from './census-tables.js';

/** Rows of a table. */
const ROWS = 100;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE = `:root{color-scheme:light dark;--line:#8886}
body{margin:0 auto;padding:16px 20px 32px;max-width:1200px;font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 4px}p{margin:0 0 6px;overflow-wrap:anywhere}.answer{font-size:18px}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{text-align:left;padding:2px 14px 2px 0;border-top:1px solid var(--line);vertical-align:top}
th{border-top:0;font-weight:600}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td:last-child{overflow-wrap:anywhere}`;

/** Returns the whole page. It loads nothing and runs nothing. */
export function censusHtml(report: CensusReport): string {
  const { source, kernel } = report.machine;
  const title = markupText(`Census of ${source}${kernel === '' ? '' : `, Linux ${kernel}`}`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="unfreed">',
    `<title>${title}</title>`,
    `<style>${STYLE}</style></head><body>`,
    `<h1>${title}</h1>`,
    censusSection(report),
    '</body></html>\n',
  ].join('\n');
}

/** How a page writes headings and tables. */
export interface CensusStyle {
  heading: 'h2' | 'h3';
  /** Classes of what scrolls sideways, and of cells with numbers. */
  wide: string;
  number: string;
}

const OWN: CensusStyle = { heading: 'h2', wide: 'wide', number: 'n' };

/** Returns sentences and tables. */
function censusSection(report: CensusReport): string {
  return [
    `<div class="answer">${censusSaid(report)}</div>`,
    ...censusTables(report, ROWS).map((table) => tableHtml(table, OWN)),
  ].join('\n');
}

/** The sentences of a census, a paragraph each, and what was not counted. */
export function censusSaid(report: CensusReport): string {
  const missing = report.missing.map(({ stage, what }) => `Not counted, ${stage}: ${what}`);
  return [...censusSentences(report), ...missing].map(paragraph).join('');
}

export function tableHtml(
  { title, note, columns, rows, more }: CensusTable,
  { heading, wide, number }: CensusStyle,
): string {
  const cell = (tag: 'td' | 'th', text: string, right: boolean): string =>
    `<${tag}${right ? ` class="${number}"` : ''}>${markupText(text)}</${tag}>`;
  const head = columns.map(({ name, right }) => cell('th', name, right)).join('');
  const body = rows.map((row) => `<tr>${row.map((text, i) => cell('td', text, columns[i].right)).join('')}</tr>`);
  return [
    `<${heading}>${markupText(title)}</${heading}>`,
    note === '' ? '' : paragraph(note),
    `<div class="${wide}"><table><thead><tr>${head}</tr></thead><tbody>`,
    ...body,
    '</tbody></table></div>',
    more === 0 ? '' : paragraph(`and ${formatCount(more)} more`),
  ].join('\n');
}

function paragraph(text: string): string {
  return `<p>${markupText(text)}</p>`;
}
