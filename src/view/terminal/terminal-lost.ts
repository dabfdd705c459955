/** Keeps Node from aborting at exit when its terminal has been closed. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2] as const;
let terminals: readonly number[] | null = null;

/**
 * When the process ends, Node 20 resets the modes of each terminal that it was started on, and aborts (node::ResetStdio)
 * if that terminal has been closed meanwhile. It leaves closed descriptors alone, so those of lost terminals are closed at
 * exit. Must be called while all of the terminals are still there.
 */
export function forgetLostTerminals(): void {
  if (terminals !== null) return;
  terminals = STANDARD.filter((fd) => isatty(fd));
  process.once('exit', () => {
    for (const fd of terminals ?? []) {
      if (isatty(fd)) continue;
      try {
        closeSync(fd);
      } catch {
        // It is closed already.
      }
    }
  });
}
