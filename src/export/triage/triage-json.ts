/** What triage says, as JSON: triage.schema.json has its shape. Other tools rely on the names: add, never rename. */
import { safeJson } from '../../base/safe-json.js';
import type { TriageReport } from '../../triage/report.js';

export const TRIAGE_FORMAT = 'unfreed-triage';
export const TRIAGE_VERSION = 1;

/** Returns one JSON object with a line end. */
export function triageJson(report: TriageReport): string {
  const { machine, equation, outside, limits, findings, hoursLeft, notRead, fine } = report;
  return `${safeJson({ format: TRIAGE_FORMAT, version: TRIAGE_VERSION, machine, equation, outside, limits, findings, hoursLeft, notRead, fine })}\n`;
}
