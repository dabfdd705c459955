/** The census as one HTML file without scripts, and as a section of the report's page. */
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

/** Returns sentences and tables, with headings of the second level. */
export function censusSection(report: CensusReport): string {
  const { missing } = report;
  return [
    `<div class="answer">${censusSentences(report).map(paragraph).join('')}</div>`,
    ...missing.map(({ stage, what }) => paragraph(`Not counted, ${stage}: ${what}`)),
    ...censusTables(report, ROWS).map(tableHtml),
  ].join('\n');
}

function tableHtml({ title, note, columns, rows, more }: CensusTable): string {
  const head = columns.map(({ name, right }) => cell('th', name, right)).join('');
  const body = rows.map((row) => `<tr>${row.map((text, i) => cell('td', text, columns[i].right)).join('')}</tr>`);
  return [
    `<h2>${markupText(title)}</h2>`,
    note === '' ? '' : paragraph(note),
    `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>`,
    ...body,
    '</tbody></table></div>',
    more === 0 ? '' : paragraph(`and ${formatCount(more)} more`),
  ].join('\n');
}

function cell(tag: 'td' | 'th', text: string, right: boolean): string {
  return `<${tag}${right ? ' class="n"' : ''}>${markupText(text)}</${tag}>`;
}

function paragraph(text: string): string {
  return `<p>${markupText(text)}</p>`;
}
