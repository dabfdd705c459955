/** The list of call paths as ready-made lines: column heads, the visible rows, and what is not shown. */
import { formatBytes, formatCount } from '../base/format.js';
import { padText, padTextLeft, safeText } from '../base/safe-text.js';
import type { Report, ReportStack } from '../rank/report.js';
import { callPathSpans } from './call-path.js';
import { layoutOf } from './layout.js';
import { type ListColumns, listColumns } from './list-columns.js';
import type { ViewState } from './state.js';
import type { Line, Span } from './styled-line.js';

export interface ListView {
  lines: readonly Line[];
  /** Index in `lines` of the selected row, -1 when there is none. */
  selected: number;
}

/** Exactly as many lines as the body has rows. */
export function listView(state: ViewState): ListView {
  const { bodyRows, listRows, pathRows } = layoutOf(state);
  const { report } = state;
  if (report === null) return { lines: emptyLines(['waiting for the first report'], bodyRows), selected: -1 };
  if (report.stacks.length === 0) return { lines: emptyLines(nothingText(state), bodyRows), selected: -1 };
  const columns = listColumns(report, state.columns);
  const lines: Line[] = [headLine(columns, report)];
  const visible = report.stacks.slice(state.listTop, state.listTop + listRows);
  for (const stack of visible) lines.push(rowLine(columns, stack, report));
  while (lines.length < bodyRows - 1 - pathRows) lines.push([]);
  lines.push(totalLine(state, report, visible));
  if (pathRows > 0) lines.push(selectedLine(state, report));
  return { lines: lines.slice(0, bodyRows), selected: state.selectedIndex - state.listTop + 1 };
}

function headLine({ columns, widths, pathWidth }: ListColumns, report: Report): Line {
  const line: Span[] = [];
  for (const [index, column] of columns.entries()) {
    const sorted = column.sort !== null && column.sort === report.selection.sort;
    const title = sorted ? `${column.title}▾` : column.title;
    line.push([column.align === 'right' ? padTextLeft(title, widths[index]) : padText(title, widths[index]), 'head']);
    line.push([' ', 'head']);
  }
  line.push([padText('CALL PATH', pathWidth), 'head']);
  return line;
}

function rowLine({ columns, widths, pathWidth }: ListColumns, stack: ReportStack, report: Report): Line {
  const line: Span[] = [];
  for (const [index, column] of columns.entries()) {
    const text = column.text(stack, report);
    const cell = column.align === 'right' ? padTextLeft(text, widths[index]) : padText(text, widths[index]);
    line.push([cell, column.tone?.(stack) ?? 'plain'], [' ']);
  }
  line.push(...pathSpans(stack, pathWidth));
  return line;
}

/** The selected call path over the whole width. */
function selectedLine(state: ViewState, report: Report): Line {
  const stack = report.stacks[state.selectedIndex];
  if (stack === undefined) return [];
  const mark = `#${stack.rank} `;
  return [[mark, 'strong'], ...pathSpans(stack, state.columns - mark.length)];
}

/** What was interrupted is no part of the path to the memory. */
function pathSpans(stack: ReportStack, width: number): Span[] {
  const frames = stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
  return callPathSpans(frames, stack.firstFrame, width);
}

/** '… 1,204 more call paths, 3.10 MiB': what matches and is neither on the screen nor above it. */
function totalLine(state: ViewState, report: Report, visible: readonly ReportStack[]): Line {
  const last = state.listTop + visible.length;
  let shownBytes = 0;
  for (let i = 0; i < last; i++) shownBytes += report.stacks[i].bytes;
  const more = report.matching.stacks - last;
  const scope = scopeText(state, report);
  if (more <= 0) {
    const all = `${formatCount(report.matching.stacks)} call paths, ${formatBytes(report.matching.bytes)}`;
    return [
      [all, 'dim'],
      [scope, 'warn'],
    ];
  }
  const rest = Math.max(0, report.matching.bytes - shownBytes);
  const cut = last === report.stacks.length ? ' beyond the limit' : '';
  return [
    [`… ${formatCount(more)} more call paths${cut}, ${formatBytes(rest)}`, 'dim'],
    [scope, 'warn'],
  ];
}

/** What narrows the list, as far as it is in force. */
function scopeText(state: ViewState, report: Report): string {
  const { selection } = report;
  const parts: string[] = [];
  if (selection.allocators.length > 0) parts.push(selection.allocators.join('+'));
  if (selection.grep !== null) parts.push(`matching ${state.filterText === '' ? selection.grep : state.filterText}`);
  if (selection.hide !== null) parts.push(`without ${selection.hide}`);
  if (selection.hideAccounted) parts.push('not in meminfo');
  if (selection.categories.length > 0) parts.push(selection.categories.join('+'));
  if (selection.comm !== null) parts.push(`process ${selection.comm}`);
  if (selection.pid !== null) parts.push(`pid ${selection.pid}`);
  if (selection.cache !== null) parts.push(`cache ${selection.cache}`);
  if (selection.module !== null) parts.push(`module ${selection.module}`);
  if (selection.minSizeBytes > 0) parts.push(`from ${formatBytes(selection.minSizeBytes)} each`);
  if (selection.olderNs > 0) parts.push('older ones');
  return parts.length === 0 ? '' : `   only: ${safeText(parts.join(', '))}`;
}

function nothingText(state: ViewState): string[] {
  const { selection } = state;
  if (selection.grep !== null) return ['no call path matches the filter', 'Esc clears it'];
  if (selection.allocators.length > 0) return [`nothing is outstanding in ${selection.allocators.join(', ')}`];
  return ['nothing is outstanding'];
}

function emptyLines(texts: readonly string[], rows: number): Line[] {
  const lines: Line[] = [[]];
  for (const text of texts) lines.push([['  '], [text, 'dim']]);
  while (lines.length < rows) lines.push([]);
  return lines.slice(0, rows);
}
