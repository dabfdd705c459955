import { timeLine } from '../../export/parts/time-line.js';
import { encodeText } from '../../export/text.js';
import type { Report } from '../../rank/report/report.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import { assertReport } from '../options/fail-if.js';
import type { TopFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { selectionFrom } from '../options/selection-options.js';
import { ofMoment, subjectOf } from '../traces/load-at.js';
import { warnOfCoverage, warnOfLosses } from '../traces/warnings.js';
import { assertNotEmpty, assertWholeRead } from '../traces/whole-read.js';
import { intervalsFrom, printIntervals } from './top-intervals.js';

/** Prints the ranking of a recording, or of a live run where `file` is null; with --interval one each time. */
export async function runTop(file: string | null, flags: TopFlags): Promise<void> {
  const intervals = intervalsFrom(flags);
  const selection = selectionFrom(flags, flags.number);
  if (intervals !== null) {
    const print = (of: Pipeline): void => {
      const report = of.report(selection);
      process.stdout.write(dressed(`${timeLine(report)}\n${textOf(report, flags)}`));
    };
    const pipeline = await printIntervals(file, flags, { ...intervals, print });
    assertNotEmpty(pipeline, file ?? 'this run');
    finish(pipeline, pipeline.report(selection), flags);
    return;
  }
  const { pipeline, note } = await subjectOf(file, flags);
  assertNotEmpty(pipeline, file ?? 'this run');
  const report = ofMoment(pipeline.report(selection), note);
  process.stdout.write(dressed(textOf(report, flags)));
  finish(pipeline, report, flags);
}

/** What follows the output: warnings on stderr, --fail-if, and the exit status of an input that is not whole. */
function finish(pipeline: Pipeline, report: Report, { failIf }: TopFlags): void {
  warnOfLosses(report);
  warnOfCoverage(report);
  const { selection } = report;
  // Conditions are of call paths, unless the user asked for other rows.
  const judged = selection.group === 'finding' ? { ...selection, group: 'stack' as const } : selection;
  assertReport(failIf, (by) => pipeline.report(by), judged);
  assertWholeRead(pipeline);
}

function textOf(report: Report, { frames, quiet }: TopFlags): string {
  // Lines are cut for readers at a terminal only, not in a pipe for grep.
  const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) : 10_000;
  return encodeText(report, { columns, frames, quiet });
}
