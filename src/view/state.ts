/**
 * What the screen shows and what the keys do to it: one reducer, no React, no terminal, no clock. A command that
 * concerns the trace leaves a SessionRequest in `requests` of the state it returns; whoever holds the session sends it.
 */
import type { AllocatorName } from '../event/kinds.js';
import type { Report, ReportStack, StackDetail } from '../rank/report.js';
import { type Selection, SORT_KEYS } from '../rank/selection.js';
import type { SessionSnapshot } from '../session/trace-session.js';
import { filterTextOf, parseFilter } from './filter-text.js';
import { type Command, commandOf, type Key, type Place } from './keys.js';
import { onReplayCommand } from './state-replay.js';
import { asking } from './state-requests.js';
import { inView, scroll } from './state-scroll.js';

/** A row, whatever its rank is now. */
export interface RowKey {
  stackId: number;
  allocator: AllocatorName;
}

export type SessionRequest =
  | { name: 'select'; selection: Selection }
  | { name: 'open'; stackId: number | null }
  | { name: 'play' }
  | { name: 'pause' }
  | { name: 'seek'; timeNs: number }
  | { name: 'speed'; speed: number };

export interface ViewState {
  mode: 'live' | 'replay';
  columns: number;
  rows: number;
  /** Newest: the header shows this. */
  snapshot: SessionSnapshot;
  /** What the list and the detail show: the newest, or an older one while the display is held still. */
  report: Report | null;
  detail: StackDetail | null;
  frozen: boolean;
  /** Where the keys go; the filter line and the sort menu lie over the list. */
  place: Place;
  /** Where `back` leads from help. */
  helpFrom: Place;
  selection: Selection;
  filterText: string;
  filterError: string | null;
  /** Null = the first row, whichever it is. */
  selected: RowKey | null;
  /** Index of the selected row in report.stacks. */
  selectedIndex: number;
  /** First visible row of list, detail and help. */
  listTop: number;
  detailTop: number;
  helpTop: number;
  menuIndex: number;
  opened: RowKey | null;
  /** Where the last seek went, until the session is there: a second seek goes on from it. */
  seek: { timeNs: number; snapshotsLeft: number } | null;
  /** Asked for and not yet seen in a snapshot. */
  speed: number | null;
  suspending: boolean;
  ended: boolean;
  /** What this action asks of the session. */
  requests: readonly SessionRequest[];
}

export type ViewAction =
  | { type: 'snapshot'; snapshot: SessionSnapshot }
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'key'; key: Key }
  /** The suspension that was asked for is under way. */
  | { type: 'suspended' };

export function initialViewState(options: {
  mode: 'live' | 'replay';
  columns: number;
  rows: number;
  snapshot: SessionSnapshot;
  selection: Selection;
}): ViewState {
  return {
    ...options,
    report: options.snapshot.report,
    detail: options.snapshot.detail,
    frozen: false,
    place: 'list',
    helpFrom: 'list',
    filterText: filterTextOf(options.selection.grep),
    filterError: null,
    selected: null,
    selectedIndex: 0,
    listTop: 0,
    detailTop: 0,
    helpTop: 0,
    menuIndex: 0,
    opened: null,
    seek: null,
    speed: null,
    suspending: false,
    ended: false,
    requests: NO_REQUESTS,
  };
}

const NO_REQUESTS: readonly SessionRequest[] = [];

export function viewReducer(before: ViewState, action: ViewAction): ViewState {
  const state = before.requests.length === 0 ? before : { ...before, requests: NO_REQUESTS };
  switch (action.type) {
    case 'snapshot':
      return withSnapshot(state, action.snapshot);
    case 'resize':
      return inView({ ...state, columns: action.columns, rows: action.rows });
    case 'suspended':
      return { ...state, suspending: false };
    default:
      return inView(onKey(state, action.key));
  }
}

/** The row that the keys act on, null when the list is empty. */
export function selectedStack(state: ViewState): ReportStack | null {
  return state.report?.stacks[state.selectedIndex] ?? null;
}

function withSnapshot(state: ViewState, snapshot: SessionSnapshot): ViewState {
  let { seek, speed } = state;
  if (seek !== null) {
    const near = Math.abs(snapshot.status.positionNs - seek.timeNs) <= snapshot.status.durationNs / 1000;
    seek = near || seek.snapshotsLeft <= 1 ? null : { ...seek, snapshotsLeft: seek.snapshotsLeft - 1 };
  }
  if (speed !== null && snapshot.status.speed === speed) speed = null;
  const next: ViewState = { ...state, snapshot, seek, speed };
  if (!state.frozen) {
    next.report = snapshot.report;
    next.detail = snapshot.detail;
  } else {
    // Held still, but on what was asked for: a new sort or filter takes the first report that obeys it.
    const wanted = snapshot.report !== null && sameSelection(snapshot.report.selection, state.selection);
    if (wanted && (state.report === null || !sameSelection(state.report.selection, state.selection))) {
      next.report = snapshot.report;
    }
    if (state.opened === null || state.detail?.stack.stackId !== state.opened.stackId) next.detail = snapshot.detail;
  }
  return inView(next);
}

function onKey(state: ViewState, key: Key): ViewState {
  const command = commandOf(key.name, state.place, state.mode);
  if (command !== null) return onCommand(state, command);
  if (state.place === 'filter' && key.text !== '') {
    // A paste may hold line ends and worse; the filter is one line.
    return withFilter(state, (state.filterText + key.text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')).slice(0, 200));
  }
  return state;
}

function onCommand(state: ViewState, command: Command): ViewState {
  switch (command) {
    case 'quit':
      return { ...state, ended: true };
    case 'suspend':
      return { ...state, suspending: true };
    case 'help':
      return { ...state, place: 'help', helpFrom: state.place, helpTop: 0 };
    case 'back':
      return goBack(state);
    case 'open':
      return open(state);
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
    case 'top':
    case 'bottom':
      return scroll(state, command);
    case 'next-sort':
      return withSelection(state, {
        sort: SORT_KEYS[(SORT_KEYS.indexOf(state.selection.sort) + 1) % SORT_KEYS.length],
      });
    case 'sort-menu':
      return { ...state, place: 'sort-menu', menuIndex: SORT_KEYS.indexOf(state.selection.sort) };
    case 'choose':
      return withSelection({ ...state, place: 'list' }, { sort: SORT_KEYS[state.menuIndex] });
    case 'filter':
      return { ...state, place: 'filter' };
    case 'accept':
      return { ...state, place: 'list' };
    case 'clear':
      return withFilter({ ...state, place: 'list' }, '');
    case 'erase':
      return withFilter(state, Array.from(state.filterText).slice(0, -1).join(''));
    case 'erase-word':
      return withFilter(state, state.filterText.replace(/\S+\s*$/u, ''));
    case 'erase-all':
      return withFilter(state, '');
    case 'next-allocator':
      return withSelection(state, { allocators: nextAllocators(state) });
    case 'include-self':
      return withSelection(state, { includeSelf: !state.selection.includeSelf });
    case 'pause':
      if (state.mode === 'replay') return onReplayCommand(state, command);
      return withSnapshot({ ...state, frozen: !state.frozen }, state.snapshot);
    default:
      return onReplayCommand(state, command);
  }
}

function goBack(state: ViewState): ViewState {
  if (state.place === 'help') return { ...state, place: state.helpFrom };
  if (state.place !== 'detail') return { ...state, place: 'list' };
  return asking({ ...state, place: 'list', opened: null, detail: null }, { name: 'open', stackId: null });
}

function open(state: ViewState): ViewState {
  const stack = selectedStack(state);
  if (stack === null) return state;
  const opened = { stackId: stack.stackId, allocator: stack.allocator };
  return asking(
    { ...state, place: 'detail', opened, selected: opened, detail: null, detailTop: 0 },
    { name: 'open', stackId: stack.stackId },
  );
}

function withFilter(state: ViewState, filterText: string): ViewState {
  const parsed = parseFilter(filterText);
  const next = { ...state, filterText, filterError: parsed.error };
  // A bad expression keeps the last good one.
  return parsed.error !== null || parsed.grep === state.selection.grep
    ? next
    : withSelection(next, { grep: parsed.grep });
}

function withSelection(state: ViewState, change: Partial<Selection>): ViewState {
  const selection = { ...state.selection, ...change };
  return asking({ ...state, selection }, { name: 'select', selection });
}

/** All -> each of those that are traced -> all. */
function nextAllocators(state: ViewState): AllocatorName[] {
  const traced = state.snapshot.report?.source.allocators ?? [];
  const cycle: AllocatorName[] = traced.length > 0 ? traced : ['page', 'slab', 'percpu', 'vmalloc'];
  const { allocators } = state.selection;
  const next = allocators.length === 1 ? cycle[cycle.indexOf(allocators[0]) + 1] : cycle[0];
  return next === undefined ? [] : [next];
}

function sameSelection(a: Selection, b: Selection): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
