/** Encodes a Report for other tools, for `export` and the screen. It imports every encoder: import it only when needed. */
import { constants, gzipSync } from 'node:zlib';
import { encodeCsv } from '../export/csv.js';
import { encodeFolded } from '../export/folded.js';
import { encodeGrowthCsv, encodeGrowthFolded, encodeGrowthMarkdown } from '../export/growth.js';
import { encodeHtml } from '../export/html.js';
import { encodeJson } from '../export/json.js';
import { encodeMarkdown } from '../export/markdown.js';
import { encodePprof } from '../export/pprof.js';
import { encodeSpeedscope } from '../export/speedscope.js';
import { encodeSvg } from '../export/svg.js';
import type { SinceMark } from '../rank/breakdown/since-mark.js';
import type { Report } from '../rank/report/report.js';
import type { Selection } from '../rank/report/selection.js';
import type { ExportFormat, GrowthFormat } from './export-formats.js';

const ENCODERS: Record<ExportFormat, (report: Report) => string | Uint8Array> = {
  json: encodeJson,
  csv: encodeCsv,
  folded: encodeFolded,
  // profile.proto: a profile on disk is gzipped. Node writes no time or name into the header: same report, same bytes.
  pprof: (report) => gzipSync(encodePprof(report), { level: constants.Z_BEST_COMPRESSION }),
  speedscope: encodeSpeedscope,
  html: encodeHtml,
  svg: encodeSvg,
  markdown: encodeMarkdown,
};

const GROWTH_ENCODERS: Record<GrowthFormat, (since: SinceMark, report: Report) => string> = {
  csv: encodeGrowthCsv,
  folded: encodeGrowthFolded,
  markdown: encodeGrowthMarkdown,
};

/** Encodes the growth since a mark; `report` has the facts of the trace. */
export function encodeGrowth(format: GrowthFormat, since: SinceMark, report: Report): string {
  return GROWTH_ENCODERS[format](since, report);
}

/** Default number of rows in an export: all; few for a bug report, which people read. */
const MARKDOWN_PATHS = 5;
const ALL_PATHS = 2 ** 31 - 1;

/** Encodes a report: text, or bytes for pprof. */
export function encodeReport(format: ExportFormat, report: Report): string | Uint8Array {
  return ENCODERS[format](report);
}

/** Formats whose rows may stand for several call paths. The others consist of frames and list each call path by itself. */
const GROUPED: readonly ExportFormat[] = ['json', 'csv', 'markdown'];

/** True for formats whose rows may stand for several call paths. */
export function isGrouped(format: ExportFormat): boolean {
  return GROUPED.includes(format);
}

/** The selection to rank for an export: without grouping where the format has no grouped rows. */
export function exportSelection(format: ExportFormat, selection: Selection): Selection {
  return isGrouped(format) ? selection : { ...selection, group: 'stack' };
}

/** Rows in an export of this format when the user gives no number. */
export function defaultPaths(format: ExportFormat): number {
  return format === 'markdown' ? MARKDOWN_PATHS : ALL_PATHS;
}
