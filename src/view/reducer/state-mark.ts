/** The line in which the user types the text of a mark. */
import type { Command, Key } from '../model/keys.js';
import { asking } from '../model/state-requests.js';
import { placeUnder } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';

/** Characters; the session takes no more either. */
const LONGEST = 200;

export function openMarkEntry(state: ViewState): ViewState {
  return { ...state, place: 'mark', markText: '' };
}

/** Returns the state after a command at the place 'mark'; the same state for other commands. */
export function onMarkCommand(state: ViewState, command: Command): ViewState {
  const { markText } = state;
  switch (command) {
    case 'accept':
      return asking(closed(state), { name: 'act', action: { name: 'mark', text: markText } });
    case 'clear':
      return closed(state);
    case 'erase':
      // As in an editor's command line: erasing in an empty line leaves it.
      return markText === '' ? closed(state) : { ...state, markText: Array.from(markText).slice(0, -1).join('') };
    case 'erase-word':
      return { ...state, markText: markText.replace(/\S+\s*$/u, '') };
    case 'erase-all':
      return { ...state, markText: '' };
    default:
      return state;
  }
}

/** Appends the text of a key or paste, on one line. */
export function typeMark(state: ViewState, { text }: Key): ViewState {
  return { ...state, markText: (state.markText + text.replace(/\p{C}+/gu, ' ')).slice(0, LONGEST) };
}

function closed(state: ViewState): ViewState {
  return { ...state, place: placeUnder(state), markText: '' };
}
