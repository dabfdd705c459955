import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

/** Passes everything on, and lets a collector see the first host() and put in why the trace ended. */
export class WatchedSink implements TraceSink {
  /** Resolves at the first host(). */
  readonly ready: Promise<void>;
  ended = false;
  /** Why we stopped it; takes the place of the collector's own 'stopped' or 'cut'. */
  stopReason: EndReason | null = null;
  /** Sentence for end() beside stopReason, '' = none. */
  stopDetail = '';
  private readonly sink: TraceSink;
  private markReady: () => void = () => undefined;

  constructor(sink: TraceSink) {
    this.sink = sink;
    this.ready = new Promise((resolve) => {
      this.markReady = resolve;
    });
  }

  host(facts: HostFacts): void {
    this.sink.host(facts);
    this.markReady();
  }

  symbol(entry: SymbolisedAddress): void {
    this.sink.symbol(entry);
  }

  events(batch: EventBatch): void {
    this.sink.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.sink.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.sink.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    if (this.ended) return;
    this.ended = true;
    const ours = this.stopReason !== null && (reason === 'stopped' || reason === 'cut');
    this.sink.end(timeNs, ours && this.stopReason !== null ? this.stopReason : reason, ours ? this.stopDetail : detail);
  }
}
