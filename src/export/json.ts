import { joined } from '../base/pieces.js';
import { safeJsonPieces } from '../base/safe-json.js';
import type { Report } from '../rank/report/report.js';

/**
 * Returns the report in its public JSON form, `unfreed-report` version 1
 * (src/export/report.schema.json), with one trailing newline.
 */
export function encodeJson(report: Report): string {
  return joined(jsonPieces(report));
}

/** The same in pieces, the largest that of a call path: with many paths it is longer than a string can be. */
export function jsonPieces(report: Report): Generator<string> {
  return safeJsonPieces(report);
}
