/** Scrolling and selecting: moves the selection and the scroll positions, and keeps them within their bounds. */

import { layoutOf } from '../head/layout.js';
import { detailLines } from '../lines/detail-lines.js';
import { helpLineCount } from '../lines/help-lines.js';
import type { Command } from '../model/keys.js';
import { menuOf } from '../model/menus.js';
import type { ViewState } from '../model/view-state.js';
import { viewOf } from '../tabs/views.js';

/** Moves the selection, the menu, the help or the detail, depending on the place. */
export function scroll(state: ViewState, command: Command): ViewState {
  const { bodyRows, listRows } = layoutOf(state);
  if (state.place === 'list') {
    return select(state, moved(command, state.selectedIndex, listRows), command);
  }
  if (state.place === 'menu') {
    const last = menuOf(state).items.length - 1;
    return { ...state, menuIndex: Math.min(last, Math.max(0, moved(command, state.menuIndex, 1))) };
  }
  // inView() brings these back into their bounds.
  if (state.place === 'help') return { ...state, helpTop: moved(command, state.helpTop, bodyRows) };
  return { ...state, detailTop: moved(command, state.detailTop, bodyRows - 1) };
}

function moved(command: Command, from: number, page: number): number {
  switch (command) {
    case 'up':
      return from - 1;
    case 'down':
      return from + 1;
    case 'page-up':
      return from - Math.max(1, page - 1);
    case 'page-down':
      return from + Math.max(1, page - 1);
    case 'top':
      return 0;
    default:
      return Number.MAX_SAFE_INTEGER;
  }
}

function select(state: ViewState, index: number, command: Command): ViewState {
  const view = viewOf(state);
  const rows = view.rowCount(state);
  if (rows === 0) return state;
  const clamped = Math.min(rows - 1, Math.max(0, index));
  return { ...state, selected: command === 'top' ? null : view.rowKey(state, clamped), selectedIndex: clamped };
}

/** Finds the selected row again and brings every scroll position back into its bounds. */
export function inView(state: ViewState): ViewState {
  const view = viewOf(state);
  const rows = view.rowCount(state);
  let selectedIndex = state.selected === null ? 0 : rowOf(state, state.selected);
  // The row has left the list: select the row that is at its index now.
  if (selectedIndex < 0) selectedIndex = Math.max(0, Math.min(state.selectedIndex, rows - 1));
  const { listRows, bodyRows } = layoutOf(state);
  const lastTop = Math.max(0, rows - listRows);
  let listTop = Math.min(state.listTop, lastTop);
  if (selectedIndex < listTop) listTop = selectedIndex;
  else if (selectedIndex >= listTop + listRows) listTop = selectedIndex - listRows + 1;
  const detailRows = linesOver(state);
  const detailTop = Math.max(0, Math.min(state.detailTop, detailRows - (bodyRows - 1)));
  const helpTop = Math.max(0, Math.min(state.helpTop, helpLineCount(state.mode) - bodyRows));
  return { ...state, selectedIndex, listTop: Math.max(0, listTop), detailTop, helpTop };
}

/** Lines of the page or the detail that lies over the view, without its title. */
function linesOver(state: ViewState): number {
  const { detail, report, columns, page, marks } = state;
  if (page !== null) return viewOf(state).page?.(state)?.lines.length ?? 0;
  return detail === null ? 0 : detailLines(detail, report, columns, marks).length;
}

/** Index of the row with this key; -1 when there is none. */
function rowOf(state: ViewState, key: string): number {
  const view = viewOf(state);
  const rows = view.rowCount(state);
  // Mostly the row has not moved.
  if (state.selectedIndex < rows && view.rowKey(state, state.selectedIndex) === key) return state.selectedIndex;
  for (let index = 0; index < rows; index++) if (view.rowKey(state, index) === key) return index;
  return -1;
}
