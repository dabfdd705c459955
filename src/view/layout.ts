/**
 * Which rows belong to what, from the top: header, body, panel (filter line or sort menu), footer. The list's body is
 * its column heads, its rows and its total line; the detail's body is its title and its lines.
 */
import { SORT_KEYS } from '../rank/selection.js';
import { headerLines } from './header-lines.js';
import type { ViewState } from './state.js';

/** Nothing sensible can be drawn below this. */
export const MIN_COLUMNS = 40;
export const MIN_ROWS = 8;

export interface Layout {
  tooSmall: boolean;
  headerRows: number;
  bodyTop: number;
  bodyRows: number;
  /** Rows of the list's body that hold call paths. */
  listRows: number;
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
  return {
    tooSmall,
    headerRows,
    bodyTop: headerRows,
    bodyRows,
    listRows: Math.max(1, bodyRows - 2),
    panelTop,
    panelRows,
    footerTop,
  };
}

function panelHeight(state: ViewState): number {
  if (state.place === 'sort-menu') return SORT_KEYS.length + 1;
  return state.place === 'filter' || state.filterText !== '' ? 1 : 0;
}
