/**
 * A curve as allocations: the Firefox Profiler computes what is held of allocations and frees, not
 * of a curve. Each rise is an allocation; each fall frees the youngest of what is held.
 */
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';

/** Bytes that were taken in one moment and freed in one moment. */
export interface Piece {
  bytes: number;
  takenNs: number;
  /** Null: held at the end. */
  freedNs: number | null;
}

/**
 * Returns the pieces of a row, in the order of `takenNs`; those that are held at the end add up to
 * its `bytes`. A row without a curve is one piece, as old as its median allocation.
 */
export function piecesOf(stack: ReportStack, { curve, durationNs }: Pick<Report, 'curve' | 'durationNs'>): Piece[] {
  if (curve === null || stack.curve.length === 0) {
    const takenNs = Math.max(0, durationNs - stack.medianAgeNs);
    return stack.bytes > 0 ? [{ bytes: stack.bytes, takenNs, freedNs: null }] : [];
  }
  const gone: Piece[] = [];
  /** Held now, oldest first. */
  const held: Piece[] = [];
  let bytes = 0;
  const reach = (timeNs: number, wanted: number): void => {
    if (wanted > bytes) held.push({ bytes: wanted - bytes, takenNs: timeNs, freedNs: null });
    for (let excess = bytes - wanted; excess > 0; ) {
      const youngest = held[held.length - 1];
      if (youngest.bytes > excess) {
        // The viewer knows no free of a part: the part is a piece of its own from the start.
        youngest.bytes -= excess;
        gone.push({ bytes: excess, takenNs: youngest.takenNs, freedNs: timeNs });
        break;
      }
      held.pop();
      gone.push({ ...youngest, freedNs: timeNs });
      excess -= youngest.bytes;
    }
    bytes = wanted;
  };
  for (const [i, value] of stack.curve.entries()) {
    reach(Math.min(durationNs, curve.firstNs + i * curve.stepNs), Math.max(0, value));
  }
  reach(durationNs, stack.bytes);
  return [...gone, ...held].toSorted((a, b) => a.takenNs - b.takenNs);
}
