/**
 * The order of a diff: rows that grew, then rows that shrank, each by bytes times the weight of
 * their category, as in the default order of a ranking (suspicion-weights.ts); growth also times
 * the weight of the verdict after. Below both come rows whose figures the kernel's own counters
 * contradict, and last backing pages, whose bytes are in other rows.
 */

import { traitsOfFrames } from '../names/path-traits.js';
import { isReclaimableCache } from '../names/reclaimable.js';
import type { DiffFigures, DiffStack } from '../report/diff-report.js';
import type { SortKey } from '../report/selection.js';
import { memoryWeight, RECLAIMABLE, verdictWeight } from '../rows/suspicion-weights.js';

/** 'bytes': without the weights. */
export const DIFF_ORDERS = ['suspect', 'bytes'] as const satisfies readonly SortKey[];
export type DiffOrder = (typeof DIFF_ORDERS)[number];

/** What the order looks at: a row of a diff, or a call path that changed since a mark. */
export type OrderedChange = Pick<
  DiffStack,
  'allocator' | 'category' | 'caches' | 'frames' | 'interruptedFrom' | 'differenceBytes' | 'differenceCount'
> &
  Record<'before' | 'after', Pick<DiffFigures, 'bytes' | 'verdict' | 'reliability'> | null>;

export function growthOrder(order: DiffOrder): (a: OrderedChange, b: OrderedChange) => number {
  const weight = order === 'bytes' ? () => 1 : weightOf;
  return (a, b) => {
    const [x, y] = [growthOf(a), growthOf(b)];
    return (
      tierOf(a) - tierOf(b) ||
      Number(x < 0) - Number(y < 0) ||
      Math.abs(y) * weight(b) - Math.abs(x) * weight(a) ||
      (b.after?.bytes ?? 0) - (a.after?.bytes ?? 0) ||
      // The result must not depend on the order of the reports' rows.
      compareText(pathText(a), pathText(b))
    );
  };
}

/** The value of a change in the order 'suspect', whatever its direction. */
export function changeSuspicion(change: OrderedChange): number {
  return Math.abs(growthOf(change)) * weightOf(change);
}

function weightOf({ category, caches, frames, interruptedFrom, after, differenceBytes }: OrderedChange): number {
  const traits = traitsOfFrames(frames, interruptedFrom);
  const isCache = category === 'slab' && caches.length > 0 && caches.every((name) => isReclaimableCache(name, traits));
  const weight = isCache ? RECLAIMABLE : memoryWeight(category, traits);
  const verdict = differenceBytes > 0 ? (after?.verdict ?? null) : null;
  return weight * verdictWeight(verdict, weight <= RECLAIMABLE);
}

function pathText({ allocator, frames }: OrderedChange): string {
  return [allocator, ...frames.map((frame) => `${frame.symbol}+${frame.offset}`)].join(' < ');
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function growthOf({ differenceBytes, differenceCount }: OrderedChange): number {
  return differenceBytes === 0 ? differenceCount / 1e6 : differenceBytes;
}

function tierOf({ category, before, after }: OrderedChange): number {
  if (category === 'backing') return 2;
  return (after ?? before)?.reliability === 'unreliable' ? 1 : 0;
}
