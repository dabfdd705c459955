import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import { isEventLoss, type LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

/** Seconds whose events are counted, for the busiest; some 12 days. */
const MAX_SECONDS = 1 << 20;

/** TraceTally: hands everything on to `sink` and counts what goes by, for summaries. */
export class TraceTally implements TraceSink {
  /** Where everything goes; may be set late, or stay null. */
  sink: TraceSink | null;
  eventCount = 0;
  /** Events told as lost, by whatever cause. */
  lostEvents = 0;
  facts: HostFacts | null = null;
  /** How the trace ended; null until it has. */
  ended: { timeNs: number; reason: EndReason; detail: string } | null = null;
  private perSecond = new Uint32Array(64);

  constructor(sink: TraceSink | null = null) {
    this.sink = sink;
  }

  /** Events in the busiest second. */
  get peakPerSecond(): number {
    return this.perSecond.reduce((most, count) => Math.max(most, count), 0);
  }

  host(facts: HostFacts): void {
    this.facts = facts;
    this.sink?.host(facts);
  }

  symbol(entry: SymbolisedAddress): void {
    this.sink?.symbol(entry);
  }

  events(batch: EventBatch): void {
    const { timeNs, length } = batch;
    this.eventCount += length;
    for (let row = 0; row < length; row++) {
      const second = Math.floor(timeNs[row] / 1e9);
      if (second >= this.perSecond.length) this.grow(second);
      if (second < this.perSecond.length) this.perSecond[second]++;
    }
    this.sink?.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    for (const row of rows) if (isEventLoss(row.cause)) this.lostEvents += row.count;
    this.sink?.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink?.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.sink?.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.ended = { timeNs, reason, detail };
    this.sink?.end(timeNs, reason, detail);
  }

  private grow(second: number): void {
    if (second >= MAX_SECONDS) return;
    const grown = new Uint32Array(2 ** Math.ceil(Math.log2(second + 1)));
    grown.set(this.perSecond);
    this.perSecond = grown;
  }
}
