import { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';

/** A recording that says how many bytes it has, and how many events its next chunk still takes. */
export interface MeasuredOutput {
  readonly sink: TraceSink;
  readonly bytes: number;
  readonly chunkRoom: number;
}

/**
 * LimitedSink: hands a trace to a recording until that has its size, looked at after every chunk: it is exceeded by less
 * than one chunk and what closes the file. Then nothing more is handed on.
 */
export class LimitedSink implements TraceSink {
  private readonly output: MeasuredOutput;
  private readonly limitBytes: number;
  private readonly onFull: (timeNs: number) => void;
  private isFull = false;
  private nowNs = 0;

  /** `onFull` is told once, with the latest time that was handed on, between two calls of the output's sink. */
  constructor(output: MeasuredOutput, limitBytes: number, onFull: (timeNs: number) => void) {
    this.output = output;
    this.limitBytes = limitBytes;
    this.onFull = onFull;
  }

  host(facts: HostFacts): void {
    if (!this.isFull) this.output.sink.host(facts);
  }

  symbol(entry: SymbolisedAddress): void {
    if (!this.isFull) this.output.sink.symbol(entry);
  }

  events(batch: EventBatch): void {
    const { output } = this;
    for (let from = 0; from < batch.length && !this.isFull; ) {
      const to = Math.min(batch.length, from + output.chunkRoom);
      for (let row = from; row < to; row++) this.see(batch.timeNs[row]);
      output.sink.events(to - from === batch.length ? batch : rowsOf(batch, from, to));
      from = to;
      this.check();
    }
  }

  losses(timeNs: number, rows: LossRow[]): void {
    if (this.isFull) return;
    this.see(timeNs);
    this.output.sink.losses(timeNs, rows);
    this.check();
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    if (this.isFull) return;
    this.see(timeNs);
    this.output.sink.counters(timeNs, source, text);
    this.check();
  }

  clock(timeNs: number): void {
    if (this.isFull) return;
    this.see(timeNs);
    this.output.sink.clock(timeNs);
    this.check();
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    if (!this.isFull) this.output.sink.end(timeNs, reason, detail);
  }

  private see(timeNs: number): void {
    if (timeNs > this.nowNs) this.nowNs = timeNs;
  }

  private check(): void {
    if (this.isFull || this.output.bytes < this.limitBytes) return;
    this.isFull = true;
    this.onFull(this.nowNs);
  }
}

function rowsOf(batch: EventBatch, from: number, to: number): EventBatch {
  const rows = new EventBatch(to - from);
  rows.append(batch, from, to);
  return rows;
}
