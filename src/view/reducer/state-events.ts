/** Commands that walk along the events of the trace. */
import { type EventRow, neighbourEvent } from '../model/events.js';
import { seekTo } from '../model/state-requests.js';
import { showView } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';

/**
 * Goes to the event before or after the position of a replay; live, where time cannot be moved, to the one beside the
 * selected event. Returns the same state if there is none.
 */
export function toEvent(state: ViewState, command: 'event-before' | 'event-after'): ViewState {
  const event = neighbourEvent(state, command === 'event-before' ? -1 : 1);
  if (event === null) return state;
  return state.mode === 'replay' ? seekTo(selecting(state, event), event.timeNs) : selecting(shown(state), event);
}

/** Live an event that is gone to is seen in the tab alone. */
function shown(state: ViewState): ViewState {
  return state.view === 'events' ? state : showView(state, 'events');
}

/** In the tab Events the cursor goes along, and so does the page over it. */
function selecting(state: ViewState, { key }: EventRow): ViewState {
  if (state.view !== 'events') return state;
  const page = state.page?.kind === 'event' ? { kind: 'event' as const, key } : state.page;
  return { ...state, selected: key, page };
}
