/**
 * Columns of a list: what each shows, how wide it is, and which of them there is room for. What is left of the width is
 * the last column's: a call path, a tree, a bar.
 */
import { formatBytes, formatShare } from '../../base/format.js';
import { padText, padTextLeft } from '../../base/safe-text.js';
import type { Span, Tone } from './styled-line.js';

export interface Column<Row> {
  title: string;
  /** What it is called where it can be sorted by; marked when it is. */
  sort?: string | null;
  width: number;
  align: 'left' | 'right';
  /** The greatest are left out first. */
  rank: number;
  /** Safe text; cut and padded to the width. */
  text(row: Row): string;
  tone?(row: Row): Tone;
}

export interface FittedColumns<Row> {
  columns: readonly Column<Row>[];
  /** What is left for the last column. */
  restWidth: number;
}

interface Holder {
  bytes: number;
}

/** Outstanding bytes: what every list of holders begins with. */
export function heldColumn(): Column<Holder> {
  return {
    title: 'BYTES',
    width: 8,
    align: 'right',
    rank: 0,
    text: (row) => formatBytes(row.bytes),
    tone: () => 'strong',
  };
}

/** Their share of all bytes in the list. */
export function shareColumn(rank: number, totalBytes: number): Column<Holder> {
  return { title: 'SHARE', width: 6, align: 'right', rank, text: (row) => formatShare(row.bytes, totalBytes) };
}

/** The columns that there is room for, in their order, when `leastRest` must be left. */
export function fitColumns<Row>(wanted: readonly Column<Row>[], width: number, leastRest: number): FittedColumns<Row> {
  const kept = new Set<Column<Row>>();
  let room = width - leastRest;
  for (const column of wanted.toSorted((a, b) => a.rank - b.rank)) {
    // A less important column never takes the place of one that did not fit.
    if (column.width + 1 > room) break;
    room -= column.width + 1;
    kept.add(column);
  }
  return { columns: wanted.filter((column) => kept.has(column)), restWidth: Math.max(0, leastRest + room) };
}

/** `sorted`: the Column.sort that the rows are sorted by. */
export function headSpans<Row>({ columns, restWidth }: FittedColumns<Row>, restTitle: string, sorted?: string): Span[] {
  const spans: Span[] = [];
  for (const column of columns) {
    const { width, align } = column;
    const title = typeof column.sort === 'string' && column.sort === sorted ? `${column.title}▾` : column.title;
    spans.push([align === 'right' ? padTextLeft(title, width) : padText(title, width), 'head'], [' ', 'head']);
  }
  spans.push([padText(restTitle, restWidth), 'head']);
  return spans;
}

export function cellSpans<Row>({ columns }: FittedColumns<Row>, row: Row): Span[] {
  const spans: Span[] = [];
  for (const column of columns) {
    const { width, align } = column;
    const cell = column.text(row);
    const tone = column.tone?.(row) ?? 'plain';
    spans.push([align === 'right' ? padTextLeft(cell, width) : padText(cell, width), tone], [' ']);
  }
  return spans;
}
