import type { EventBatch } from './event-batch.js';
import type { HostFacts } from './host-facts.js';
import { isEventLoss, type LossRow } from './losses.js';
import { NO_SINK, PassingSink } from './passing-sink.js';
import type { EndReason, TraceFact, TraceSink } from './trace-sink.js';

/** Seconds whose events are counted, to find the busiest; some 12 days. */
const MAX_SECONDS = 1 << 20;

/** TraceTally: passes a trace on and counts it, for summaries. */
export class TraceTally extends PassingSink {
  eventCount = 0;
  /** Rows of what was held before the trace. */
  heldRows = 0;
  /** Looks at the machine, each counted once. */
  readonly lookTimes = new Set<number>();
  /** Events reported as lost, by any cause. */
  lostEvents = 0;
  facts: HostFacts | null = null;
  /** How the trace ended; null until it has. */
  ended: { timeNs: number; reason: EndReason; detail: string } | null = null;
  private perSecond = new Uint32Array(64);

  constructor(sink: TraceSink = NO_SINK) {
    super(sink);
  }

  /** Events in the busiest second. */
  get peakPerSecond(): number {
    return this.perSecond.reduce((most, count) => Math.max(most, count), 0);
  }

  override events(batch: EventBatch): void {
    const { timeNs, length } = batch;
    this.eventCount += length;
    for (let row = 0; row < length; row++) {
      const second = Math.floor(timeNs[row] / 1e9);
      if (second >= this.perSecond.length) this.grow(second);
      if (second < this.perSecond.length) this.perSecond[second]++;
    }
    super.events(batch);
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'host') this.facts = fact.facts;
    else if (fact.type === 'held') this.heldRows += fact.rows.length;
    else if (fact.type === 'look') this.lookTimes.add(fact.look.unixMs);
    else if (fact.type === 'losses') this.countLosses(fact.rows);
    else if (fact.type === 'end') this.ended = { timeNs: fact.timeNs, reason: fact.reason, detail: fact.detail };
    super.fact(fact);
  }

  private countLosses(rows: readonly LossRow[]): void {
    for (const row of rows) if (isEventLoss(row.cause)) this.lostEvents += row.count;
  }

  private grow(second: number): void {
    if (second >= MAX_SECONDS) return;
    const grown = new Uint32Array(2 ** Math.ceil(Math.log2(second + 1)));
    grown.set(this.perSecond);
    this.perSecond = grown;
  }
}
