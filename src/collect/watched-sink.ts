import type { HostFacts } from '../event/host-facts.js';
import { PassingSink } from '../event/passing-sink.js';
import type { EndReason, TraceSink } from '../event/trace-sink.js';

/**
 * Passes everything on; shows a collector the first host(), and puts its reason into the end of the
 * trace.
 */
export class WatchedSink extends PassingSink {
  /** Resolves at the first host(). */
  readonly ready: Promise<void>;
  ended = false;
  /** Why we stopped the collector; replaces its own 'stopped' or 'cut'. */
  stopReason: EndReason | null = null;
  /** Detail for end() with stopReason, '' = none. */
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
