import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { ExitAnswer, UserError } from '../base/errors.js';
import { safeText } from '../base/safe-text.js';
import { describeSystemError, systemErrorCode } from '../base/system-errors.js';
import { packageRoot } from '../collect/package-root.js';
import { buildProgram, isShown } from './program.js';

/**
 * Runs one command line, prints its errors and returns the exit code: 0 done, 1 could not, 2 wrong usage, 3 a condition of
 * --fail-if holds or triage finds something abnormal, 70 a bug of ours.
 */
export async function runCommandLine(args: string[]): Promise<number> {
  process.stdout.on('error', endOnBrokenOutput);
  // If the reader of stderr goes away, the recording must go on.
  process.stderr.on('error', () => undefined);
  try {
    await buildProgram(readVersion()).parseAsync(args, { from: 'user' });
    // A command that is done may have more to say: triage, that something is abnormal.
    return 0;
  } catch (error) {
    return explain(error);
  }
}

/** If the reader goes away (`unfreed top | head -3`), the program ends quietly, as other tools do. */
function endOnBrokenOutput(error: NodeJS.ErrnoException): void {
  // The screen handles a lost terminal: it ends, and the recording is closed as usual.
  if (process.stdout.isTTY) return;
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`unfreed: cannot write to standard output: ${describeSystemError(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): number {
  if (isShown(error)) return 0;
  if (error instanceof ExitAnswer) return error.exitCode;
  // Commander has printed its own sentence already.
  if (error instanceof CommanderError) return 2;
  if (error instanceof UserError) {
    const steps = error.nextSteps.map((step) => `  ${safeText(step)}\n`).join('');
    process.stderr.write(`unfreed: ${safeText(error.message)}\n${steps}`);
    return error.exitCode;
  }
  const limit = LIMITS.get(systemErrorCode(error));
  if (limit !== undefined) {
    process.stderr.write(`unfreed: ${describeSystemError(error)}\n  ${limit}\n`);
    return 1;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`unfreed: this is a bug in unfreed; please report it with these lines:\n${stack}\n`);
  return 70;
}

/** Limits of the machine that any step may meet, with what to do. */
const LIMITS: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'raise the limit: ulimit -n 1024'],
  ['ENFILE', 'raise the limit: sysctl fs.file-max'],
  ['ENOMEM', 'make memory free, or raise the limit (ulimit -v)'],
]);

/** The version in package.json, in the directory above dist/. */
export function readVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
