/** A curve of outstanding bytes over time, drawn in block characters with labelled axes, and what happened meanwhile. */
import { formatBytes, formatDuration } from '../../base/format.js';
import { padText, padTextLeft } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import type { ViewState } from '../model/view-state.js';
import { signsByColumn } from './event-signs.js';
import type { Line, Span } from './styled-line.js';

const EIGHTHS = ' ▁▂▃▄▅▆▇█';
/** Width of the axis' labels and the line beside them, in columns. */
const LABEL_WIDTH = 9;
const MAX_COLUMNS = 100;

/** At most `most` of the values, evenly spaced, the newest always among them. */
export function everyNth(values: readonly number[], most: number): number[] {
  if (values.length <= most) return [...values];
  const picked: number[] = [];
  for (let i = 1; i <= most; i++) picked.push(values[Math.ceil((values.length * i) / most) - 1]);
  return picked;
}

/**
 * `rows` lines of the curve, the greatest value on top and zero at the bottom, one with the events that lie in it if there
 * are any, and a line with the times. Empty without a curve, or when fewer than 8 columns are left for it.
 */
export function curveLines(
  curve: readonly number[],
  times: Report['curve'],
  { width, rows, marks }: { width: number; rows: number; marks: ViewState['marks'] },
): Line[] {
  if (curve.length === 0 || times === null) return [];
  const columns = Math.min(MAX_COLUMNS, width - LABEL_WIDTH);
  if (columns < 8) return [];
  const wide = Math.max(1, Math.floor(columns / curve.length));
  const values = everyNth(curve, columns).flatMap((value) => Array.from({ length: wide }, () => value));
  const top = Math.max(1, ...values);
  const lines: Line[] = [];
  const drawn = areaRows(
    values.map((value) => value / top),
    rows,
  );
  for (const [row, text] of drawn.entries()) {
    const label = row === 0 ? formatBytes(top) : row === rows - 1 ? '0' : '';
    lines.push([
      [`${padTextLeft(label, LABEL_WIDTH - 1)}▏`, 'dim'],
      [text, 'drawing'],
    ]);
  }
  // A point stands for the time up to the next one.
  const perColumn = (times.stepNs * curve.length) / values.length;
  const events = signsByColumn({ marks }, (timeNs) => {
    const column = Math.floor((timeNs - times.firstNs) / perColumn);
    return column >= 0 && column < values.length ? column : null;
  });
  if (events.size > 0) {
    const signs = values.map((_, column): Span => {
      const sign = events.get(column);
      return sign === undefined ? [' '] : [sign.text, sign.tone];
    });
    lines.push([[padTextLeft('events ', LABEL_WIDTH), 'dim'], ...signs]);
  }
  const last = times.firstNs + (curve.length - 1) * times.stepNs;
  const from = formatDuration(times.firstNs);
  const to = formatDuration(last);
  const gap = ' '.repeat(Math.max(1, values.length - from.length - to.length));
  lines.push([[`${padText('', LABEL_WIDTH)}${from}${gap}${to}`, 'dim']]);
  return lines;
}

/** `rows` lines of an area below values from 0 to 1, the top line first. */
export function areaRows(values: readonly number[], rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index;
    return values.map((value) => blockAt(value * rows * 8 - row * 8, row === 0 && value > 0)).join('');
  });
}

/** The block character for this many eighths of a row; with `some` at least one eighth, so that little is still seen. */
function blockAt(eighths: number, some: boolean): string {
  const filled = Math.min(8, Math.max(some ? 1 : 0, Math.round(eighths)));
  return EIGHTHS[filled];
}
