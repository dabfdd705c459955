import { writeFileSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { encodeCsv } from '../../export/csv.js';
import { encodeFolded } from '../../export/folded.js';
import { encodeJson } from '../../export/json.js';
import type { Report } from '../../rank/report.js';
import { assertNotEmpty, readRecording, traceFor } from '../gather.js';
import type { ExportFlags } from '../program.js';
import { selectionFrom } from '../selection-options.js';
import { warnOfLosses } from '../warnings.js';

const ENCODERS: Record<ExportFlags['format'], (report: Report) => string> = {
  json: encodeJson,
  csv: encodeCsv,
  folded: encodeFolded,
};

/** Writes the top call paths of a recording, or of a live run where `file` is null, in a format for other tools. */
export async function runExport(file: string | null, flags: ExportFlags): Promise<void> {
  const pipeline = file === null ? await traceFor(flags, flags.duration) : await readRecording(file);
  assertNotEmpty(pipeline, file ?? 'this run');
  const report = pipeline.report(selectionFrom(flags, flags.number));
  const text = ENCODERS[flags.format](report);
  if (flags.output === undefined || flags.output === '-') process.stdout.write(text);
  else writeOutput(flags.output, text);
  warnOfLosses(report);
}

function writeOutput(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${(error as Error).message}`, [], { cause: error });
  }
}
