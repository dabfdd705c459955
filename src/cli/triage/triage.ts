/** `unfreed triage`: the first look, live or on files, once or again and again. */
import { UserError } from '../../base/errors.js';
import { readBundle } from '../../collect/bundle/read-bundle.js';
import type { Look } from '../../proc/look.js';
import { triageOf } from '../../session/look/triage-looks.js';
import type { TriageFlags } from '../options/flags.js';
import { looksHere } from './looks-here.js';
import { printReport } from './print-report.js';
import { watchMachine } from './watch.js';

/** Prints what triage says. Sets the exit status: 0 nothing abnormal, 3 something is. Throws a UserError if nothing could be read. */
export async function runTriage(files: readonly string[], flags: TriageFlags): Promise<void> {
  if (files.length > 0 && flags.watch !== undefined) {
    throw new UserError('--watch looks at this machine, and files do not change', [], { usage: true });
  }
  if (flags.count !== undefined && flags.watch === undefined) {
    throw new UserError('--count is the number of looks with --watch', ['For example: --watch 60s --count 10'], {
      usage: true,
    });
  }
  if (flags.watch !== undefined) return watchMachine(flags, flags.watch);
  printReport(triageOf(files.length === 0 ? await looksHere(flags) : await readAll(files)), flags);
}

async function readAll(files: readonly string[]): Promise<Look[]> {
  const looks: Look[] = [];
  // One after another: a bundle may hold a gigabyte.
  for (const file of files) looks.push(...(await readBundle(file)));
  return looks;
}
