/** What the session has answered so far, read off a state. */
import type { SinceMark } from '../../rank/breakdown/since-mark.js';
import type { ViewState } from './view-state.js';

/** Position in a replay as the user asked for it, before the session has got there. */
export function positionOf(state: ViewState): number {
  return state.seek?.timeNs ?? state.snapshot.status.positionNs;
}

/** What changed, null when there is no mark or no answer yet. */
export function sinceOf({ data }: ViewState): SinceMark | null {
  return data?.kind === 'diff' ? data.since : null;
}
