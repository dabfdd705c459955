/** Whether losses change what is shown. */

import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import { valuesOf } from '../../event/kinds.js';
import type { Report } from '../report/report.js';
import type { ReportStack } from '../report/report-rows.js';

/** Lost events of this share make every figure doubtful. */
const MATTERS_SHARE = 0.01;
/** Lost frees of this share of a finding make it doubtful. */
const MATTERS_OF_FINDING = 0.1;
/** The bound of lost frees, as a share of a row or in bytes, from which it is worth a word beside the row. */
const WORTH_SHARE = 0.01;
const WORTH_BYTES = 2 ** 20;

/** The share of all events that was lost, 0..1. */
export function lostShare({ anomalies, events }: Pick<Report, 'anomalies' | 'events'>): number {
  const { lostEvents } = anomalies;
  return lostEvents === 0 ? 0 : lostEvents / (lostEvents + events.total);
}

/** The greatest number of held bytes that may be freed already. */
export function lostFreeBytes({ outstanding, source }: Pick<Report, 'outstanding' | 'source'>): number {
  return valuesOf(outstanding, source.allocators).reduce((sum, [, held]) => sum + held.lostFreeBytes, 0);
}

/** True if a reader must not rely on what looks held: by the share lost, or by what of a finding may be freed. */
export function lossMatters(
  report: Pick<Report, 'anomalies' | 'events'>,
  findings: readonly Pick<ReportStack, 'bytes' | 'lostFreeBytes'>[],
): boolean {
  if (lostShare(report) >= MATTERS_SHARE) return true;
  return findings.some((finding) => finding.lostFreeBytes > finding.bytes * MATTERS_OF_FINDING);
}

/** True if a row must say that some of it may be freed: 1 % of it or 1 MiB. */
export function isBound({ bytes, lostFreeBytes: bound }: Pick<ReportStack, 'bytes' | 'lostFreeBytes'>): boolean {
  return bound > 0 && (bound >= WORTH_BYTES || bound >= bytes * WORTH_SHARE);
}

/** 'lost 0', or 'lost 12 of 10,695,643 events: at most 1.86 MiB, the answer holds'. */
export function lossSentence(report: Report): string {
  const { lostEvents } = report.anomalies;
  if (lostEvents === 0) return 'lost 0';
  const all = `lost ${formatCount(lostEvents)} of ${formatCount(lostEvents + report.events.total)} events`;
  const bound = lostFreeBytes(report);
  const most = bound === 0 ? 'none of them frees' : `at most ${formatBytes(bound)} of what looks held`;
  const doubt = report.conclusions.some(({ kind }) => kind === 'doubt');
  return `${all} (${formatShare(lostEvents, lostEvents + report.events.total)}): ${most}${doubt ? '' : ', the answer holds'}`;
}
