/** Writes a census in the format that is asked for: to standard output, or to a file. */
import type { Pieces } from '../../base/pieces.js';
import type { CensusReport } from '../../census/report.js';
import { censusCsv } from '../../export/census/census-csv.js';
import { censusHtml } from '../../export/census/census-html.js';
import { censusJsonPieces } from '../../export/census/census-json.js';
import { censusMarkdown } from '../../export/census/census-markdown.js';
import { censusText } from '../../export/census/census-text.js';
import { CENSUS_FORMATS, CENSUS_SUFFIXES, type CensusFormat } from '../options/census-formats.js';
import type { CensusFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';
import { formatOfName, isStdout } from '../options/output-name.js';
import { refuseOutput, writeOutput } from '../traces/output.js';

const MOST_COLUMNS = 160;
const COLUMNS_OF_A_PIPE = 120;

/** Where to, and how much. */
type WriteFlags = Pick<CensusFlags, 'output' | 'force' | 'verbose'>;

/** Throws a UserError for flags that do not fit, before anything is read. */
export function censusFormat({ json, format, output, force }: CensusFlags, files: readonly string[]): CensusFormat {
  if (!isStdout(output)) refuseOutput(files, output, { what: 'a census', force });
  if (format !== undefined) return format;
  if (json) return 'json';
  return isStdout(output) ? 'text' : formatOfName(output, CENSUS_SUFFIXES, CENSUS_FORMATS);
}

/** A file is for its owner alone, as all that tells of a kernel's memory. */
export async function writeCensus(report: CensusReport, format: CensusFormat, flags: WriteFlags): Promise<void> {
  await writeOutput(flags.output, encoded(report, format, flags), flags.force);
}

function encoded(report: CensusReport, format: CensusFormat, { verbose, output }: WriteFlags): Pieces {
  if (format === 'json') return censusJsonPieces(report);
  if (format === 'csv') return [censusCsv(report)];
  if (format === 'html') return [censusHtml(report)];
  if (format === 'markdown') return [censusMarkdown(report)];
  const terminal = isStdout(output) && process.stdout.isTTY;
  const columns = terminal ? Math.min(MOST_COLUMNS, process.stdout.columns) : COLUMNS_OF_A_PIPE;
  const text = censusText(report, { columns, verbose });
  return [terminal ? dressed(text) : text];
}
