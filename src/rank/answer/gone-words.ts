/** Who of those that took memory lives no more, in words. */
import { formatCount } from '../../base/format.js';
import type { GoneHolders } from '../report/report-rows.js';

/** 'held by 3 processes that are gone', '2 of the 5 processes that took it are gone'; null where none is. */
export function goneSentence(gone: GoneHolders | null): string | null {
  if (gone === null || gone.gone === 0) return null;
  if (gone.gone < gone.processes) {
    return `${formatCount(gone.gone)} of the ${formatCount(gone.processes)} processes that took it ${gone.gone === 1 ? 'is' : 'are'} gone`;
  }
  return gone.gone === 1
    ? 'held by a process that is gone'
    : `held by ${formatCount(gone.gone)} processes that are gone`;
}
