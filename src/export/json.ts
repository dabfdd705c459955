import { safeJson } from '../base/safe-json.js';
import type { Report } from '../rank/report/report.js';

/**
 * Returns the report in its public JSON form, `unfreed-report` version 1
 * (src/export/report.schema.json), with one trailing newline.
 */
export function encodeJson(report: Report): string {
  return `${safeJson(report)}\n`;
}
