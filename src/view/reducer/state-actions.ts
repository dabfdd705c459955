/** Keys that do something to the trace or write a file: what comes of it the session tells as a notice. */
import { sinceOf } from '../model/answers.js';
import type { Command } from '../model/keys.js';
import { openMenu } from '../model/menus.js';
import { asking } from '../model/state-requests.js';
import type { ViewState } from '../model/view-state.js';

/** Events that one step goes on by. */
export const STEP_EVENTS = 1000;

/** The same state where the command is none of these. */
export function onActionCommand(state: ViewState, command: Command): ViewState {
  switch (command) {
    case 'mark':
      return asking(state, { name: 'act', action: { name: 'mark' } });
    case 'record':
      return asking(state, { name: 'act', action: { name: 'record' } });
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

/** The call path that is opened or selected. */
function presentStack(state: ViewState): number | null {
  if (state.opened !== null) return state.opened.stackId;
  const path =
    state.view === 'diff' ? sinceOf(state)?.paths[state.selectedIndex] : state.report?.stacks[state.selectedIndex];
  return path?.stackId ?? null;
}
