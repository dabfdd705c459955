/**
 * Every way out of the screen gives the terminal back: quitting, signals, an uncaught error, process exit, and
 * suspension (ctrl-z), from which it comes back. The process is never ended here: the first signal asks for the end,
 * and with our handlers gone a second one does what it does by default.
 */

import type { Key } from '../model/keys.js';
import { readKeys, setRawMode, type TerminalInput } from './terminal-input.js';
import { forgetLostTerminals } from './terminal-lost.js';
import type { Screen } from './terminal-screen.js';

const END_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
/** A process group that nobody can wake is not stopped by the kernel: we then go on after this time. */
const SUSPENDED_MS = 100;

export interface TerminalEvents {
  onKey: (key: Key) => void;
  /** The user, a signal or the terminal's disappearance ends the screen. */
  onEnd: () => void;
  /** Everything has to be drawn again, perhaps at another size. */
  onRepaint: () => void;
  onResize: () => void;
}

export interface HeldTerminal {
  /** Gives the terminal back and stops this process and its group until SIGCONT. */
  suspend(): void;
  /** Gives the terminal back; nothing of ours listens any more. */
  release(): void;
}

/** Takes the terminal: raw mode, alternate buffer, signals. */
export function holdTerminal(
  input: TerminalInput,
  screen: Screen,
  output: ResizeSource,
  events: TerminalEvents,
): HeldTerminal {
  let suspended = false;
  const restore = (): void => {
    screen.leave();
    setRawMode(input, false);
  };
  const resume = (): void => {
    suspended = false;
    process.removeListener('SIGTSTP', suspend);
    process.on('SIGTSTP', suspend);
    // The shell may have changed the terminal behind our back: both are set anew.
    setRawMode(input, false);
    setRawMode(input, true);
    screen.leave();
    screen.enter();
    events.onRepaint();
  };
  const resumeIfStillSuspended = (): void => {
    if (suspended) resume();
  };
  const suspend = (): void => {
    if (suspended) return;
    suspended = true;
    restore();
    // Without our listener the signal has its default effect. The group: npm or sudo in front of us must stop too, or
    // the shell would never notice.
    process.removeListener('SIGTSTP', suspend);
    process.kill(0, 'SIGTSTP');
    setTimeout(resumeIfStillSuspended, SUSPENDED_MS);
  };

  forgetLostTerminals();
  screen.on('gone', events.onEnd);
  output.on('resize', events.onResize);
  for (const signal of END_SIGNALS) process.on(signal, events.onEnd);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  process.on('exit', restore);
  // Only watches: the error is printed and ends the process as ever, on a terminal that is fit to read it on.
  process.on('uncaughtExceptionMonitor', restore);
  screen.enter();
  const stopKeys = readKeys(input, events.onKey, events.onEnd);

  return {
    suspend,
    release: () => {
      stopKeys();
      screen.close();
      screen.off('gone', events.onEnd);
      output.off('resize', events.onResize);
      for (const signal of END_SIGNALS) process.removeListener(signal, events.onEnd);
      process.removeListener('SIGTSTP', suspend);
      process.removeListener('SIGCONT', resume);
      process.removeListener('exit', restore);
      process.removeListener('uncaughtExceptionMonitor', restore);
    },
  };
}

interface ResizeSource {
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}
