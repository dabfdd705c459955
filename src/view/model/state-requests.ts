/** What a state asks of the session, and changes of what is ranked, which ask for a new report. */
import type { Selection } from '../../rank/report/selection.js';
import { parseFilter } from './filter-text.js';
import type { SessionRequest, ViewState } from './view-state.js';

/** The same state, asking this of the session too. */
export function asking(state: ViewState, request: SessionRequest): ViewState {
  return { ...state, requests: [...state.requests, request] };
}

export function withSelection(state: ViewState, change: Partial<Selection>): ViewState {
  const selection = { ...state.selection, ...change };
  return asking({ ...state, selection }, { name: 'select', selection });
}

/** A bad expression says so and keeps the last good one. */
export function withFilter(state: ViewState, filterText: string): ViewState {
  const parsed = parseFilter(filterText);
  const next = { ...state, filterText, filterError: parsed.error };
  return parsed.error !== null || parsed.grep === state.selection.grep
    ? next
    : withSelection(next, { grep: parsed.grep });
}
