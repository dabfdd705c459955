/** A Report in the formats for other tools: what `export` and the screen write. Imports every encoder: load it late. */
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
  // On disk a profile is gzipped (profile.proto). Node writes no time and no name into the header: same report, same bytes.
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

export function encodeGrowth(format: GrowthFormat, since: SinceMark, report: Report): string {
  return GROWTH_ENCODERS[format](since, report);
}

/** Rows in an export unless somebody says otherwise: all, but a bug report is to be read. */
const MARKDOWN_PATHS = 5;
const ALL_PATHS = 2 ** 31 - 1;

export function encodeReport(format: ExportFormat, report: Report): string | Uint8Array {
  return ENCODERS[format](report);
}

/** Formats whose rows may stand for several call paths. The others are by frames: they hold all call paths, each by itself. */
const GROUPED: readonly ExportFormat[] = ['json', 'csv', 'markdown'];

export function isGrouped(format: ExportFormat): boolean {
  return GROUPED.includes(format);
}

/** What to rank for an export of what a selection shows. */
export function exportSelection(format: ExportFormat, selection: Selection): Selection {
  return isGrouped(format) ? selection : { ...selection, group: 'stack' };
}

export function defaultPaths(format: ExportFormat): number {
  return format === 'markdown' ? MARKDOWN_PATHS : ALL_PATHS;
}
