import { joined } from '../../base/pieces.js';
import { safeJsonPieces } from '../../base/safe-json.js';
import type { DiffReport } from '../../rank/report/diff-report.js';

/**
 * Returns the diff in its public JSON form, `unfreed-diff` version 1 (src/export/diff/diff.schema.json),
 * with one trailing newline.
 */
export function encodeDiffJson(diff: DiffReport): string {
  return joined(diffJsonPieces(diff));
}

/** The same in pieces, the largest that of a call path. */
export function diffJsonPieces(diff: DiffReport): Generator<string> {
  return safeJsonPieces(diff);
}
