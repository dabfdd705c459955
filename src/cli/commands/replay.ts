import { WorkerSession } from '../../session/worker-session.js';
import { type SelectionFlags, selectionFrom } from '../selection-options.js';
import { assertTerminal, showSession } from '../show-session.js';
import { SCREEN_LIMIT } from './live.js';

/** Opens a recording on the screen. */
export async function runReplay(file: string, flags: SelectionFlags): Promise<void> {
  assertTerminal([`Without one: unfreed top ${file}`]);
  const selection = selectionFrom(flags, SCREEN_LIMIT);
  const session = new WorkerSession({ mode: 'replay', path: file, selection });
  await showSession(session, selection);
}
