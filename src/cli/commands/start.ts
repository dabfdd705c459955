import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { defaultSelection } from '../../rank/report/selection.js';
import { WorkerSession } from '../../session/screen/worker-session.js';
import type { TraceFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { collectorOptions } from '../traces/collector-options.js';
import { showSession } from '../traces/show-session.js';
import { SCREEN_LIMIT } from './live.js';

/** The trace options at their defaults. */
const FLAGS: TraceFlags = {
  process: [],
  heap: false,
  collector: 'auto',
  buffer: 64 * 2 ** 20,
  sample: 1,
  minAge: 0,
  stacks: 'auto',
  audit: 1000,
  dropSelf: false,
  allocator: [],
  minSize: 0,
  names: true,
};
const TOP_SECONDS = 10;
const TOP_NUMBER = 10;
/** The last run is recorded without being asked for, so it must not fill a disk. */
const LAST_RECORDING_LIMIT_BYTES = 256 * 2 ** 20;

/**
 * unfreed without a command: traces this machine on a screen that is there at once; if it cannot, says why in one line
 * and shows the demo, a bundled recording. The run is recorded unless `record` is false, or the environment variable UNFREED_NO_RECORD is set and not empty.
 */
export async function runStart({ record }: { record: boolean }): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    await printRanking();
    return;
  }
  const selection = { ...defaultSelection(SCREEN_LIMIT), group: 'finding' as const };
  const recordPath = record && (process.env['UNFREED_NO_RECORD'] ?? '') === '' ? lastRecordingPath() : null;
  const session = new WorkerSession({
    mode: 'live',
    live: {
      collector: collectorOptions(FLAGS),
      recordPath,
      force: true,
      look: true,
      takesMarks: true,
      names: true,
      recordOptional: true,
      recordLimitBytes: LAST_RECORDING_LIMIT_BYTES,
    },
    selection,
  });
  try {
    await showSession(session, selection);
  } catch (error) {
    // Only a trace that could not start is replaced by the demo, not one that the user has left or that failed later.
    if (session.refusal === null) throw error;
    // Above the screen, so that it is there again after it.
    explainFallback(error);
    const replay = new WorkerSession({ mode: 'replay', path: bundledRecording(), selection });
    await showSession(replay, selection, { demo: tracingCommand() });
    return;
  }
  if (session.getSnapshot().status.recordingPath !== null) {
    process.stdout.write(
      `What you saw is kept until the next start (unfreed --no-record keeps nothing):\n` +
        `  unfreed replay ${recordPath}\n  unfreed export ${recordPath} -o x.html\n`,
    );
  }
}

async function printRanking(): Promise<void> {
  // Loaded here: the screen is drawn before anything of it is needed.
  const [{ readRecording, traceFor }, { encodeText }, { warnOfLosses }, { firstLookText, lookNowText }] =
    await Promise.all([
      import('../traces/load-trace.js'),
      import('../../export/text.js'),
      import('../traces/warnings.js'),
      import('../triage/first-look.js'),
    ]);
  let report;
  let demo = '';
  let look: string;
  try {
    const pipeline = await traceFor(FLAGS, TOP_SECONDS * 1e9);
    report = pipeline.report({ ...defaultSelection(TOP_NUMBER), group: 'finding' });
    look = firstLookText(pipeline.looks);
  } catch (error) {
    explainFallback(error);
    look = await lookNowText();
    demo = `DEMO     a recording of another machine, not of this one; here: ${tracingCommand()}\n`;
    const pipeline = await readRecording(bundledRecording());
    report = pipeline.report({ ...defaultSelection(TOP_NUMBER), group: 'finding' });
  }
  if (look !== '') process.stdout.write(`${dressed(look)}\n`);
  process.stdout.write(dressed(demo + encodeText(report, { columns: 10_000, frames: false })));
  warnOfLosses(report);
}

/** Prints why this machine is not traced, one line on stderr. Rethrows an error that is a bug of ours. */
function explainFallback(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(
    `DEMO: a recording of another machine, because ${safeText(error.message)}. To trace this one: ${tracingCommand()}\n`,
  );
}

/** What to type to trace this machine: as root, only `doctor` can say what else is missing. */
function tracingCommand(): string {
  return process.getuid?.() === 0 ? 'unfreed doctor' : 'sudo unfreed live';
}

/** A path in the user's own cache folder, where no other user can have put a link; null if the folder cannot be made. */
function lastRecordingPath(): string | null {
  const directory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'unfreed');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch {
    return null;
  }
  return join(directory, 'last.unfreed');
}

/** Path of the bundled recording; recordings/ is beside dist/. */
export function bundledRecording(): string {
  return fileURLToPath(new URL('../recordings/bpf/6.12-demo/demo.unfreed', import.meta.url));
}
