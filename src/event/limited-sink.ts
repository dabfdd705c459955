import { EventBatch } from './event-batch.js';
import { timeOf } from './facts.js';
import type { TraceFact, TraceSink } from './trace-sink.js';

/** A recording whose size is known. */
export interface MeasuredOutput {
  readonly sink: TraceSink;
  /** Bytes written so far. */
  readonly bytes: number;
  /** Events that the next chunk still takes. */
  readonly chunkRoom: number;
}

/**
 * LimitedSink: passes a trace to a recording until the recording reaches a size, then passes nothing more. The size is
 * checked after every chunk, so the file exceeds it by less than one chunk and its closing.
 */
export class LimitedSink implements TraceSink {
  private readonly output: MeasuredOutput;
  private readonly limitBytes: number;
  private readonly onFull: (timeNs: number) => void;
  private isFull = false;
  private nowNs = 0;

  /** `onFull` is called once, with the latest time that was passed on, between two calls of the output's sink. */
  constructor(output: MeasuredOutput, limitBytes: number, onFull: (timeNs: number) => void) {
    this.output = output;
    this.limitBytes = limitBytes;
    this.onFull = onFull;
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

  fact(fact: TraceFact): void {
    if (this.isFull) return;
    this.output.sink.fact(fact);
    const timeNs = timeOf(fact);
    // Host facts and symbols have no time at which to end. After the end there is nothing left to limit.
    if (timeNs === null || fact.type === 'end') return;
    this.see(timeNs);
    this.check();
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
