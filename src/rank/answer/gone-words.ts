/** Who of those that took memory lives no more, in words. */
import { formatBytes, formatCount } from '../../base/format.js';
import type { GoneHolders, ReportStack } from '../report/report-rows.js';

/** 'held by 3 processes that are gone', '2 of the 5 processes that took it are gone: 184 MiB'; null where none is. */
export function goneSentence(gone: GoneHolders | null): string | null {
  if (gone === null || gone.gone === 0) return null;
  if (gone.gone < gone.processes) {
    const are = gone.gone === 1 ? 'is' : 'are';
    return `${formatCount(gone.gone)} of the ${formatCount(gone.processes)} processes that took it ${are} gone: ${formatBytes(gone.bytes)}`;
  }
  return gone.gone === 1
    ? 'held by a process that is gone'
    : `held by ${formatCount(gone.gone)} processes that are gone`;
}

/** True if the process that a row is named after is known to be gone, or all that took something of it are. */
export function isHolderGone({ holder, gone, bytes }: Pick<ReportStack, 'holder' | 'gone' | 'bytes'>): boolean {
  if (gone === null || gone.gone === 0 || holder.kind !== 'process') return false;
  // A pid is named only where that process holds nearly all, so the larger part tells whether it is that one.
  return gone.gone === gone.processes || (holder.pid !== null && gone.bytes * 2 > bytes);
}
