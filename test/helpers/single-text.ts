/** A single text, as somebody pasted it into a file, as looks; and the text of a report without wrapping. */
import { looksOf } from '../../src/decode/look/looks-of.js';
import { triageText } from '../../src/export/triage/triage-text.js';
import type { Look } from '../../src/proc/look.js';
import type { TriageReport } from '../../src/triage/report.js';

export function looks(text: string, { name = 'x', timeMs = null as number | null } = {}): Look[] {
  return looksOf([{ name: 'file', text, timeMs, cut: false }], { source: name, origin: 'file', timeMs, notRead: [] });
}

/** The text of a report on one line each finding, so that wrapping hides nothing. */
export function wide(report: TriageReport): string {
  return triageText(report, { columns: 10_000, verbose: false });
}
