/** The end of a process whose terminal is closed: what Node does then, and the signals of the kernel. */
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
 * One terminal that is closed sends several SIGHUPs: the kernel's, that of the shell to its jobs, and the kernel's again when
 * the shell has gone. The later ones must not kill the process while it ends in order, for then a recording is still being
 * finished. SIGTERM and SIGINT do kill it.
 */
export function outliveHangUps(): void {
  if (outlivesHangUps) return;
  outlivesHangUps = true;
  process.on('SIGHUP', () => undefined);
}
