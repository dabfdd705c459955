import { encodeText } from '../../export/text.js';
import { assertReport } from '../options/fail-if.js';
import type { TopFlags } from '../options/flags.js';
import { selectionFrom } from '../options/selection-options.js';
import { ofMoment, subjectOf } from '../traces/load-at.js';
import { warnOfCoverage, warnOfLosses } from '../traces/warnings.js';
import { assertNotEmpty, assertWholeRead } from '../traces/whole-read.js';

/** Prints the ranking of a recording, or of a live run where `file` is null. */
export async function runTop(file: string | null, flags: TopFlags): Promise<void> {
  const { pipeline, note } = await subjectOf(file, flags);
  assertNotEmpty(pipeline, file ?? 'this run');
  const selection = selectionFrom(flags, flags.number);
  const report = ofMoment(pipeline.report(selection), note);
  // Lines are cut for readers at a terminal only, not in a pipe for grep.
  const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) : 10_000;
  process.stdout.write(encodeText(report, { columns, frames: flags.frames, quiet: flags.quiet }));
  warnOfLosses(report);
  warnOfCoverage(report);
  // Conditions are of call paths, unless the user asked for other rows.
  const judged = selection.group === 'finding' ? { ...selection, group: 'stack' as const } : selection;
  assertReport(flags.failIf, (by) => pipeline.report(by), judged);
  assertWholeRead(pipeline);
}
