/**
 * BoundedSeries: columns of numbers over the whole length of a trace, in at most POINTS points however long it gets.
 * Point i covers [i * stepNs, (i + 1) * stepNs). When time goes beyond the last point, neighbours are merged and the step
 * doubles. The content depends on the values and their times alone, not on how often it was read.
 */
import { TIME_LIMIT_NS } from '../../event/event-batch.js';

/** Even, so that merging neighbours is exact; more points than any screen has columns for. */
export const POINTS = 240;
/** 16 points a second, as long as the trace is no longer than 15 seconds. */
export const FIRST_STEP_NS = 62_500_000;

/** How two neighbours become one: 'sum' adds the two values, 'last' keeps the later one. */
export type ColumnKind = 'sum' | 'last';

/** A BoundedSeries as plain data. */
export interface SavedSeries {
  stepNs: number;
  first: number;
  point: number;
  columns: number[][];
}

export class BoundedSeries {
  stepNs = FIRST_STEP_NS;
  /** The point that is being filled; -1 before the first one. */
  point = -1;
  private readonly kinds: readonly ColumnKind[];
  private readonly columns: Float64Array[];
  /** The first point that was filled; the points before it are empty. */
  private first = 0;

  constructor(kinds: readonly ColumnKind[]) {
    this.kinds = kinds;
    this.columns = kinds.map(() => new Float64Array(POINTS));
  }

  /** Time at which the next point begins; 0 before the first one. */
  get edgeNs(): number {
    return (this.point + 1) * this.stepNs;
  }

  /** Opens the point for a time. A time in the present point or before it changes nothing. */
  advance(timeNs: number): void {
    if (!(timeNs >= this.edgeNs && timeNs < TIME_LIMIT_NS)) return;
    while (timeNs >= POINTS * this.stepNs) this.halve();
    const point = Math.floor(timeNs / this.stepNs);
    if (point <= this.point) return;
    if (this.point < 0) this.first = point;
    else this.carry(this.point, point);
    this.point = point;
  }

  /** Adds to the present point of a column; valid only after advance(). */
  add(column: number, value: number): void {
    this.columns[column][this.point] += value;
  }

  /** Sets the present point of a column; valid only after advance(). */
  set(column: number, value: number): void {
    this.columns[column][this.point] = value;
  }

  /** Time at which the first value begins, ns. */
  get firstNs(): number {
    return this.first * this.stepNs;
  }

  /** Values of a column from `firstNs` on, one per step, the point that is being filled last. */
  values(column: number): number[] {
    return this.point < 0 ? [] : [...this.columns[column].subarray(this.first, this.point + 1)];
  }

  save(): SavedSeries {
    const { stepNs, first, point } = this;
    return { stepNs, first, point, columns: this.columns.map((column) => [...column.subarray(0, point + 1)]) };
  }

  /** Restores the result of save(); returns false and changes nothing if `saved` is not one. */
  restore(saved: unknown): boolean {
    if (!isSaved(saved, this.kinds.length)) return false;
    this.stepNs = saved.stepNs;
    this.first = saved.first;
    this.point = saved.point;
    for (const [index, column] of this.columns.entries()) {
      column.fill(0);
      column.set(saved.columns[index]);
    }
    return true;
  }

  private halve(): void {
    for (const [index, column] of this.columns.entries()) {
      for (let i = 0; i < POINTS / 2; i++) {
        const later = column[2 * i + 1];
        if (this.kinds[index] === 'sum') column[i] = column[2 * i] + later;
        else column[i] = 2 * i + 1 <= this.point ? later : column[2 * i];
      }
      column.fill(0, POINTS / 2);
    }
    this.stepNs *= 2;
    this.first >>= 1;
    if (this.point >= 0) this.point >>= 1;
  }

  /** Columns of kind 'last' keep their value in the points that are passed over. */
  private carry(from: number, to: number): void {
    for (const [index, column] of this.columns.entries()) {
      if (this.kinds[index] === 'last') column.fill(column[from], from + 1, to + 1);
    }
  }
}

function isSaved(saved: unknown, columns: number): saved is SavedSeries {
  if (typeof saved !== 'object' || saved === null) return false;
  const { stepNs, first, point, columns: values } = saved as Partial<SavedSeries>;
  if (typeof stepNs !== 'number' || typeof first !== 'number' || typeof point !== 'number') return false;
  // Only doublings of the first step are valid.
  if (!Number.isInteger(Math.log2(stepNs / FIRST_STEP_NS)) || stepNs < FIRST_STEP_NS) return false;
  if (!Number.isInteger(point) || point < -1 || point >= POINTS || !Number.isInteger(first)) return false;
  if (first < 0 || first > Math.max(0, point) || !Array.isArray(values) || values.length !== columns) return false;
  return values.every((column) => Array.isArray(column) && column.length === point + 1 && column.every(isNumber));
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}
