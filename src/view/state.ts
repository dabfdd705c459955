/**
 * What the screen shows and what the keys do to it: one reducer, no React, no terminal, no clock. A command that
 * concerns the trace leaves a SessionRequest in `requests` of the state it returns; whoever holds the session sends it.
 */
import type { AllocatorName } from '../event/kinds.js';
import type { Report, StackDetail } from '../rank/report.js';
import type { Selection } from '../rank/selection.js';
import type { SessionSnapshot, UserAction } from '../session/trace-session.js';
import {
  type CacheSort,
  NO_VIEW,
  type ProcessKey,
  type ProcessSort,
  type ViewData,
  type ViewRequest,
} from '../session/view-data.js';
import { filterTextOf } from './filter-text.js';
import { type Command, commandOf, type Key, type Place } from './keys.js';
import { chooseItem, type MenuName, nextAllocators, nextItem, openMenu } from './menus.js';
import { onActionCommand } from './state-actions.js';
import { onReplayCommand } from './state-replay.js';
import { asking, withFilter, withSelection } from './state-requests.js';
import { inView, scroll } from './state-scroll.js';
import { same, withSnapshot } from './state-snapshot.js';
import { EMPTY_ENTRY, onTimeCommand, openTimeEntry, type TimeEntry, typeTime } from './state-time.js';
import { goBack, type ListPlace, showNeighbour, showView, type TrailStep } from './state-views.js';
import { INITIAL_TREE, type TreeState, withFirstOpen } from './tree-state.js';
import { VIEW_NAMES, type ViewName } from './view-names.js';
import { viewOf } from './views.js';

/** A call path, whatever its rank is now. */
export interface OpenedStack {
  stackId: number;
  allocator: AllocatorName;
}

export type SessionRequest =
  | { name: 'select'; selection: Selection }
  | { name: 'open'; stackId: number | null }
  | { name: 'show'; view: ViewRequest }
  | { name: 'play' }
  | { name: 'pause' }
  | { name: 'seek'; timeNs: number }
  | { name: 'speed'; speed: number }
  | { name: 'act'; action: UserAction };

export interface ViewState {
  mode: 'live' | 'replay';
  columns: number;
  rows: number;
  /** Newest: the header shows this. */
  snapshot: SessionSnapshot;
  /** What the list and the detail show: the newest, or an older one while the display is held still. */
  report: Report | null;
  detail: StackDetail | null;
  /** What the session has worked out for the view; may still be of another one. */
  data: ViewData | null;
  /** What `data` answers. */
  dataRequest: ViewRequest;
  /** What the session was asked for last. */
  asked: ViewRequest;
  frozen: boolean;
  /** The present tab. */
  view: ViewName;
  /** Where the other views' lists stand. */
  places: Readonly<Partial<Record<ViewName, ListPlace>>>;
  /** The way back from what was gone into. */
  trail: readonly TrailStep[];
  tree: TreeState;
  processesBy: ProcessKey;
  processesSort: ProcessSort;
  cachesSort: CacheSort;
  /** Where the keys go; the filter line and the menus lie over the list. */
  place: Place;
  /** Where `back` leads from help. */
  helpFrom: Place;
  selection: Selection;
  filterText: string;
  filterError: string | null;
  /** View.rowKey() of the present view's selected row; null = the first row, whichever it is. */
  selected: string | null;
  /** Index of the selected row. */
  selectedIndex: number;
  /** First visible row of list, detail and help. */
  listTop: number;
  detailTop: number;
  helpTop: number;
  /** Which menu is open at the place 'menu', and its selected item. */
  menu: MenuName;
  menuIndex: number;
  /** The time that is being typed. */
  time: TimeEntry;
  /** Notice.id of the last one that the user has answered with a key. */
  noticeSeen: number;
  opened: OpenedStack | null;
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
    data: options.snapshot.view,
    dataRequest: options.snapshot.viewRequest,
    asked: NO_VIEW,
    frozen: false,
    view: 'stacks',
    places: {},
    trail: [],
    tree: INITIAL_TREE,
    processesBy: 'pid',
    processesSort: 'bytes',
    cachesSort: 'bytes',
    place: 'list',
    helpFrom: 'list',
    filterText: filterTextOf(options.selection.grep),
    filterError: null,
    selected: null,
    selectedIndex: 0,
    listTop: 0,
    detailTop: 0,
    helpTop: 0,
    menu: 'sort',
    menuIndex: 0,
    time: EMPTY_ENTRY,
    noticeSeen: options.snapshot.status.notice?.id ?? 0,
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
      return asked(withFirstOpen(withSnapshot(state, action.snapshot)));
    case 'resize':
      return inView({ ...state, columns: action.columns, rows: action.rows });
    case 'suspended':
      return { ...state, suspending: false };
    default:
      return inView(asked(onKey(state, action.key)));
  }
}

/** Asks the session for what the view needs, once that is something else. */
function asked(state: ViewState): ViewState {
  const view = viewOf(state).request(state);
  return same(view, state.asked) ? state : asking({ ...state, asked: view }, { name: 'show', view });
}

function onKey(before: ViewState, key: Key): ViewState {
  const state = { ...before, noticeSeen: before.snapshot.status.notice?.id ?? 0 };
  const command = commandOf(key.name, state.place, state.mode, state.view);
  if (command !== null) return onCommand(state, command);
  if (state.place === 'filter' && key.text !== '') {
    // A paste may hold line ends and worse; the filter is one line.
    return withFilter(state, (state.filterText + key.text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')).slice(0, 200));
  }
  return state.place === 'time' && key.text !== '' ? typeTime(state, key) : state;
}

function onCommand(state: ViewState, command: Command): ViewState {
  if (state.place === 'time' && command !== 'quit' && command !== 'suspend') return onTimeCommand(state, command);
  switch (command) {
    case 'quit':
      return { ...state, ended: true };
    case 'suspend':
      return { ...state, suspending: true };
    case 'help':
      return { ...state, place: 'help', helpFrom: state.place, helpTop: 0 };
    case 'back':
      return leave(state);
    case 'open':
      return viewOf(state).open(state);
    case 'next-view':
      return showNeighbour(state, 1);
    case 'previous-view':
      return showNeighbour(state, -1);
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
    case 'top':
    case 'bottom':
      return scroll(state, command);
    case 'next-sort':
      return nextItem(state, 'sort');
    case 'next-group':
      return nextItem(state, 'group');
    case 'sort-menu':
      return openMenu(state, 'sort');
    case 'group-menu':
      return openMenu(state, 'group');
    case 'allocator-menu':
      return openMenu(state, 'allocators');
    case 'choose':
      return chooseItem(state);
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
    case 'hide-accounted':
      return withSelection(state, { hideAccounted: !state.selection.hideAccounted });
    case 'pause':
      if (state.mode === 'replay') return onReplayCommand(state, command);
      return withSnapshot({ ...state, frozen: !state.frozen }, state.snapshot);
    default:
      return onOtherCommand(state, command);
  }
}

function onOtherCommand(state: ViewState, command: Command): ViewState {
  const view = VIEW_NAMES.find((name) => command === `view-${name}`);
  if (view !== undefined) return showView(state, view);
  if (command === 'seek-time') return openTimeEntry(state);
  const obeyed = viewOf(state).obey?.(state, command) ?? state;
  if (obeyed !== state) return obeyed;
  const acted = onActionCommand(state, command);
  return acted === state ? onReplayCommand(state, command) : acted;
}

/** Help, menus and the filter line lie over what they came from; a list is left for where it was opened from. */
function leave(state: ViewState): ViewState {
  if (state.place === 'help') return { ...state, place: state.helpFrom };
  if (state.place !== 'detail' && state.place !== 'list') return { ...state, place: 'list' };
  return goBack(state);
}
