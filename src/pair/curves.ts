/**
 * Curves: what each call path held at evenly spaced times of the trace, in memory that does not grow with its length.
 * Point k is at k * stepNs (k from 1; at time 0 nothing is outstanding) and tells what was outstanding just before the
 * first event at or after that time: so it depends on the events alone, not on how they were cut into batches nor on
 * when somebody looked. When there are POINTS of them, every other one is dropped and the step doubles: there are
 * always the last 32 to 64 steps of a power of two times FIRST_STEP_NS.
 *
 * A point is a snapshot of all rows of the PathTable at that time, in the allocator's unit, without the tracer's own,
 * rounded to the 24 bits of a float. A row that came later held 0. Only the first ROW_LIMIT call paths have a curve (16
 * MiB in all), so that a trace with a million of them cannot eat the tracer's memory. A snapshot is never changed: where
 * nothing happened for several steps, they share one.
 */
import { LIVE, PATH_STATS, type PathTable } from './path-table.js';

/** Points that are kept at most. */
export const POINTS = 64;
export const FIRST_STEP_NS = 62_500_000;
export const ROW_LIMIT = 65536;
/** A call path that seems to hold more belongs to a damaged trace. */
export const GREATEST = 2 ** 51;

/** A finished set of points: [i] is at firstNs + i * stepNs; see value(). */
export interface CurvePoints {
  firstNs: number;
  stepNs: number;
  snapshots: readonly Float32Array[];
}

export class Curves {
  stepNs = FIRST_STEP_NS;
  /** Time of the next point; in a cell, as the loop of pairing asks for it at each event. */
  readonly nextNs = Float64Array.of(FIRST_STEP_NS);
  /** Point k = 1.. is at [k - 1]; indexed by row. */
  snapshots: Float32Array[] = [];

  /** Takes the points up to and including `timeNs`: to be called before what happened then. */
  advance(timeNs: number, paths: PathTable): void {
    if (timeNs < this.nextNs[0]) return;
    const snapshot = snapshotOf(paths);
    while (timeNs >= this.nextNs[0]) {
      this.snapshots.push(snapshot);
      if (this.snapshots.length === POINTS) {
        this.snapshots = this.snapshots.filter((_, i) => i % 2 === 1);
        this.stepNs *= 2;
      }
      this.nextNs[0] = (this.snapshots.length + 1) * this.stepNs;
    }
  }

  /** What advance() to this time would give, without taking it; from the first point on at which there was any row. */
  pointsAt(timeNs: number, paths: PathTable): CurvePoints {
    const ahead = new Curves();
    ahead.restore(this.stepNs, [...this.snapshots]);
    ahead.advance(timeNs, paths);
    const empty = ahead.snapshots.findIndex((snapshot) => snapshot.length > 1);
    const from = empty < 0 ? ahead.snapshots.length : empty;
    return { firstNs: (from + 1) * ahead.stepNs, stepNs: ahead.stepNs, snapshots: ahead.snapshots.slice(from) };
  }

  /** What was outstanding is not comparable with what will be: from here on anew. */
  forget(): void {
    this.snapshots = this.snapshots.map(() => new Float32Array(1));
  }

  restore(stepNs: number, snapshots: Float32Array[]): void {
    this.stepNs = stepNs;
    this.snapshots = snapshots;
    this.nextNs[0] = (snapshots.length + 1) * stepNs;
  }
}

/** Has the row a curve, once there are points? */
export function hasCurve(row: number): boolean {
  return row <= ROW_LIMIT;
}

/** What a row held at a point. */
export function heldAt(snapshot: Float32Array, row: number): number {
  return row < snapshot.length ? snapshot[row] : 0;
}

function snapshotOf(paths: PathTable): Float32Array {
  const { stats, ownLive } = paths;
  const rows = Math.min(paths.size, ROW_LIMIT);
  const snapshot = new Float32Array(rows + 1);
  for (let row = 1; row <= rows; row++) {
    snapshot[row] = Math.min(stats[row * PATH_STATS + LIVE] - ownLive[row], GREATEST);
  }
  return snapshot;
}
