/** A Report in the formats for other tools: what `export` and the screen write. Imports every encoder: load it late. */
import { constants, gzipSync } from 'node:zlib';
import { encodeCsv } from '../export/csv.js';
import { encodeFolded } from '../export/folded.js';
import { encodeHtml } from '../export/html.js';
import { encodeJson } from '../export/json.js';
import { encodeMarkdown } from '../export/markdown.js';
import { encodePprof } from '../export/pprof.js';
import { encodeSpeedscope } from '../export/speedscope.js';
import { encodeSvg } from '../export/svg.js';
import type { Report } from '../rank/report.js';
import type { ExportFormat } from './export-formats.js';

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

/** Call paths in an export unless somebody says otherwise: all, but a bug report is to be read. */
const MARKDOWN_PATHS = 5;
const ALL_PATHS = 2 ** 31 - 1;

export function encodeReport(format: ExportFormat, report: Report): string | Uint8Array {
  return ENCODERS[format](report);
}

export function defaultPaths(format: ExportFormat): number {
  return format === 'markdown' ? MARKDOWN_PATHS : ALL_PATHS;
}
