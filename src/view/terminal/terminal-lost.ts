/** Keeps a process whose terminal has been closed alive until it has ended in order: Node's abort at exit, and SIGHUP. */
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

let outlivesHangUps = false;

/**
 * A closed terminal causes several SIGHUPs: the kernel's, that of the shell to its jobs, and the kernel's again when the
 * shell has gone. The later ones must not kill the process while it ends in order, because a recording may still be
 * finished then. SIGTERM and SIGINT do kill it.
 */
export function outliveHangUps(): void {
  if (outlivesHangUps) return;
  outlivesHangUps = true;
  process.on('SIGHUP', () => undefined);
}
