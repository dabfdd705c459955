import { PassingSink } from '../event/passing-sink.js';
import type { EndReason, TraceFact, TraceSink } from '../event/trace-sink.js';

/** WatchedSink: passes a trace on. Lets a collector see the first host fact and set the reason of the end. */
export class WatchedSink extends PassingSink {
  /** Resolves at the first host fact. */
  readonly ready: Promise<void>;
  ended = false;
  /** Why we stopped the collector; replaces its own 'stopped' or 'cut'. */
  stopReason: EndReason | null = null;
  /** Detail of the end beside stopReason, '' = none. */
  stopDetail = '';
  private markReady: () => void = () => undefined;

  constructor(sink: TraceSink) {
    super(sink);
    this.ready = new Promise((resolve) => {
      this.markReady = resolve;
    });
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'end') {
      if (this.ended) return;
      this.ended = true;
    }
    super.fact(this.withReason(fact));
    if (fact.type === 'host') this.markReady();
  }

  private withReason(fact: TraceFact): TraceFact {
    const { stopReason } = this;
    if (fact.type !== 'end' || stopReason === null) return fact;
    const isOurs = fact.reason === 'stopped' || fact.reason === 'cut';
    return isOurs ? { ...fact, reason: stopReason, detail: this.stopDetail } : fact;
  }
}
