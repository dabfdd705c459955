import type { SessionRequest, ViewState } from './state.js';

/** The same state, asking this of the session too. */
export function asking(state: ViewState, request: SessionRequest): ViewState {
  return { ...state, requests: [...state.requests, request] };
}
