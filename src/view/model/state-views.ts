/** Going from view to view. Each keeps its selected row and its place; going into a row can be taken back. */
import type { Selection } from '../../rank/report/selection.js';
import { filterTextOf } from './filter-text.js';
import { asking, withFilter, withSelection } from './state-requests.js';
import { VIEW_NAMES, type ViewName } from './view-names.js';
import type { ListPlace, TrailStep, ViewState } from './view-state.js';

const TOP: ListPlace = { selected: null, selectedIndex: 0, listTop: 0 };

/** Ways back beyond this many are forgotten. */
const TRAIL_LIMIT = 20;

export function showView(state: ViewState, view: ViewName): ViewState {
  const closed = closeDetail(state);
  if (view === closed.view) return closed;
  const { selected, selectedIndex, listTop } = closed;
  const places = { ...closed.places, [closed.view]: { selected, selectedIndex, listTop } };
  return { ...closed, view, places, ...(closed.places[view] ?? TOP) };
}

/** `step` 1 = the next tab, -1 = the one before. */
export function showNeighbour(state: ViewState, step: 1 | -1): ViewState {
  const index = (VIEW_NAMES.indexOf(state.view) + step + VIEW_NAMES.length) % VIEW_NAMES.length;
  return showView(state, VIEW_NAMES[index]);
}

/** Shows a view of only this, from its first row on; `goBack` leads back to what is shown now. */
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

/** Out of the detail, out of a filter that was typed here, or out of the row that was gone into last. */
export function goBack(state: ViewState): ViewState {
  if (state.opened !== null) return closeDetail(state);
  const step = state.trail.at(-1);
  const filterHere = step?.filterInside ?? '';
  if (state.filterText !== filterHere) return withFilter(state, filterHere);
  if (step === undefined) return state;
  const shown = showView({ ...state, ...step.place }, step.view);
  return withSelection(
    { ...shown, filterText: step.filterText, filterError: null, trail: state.trail.slice(0, -1) },
    step.selection,
  );
}

function closeDetail(state: ViewState): ViewState {
  if (state.opened === null) return { ...state, place: 'list' };
  return asking({ ...state, place: 'list', opened: null, detail: null }, { name: 'open', stackId: null });
}
