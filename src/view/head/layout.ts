/**
 * The rows of the screen from the top: header, body, panel (filter line, time line or menu), footer. A list's body is
 * what narrows it, its column heads, its rows, its total line and, on a narrow screen, the selected row over the whole width. The detail's
 * body is its title and its lines.
 */

import { isNarrowed } from '../lines/narrow-line.js';
import { menuOf } from '../model/menus.js';
import { typedFilter } from '../model/state-requests.js';
import type { ViewName } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { headerLines } from './header-lines.js';

/** Nothing useful can be drawn on a smaller screen. */
export const MIN_COLUMNS = 40;
export const MIN_ROWS = 8;

/** On a screen narrower than this most call paths do not fit in their column. */
const PATH_LINE_BELOW = 130;
/** Views whose rows often do not fit on their line. */
const WITH_PATHS: readonly ViewName[] = ['stacks', 'tree', 'diff', 'events'];

export interface Layout {
  tooSmall: boolean;
  headerRows: number;
  bodyTop: number;
  bodyRows: number;
  /** Rows of a list's body that hold its rows. */
  listRows: number;
  /** Rows above the column heads for the line that says what narrows the list: 0 or 1. */
  narrowRows: number;
  /** Rows at the end of a list's body for the selected row over the whole width. */
  pathRows: number;
  panelTop: number;
  panelRows: number;
  footerTop: number;
}

export function layoutOf(state: ViewState): Layout {
  const { columns, rows } = state;
  const tooSmall = columns < MIN_COLUMNS || rows < MIN_ROWS;
  const headerRows = headerLines(state).length;
  const footerTop = Math.max(0, rows - 1);
  const spare = Math.max(0, footerTop - headerRows - 4);
  const panelRows = Math.min(spare, panelHeight(state));
  const panelTop = footerTop - panelRows;
  const bodyRows = Math.max(0, panelTop - headerRows);
  const pathRows = columns < PATH_LINE_BELOW && bodyRows >= 10 && hasLongRows(state) ? 1 : 0;
  const narrowRows = bodyRows >= 4 && isNarrowed(state) ? 1 : 0;
  return {
    tooSmall,
    headerRows,
    bodyTop: headerRows,
    bodyRows,
    listRows: Math.max(1, bodyRows - 2 - pathRows - narrowRows),
    narrowRows,
    pathRows,
    panelTop,
    panelRows,
    footerTop,
  };
}

function hasLongRows({ view, memoryPage }: ViewState): boolean {
  return WITH_PATHS.includes(view) || (view === 'memory' && (memoryPage === 'census' || memoryPage === 'limits'));
}

function panelHeight(state: ViewState): number {
  if (state.place === 'menu') return menuOf(state).items.length + 1;
  if (state.place === 'time' || state.place === 'mark') return 1;
  return state.place === 'filter' || typedFilter(state).text !== '' ? 1 : 0;
}
