import { UserError } from '../../base/errors.js';
import { defaultPaths, encodeReport, exportSelection, isGrouped } from '../../session/encode-report.js';
import { assertReport } from '../options/fail-if.js';
import type { ExportFlags } from '../options/flags.js';
import { exportFormat, isStdout } from '../options/output-name.js';
import { selectionFrom } from '../options/selection-options.js';
import { ofMoment, subjectOf } from '../traces/load-at.js';
import { refuseOutput, writeOutput } from '../traces/output.js';
import { warnOfCoverage, warnOfLosses } from '../traces/warnings.js';
import { assertNotEmpty, assertWholeRead } from '../traces/whole-read.js';

/** Writes the top call paths of a recording, or of a live run where `file` is null, in a format for other tools. */
export async function runExport(file: string | null, flags: ExportFlags): Promise<void> {
  const format = exportFormat(flags.format, flags.output);
  const { output } = flags;
  if (format === 'pprof' && isStdout(output) && process.stdout.isTTY) {
    throw new UserError('pprof is binary and not for a terminal', ['Give -o FILE.pb.gz, or pipe it.'], { usage: true });
  }
  if (!isStdout(output)) refuseOutput([file], output, { what: 'an export', force: flags.force });
  const { pipeline, note } = await subjectOf(file, flags);
  assertNotEmpty(pipeline, file ?? 'this run');
  const selection = selectionFrom(flags, flags.number ?? defaultPaths(format));
  if (selection.group !== 'stack' && !isGrouped(format)) {
    process.stderr.write(`unfreed: ${format} holds call paths, all by themselves: --group makes no difference to it\n`);
  }
  const report = ofMoment(pipeline.report(exportSelection(format, selection)), note);
  await writeOutput(output, encodeReport(format, report, pipeline), flags.force);
  warnOfLosses(report);
  warnOfCoverage(report);
  assertReport(flags.failIf, (by) => pipeline.report(by), selection);
  assertWholeRead(pipeline);
}
