import { formatBytes, formatCount } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';

/** Less may be pages on their way to a list: every CPU keeps some dozens. */
const HELD_TOLD_BYTES = 2 ** 20;

/** Returns what the kernel's counters leave unaccounted, and what is known of it. */
export function gapLines(meminfo: NonNullable<Report['meminfo']>): string[] {
  const { unaccountedBytes, unaccountedAtStartBytes, totalBytes, perCpuFreeBytes, unpluggedBytes } = meminfo;
  const lines = [
    `unaccounted by /proc/meminfo: ${formatBytes(unaccountedBytes)} of ${formatBytes(totalBytes)}, ` +
      `${formatBytes(unaccountedAtStartBytes)} at the start` +
      (perCpuFreeBytes === null ? '; it contains the free pages on per-CPU lists, which were not sampled' : ''),
  ];
  const held = meminfo.heldByReferenceBytes;
  if (Math.max(held, meminfo.heldByReferenceAtStartBytes) >= HELD_TOLD_BYTES) {
    const { pinnedPages } = meminfo;
    lines.push(
      `of it held by a reference: ${formatBytes(held)}, ${formatBytes(meminfo.heldByReferenceAtStartBytes)} at the start: ` +
        'pages that no process maps and no file has' +
        (pinnedPages === null ? '' : `; pins of user pages not given back: ${formatCount(pinnedPages)} pages`),
    );
  }
  if (unpluggedBytes > 0)
    lines.push(`not plugged in: ${formatBytes(unpluggedBytes)}, which MemTotal and MemFree contain`);
  return lines;
}
