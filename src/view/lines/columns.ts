/**
 * Columns of a list: what each shows, how wide it is, and which of them fit. The rest of the width goes to the last
 * column: a call path, a tree, a bar.
 */
import { formatBytes, formatShare } from '../../base/format.js';
import { padText, padTextLeft } from '../../base/safe-text.js';
import type { Span, Tone } from './styled-line.js';

export interface Column<Row> {
  title: string;
  /** Its sort key, null or absent when it has none; its head is marked when the rows are sorted by it. */
  sort?: string | null;
  width: number;
  align: 'left' | 'right';
  /** Columns of the greatest rank are left out first. */
  rank: number;
  /** Safe text; cut and padded to the width. */
  text(row: Row): string;
  tone?(row: Row): Tone;
}

export interface FittedColumns<Row> {
  columns: readonly Column<Row>[];
  /** The width left for the last column. */
  restWidth: number;
}

interface Holder {
  bytes: number;
}

/** Outstanding bytes: the first figure in every list of holders. */
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

/** What the column of places shows: `12`, or `*12` for a row that is new. */
export function placeCell<Row>(
  placeOf: (row: Row) => number,
  isNew: (row: Row) => boolean,
): Required<Pick<Column<Row>, 'text' | 'tone'>> {
  return {
    text: (row) => `${isNew(row) ? '*' : ''}${placeOf(row)}`,
    tone: (row) => (isNew(row) ? 'strong' : 'dim'),
  };
}

/** The row's share of all bytes in the list. */
export function shareColumn(rank: number, totalBytes: number): Column<Holder> {
  return { title: 'SHARE', width: 6, align: 'right', rank, text: (row) => formatShare(row.bytes, totalBytes) };
}

/** The columns that fit into `width`, in their order; at least `leastRest` columns are left for the last one. */
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

/** The heads of the columns. `restTitle` is the head of the last column, `sorted` the Column.sort in force. */
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

/** The cells of a row, without the last column's. */
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
