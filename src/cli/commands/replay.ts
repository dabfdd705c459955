import { WorkerSession } from '../../session/screen/worker-session.js';
import type { ReplayFlags } from '../options/flags.js';
import { selectionFrom } from '../options/selection-options.js';
import { assertTerminal, assertThere, openKeyboard, showSession } from '../traces/show-session.js';
import { SCREEN_LIMIT } from './live.js';

/** Opens a recording on the screen. */
export async function runReplay(file: string, flags: ReplayFlags): Promise<void> {
  // Without a terminal too, the first thing to know is that there is no such file.
  if (file !== '-' && file !== '') await assertThere(file);
  const nextSteps = [`Without one: unfreed top ${file}`];
  const keyboard = file === '-' ? openKeyboard(nextSteps) : null;
  try {
    if (keyboard === null) assertTerminal(nextSteps);
    const selection = selectionFrom(flags, SCREEN_LIMIT);
    const { spool, pageSize } = flags;
    const session = new WorkerSession({ mode: 'replay', path: file, selection, noSpool: !spool, pageSize });
    await showSession(session, selection, { stdin: keyboard ?? process.stdin });
  } finally {
    keyboard?.destroy();
  }
}
