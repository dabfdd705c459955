/** Commands that move through the time of a replay. */
import { positionOf } from '../model/answers.js';
import type { Command } from '../model/keys.js';
import { asking, seekTo } from '../model/state-requests.js';
import type { ViewState } from '../model/view-state.js';

/** The speeds of `slower` and `faster`, slowest first; the last, 0, is as fast as the recording can be read. */
export const REPLAY_SPEEDS: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 0];

/** Returns the state after pause, play, a seek or a change of speed; the same state for other commands. */
export function onReplayCommand(state: ViewState, command: Command): ViewState {
  const { status } = state.snapshot;
  switch (command) {
    case 'pause':
      return asking(state, { name: status.state === 'playing' ? 'pause' : 'play' });
    case 'play':
      return asking(state, { name: 'play' });
    case 'seek-back':
      return seekTo(state, positionOf(state) - status.durationNs / 20);
    case 'seek-forward':
      return seekTo(state, positionOf(state) + status.durationNs / 20);
    case 'second-back':
      return seekTo(state, positionOf(state) - 1e9);
    case 'second-on':
      return seekTo(state, positionOf(state) + 1e9);
    case 'seek-start':
      return seekTo(state, 0);
    case 'seek-end':
      // The end is not known until the recording was read once; until then the session reads on to it.
      return status.readShare < 1
        ? asking({ ...state, seek: null }, { name: 'seek', timeNs: Number.POSITIVE_INFINITY })
        : seekTo(state, status.durationNs);
    case 'slower':
    case 'faster': {
      const index = REPLAY_SPEEDS.indexOf(state.speed ?? status.speed);
      const from = index < 0 ? REPLAY_SPEEDS.indexOf(1) : index;
      const to = Math.min(REPLAY_SPEEDS.length - 1, Math.max(0, from + (command === 'faster' ? 1 : -1)));
      return asking({ ...state, speed: REPLAY_SPEEDS[to] }, { name: 'speed', speed: REPLAY_SPEEDS[to] });
    }
    default:
      return state;
  }
}
