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

/** Takes the text of the filter line. A bad expression sets filterError and leaves the last good one in force. */
export function withFilter(state: ViewState, filterText: string): ViewState {
  const parsed = parseFilter(filterText);
  const next = { ...state, filterText, filterError: parsed.error };
  return parsed.error !== null || parsed.grep === state.selection.grep
    ? next
    : withSelection(next, { grep: parsed.grep });
}
