import { safeJson } from '../base/safe-json.js';
import type { Report } from '../rank/report.js';

/** The report as its public JSON form, `unfreed-report` version 1 (src/export/report.schema.json), one trailing newline. */
export function encodeJson(report: Report): string {
  return `${safeJson(report)}\n`;
}
