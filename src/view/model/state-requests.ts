/** Adds requests for the session to a state; a change of the selection requests a new report. */
import type { Selection } from '../../rank/report/selection.js';
import { parseFilter } from './filter-text.js';
import type { SessionRequest, ViewState } from './view-state.js';

/** Returns the state with this request added. */
export function asking(state: ViewState, request: SessionRequest): ViewState {
  return { ...state, requests: [...state.requests, request] };
}

/** Returns the state with a changed selection and the request for its report. */
export function withSelection(state: ViewState, change: Partial<Selection>): ViewState {
  const selection = { ...state.selection, ...change };
  return asking({ ...state, selection }, { name: 'select', selection });
}

/** The text of the filter line and why it is no expression: the tab Events has a filter of its own. */
export function typedFilter(state: ViewState): { text: string; error: string | null } {
  return state.view === 'events' ? state.eventFilter : { text: state.filterText, error: state.filterError };
}

/** Takes the text of the filter line. A bad expression sets the error and leaves the last good one in force. */
export function withFilter(state: ViewState, filterText: string): ViewState {
  const parsed = parseFilter(filterText);
  if (state.view === 'events') {
    const { error } = parsed;
    const grep = error === null ? parsed.grep : state.eventFilter.grep;
    return { ...state, eventFilter: { text: filterText, grep, error } };
  }
  const next = { ...state, filterText, filterError: parsed.error };
  return parsed.error !== null || parsed.grep === state.selection.grep
    ? next
    : withSelection(next, { grep: parsed.grep });
}

/** Requests a seek to a time (ns since the start), limited to the recording. */
export function seekTo(state: ViewState, timeNs: number): ViewState {
  // The length of the recording may not be known yet.
  if (state.snapshot.status.durationNs <= 0) return state;
  const target = Math.round(Math.min(state.snapshot.status.durationNs, Math.max(0, timeNs)));
  return asking(
    { ...state, seek: { timeNs: target, snapshotsLeft: 8 }, soughtNs: null },
    { name: 'seek', timeNs: target },
  );
}
