/**
 * Cutter: what happened in [fromNs, toNs) of a trace, as a trace of its own that begins at 0. Outstanding means
 * "allocated since the trace began", and rates are per time since then, so a cut that kept the clock of the original
 * would show wrong ones; wall clock time is kept (startUnixMs moves along).
 *
 * With it go the last sample of each of the kernel's counters before `fromNs` (told at 0: what was so when it began), the
 * dictionary and symbols that its events need, and the first losses told at or after `toNs`, since a loss is told up to
 * a second after it happened.
 */
import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import { LOSS_DAMAGED, type LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { formatMoment } from './damage-text.js';
import { KnownSymbols, UsedDictionary } from './used-dictionary.js';

/** Events of two CPUs may be told out of their order; not by more than this. Survivors come later (bpf/README.md). */
const SKEW_NS = 1e9;

export interface CutSpan {
  fromNs: number;
  /** Not in it. */
  toNs: number;
}

export class Cutter implements TraceSink {
  readonly input: TraceSink = this;
  /** Events before and after the span. */
  eventsBefore = 0;
  eventsAfter = 0;
  /** Latest time of the original that was read. */
  lastTimeNs = 0;

  private readonly span: CutSpan;
  private readonly used: UsedDictionary;
  private readonly symbols = new KnownSymbols();
  private sink: TraceSink | null = null;
  private lastSamples = new Map<CounterSource, string>();
  /** At most so long after its time an alloc is told. */
  private lateNs = 0;
  private begun = false;
  private toldLateLosses = false;
  private hasEnded = false;

  /** `source` is the dictionary of the reader. */
  constructor(source: TraceDictionary, span: CutSpan) {
    this.span = span;
    this.used = new UsedDictionary(source, this.symbols, (entry) => this.sink?.symbol(entry), 'none');
  }

  get dictionary(): TraceDictionary {
    return this.used.dictionary;
  }

  /** Nothing that is still to come can matter. */
  get isDone(): boolean {
    return (
      this.hasEnded || (this.lastTimeNs > this.span.toNs + SKEW_NS + this.lateNs && this.used.framesWithoutSymbol === 0)
    );
  }

  connect(sink: TraceSink): void {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    const { fromNs, toNs } = this.span;
    this.lateNs = 2 * facts.minAgeNs;
    const note =
      `cut out of a recording, from ${formatMoment(fromNs)} to ${formatMoment(toNs)} of it: what was allocated ` +
      'before is not known, and its frees are orphan frees';
    const startUnixMs = facts.startUnixMs === 0 ? 0 : facts.startUnixMs + Math.round(fromNs / 1e6);
    this.sink?.host({ ...facts, startUnixMs, notes: [...facts.notes, note] });
  }

  symbol(entry: SymbolisedAddress): void {
    const isFirst = this.symbols.find(entry.addressHi, entry.addressLo) === null;
    this.symbols.add(entry);
    this.used.symbolCame(entry, isFirst);
  }

  events(batch: EventBatch): void {
    const { fromNs, toNs } = this.span;
    const { timeNs, length } = batch;
    let from = -1;
    for (let row = 0; row <= length; row++) {
      const time = row < length ? timeNs[row] : Infinity;
      const within = time >= fromNs && time < toNs;
      if (within && from < 0) from = row;
      if (within) continue;
      if (from >= 0) this.hand(batch, from, row);
      from = -1;
      if (row === length) break;
      if (time < fromNs) this.eventsBefore++;
      else this.eventsAfter++;
      this.see(time);
    }
  }

  losses(timeNs: number, rows: LossRow[]): void {
    const { fromNs, toNs } = this.span;
    this.see(timeNs);
    if (timeNs < fromNs) return;
    let told = rows;
    if (timeNs >= toNs) {
      // Where a damaged chunk lay is told by its end alone: its events may have been within.
      if (this.toldLateLosses) told = rows.filter((row) => row.cause === LOSS_DAMAGED);
      this.toldLateLosses ||= rows.length > 0;
    }
    if (told.length > 0) this.sink?.losses(this.moved(timeNs), told);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.see(timeNs);
    if (timeNs < this.span.fromNs) {
      this.lastSamples.set(source, text);
      return;
    }
    this.begin();
    if (timeNs < this.span.toNs) this.sink?.counters(this.moved(timeNs), source, text);
  }

  clock(timeNs: number): void {
    this.see(timeNs);
    if (timeNs >= this.span.fromNs && timeNs < this.span.toNs) this.sink?.clock(this.moved(timeNs));
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.see(timeNs);
    this.finish(timeNs < this.span.toNs ? reason : 'stopped', timeNs < this.span.toNs ? detail : '');
  }

  /** Ends the cut unless it has ended; to be called when reading was stopped early. */
  finish(reason: EndReason = 'stopped', detail = ''): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.begin();
    this.sink?.end(this.moved(Math.max(this.lastTimeNs, this.span.fromNs)), reason, detail);
  }

  private hand(batch: EventBatch, from: number, to: number): void {
    this.begin();
    for (let row = from; row < to; row++) this.see(batch.timeNs[row]);
    if (this.sink !== null) this.used.hand(batch, from, to, this.span.fromNs, this.sink);
  }

  /** Tells what was so when the span began. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    for (const [source, text] of this.lastSamples) this.sink?.counters(0, source, text);
  }

  private see(timeNs: number): void {
    if (timeNs > this.lastTimeNs) this.lastTimeNs = timeNs;
  }

  private moved(timeNs: number): number {
    const { fromNs, toNs } = this.span;
    return Math.max(0, Math.min(timeNs, toNs) - fromNs);
  }
}
