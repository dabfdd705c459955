import { writeFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import { UserError } from '../../base/errors.js';
import { encodeCsv } from '../../export/csv.js';
import { encodeFolded } from '../../export/folded.js';
import { encodeHtml } from '../../export/html.js';
import { encodeJson } from '../../export/json.js';
import { encodeMarkdown } from '../../export/markdown.js';
import { encodePprof } from '../../export/pprof.js';
import { encodeSpeedscope } from '../../export/speedscope.js';
import { encodeSvg } from '../../export/svg.js';
import type { Report } from '../../rank/report.js';
import { isRecordingFile } from '../../recording/file.js';
import { describeSystemError } from '../../recording/file-errors.js';
import { refuseSameFile } from '../copy.js';
import { type ExportFormat, exportFormat } from '../export-formats.js';
import { assertNotEmpty, assertWholeRead, readRecording, traceFor } from '../gather.js';
import type { ExportFlags } from '../program.js';
import { selectionFrom } from '../selection-options.js';
import { warnOfLosses } from '../warnings.js';

const ENCODERS: Record<ExportFormat, (report: Report) => string | Uint8Array> = {
  json: encodeJson,
  csv: encodeCsv,
  folded: encodeFolded,
  // On disk a profile is gzipped (profile.proto). Node writes no time and no name into the header: same report, same bytes.
  pprof: (report) => gzipSync(encodePprof(report), { level: constants.Z_BEST_COMPRESSION }),
  speedscope: encodeSpeedscope,
  html: encodeHtml,
  svg: encodeSvg,
  markdown: encodeMarkdown,
};

/** Call paths in an export unless -n says otherwise: all, but a bug report is to be read. */
const MARKDOWN_PATHS = 5;
const ALL_PATHS = 2 ** 31 - 1;

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
  const limit = flags.number ?? (format === 'markdown' ? MARKDOWN_PATHS : ALL_PATHS);
  const report = pipeline.report(selectionFrom(flags, limit));
  const content = ENCODERS[format](report);
  if (flags.output === undefined || flags.output === '-') process.stdout.write(content);
  else writeOutput(flags.output, content);
  warnOfLosses(report);
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
