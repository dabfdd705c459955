import type { EventBatch } from './event-batch.js';
import type { HostFacts } from './host-facts.js';
import type { LossRow } from './losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from './trace-sink.js';

/** PassingSink: hands every call on as it is; for those that change only some of them. */
export class PassingSink<Next extends TraceSink = TraceSink> implements TraceSink {
  protected readonly sink: Next;

  constructor(sink: Next) {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    this.sink.host(facts);
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
    this.sink.end(timeNs, reason, detail);
  }
}
