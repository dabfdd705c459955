/** The line in which the user types a time to seek to. */

import { formatPosition } from '../lines/position-text.js';
import { positionOf } from '../model/answers.js';
import type { Command, Key } from '../model/keys.js';
import { seekTo } from '../model/state-requests.js';
import { placeUnder } from '../model/state-views.js';
import { parseTypedTime } from '../model/time-entry.js';
import type { TimeEntry, ViewState } from '../model/view-state.js';

const LONGEST = 40;

export const EMPTY_ENTRY: TimeEntry = { text: '', error: null };

export function openTimeEntry(state: ViewState): ViewState {
  return { ...state, place: 'time', time: EMPTY_ENTRY };
}

/** Returns the state after a command at the place 'time'; the same state for other commands. */
export function onTimeCommand(state: ViewState, command: Command): ViewState {
  const { text } = state.time;
  switch (command) {
    case 'accept':
      return go(state);
    case 'clear':
      return closed(state);
    case 'erase':
      // As in an editor's command line: erasing in an empty line leaves it.
      return text === '' ? closed(state) : typed(state, text.slice(0, -1));
    case 'erase-word':
    case 'erase-all':
      return typed(state, '');
    default:
      return state;
  }
}

/** Appends the printable ASCII of a key or paste, up to LONGEST characters. */
export function typeTime(state: ViewState, key: Key): ViewState {
  return typed(state, (state.time.text + key.text.replace(/[^ -~]/g, '')).slice(0, LONGEST));
}

function go(state: ViewState): ViewState {
  if (state.time.text.trim() === '') return closed(state);
  const { durationNs, readShare } = state.snapshot.status;
  const { timeNs, error } = parseTypedTime(state.time.text, positionOf(state), durationNs);
  if (timeNs === null) return { ...state, time: { text: state.time.text, error } };
  // Until the length is known, neither a percentage nor a time beyond the part that was read can be resolved.
  const unknown = readShare < 1 && (timeNs >= durationNs || state.time.text.trim().endsWith('%'));
  if (unknown) {
    const read = formatPosition(durationNs, durationNs).trim();
    return { ...state, time: { text: state.time.text, error: `read as far as ${read} only, yet` } };
  }
  return seekTo(closed(state), timeNs);
}

function typed(state: ViewState, text: string): ViewState {
  return { ...state, time: { text, error: null } };
}

function closed(state: ViewState): ViewState {
  return { ...state, place: placeUnder(state), time: EMPTY_ENTRY };
}
