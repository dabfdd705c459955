/** Words for what was not traced on purpose: addresses outside a sample, and allocations freed young. */

import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { valuesOf } from '../../event/kinds.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';
import type { SampleEstimate } from '../../rank/report/report-sample.js';

/** '18.6 MiB (12.1 MiB to 27.9 MiB)' */
export function estimateText({ bytes, lowBytes, highBytes }: SampleEstimate): string {
  return `${formatBytes(bytes)} (${formatBytes(lowBytes)} to ${formatBytes(highBytes)})`;
}

/**
 * Returns what the mode of tracing means for the numbers, one sentence a line; empty if everything
 * was traced.
 */
export function modeLines(report: Report): string[] {
  return [...sampleLines(report), ...youngLines(report)];
}

/**
 * 'sampled: 1 address in 16, bytes are what was seen': for formats without estimates; null if all
 * was traced.
 */
export function seenLine({ source, estimate }: Pick<Report, 'source' | 'estimate'>): string | null {
  return estimate === null ? null : `sampled: ${shareText(source)}, bytes are what was seen`;
}

function shareText({ sampleOneIn }: Report['source']): string {
  return sampleOneIn > 1 ? `1 address in ${formatCount(sampleOneIn)}` : 'all addresses now, fewer before';
}

/** Returns the estimate of a row, as facts beside the bytes that were seen; empty if all was traced. */
export function rowEstimate({ estimate, bytes, count }: ReportStack): string[] {
  if (estimate === null) return [];
  const { lowBytes, highBytes } = estimate;
  return [
    `${formatBytes(lowBytes)} to ${formatBytes(highBytes)}`,
    `seen ${formatBytes(bytes)}, ${formatCount(count)} of some ${formatCount(estimate.count)}`,
  ];
}

/** Returns how many bytes a byte that was seen stands for. */
export function scaleOf({ estimate, bytes }: ReportStack): number {
  return estimate === null || bytes === 0 ? 1 : estimate.bytes / bytes;
}

function sampleLines({ source, estimate }: Report): string[] {
  if (estimate === null) return [];
  const { sampleMoves, maxOverhead } = source;
  const times = sampleMoves.length === 1 ? 'once' : `${formatCount(sampleMoves.length)} times`;
  const limit = maxOverhead === null ? '' : ` to stay within ${(maxOverhead * 100).toFixed(1)} % of all CPU time`;
  const moved = sampleMoves.length === 0 ? '' : `, changed ${times}${limit}`;
  const parts = valuesOf(estimate, source.allocators)
    .filter(([, { count }]) => count > 0)
    .map(([name, each]) => `${name} ${estimateText(each)}`);
  const lines = [
    `sampled: ${shareText(source)}${moved}; outstanding is what was seen, estimates stand for all (95 % interval)`,
  ];
  if (parts.length > 0) lines.push(`estimated ${parts.join('  ')}`);
  return lines;
}

function youngLines({ source, young }: Report): string[] {
  if (young === null) return [];
  const age = formatDuration(source.minAgeNs);
  const lines = [
    `survivors only: ${formatCount(young.pairs)} pairs younger than ${age} (${formatBytes(young.bytes)}) were matched in ` +
      'the kernel; allocs, frees and lifetimes are of the rest',
  ];
  if (young.missedFrees > 0) lines.push(`of those that waited, ${formatCount(young.missedFrees)} were freed unseen`);
  if (young.sentAtOnce > 0) {
    lines.push(
      `${formatCount(young.sentAtOnce)} allocs found no room to wait and came at once: give a larger --max-young`,
    );
  }
  if (young.left > 0)
    lines.push(`${formatCount(young.left)} allocs were younger than ${age} at the end and are not shown`);
  return lines;
}
