import { WorkerSession } from '../../session/screen/worker-session.js';
import type { LiveFlags } from '../options/flags.js';
import { selectionFrom } from '../options/selection-options.js';
import { collectorOptions } from '../traces/collector-options.js';
import { refuseUnknownProcess } from '../traces/named-processes.js';
import { assertTerminal, showSession } from '../traces/show-session.js';

/** Traces this machine on the screen until the user quits. */
export async function runLive(flags: LiveFlags): Promise<void> {
  assertTerminal(['Without one: unfreed top --duration 10s, or unfreed record -o FILE.']);
  refuseUnknownProcess(flags.pid);
  const session = new WorkerSession({
    mode: 'live',
    live: {
      collector: collectorOptions(flags),
      recordPath: flags.record ?? null,
      force: flags.force,
      look: true,
      takesMarks: true,
      names: flags.names,
    },
    selection: selectionFrom(flags, SCREEN_LIMIT),
  });
  await showSession(session, selectionFrom(flags, SCREEN_LIMIT));
  if (flags.record !== undefined)
    process.stdout.write(`recorded to ${flags.record}\n  unfreed replay ${flags.record}\n`);
}

/** The number of call paths that the screen can scroll through. */
export const SCREEN_LIMIT = 200;
