/**
 * TimeGate: works between a recording's reader and the pipeline. Passes on the calls up to `limitNs`, in the order of the
 * recording. It keeps later ones (copied, since batches are reused) until the limit moves on. The reader is not fed while
 * anything is kept, so that is at most one read's worth of events.
 */
import { EventBatch } from '../../event/event-batch.js';
import { timeOf } from '../../event/facts.js';
import type { TraceFact, TraceSink } from '../../event/trace-sink.js';

interface Kept {
  /** Passes on the part that may pass; true if nothing is left. */
  pass(): boolean;
  /** Times of the part that waits: one for each event, or one for a fact. */
  waiting(): { times: Float64Array; isEvents: boolean };
}

export class TimeGate implements TraceSink {
  /** Latest time that passes. */
  limitNs = Number.POSITIVE_INFINITY;
  private sink: TraceSink;
  private readonly kept: Kept[] = [];
  private keptFrom = 0;

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** Passes all later calls to another sink, and drops the calls that wait. */
  redirect(sink: TraceSink): void {
    this.sink = sink;
    this.kept.length = 0;
    this.keptFrom = 0;
  }

  /** True while calls wait for the limit to move. */
  get holding(): boolean {
    return this.keptFrom < this.kept.length;
  }

  /** Passes on the calls that the limit now allows. */
  release(): void {
    while (this.holding) {
      if (!this.kept[this.keptFrom].pass()) return;
      this.keptFrom++;
    }
    this.kept.length = 0;
    this.keptFrom = 0;
  }

  /** Limit at which `events` of the waiting events would pass, or all of them; null if nothing waits. */
  limitFor(events: number): number | null {
    let left = events;
    let limit: number | null = null;
    for (let i = this.keptFrom; i < this.kept.length && left > 0; i++) {
      const { times, isEvents } = this.kept[i].waiting();
      for (const time of isEvents ? times.subarray(0, left) : times) limit = Math.max(limit ?? 0, time);
      if (isEvents) left -= times.length;
    }
    return limit;
  }

  /** A fact without a time passes as soon as nothing before it waits. */
  fact(fact: TraceFact): void {
    const timeNs = timeOf(fact) ?? -1;
    if (!this.holding && timeNs <= this.limitNs) {
      this.sink.fact(fact);
      return;
    }
    const pass = (): boolean => {
      if (timeNs > this.limitNs) return false;
      this.sink.fact(fact);
      return true;
    };
    this.kept.push({ pass, waiting: () => ({ times: Float64Array.of(timeNs), isEvents: false }) });
  }

  events(batch: EventBatch): void {
    let done = 0;
    if (!this.holding) {
      done = this.passed(batch, 0);
      if (done === batch.length) {
        this.sink.events(batch);
        return;
      }
      if (done > 0) this.sink.events(copyRows(batch, 0, done));
    }
    const rest = copyRows(batch, done, batch.length);
    let from = 0;
    const pass = (): boolean => {
      const to = this.passed(rest, from);
      if (to > from) this.sink.events(from === 0 && to === rest.length ? rest : copyRows(rest, from, to));
      from = to;
      return from === rest.length;
    };
    this.kept.push({ pass, waiting: () => ({ times: rest.timeNs.subarray(from, rest.length), isEvents: true }) });
  }

  /** The first row, from `from` on, that is beyond the limit; the batch's length if none is. */
  private passed(batch: EventBatch, from: number): number {
    if (this.limitNs === Number.POSITIVE_INFINITY) return batch.length;
    const { timeNs, length } = batch;
    let row = from;
    while (row < length && timeNs[row] <= this.limitNs) row++;
    return row;
  }
}

function copyRows(batch: EventBatch, from: number, to: number): EventBatch {
  const copy = new EventBatch(Math.max(1, to - from));
  copy.append(batch, from, to);
  return copy;
}
