import { openSync, statSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { describeSystemError } from '../../base/system-errors.js';
import type { Selection } from '../../rank/report/selection.js';
import type { WorkerSession } from '../../session/screen/worker-session.js';
import { stdoutLook } from '../options/look.js';

/** Throws a UserError that names the file, if it cannot be found. */
export async function assertThere(file: string): Promise<void> {
  // Loaded here: a live trace needs none of it.
  const { partPaths } = await import('../../recording/files/open-parts.js');
  const [first] = await partPaths(file);
  try {
    statSync(first);
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${describeSystemError(error)}`);
  }
}

/** Throws a UserError unless both standard input and standard output are a terminal. */
export function assertTerminal(nextSteps: string[]): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new UserError('the screen needs a terminal, and standard input or output is none', nextSteps);
}

/**
 * Opens the terminal itself for keys, when standard input is the recording. The caller must destroy the stream at the end.
 * Throws a UserError without a terminal, or when standard input is one.
 */
export function openKeyboard(nextSteps: string[]): ReadStream {
  if (isatty(0))
    throw new UserError(
      'standard input is a terminal, which holds no recording',
      ['Name a file, or send one in: unfreed replay - < FILE'],
      { usage: true },
    );
  try {
    // process.stdin is not touched: the worker reads standard input by its descriptor.
    if (isatty(1)) return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    // There is no terminal.
  }
  throw new UserError('the screen needs a terminal, and there is none', nextSteps);
}

/**
 * Shows a session until the user quits, then ends it. `demo` is set while it shows the bundled recording: the command that
 * traces this machine. Rejects with the error of a trace that failed.
 */
export async function showSession(
  session: WorkerSession,
  selection: Selection,
  { stdin = process.stdin, demo = null }: { stdin?: ReadStream; demo?: string | null } = {},
): Promise<void> {
  // The screen is loaded while the trace starts, and shows how far it is. A recording is opened first.
  const screen = import('../../view/start-screen.js');
  if (session.mode === 'replay') await Promise.all([session.started, import('../../view/app.js')]);
  const { startScreen } = await screen;
  if (session.failure !== null) throw session.failure;
  let seen = 0;
  try {
    const { colour, plain } = stdoutLook();
    const options = { selection, color: colour, plain, started: session.started, demo };
    await startScreen(session, { stdin, stdout: process.stdout }, options);
  } finally {
    seen = session.getSnapshot().status.notice?.id ?? 0;
    await session.stop();
  }
  // The notices have gone with the screen, so the files are named once more.
  const { saved, notice } = session.getSnapshot().status;
  for (const path of saved) process.stdout.write(`wrote ${safeText(path)}\n`);
  // Ending a recording that was still running may have failed.
  if (notice !== null && notice.id > seen && notice.failed) process.stderr.write(`unfreed: ${safeText(notice.text)}\n`);
  if (session.failure !== null) throw session.failure;
  // The worker may be gone before it could say so.
  if (session.getSnapshot().status.starting !== undefined) {
    throw new UserError('nothing was traced: stopped before tracing had begun');
  }
}
