import { PassingSink } from '../../event/passing-sink.js';
import type { FactOf, TraceFact } from '../../event/trace-sink.js';

/**
 * EndGate: passes a trace on, and keeps its end back while something is still to come before it: the end
 * is the last of a trace.
 */
export class EndGate extends PassingSink {
  private closed = false;
  private end: FactOf<'end'> | null = null;

  /** Keeps the end back from now on. */
  close(): void {
    this.closed = true;
  }

  /** Passes on the end if it has come. */
  open(): void {
    this.closed = false;
    const { end } = this;
    this.end = null;
    if (end !== null) super.fact(end);
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'end' && this.closed) this.end = fact;
    else super.fact(fact);
  }
}
