import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

/** TeeSink: hands a trace on, and gives a recorder every call first while there is one. */
export class TeeSink implements TraceSink {
  recorder: TraceSink | null = null;
  private readonly sink: TraceSink;

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    this.recorder?.host(facts);
    this.sink.host(facts);
  }

  symbol(entry: SymbolisedAddress): void {
    this.recorder?.symbol(entry);
    this.sink.symbol(entry);
  }

  events(batch: EventBatch): void {
    this.recorder?.events(batch);
    this.sink.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.recorder?.losses(timeNs, rows);
    this.sink.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.recorder?.counters(timeNs, source, text);
    this.sink.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.recorder?.clock(timeNs);
    this.sink.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.recorder?.end(timeNs, reason, detail);
    this.sink.end(timeNs, reason, detail);
  }
}
