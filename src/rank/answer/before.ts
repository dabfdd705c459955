/** What was gone before a trace began: from which size on it is worth a word, and the words. */
import { formatBytes, formatShare } from '../../base/format.js';

/** The gap at the start is worth a word from this share of all memory, and this many bytes, on. */
const GONE_SHARE = 0.02;
const GONE_BYTES = 256 * 2 ** 20;

/** '633 MiB (2.6% of RAM) is in no line of ... before this trace began.'; null if the gap at the start is usual. */
export function beforeText(gapBytes: number, totalBytes: number): string | null {
  if (gapBytes < GONE_BYTES || gapBytes < totalBytes * GONE_SHARE) return null;
  return (
    `${formatBytes(gapBytes)} (${formatShare(gapBytes, totalBytes)} of RAM) is in no line of /proc/meminfo and was there ` +
    'before this trace began.'
  );
}
