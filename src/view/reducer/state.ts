/**
 * The screen's state and how keys and snapshots change it: one reducer, no React, no terminal, no clock. A command that
 * concerns the trace adds a SessionRequest to `requests` of the new state; the owner of the session sends it.
 */
import type { Selection } from '../../rank/report/selection.js';
import type { SessionSnapshot } from '../../session/trace-session.js';
import { NO_VIEW } from '../../session/view-data.js';
import { filterTextOf } from '../model/filter-text.js';
import { type Command, commandOf, type Key } from '../model/keys.js';
import { chooseItem, chooseLetter, nextAllocators, nextItem, openMenu } from '../model/menus.js';
import { asking, typedFilter, withFilter, withSelection } from '../model/state-requests.js';
import { goBack, showFirstLook, showNeighbour, showView } from '../model/state-views.js';
import { INITIAL_TREE, withFirstOpen } from '../model/tree-state.js';
import { VIEW_NAMES } from '../model/view-names.js';
import type { SessionRequest, ViewAction, ViewState } from '../model/view-state.js';
import { viewOf } from '../tabs/views.js';
import { HELD_MS } from './held-lists.js';
import { onActionCommand } from './state-actions.js';
import { toEvent } from './state-events.js';
import { onMarkCommand, openMarkEntry, typeMark } from './state-mark.js';
import { onReplayCommand } from './state-replay.js';
import { inView, scroll } from './state-scroll.js';
import { same, withSnapshot } from './state-snapshot.js';
import { EMPTY_ENTRY, onTimeCommand, openTimeEntry, typeTime } from './state-time.js';

export function initialViewState(options: {
  mode: 'live' | 'replay';
  columns: number;
  rows: number;
  snapshot: SessionSnapshot;
  selection: Selection;
  /** See ViewState.demo. */
  demo?: string | null;
}): ViewState {
  return {
    ...options,
    demo: options.demo ?? null,
    report: options.snapshot.report,
    detail: options.snapshot.detail,
    marks: options.snapshot.marks ?? null,
    data: options.snapshot.view,
    dataRequest: options.snapshot.viewRequest,
    asked: NO_VIEW,
    frozen: false,
    view: 'stacks',
    places: {},
    trail: [],
    tree: INITIAL_TREE,
    openFindings: [],
    processesBy: 'pid',
    processesSort: 'bytes',
    cachesSort: 'bytes',
    nowMs: null,
    heldUntilMs: 0,
    orders: { report: null, data: null },
    memoryPage: 'change',
    triagePage: 'findings',
    triageFrom: 'stacks',
    page: null,
    place: 'list',
    helpFrom: 'list',
    filterText: filterTextOf(options.selection.grep),
    filterError: null,
    eventFilter: { text: '', grep: null, error: null },
    selected: null,
    selectedIndex: 0,
    listTop: 0,
    detailTop: 0,
    helpTop: 0,
    menu: 'sort',
    menuIndex: 0,
    time: EMPTY_ENTRY,
    markText: '',
    noticeSeen: options.snapshot.status.notice?.id ?? 0,
    opened: null,
    seek: null,
    soughtNs: null,
    speed: null,
    suspending: false,
    ended: false,
    requests: NO_REQUESTS,
  };
}

const NO_REQUESTS: readonly SessionRequest[] = [];

/** Returns the state after an action. `requests` are those of this action alone. */
export function viewReducer(before: ViewState, action: ViewAction): ViewState {
  const state: ViewState = { ...before, requests: NO_REQUESTS, nowMs: nowOf(before, action) };
  switch (action.type) {
    case 'snapshot':
      return asked(withFirstOpen(withSnapshot(state, action.snapshot)));
    case 'tick':
      return state.seek === null ? withSnapshot(state, state.snapshot) : state;
    case 'resize':
      return inView({ ...state, columns: action.columns, rows: action.rows });
    case 'suspended':
      return { ...state, suspending: false };
    default:
      return inView(asked(onKey(state, action.key)));
  }
}

/** An action without a time makes the time unknown. */
function nowOf({ nowMs }: ViewState, action: ViewAction): number | null {
  if (action.type === 'resize' || action.type === 'suspended') return nowMs;
  return action.nowMs ?? null;
}

/** Adds a request for the view's data when it differs from the last one. */
function asked(state: ViewState): ViewState {
  const view = viewOf(state).request(state);
  return same(view, state.asked) ? state : asking({ ...state, asked: view }, { name: 'show', view });
}

function onKey(before: ViewState, key: Key): ViewState {
  const state = { ...before, noticeSeen: before.snapshot.status.notice?.id ?? 0 };
  const command = commandOf(key.name, state.place, state.mode, state.view);
  if (command === 'choose-letter') return chooseLetter(state, key.name);
  if (command !== null) return holding(onCommand(state, command), command);
  if (state.place === 'filter' && key.text !== '') {
    // A paste may hold line ends and other control characters; the filter is one line.
    return withFilter(state, (typedFilter(state).text + key.text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')).slice(0, 200));
  }
  if (state.place === 'mark' && key.text !== '') return typeMark(state, key);
  return state.place === 'time' && key.text !== '' ? typeTime(state, key) : state;
}

/** Commands that move or act on a list, whose rows must not move under the cursor. */
const HOLDING: ReadonlySet<Command> = new Set<Command>([
  'up',
  'down',
  'page-up',
  'page-down',
  'top',
  'bottom',
  'open',
  'expand',
  'collapse',
  'expand-below',
  'save-stack',
]);

function holding(state: ViewState, command: Command): ViewState {
  return state.nowMs !== null && HOLDING.has(command) ? { ...state, heldUntilMs: state.nowMs + HELD_MS } : state;
}

function onCommand(state: ViewState, command: Command): ViewState {
  if (command !== 'quit' && command !== 'suspend') {
    if (state.place === 'time') return onTimeCommand(state, command);
    if (state.place === 'mark') return onMarkCommand(state, command);
  }
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
      return state.place === 'page' ? (viewOf(state).openPage?.(state) ?? state) : viewOf(state).open(state);
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
      return withFilter(state, Array.from(typedFilter(state).text).slice(0, -1).join(''));
    case 'erase-word':
      return withFilter(state, typedFilter(state).text.replace(/\S+\s*$/u, ''));
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
  if (command === 'view-triage') return showFirstLook(state);
  if (command === 'seek-time') return openTimeEntry(state);
  if (command === 'mark-text') return openMarkEntry(state);
  if (command === 'event-before' || command === 'event-after') return toEvent(state, command);
  const obeyed = viewOf(state).obey?.(state, command) ?? state;
  if (obeyed !== state) return obeyed;
  const acted = onActionCommand(state, command);
  return acted === state ? onReplayCommand(state, command) : acted;
}

/** Help returns to the place it was opened at, menus and the filter line to the list; the others go back a step. */
function leave(state: ViewState): ViewState {
  if (state.place === 'help') return { ...state, place: state.helpFrom };
  if (state.place === 'filter' || state.place === 'menu') return { ...state, place: 'list' };
  return goBack(state);
}
