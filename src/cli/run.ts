import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { UserError } from '../base/errors.js';
import { safeText } from '../base/safe-text.js';
import { packageRoot } from '../collect/package-root.js';
import { describeSystemError } from '../recording/files/system-errors.js';
import { buildProgram, isShown } from './program.js';

/** Runs one command line and returns its exit code: 0 done, 1 could not, 2 usage, 70 our bug. Prints all errors. */
export async function runCommandLine(args: string[]): Promise<number> {
  process.stdout.on('error', endOnBrokenOutput);
  // A log that goes away must not take the recording with it.
  process.stderr.on('error', () => undefined);
  try {
    await buildProgram(readVersion()).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error);
  }
}

/** A reader that goes away (`unfreed top | head -3`) ends the program quietly, as it ends other tools. */
function endOnBrokenOutput(error: NodeJS.ErrnoException): void {
  // A terminal that vanishes is the screen's business: it ends, and the recording is closed as at any other end.
  if (process.stdout.isTTY) return;
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`unfreed: cannot write to standard output: ${describeSystemError(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): number {
  if (isShown(error)) return 0;
  // Commander has printed its own sentence already.
  if (error instanceof CommanderError) return 2;
  if (error instanceof UserError) {
    const steps = error.nextSteps.map((step) => `  ${safeText(step)}\n`).join('');
    process.stderr.write(`unfreed: ${safeText(error.message)}\n${steps}`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`unfreed: this is a bug in unfreed; please report it with these lines:\n${stack}\n`);
  return 70;
}

/** The version in package.json, which stands above dist/. */
export function readVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
