/**
 * TimeGate: stands between a recording's reader and the pipeline and lets through what happened up to `limitNs`, in the
 * order of the recording. What lies beyond is kept (copied, since batches are reused) until the limit moves on; the
 * reader is not fed while anything is kept, so that is at most one read's worth of events.
 */
import { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

interface Kept {
  /** Lets through what may pass; true when nothing of it is left. */
  pass(): boolean;
  /** Times of what of it waits: one for each event, or one for anything else. */
  waiting(): { times: Float64Array; isEvents: boolean };
}

export class TimeGate implements TraceSink {
  /** Time up to and including which things pass. */
  limitNs = Number.POSITIVE_INFINITY;
  private sink: TraceSink;
  private readonly kept: Kept[] = [];
  private keptFrom = 0;

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** From now on to another sink; what waits is forgotten. */
  redirect(sink: TraceSink): void {
    this.sink = sink;
    this.kept.length = 0;
    this.keptFrom = 0;
  }

  /** True while something waits for the limit to move. */
  get holding(): boolean {
    return this.keptFrom < this.kept.length;
  }

  /** Lets through what the limit now allows. */
  release(): void {
    while (this.holding) {
      if (!this.kept[this.keptFrom].pass()) return;
      this.keptFrom++;
    }
    this.kept.length = 0;
    this.keptFrom = 0;
  }

  /** Limit at which so many of the events that wait would pass, or all that waits; null when nothing does. */
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

  host(facts: HostFacts): void {
    this.pass(-1, () => this.sink.host(facts));
  }

  symbol(entry: SymbolisedAddress): void {
    this.pass(-1, () => this.sink.symbol(entry));
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.pass(timeNs, () => this.sink.losses(timeNs, rows));
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.pass(timeNs, () => this.sink.counters(timeNs, source, text));
  }

  clock(timeNs: number): void {
    this.pass(timeNs, () => this.sink.clock(timeNs));
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.pass(timeNs, () => this.sink.end(timeNs, reason, detail));
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

  private pass(timeNs: number, forward: () => void): void {
    if (!this.holding && timeNs <= this.limitNs) {
      forward();
      return;
    }
    const pass = (): boolean => {
      if (timeNs > this.limitNs) return false;
      forward();
      return true;
    };
    this.kept.push({ pass, waiting: () => ({ times: Float64Array.of(timeNs), isEvents: false }) });
  }

  /** First row from `from` on that lies beyond the limit. */
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
