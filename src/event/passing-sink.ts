import type { EventBatch } from './event-batch.js';
import type { TraceFact, TraceSink } from './trace-sink.js';

/** Takes a trace and does nothing with it. */
export const NO_SINK: TraceSink = { events() {}, fact() {} };

/** PassingSink: passes every call on unchanged. The base of sinks that change only some calls. */
export class PassingSink<Next extends TraceSink = TraceSink> implements TraceSink {
  protected sink: Next;

  /** A sink that gets its output later begins with NO_SINK. */
  constructor(sink: Next) {
    this.sink = sink;
  }

  /** Passes all later calls to another sink. */
  connect(sink: Next): void {
    this.sink = sink;
  }

  events(batch: EventBatch): void {
    this.sink.events(batch);
  }

  fact(fact: TraceFact): void {
    this.sink.fact(fact);
  }
}
