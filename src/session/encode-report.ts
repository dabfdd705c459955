/** Encodes a Report for other tools, for `export` and the screen. It imports every encoder: import it only when needed. */
import { constants, gzipSync } from 'node:zlib';
import type { Pieces } from '../base/pieces.js';
import { csvPieces } from '../export/csv.js';
import { firefoxPieces } from '../export/firefox/firefox.js';
import { foldedPieces } from '../export/folded.js';
import { encodeGrowthCsv, encodeGrowthFolded, encodeGrowthMarkdown } from '../export/growth.js';
import { htmlPieces } from '../export/html.js';
import { jsonPieces } from '../export/json.js';
import { markdownPieces } from '../export/markdown.js';
import { encodePprof } from '../export/pprof.js';
import { speedscopePieces } from '../export/speedscope.js';
import { encodeSvg } from '../export/svg.js';
import { originsOf } from '../rank/breakdown/origins.js';
import type { SinceMark } from '../rank/breakdown/since-mark.js';
import type { Report } from '../rank/report/report.js';
import type { Selection } from '../rank/report/selection.js';
import type { ExportFormat, GrowthFormat } from './export-formats.js';
import type { Pipeline } from './pipeline/pipeline.js';

const ENCODERS: Record<ExportFormat, (report: Report, pipeline: Pipeline) => Pieces> = {
  json: jsonPieces,
  csv: csvPieces,
  folded: foldedPieces,
  // profile.proto: a profile on disk is gzipped. Node writes no time or name into the header: same report, same bytes.
  pprof: (report) => [gzipSync(encodePprof(report), { level: constants.Z_BEST_COMPRESSION })],
  speedscope: speedscopePieces,
  firefox: firefoxPieces,
  html: (report, pipeline) => htmlPieces(report, originsOf(pipeline, report.selection)),
  svg: (report) => [encodeSvg(report)],
  markdown: markdownPieces,
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

/**
 * Encodes a report of this pipeline: text, or bytes for pprof, in pieces that are made while they are taken. HTML
 * shows also when and by whom the held memory was taken.
 */
export function encodeReport(format: ExportFormat, report: Report, pipeline: Pipeline): Pieces {
  return ENCODERS[format](report, pipeline);
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
