/** `unfreed triage`: the first look, live, on files or on a recording, once or again and again. */
import { ExitAnswer, UserError } from '../../base/errors.js';
import { readBundle } from '../../collect/bundle/read-bundle.js';
import type { Look } from '../../proc/look.js';
import { triageOf } from '../../session/look/triage-looks.js';
import type { TriageFlags } from '../options/flags.js';
import { holdsRecording, looksOfRecording } from '../traces/recorded-looks.js';
import { looksHere } from './looks-here.js';
import { printReport } from './print-report.js';
import { watchMachine } from './watch.js';

/** Exit code when something is abnormal. */
const ABNORMAL = 3;

/**
 * Prints what triage says. Throws an ExitAnswer of 3 if something is abnormal, and a UserError if nothing
 * could be read.
 */
export async function runTriage(files: readonly string[], flags: TriageFlags): Promise<void> {
  if (files.length > 0 && flags.watch !== undefined) {
    throw new UserError('--watch looks at this machine, and files do not change', [], { usage: true });
  }
  if (flags.count !== undefined && flags.watch === undefined) {
    throw new UserError('--count is the number of looks with --watch', ['For example: --watch 60s --count 10'], {
      usage: true,
    });
  }
  const abnormal =
    flags.watch === undefined
      ? printReport(triageOf(files.length === 0 ? await looksHere(flags) : await readAll(files)), flags)
      : await watchMachine(flags, flags.watch);
  if (abnormal) throw new ExitAnswer(ABNORMAL);
}

async function readAll(files: readonly string[]): Promise<Look[]> {
  const looks: Look[] = [];
  // One after another: a bundle may hold a gigabyte.
  for (const file of files) looks.push(...(await (holdsRecording(file) ? looksOfRecording(file) : readBundle(file))));
  return looks;
}
