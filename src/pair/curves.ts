/**
 * Curves: what each call path held at evenly spaced times of the trace, in memory that does not
 * grow with its length. Point k is at k * stepNs (k from 1; at time 0 nothing is outstanding). It
 * is what was outstanding just before the first event at or after that time, so it depends on the
 * events alone: not on how they were cut into batches, nor on when a report was made. When there
 * are POINTS points, every other one is dropped and the step doubles. From then on 32 to 63 points
 * cover the trace, spaced by FIRST_STEP_NS times a power of two.
 *
 * A point is a snapshot of all rows of the PathTable, in the allocator's unit, without the tracer's
 * own memory, rounded to the 24 bits of a float. A row that is newer than the snapshot held 0. Only
 * the first ROW_LIMIT call paths have a curve (16 MiB in all), so that a trace with a million of
 * them cannot exhaust the tracer's memory. A snapshot never changes; steps without an event share
 * one.
 */
import { LIVE, PATH_STATS, type PathTable } from './path-table.js';

/** Most points that are kept. */
export const POINTS = 64;
export const FIRST_STEP_NS = 62_500_000;
export const ROW_LIMIT = 65536;
/** Values are limited to this: a call path that holds more is part of a damaged trace. */
export const GREATEST = 2 ** 51;

/** A finished set of points: [i] is at firstNs + i * stepNs; see heldAt(). */
export interface CurvePoints {
  firstNs: number;
  stepNs: number;
  snapshots: readonly Float32Array[];
}

export class Curves {
  stepNs = FIRST_STEP_NS;
  /**
   * Time of the next point; in a typed array, because the pairing loop compares with it at each
   * event.
   */
  readonly nextNs = Float64Array.of(FIRST_STEP_NS);
  /** Point k (from 1) is at index k - 1; a snapshot is indexed by row. */
  snapshots: Float32Array[] = [];

  /**
   * Takes the points up to and including `timeNs`. Must be called before the events of that time
   * are counted.
   */
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

  /**
   * Returns the points that advance(timeNs) would leave, without changing the curves; from the
   * first point on at which there was any row.
   */
  pointsAt(timeNs: number, paths: PathTable): CurvePoints {
    const ahead = new Curves();
    ahead.restore(this.stepNs, [...this.snapshots]);
    ahead.advance(timeNs, paths);
    const empty = ahead.snapshots.findIndex((snapshot) => snapshot.length > 1);
    const from = empty < 0 ? ahead.snapshots.length : empty;
    return { firstNs: (from + 1) * ahead.stepNs, stepNs: ahead.stepNs, snapshots: ahead.snapshots.slice(from) };
  }

  /** Replaces all points by empty ones: what was outstanding cannot be compared with what will be. */
  forget(): void {
    this.snapshots = this.snapshots.map(() => new Float32Array(1));
  }

  restore(stepNs: number, snapshots: Float32Array[]): void {
    this.stepNs = stepNs;
    this.snapshots = snapshots;
    this.nextNs[0] = (snapshots.length + 1) * stepNs;
  }
}

/** Returns true if a row has a curve once there are points. */
export function hasCurve(row: number): boolean {
  return row <= ROW_LIMIT;
}

/** Returns what a row held at a point, in the allocator's unit. */
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
