/** Prints what triage says, and sets the exit status. */
import { triageJson } from '../../export/triage/triage-json.js';
import { isAbnormal, triageText } from '../../export/triage/triage-text.js';
import type { TriageReport } from '../../triage/report.js';
import type { TriageFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';

/** Exit status when something is abnormal. */
const ABNORMAL = 3;
const MOST_COLUMNS = 120;
const COLUMNS_OF_A_PIPE = 100;

export function printReport(report: TriageReport, flags: TriageFlags): void {
  if (report.findings.some(isAbnormal)) process.exitCode = ABNORMAL;
  if (process.stderr.isTTY && !flags.json) process.stderr.write('\x1b[2K\r');
  if (flags.json) {
    process.stdout.write(triageJson(report));
    return;
  }
  const columns = Math.min(MOST_COLUMNS, process.stdout.isTTY ? process.stdout.columns : COLUMNS_OF_A_PIPE);
  process.stdout.write(dressed(triageText(report, { columns, verbose: flags.verbose })));
}
