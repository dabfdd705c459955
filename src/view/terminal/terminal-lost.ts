/** What Node does at its end with a terminal that is no more. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2] as const;
let terminals: readonly number[] | null = null;

/**
 * Node 20 sets back the modes of each terminal it was started on when the process ends, and aborts (node::ResetStdio) where
 * that terminal has been closed meanwhile. A descriptor that is closed it leaves alone. To be called while all of them are
 * there.
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
