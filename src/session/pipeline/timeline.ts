/**
 * Timeline: events, outstanding bytes and losses over the whole length of a trace, in a bounded number of points. A replay
 * shows it, also after a seek back.
 */
import { type EventBatch, TIME_LIMIT_NS } from '../../event/event-batch.js';
import { isEventLoss, type LossRow } from '../../event/losses.js';
import { BoundedSeries, type SavedSeries } from './bounded-series.js';

/** Point i covers `stepNs` from firstNs + i * stepNs on. */
export interface TimelineView {
  firstNs: number;
  stepNs: number;
  events: number[];
  /** Outstanding at the end of the point, no byte counted twice. */
  outstandingBytes: number[];
  /** Lost events, at the time of the report of the loss: up to a second late. */
  lost: number[];
}

const EVENTS = 0;
const OUTSTANDING = 1;
const LOST = 2;

export class Timeline {
  private readonly series = new BoundedSeries(['sum', 'last', 'sum']);

  /** End of the present point, ns; anything from then on belongs to a later one. */
  get edgeNs(): number {
    return this.series.edgeNs;
  }

  /** Moves on to a time beyond the edge; `outstandingBytes` are those of the point that ends. */
  advance(timeNs: number, outstandingBytes: number): void {
    if (this.series.point >= 0) this.series.set(OUTSTANDING, outstandingBytes);
    this.series.advance(timeNs);
  }

  /** The first row, from `from` on, that lies beyond the edge; the batch's length if none does. */
  rowsBefore(batch: EventBatch, from: number): number {
    const { timeNs, length } = batch;
    const { edgeNs } = this.series;
    let row = from;
    // An impossible time belongs to no point: the core counts its event as bad.
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

  /** The timeline so far; `outstandingBytes` are those outstanding now. */
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

  /** Restores the result of save(); returns false if `saved` is not one. */
  restore(saved: unknown): boolean {
    return this.series.restore(saved);
  }
}
