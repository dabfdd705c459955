import { openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import type { Selection } from '../../rank/report/selection.js';
import type { WorkerSession } from '../../session/screen/worker-session.js';

/** The screen needs a terminal on both ends. */
export function assertTerminal(nextSteps: string[]): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new UserError('the screen needs a terminal, and standard input or output is none', nextSteps);
}

/** The terminal itself, for keys, where standard input is the recording; to be destroyed in the end. */
export function openKeyboard(nextSteps: string[]): ReadStream {
  if (isatty(0)) throw new UserError('standard input is a terminal, expected a recording', [], { usage: true });
  try {
    // Node makes no standard input of it: the worker reads that by its descriptor.
    if (isatty(1)) return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    // There is none.
  }
  throw new UserError('the screen needs a terminal, and there is none', nextSteps);
}

/** Shows a session until the user quits, then ends it. Throws what broke the trace. */
export async function showSession(
  session: WorkerSession,
  selection: Selection,
  stdin: ReadStream = process.stdin,
): Promise<void> {
  await session.started;
  const { startScreen } = await import('../../view/start-screen.js');
  let seen = 0;
  try {
    await startScreen(session, { stdin, stdout: process.stdout }, { selection, color: wantsColor() });
  } finally {
    seen = session.getSnapshot().status.notice?.id ?? 0;
    await session.stop();
  }
  // The notices are gone with the screen.
  const { saved, notice } = session.getSnapshot().status;
  for (const path of saved) process.stdout.write(`wrote ${safeText(path)}\n`);
  // What came of ending a recording that was still going.
  if (notice !== null && notice.id > seen && notice.failed) process.stderr.write(`unfreed: ${safeText(notice.text)}\n`);
  if (session.failure !== null) throw session.failure;
}

/** https://no-color.org: set and not empty means none. */
function wantsColor(): boolean {
  return (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}
