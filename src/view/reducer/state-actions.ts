/** Commands that act on the trace or write a file; the session reports the result as a notice. */
import { sinceOf } from '../model/answers.js';
import type { Command } from '../model/keys.js';
import { openMenu } from '../model/menus.js';
import { asking } from '../model/state-requests.js';
import type { ViewState } from '../model/view-state.js';
import { selectedCache } from '../tabs/caches-view.js';
import { findingRows } from '../tabs/finding-rows.js';
import { turnedTo } from '../tabs/memory-view.js';

/** The number of events of one step. */
export const STEP_EVENTS = 1000;

/** Returns the state after such a command; the same state if the command is none of them. */
export function onActionCommand(state: ViewState, command: Command): ViewState {
  switch (command) {
    case 'mark':
      return asking(state, { name: 'act', action: { name: 'mark' } });
    case 'record':
      return asking(state, { name: 'act', action: { name: 'record' } });
    case 'census':
      return askCensus(state);
    case 'step-events':
      return asking(state, { name: 'act', action: { name: 'step', events: STEP_EVENTS } });
    case 'export-menu':
      return openMenu(state, 'export');
    case 'save-stack': {
      const stackId = presentStack(state);
      return stackId === null ? state : asking(state, { name: 'act', action: { name: 'save-stack', stackId } });
    }
    default:
      return state;
  }
}

/** In Caches it tells apart the objects of the selected cache; else Memory is turned to the page that shows it. */
function askCensus(state: ViewState): ViewState {
  const { view, page, places } = state;
  const cache = view === 'caches' ? selectedCache(state) : null;
  let shown = state;
  if (view === 'memory' && page === null) shown = turnedTo(state, 'census');
  else if (view !== 'memory' && view !== 'caches') {
    shown = { ...state, memoryPage: 'census', places: { ...places, memory: undefined } };
  }
  return asking(shown, { name: 'act', action: { name: 'census', caches: cache === null ? [] : [cache] } });
}

/** Id of the opened call path, else of the selected one; null when there is neither. */
function presentStack(state: ViewState): number | null {
  if (state.opened !== null) return state.opened.stackId;
  if (state.view === 'diff') return sinceOf(state)?.paths[state.selectedIndex]?.stackId ?? null;
  const row = findingRows(state)[state.selectedIndex];
  return (row?.path ?? row?.stack)?.stackId ?? null;
}
