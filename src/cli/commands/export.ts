import { writeFileSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { isRecordingFile } from '../../recording/file.js';
import { describeSystemError } from '../../recording/file-errors.js';
import { defaultPaths, encodeReport, exportSelection, isGrouped } from '../../session/encode-report.js';
import { refuseSameFile } from '../copy.js';
import { exportFormat } from '../export-formats.js';
import { assertReport } from '../fail-if.js';
import { assertNotEmpty, assertWholeRead, readRecording, traceFor } from '../gather.js';
import type { ExportFlags } from '../program.js';
import { selectionFrom } from '../selection-options.js';
import { warnOfLosses } from '../warnings.js';

/** Writes the top call paths of a recording, or of a live run where `file` is null, in a format for other tools. */
export async function runExport(file: string | null, flags: ExportFlags): Promise<void> {
  const format = exportFormat(flags.format, flags.output);
  const toStdout = flags.output === undefined || flags.output === '-';
  if (format === 'pprof' && toStdout && process.stdout.isTTY) {
    throw new UserError('pprof is binary and not for a terminal', ['Give -o FILE.pb.gz, or pipe it.'], { usage: true });
  }
  if (!toStdout) refuseRecording(file, flags.output ?? '');
  const pipeline = file === null ? await traceFor(flags, flags.duration) : await readRecording(file);
  assertNotEmpty(pipeline, file ?? 'this run');
  const selection = selectionFrom(flags, flags.number ?? defaultPaths(format));
  if (selection.group !== 'stack' && !isGrouped(format)) {
    process.stderr.write(`unfreed: ${format} holds call paths, all by themselves: --group makes no difference to it\n`);
  }
  const report = pipeline.report(exportSelection(format, selection));
  const content = encodeReport(format, report);
  if (flags.output === undefined || flags.output === '-') process.stdout.write(content);
  else writeOutput(flags.output, content);
  warnOfLosses(report);
  assertReport(flags.failIf, (by) => pipeline.report(by), selection);
  assertWholeRead(pipeline, file);
}

/** An export may take the place of an older one, but never that of a recording: those cannot be made again. */
function refuseRecording(file: string | null, output: string): void {
  if (file !== null) refuseSameFile(file, output);
  if (isRecordingFile(output)) {
    throw new UserError(`${output} is a recording, and an export would take its place`, ['Choose another name.']);
  }
}

function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
}
