import { safeJson } from '../../base/safe-json.js';
import type { DiffReport } from '../../rank/report/diff-report.js';

/**
 * Returns the diff in its public JSON form, `unfreed-diff` version 1 (src/export/diff/diff.schema.json),
 * with one trailing newline.
 */
export function encodeDiffJson(diff: DiffReport): string {
  return `${safeJson(diff)}\n`;
}
