import type { EventBatch } from './event-batch.js';
import { PassingSink } from './passing-sink.js';
import type { TraceFact, TraceSink } from './trace-sink.js';

/** TeeSink: passes a trace on. While it has a recorder, the recorder gets every call first. */
export class TeeSink extends PassingSink {
  recorder: TraceSink | null = null;

  override events(batch: EventBatch): void {
    this.recorder?.events(batch);
    super.events(batch);
  }

  override fact(fact: TraceFact): void {
    this.recorder?.fact(fact);
    super.fact(fact);
  }
}
