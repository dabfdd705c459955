/**
 * Timeline: events, outstanding bytes and losses over the whole length of a trace, a bounded number of points. A replay
 * shows it, also where time has been moved back.
 */
import { type EventBatch, TIME_LIMIT_NS } from '../../event/event-batch.js';
import { isEventLoss, type LossRow } from '../../event/losses.js';
import { HalvingSeries, type SavedSeries } from './bounded-series.js';

/** Point i stands for `stepNs` from firstNs + i * stepNs on. */
export interface TimelineView {
  firstNs: number;
  stepNs: number;
  events: number[];
  /** At the end of the point, no byte counted twice. */
  outstandingBytes: number[];
  /** Events lost, at the time at which the loss was told: up to a second late. */
  lost: number[];
}

const EVENTS = 0;
const OUTSTANDING = 1;
const LOST = 2;

export class Timeline {
  private readonly series = new HalvingSeries(['sum', 'last', 'sum']);

  /** Time up to which things belong to the present point. */
  get edgeNs(): number {
    return this.series.edgeNs;
  }

  /** Time has come beyond the edge, when so many bytes were outstanding. */
  advance(timeNs: number, outstandingBytes: number): void {
    if (this.series.point >= 0) this.series.set(OUTSTANDING, outstandingBytes);
    this.series.advance(timeNs);
  }

  /** The first row from `from` on that lies beyond the edge, or the batch's length. */
  rowsBefore(batch: EventBatch, from: number): number {
    const { timeNs, length } = batch;
    const { edgeNs } = this.series;
    let row = from;
    // A time that cannot be is of no point: the core counts its event as a bad one.
    while (row < length && !(timeNs[row] >= edgeNs && timeNs[row] < TIME_LIMIT_NS)) row++;
    return row;
  }

  countEvents(count: number): void {
    if (this.series.point >= 0) this.series.add(EVENTS, count);
  }

  countLosses(rows: readonly LossRow[]): void {
    if (this.series.point < 0) return;
    for (const row of rows) if (isEventLoss(row.cause)) this.series.add(LOST, row.count);
  }

  /** `outstandingBytes` are outstanding now. */
  view(outstandingBytes: number): TimelineView {
    const { series } = this;
    if (series.point >= 0) series.set(OUTSTANDING, outstandingBytes);
    return {
      firstNs: series.firstNs,
      stepNs: series.stepNs,
      events: series.values(EVENTS),
      outstandingBytes: series.values(OUTSTANDING),
      lost: series.values(LOST),
    };
  }

  save(): SavedSeries {
    return this.series.save();
  }

  /** False when it is nothing that save() gave. */
  restore(saved: unknown): boolean {
    return this.series.restore(saved);
  }
}
