/** The traced processes of a report as lines of text. Every line is safe to print. */
import { formatBytes, formatDuration } from '../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../base/safe-text.js';
import type { Report } from '../report/report.js';
import { type Moment, type PlainTable, processTable, rateText, type TimeTable, timeTable } from './process-table.js';

/** Widths of the columns of a table over time, and the least of a process's. */
const TIME = 7;
const RATE = 8;
const SIZE = 8;
const BLOCK = 2 + RATE * 2 + SIZE * 2 + 3;

/** Returns the processes now, and up to three of them over time; none where no process is known. */
export function processLines(report: Pick<Report, 'processes' | 'durationNs'>, columns: number): string[] {
  const table = processTable(report);
  if (table === null) return [];
  const lines = tableLines(table).map((line) => cutToWidth(line, columns));
  if (table.more > 0) lines.push(`… ${table.more} more processes`);
  const over = timeTable(report, timeRoom(columns));
  return over === null ? lines : [...lines, ...timeLines(over).map((line) => cutToWidth(line, columns))];
}

/** Processes that a table over time has room for, at least 1. */
export function timeRoom(columns: number): number {
  return Math.max(1, Math.floor((columns - TIME) / BLOCK));
}

/** Columns one apart, as wide as they must be. */
export function tableLines({ head, left, rows }: PlainTable): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => safeText(cell)));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => textWidth(row[column]))));
  return cells.map((row) =>
    row
      .map((cell, column) => {
        if (left.has(column)) return column === row.length - 1 ? cell : padText(cell, widths[column]);
        return padTextLeft(cell, widths[column]);
      })
      .join(' ')
      .trimEnd(),
  );
}

export function timeLines({ processes, timesNs, rows }: TimeTable): string[] {
  const names = processes.map(({ name, pid }) => padText(safeText(cutToWidth(`${name} ${pid}`, BLOCK - 2)), BLOCK - 2));
  const heads = processes.map(() =>
    [
      padTextLeft('minflt/s', RATE),
      padTextLeft('majflt/s', RATE),
      padTextLeft('VSZ', SIZE),
      padTextLeft('RSS', SIZE),
    ].join(' '),
  );
  return [
    `${' '.repeat(TIME)}  ${names.join('  ')}`.trimEnd(),
    `${padTextLeft('TIME', TIME)}  ${heads.join('  ')}`,
    ...timesNs.map((timeNs, i) =>
      `${padTextLeft(formatDuration(timeNs), TIME)}  ${rows[i].map(momentText).join('  ')}`.trimEnd(),
    ),
  ];
}

function momentText(moment: Moment | null): string {
  if (moment === null) return ' '.repeat(BLOCK - 2);
  const { minorPerSecond, majorPerSecond, vsz, rss } = moment;
  return [
    padTextLeft(rateText(minorPerSecond), RATE),
    padTextLeft(rateText(majorPerSecond), RATE),
    padTextLeft(formatBytes(vsz), SIZE),
    padTextLeft(formatBytes(rss), SIZE),
  ].join(' ');
}
