/** Fills the body of a view that is a list: what narrows it, heads, the visible rows, the closing line, the selected row in full. */
import { formatCount } from '../../base/format.js';
import { narrowLine } from '../lines/narrow-line.js';
import { cutLine, type Line } from '../lines/styled-line.js';
import type { ViewState } from '../model/view-state.js';
import { layoutOf } from './layout.js';

/** The lines of a view between header and footer. */
export interface ViewBody {
  /** One for each row of the body. */
  lines: readonly Line[];
  /** Index in `lines` of the selected row, -1 when there is none. */
  selected: number;
}

/** A page of text over a view (place 'page'). */
export interface PageText {
  title: Line;
  lines: readonly Line[];
}

export interface ListParts {
  head: Line;
  rows: number;
  row(index: number): Line;
  /** The line below the rows; `last` is the index after the last row on the screen. */
  closing(last: number): Line;
  /** The selected row over the whole width, where the layout has a line for it. */
  whole?(): Line;
}

/** The body of a list, one line for each of its rows. */
export function listBody(state: ViewState, parts: ListParts): ViewBody {
  const { bodyRows, listRows, pathRows, narrowRows } = layoutOf(state);
  const lines: Line[] = narrowRows > 0 ? [narrowLine(state), parts.head] : [parts.head];
  const last = Math.min(parts.rows, state.listTop + listRows);
  for (let index = state.listTop; index < last; index++) lines.push(parts.row(index));
  while (lines.length < bodyRows - 1 - pathRows) lines.push([]);
  lines.push(cutLine(parts.closing(last), state.columns));
  if (pathRows > 0) lines.push(parts.whole?.() ?? []);
  return { lines: lines.slice(0, bodyRows), selected: state.selectedIndex - state.listTop + 1 + narrowRows };
}

/** '1 cache', '12 caches', with `more` '12 more caches'. */
export function countedText(count: number, [one, many]: readonly [string, string], more = ''): string {
  return `${formatCount(count)}${more} ${count === 1 ? one : many}`;
}

/** A body without rows; `texts` say why. */
export function emptyBody(state: ViewState, texts: readonly string[]): ViewBody {
  const { bodyRows, narrowRows } = layoutOf(state);
  const lines: Line[] = [narrowRows > 0 ? narrowLine(state) : []];
  for (const text of texts) lines.push([['  '], [text, 'dim']]);
  while (lines.length < bodyRows) lines.push([]);
  return { lines: lines.slice(0, bodyRows), selected: -1 };
}
