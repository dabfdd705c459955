/**
 * Moves between views. Each view keeps its selected row and its scroll position; going into a row leaves a step on the
 * trail, which goBack() takes back.
 */
import type { Selection } from '../../rank/report/selection.js';
import { isUrgent } from '../../triage/words.js';
import { firstLookOf, positionOf, triageKey } from './answers.js';
import { eventsOf, momentOf } from './events.js';
import { filterTextOf } from './filter-text.js';
import type { Place } from './keys.js';
import { asking, withFilter, withSelection } from './state-requests.js';
import { type TabName, VIEW_NAMES, type ViewName } from './view-names.js';
import type { ListPlace, OpenedPage, TrailStep, ViewState } from './view-state.js';

const TOP: ListPlace = { selected: null, selectedIndex: 0, listTop: 0 };

/** The trail keeps this many steps; older ones are dropped. */
const TRAIL_LIMIT = 20;

/** Shows a view where its list last stood; closes the detail and the page. */
export function showView(state: ViewState, view: ViewName): ViewState {
  const closed = closePage(closeDetail(state));
  if (view === closed.view) return closed;
  const { selected, selectedIndex, listTop } = closed;
  const places = { ...closed.places, [closed.view]: { selected, selectedIndex, listTop } };
  const shown = { ...closed, view, places, ...(closed.places[view] ?? TOP) };
  return view === 'events' && shown.selected === null ? { ...shown, selected: presentEvent(shown) } : shown;
}

/** Key of a replay's last event up to its position; null where that is the newest, on which the cursor stays then. */
function presentEvent(state: ViewState): string | null {
  if (state.mode === 'live') return null;
  const rows = eventsOf(state);
  const positionNs = positionOf(state);
  const index = rows.findLastIndex((row) => momentOf(row, state) <= positionNs);
  return index < 0 || index === rows.length - 1 ? null : rows[index].key;
}

/** Shows the next tab (`step` 1) or the previous one (-1), in a circle. */
export function showNeighbour(state: ViewState, step: 1 | -1): ViewState {
  const index = (VIEW_NAMES.indexOf(tabOf(state)) + step + VIEW_NAMES.length) % VIEW_NAMES.length;
  return showView(state, VIEW_NAMES[index]);
}

/** Shows the first look, at first on what is abnormal; or from it the tab that it was opened from. */
export function showFirstLook(state: ViewState): ViewState {
  if (state.view === 'triage') return showView(state, state.triageFrom);
  const shown = showView({ ...state, triageFrom: tabOf(state) }, 'triage');
  const abnormal = firstLookOf(state)?.findings.find(isUrgent);
  const isFirst = shown.selected === null && shown.triagePage === 'findings';
  return isFirst && abnormal !== undefined ? { ...shown, selected: triageKey(abnormal) } : shown;
}

/** The tab that is shown, or that the first look was opened from. */
function tabOf({ view, triageFrom }: ViewState): TabName {
  return view === 'triage' ? triageFrom : view;
}

/** Shows a page of text over the view, from its first line on. */
export function showPage(state: ViewState, page: OpenedPage): ViewState {
  return { ...state, place: 'page', page, detailTop: 0 };
}

function closePage(state: ViewState): ViewState {
  return state.page === null ? state : { ...state, place: 'list', page: null };
}

/** Shows a view with a narrowed selection, from its first row on; goBack() returns to the present one. */
export function goInto(state: ViewState, view: ViewName, change: Partial<Selection>): ViewState {
  const shown = showView(state, view);
  const { selected, selectedIndex, listTop } = shown;
  const filterText = change.grep === undefined ? shown.filterText : filterTextOf(change.grep);
  const step: TrailStep = {
    view: state.view,
    selection: state.selection,
    filterText: state.filterText,
    place: { selected, selectedIndex, listTop },
    filterInside: filterText,
  };
  const trail = [...state.trail.slice(-TRAIL_LIMIT + 1), step];
  return withSelection({ ...shown, ...TOP, trail, filterText, filterError: null }, change);
}

/** One step back: closes the page or the detail, leaves the first look, else resets the filter of Events, or the one typed since the last goInto(), else undoes that goInto(). */
export function goBack(state: ViewState): ViewState {
  if (state.page !== null) return closePage(state);
  if (state.opened !== null) return closeDetail(state);
  if (state.view === 'triage') return showFirstLook(state);
  if (state.view === 'events' && state.eventFilter.text !== '') return withFilter(state, '');
  const step = state.trail.at(-1);
  const filterHere = step?.filterInside ?? '';
  if (state.view !== 'events' && state.filterText !== filterHere) return withFilter(state, filterHere);
  if (step === undefined) return state;
  const shown = showView({ ...state, ...step.place }, step.view);
  return withSelection(
    { ...shown, filterText: step.filterText, filterError: null, trail: state.trail.slice(0, -1) },
    step.selection,
  );
}

/** The place below the filter line, a menu or a line in which something is typed. */
export function placeUnder({ page, opened }: Pick<ViewState, 'page' | 'opened'>): Place {
  return page !== null ? 'page' : opened !== null ? 'detail' : 'list';
}

function closeDetail(state: ViewState): ViewState {
  if (state.opened === null) return { ...state, place: 'list' };
  return asking({ ...state, place: 'list', opened: null, detail: null }, { name: 'open', stackId: null });
}
