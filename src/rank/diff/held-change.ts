/** What a process or a cgroup held before and after, and the order of such rows. */
import type { HeldChange } from '../report/diff-report.js';

interface Held {
  bytes: number;
  count: number;
}

/** One of the two may be null. `restarted`: the two are one that was started again. */
export function heldChange(before: Held | null, after: Held | null, restarted: boolean): HeldChange {
  const beforeBytes = before?.bytes ?? 0;
  const afterBytes = after?.bytes ?? 0;
  return {
    change: before === null ? 'new' : after === null ? 'gone' : restarted ? 'restarted' : 'same',
    beforeBytes,
    afterBytes,
    differenceBytes: afterBytes - beforeBytes,
    beforeCount: before?.count ?? 0,
    afterCount: after?.count ?? 0,
  };
}

/** Those that changed, growth first, and the number of those that did not. `byName` orders equal ones. */
export function changesInOrder<T extends HeldChange>(
  all: readonly T[],
  byName: (a: T, b: T) => number,
): { changed: T[]; unchanged: number } {
  const changed = all.filter((row) => row.change !== 'same' || row.differenceBytes !== 0);
  changed.sort((a, b) => byGrowth(a, b) || byName(a, b));
  return { changed, unchanged: all.length - changed.length };
}

function byGrowth(a: HeldChange, b: HeldChange): number {
  const [x, y] = [a.differenceBytes, b.differenceBytes];
  return Number(x <= 0) - Number(y <= 0) || Math.abs(y) - Math.abs(x) || b.afterBytes - a.afterBytes;
}
