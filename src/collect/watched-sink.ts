import type { HostFacts } from '../event/host-facts.js';
import { PassingSink } from '../event/passing-sink.js';
import type { EndReason, TraceSink } from '../event/trace-sink.js';

/** Passes everything on, and lets a collector see the first host() and put in why the trace ended. */
export class WatchedSink extends PassingSink {
  /** Resolves at the first host(). */
  readonly ready: Promise<void>;
  ended = false;
  /** Why we stopped it; takes the place of the collector's own 'stopped' or 'cut'. */
  stopReason: EndReason | null = null;
  /** Sentence for end() beside stopReason, '' = none. */
  stopDetail = '';
  private markReady: () => void = () => undefined;

  constructor(sink: TraceSink) {
    super(sink);
    this.ready = new Promise((resolve) => {
      this.markReady = resolve;
    });
  }

  override host(facts: HostFacts): void {
    super.host(facts);
    this.markReady();
  }

  override end(timeNs: number, reason: EndReason, detail: string): void {
    if (this.ended) return;
    this.ended = true;
    const ours = this.stopReason !== null && (reason === 'stopped' || reason === 'cut');
    super.end(timeNs, ours && this.stopReason !== null ? this.stopReason : reason, ours ? this.stopDetail : detail);
  }
}
