/** Scrolling and selecting as data: where the lists stand, and how they stay within their bounds. */
import type { ReportStack } from '../rank/report.js';
import { SORT_KEYS } from '../rank/selection.js';
import { detailLineCount } from './detail-lines.js';
import { helpLineCount } from './help-lines.js';
import type { Command } from './keys.js';
import { layoutOf } from './layout.js';
import type { RowKey, ViewState } from './state.js';

/** Moves what has the keys: the selection, the menu, the help or the detail. */
export function scroll(state: ViewState, command: Command): ViewState {
  const { bodyRows, listRows } = layoutOf(state);
  if (state.place === 'list') {
    return select(state, moved(command, state.selectedIndex, listRows), command);
  }
  if (state.place === 'sort-menu') {
    return { ...state, menuIndex: Math.min(SORT_KEYS.length - 1, Math.max(0, moved(command, state.menuIndex, 1))) };
  }
  // The bounds are put right by inView().
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
  const stacks = state.report?.stacks ?? [];
  const clamped = Math.min(stacks.length - 1, Math.max(0, index));
  const stack = stacks[clamped];
  if (stack === undefined) return state;
  const selected = command === 'top' ? null : { stackId: stack.stackId, allocator: stack.allocator };
  return { ...state, selected, selectedIndex: clamped };
}

/** Finds the selected row again and brings every scroll position back into its bounds. */
export function inView(state: ViewState): ViewState {
  const stacks = state.report?.stacks ?? [];
  const { selected } = state;
  let selectedIndex = selected === null ? 0 : stacks.findIndex((stack) => isRow(stack, selected));
  // Gone from the ranking: what stands in its place now.
  if (selectedIndex < 0) selectedIndex = Math.max(0, Math.min(state.selectedIndex, stacks.length - 1));
  const { listRows, bodyRows } = layoutOf(state);
  const lastTop = Math.max(0, stacks.length - listRows);
  let listTop = Math.min(state.listTop, lastTop);
  if (selectedIndex < listTop) listTop = selectedIndex;
  else if (selectedIndex >= listTop + listRows) listTop = selectedIndex - listRows + 1;
  const detailLines = state.detail === null ? 0 : detailLineCount(state.detail, state.columns);
  const detailTop = Math.max(0, Math.min(state.detailTop, detailLines - (bodyRows - 1)));
  const helpTop = Math.max(0, Math.min(state.helpTop, helpLineCount(state.mode) - bodyRows));
  return { ...state, selectedIndex, listTop: Math.max(0, listTop), detailTop, helpTop };
}

function isRow(stack: ReportStack, key: RowKey): boolean {
  return stack.stackId === key.stackId && stack.allocator === key.allocator;
}
