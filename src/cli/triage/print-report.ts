/** Prints what triage says. */
import { triageJson } from '../../export/triage/triage-json.js';
import { triageText } from '../../export/triage/triage-text.js';
import type { TriageReport } from '../../triage/report.js';
import { isAbnormal } from '../../triage/words.js';
import type { TriageFlags } from '../options/flags.js';
import { dressed } from '../options/look.js';

const MOST_COLUMNS = 120;
const COLUMNS_OF_A_PIPE = 100;

/** Returns true if something is abnormal. */
export function printReport(report: TriageReport, flags: TriageFlags): boolean {
  if (process.stderr.isTTY && !flags.json) process.stderr.write('\x1b[2K\r');
  if (flags.json) {
    process.stdout.write(triageJson(report));
  } else {
    const columns = Math.min(MOST_COLUMNS, process.stdout.isTTY ? process.stdout.columns : COLUMNS_OF_A_PIPE);
    process.stdout.write(dressed(triageText(report, { columns, verbose: flags.verbose })));
  }
  return report.findings.some(isAbnormal);
}
