/** What `unfreed census` says, as text: sentences, then tables. */
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { CensusReport } from '../../census/report.js';
import { type CensusTable, censusSentences, censusTables } from './census-tables.js';

/** Rows of a table unless all are asked for. */
const ROWS = 10;
/** Columns of a cell that is not the last, e.g. a cgroup's path. */
const MOST_CELL = 48;

export interface CensusTextOptions {
  columns: number;
  /** All rows, and the checks that agree. */
  verbose: boolean;
}

/** Returns the text, every line with its end; safe to print. */
export function censusText(report: CensusReport, { columns, verbose }: CensusTextOptions): string {
  const lines = wrapped(headLine(report), columns);
  for (const sentence of censusSentences(report)) lines.push(...wrapped(sentence, columns));
  for (const { stage, what } of report.missing) {
    lines.push(...wrapped(`not counted, ${stage}: ${what}`, columns));
  }
  const failed = report.checks.filter(({ ok }) => !ok);
  for (const { what, ours, theirs, unit } of failed) {
    lines.push(
      ...wrapped(
        `CHECK differs: ${what}: counted ${formatCount(ours)}, elsewhere ${formatCount(theirs)} ${unit}`,
        columns,
      ),
    );
  }
  for (const table of censusTables(report, verbose ? Number.POSITIVE_INFINITY : ROWS)) {
    if (table.title !== 'Checks' || verbose) lines.push('', ...tableLines(table, columns));
  }
  return `${lines.join('\n')}\n`;
}

function headLine({ machine, sinceSeconds }: CensusReport): string {
  const { source, kernel, spannedPages, pageSize, wallNs } = machine;
  const parts = [
    `census of ${source}`,
    kernel === '' ? '' : `Linux ${kernel}`,
    `${formatBytes(spannedPages * pageSize)} in pages of ${formatBytes(pageSize)}`,
    `counted in ${formatDuration(wallNs)}`,
    sinceSeconds === null ? '' : `CHANGE is since ${formatDuration(sinceSeconds * 1e9)} earlier`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function tableLines({ title, note, columns, rows, more }: CensusTable, width: number): string[] {
  const safe = rows.map((row) => row.map((cell) => safeText(cell)));
  const last = columns.length - 1;
  const widths = columns.map(({ name }, i) =>
    Math.min(MOST_CELL, Math.max(textWidth(name), ...safe.map((row) => textWidth(row[i] ?? '')))),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        if (i === last) return cell;
        const cut = cutToWidth(cell, widths[i]);
        return columns[i].right ? padTextLeft(cut, widths[i]) : padText(cut, widths[i]);
      })
      .join('  ')
      .trimEnd();
  const lines = [...wrapped(title.toUpperCase(), width), ...(note === '' ? [] : wrapped(note, width))];
  lines.push(cutToWidth(lineOf(columns.map(({ name }) => name)), width));
  for (const row of safe) lines.push(cutToWidth(lineOf(row), width));
  if (more > 0) lines.push(`and ${formatCount(more)} more; -v prints them`);
  return lines;
}

function wrapped(text: string, columns: number): string[] {
  return wrapText(safeText(text), columns, { indent: '  ', gap: ' ' });
}
