/**
 * Restores the terminal on every way out of the screen: quitting, signals, an uncaught error, process exit, and
 * suspension (ctrl-z), after which the screen takes it again. Nothing here ends the process: the first signal asks for
 * the end, and once our handlers are removed a second one has its default effect, except SIGHUP (outliveHangUps).
 */

import type { Key } from '../model/keys.js';
import { readKeys, setRawMode, type TerminalInput } from './terminal-input.js';
import { forgetLostTerminals, outliveHangUps } from './terminal-lost.js';
import type { Screen } from './terminal-screen.js';

const END_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
/** The kernel does not stop an orphaned process group, which no shell could wake: we then resume after this time. */
const SUSPENDED_MS = 100;

export interface TerminalEvents {
  onKey: (key: Key) => void;
  /** Input ended, a signal came or the terminal has gone: the screen must end. */
  onEnd: () => void;
  /** Everything must be drawn again, perhaps at another size. */
  onRepaint: () => void;
  onResize: () => void;
}

export interface HeldTerminal {
  /** Restores the terminal and stops this process and its group until SIGCONT. */
  suspend(): void;
  /** Restores the terminal and removes all listeners. */
  release(): void;
}

/** Takes the terminal: raw mode, alternate buffer, signal handlers. */
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
    // The shell may have changed the terminal meanwhile: raw mode and the alternate buffer are set again.
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
    // Without our listener the signal has its default effect. It goes to the whole group: npm or sudo in front of us must
    // stop too, or the shell would not notice.
    process.removeListener('SIGTSTP', suspend);
    process.kill(0, 'SIGTSTP');
    setTimeout(resumeIfStillSuspended, SUSPENDED_MS);
  };

  forgetLostTerminals();
  outliveHangUps();
  screen.on('gone', events.onEnd);
  output.on('resize', events.onResize);
  for (const signal of END_SIGNALS) process.on(signal, events.onEnd);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  process.on('exit', restore);
  // A monitor only: the error still ends the process and is printed, on a terminal that is restored by then.
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
