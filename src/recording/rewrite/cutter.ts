/**
 * Cutter: cuts [fromNs, toNs) out of a trace, as a trace of its own that begins at 0. Outstanding
 * means "allocated since the trace began", and rates count the time since then, so a cut with the
 * clock of the original would show wrong rates. Wall clock time stays (startUnixMs moves along).
 *
 * The cut also holds the last sample of each of the kernel's counters, and the last look at the machine,
 * before `fromNs` (moved to time 0: the state at the start), the traced processes that lived then, the dictionary and symbols that its events need, and the first
 * losses at or after `toNs`, because a loss is reported up to a second after it happened.
 */
import type { EventBatch } from '../../event/event-batch.js';
import { shifted, timeOf } from '../../event/facts.js';
import { LOSS_DAMAGED } from '../../event/losses.js';
import { NO_SINK, PassingSink } from '../../event/passing-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type {
  CounterSource,
  EndReason,
  FactOf,
  SymbolisedAddress,
  TraceFact,
  TraceSink,
} from '../../event/trace-sink.js';
import { formatMoment } from '../trace/damage-text.js';
import { KnownProcesses } from '../trace/known-processes.js';
import { KnownSymbols, UsedDictionary } from '../trace/used-dictionary.js';

/** Events of two CPUs may come out of order by at most this. Survivors come later (bpf/README.md). */
const SKEW_NS = 1e9;

export interface CutSpan {
  fromNs: number;
  /** The first time behind the span. */
  toNs: number;
}

export class Cutter extends PassingSink {
  readonly input: TraceSink = this;
  /** Events before and after the span. */
  eventsBefore = 0;
  eventsAfter = 0;
  /** Latest time read in the original, ns. */
  lastTimeNs = 0;

  private readonly span: CutSpan;
  private readonly used: UsedDictionary;
  private readonly symbols = new KnownSymbols();
  private lastLook: FactOf<'look'> | null = null;
  private lastSamples = new Map<CounterSource, string>();
  private readonly processes = new KnownProcesses();
  /** An alloc comes at most this many ns after its time. */
  private lateNs = 0;
  private begun = false;
  private hasLateLosses = false;
  private hasEnded = false;

  /** `source` is the reader's dictionary. */
  constructor(source: TraceDictionary, span: CutSpan) {
    super(NO_SINK);
    this.span = span;
    this.used = new UsedDictionary(source, this.symbols, (entry) => super.fact({ type: 'symbol', entry }), 'none');
  }

  get dictionary(): TraceDictionary {
    return this.used.dictionary;
  }

  /** True once nothing more can come that the cut needs. */
  get isDone(): boolean {
    return (
      this.hasEnded || (this.lastTimeNs > this.span.toNs + SKEW_NS + this.lateNs && this.used.framesWithoutSymbol === 0)
    );
  }

  override events(batch: EventBatch): void {
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

  override fact(fact: TraceFact): void {
    const { fromNs, toNs } = this.span;
    const timeNs = timeOf(fact);
    if (timeNs !== null) this.see(timeNs);
    switch (fact.type) {
      case 'host':
        return this.host(fact);
      case 'symbol':
        return this.symbol(fact.entry);
      case 'losses':
        return this.losses(fact);
      case 'counters':
        return this.counters(fact);
      case 'look':
        return this.look(fact);
      case 'process':
        return this.process(fact);
      case 'end':
        return fact.timeNs < toNs ? this.finish(fact.reason, fact.detail) : this.finish();
      default:
        if (timeNs === null || (timeNs >= fromNs && timeNs < toNs)) this.pass(fact);
    }
  }

  /** Ends the cut unless it has ended; must be called when reading was stopped early. */
  finish(reason: EndReason = 'stopped', detail = ''): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.begin();
    const { fromNs, toNs } = this.span;
    const timeNs = Math.min(Math.max(this.lastTimeNs, fromNs), toNs);
    this.pass({ type: 'end', timeNs, reason, detail });
  }

  private hand(batch: EventBatch, from: number, to: number): void {
    this.begin();
    for (let row = from; row < to; row++) this.see(batch.timeNs[row]);
    this.used.hand(batch, from, to, this.span.fromNs, this.sink);
  }

  /** Sends the machine and the kernel's counters as they were when the span began. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    if (this.lastLook !== null) super.fact({ ...this.lastLook, timeNs: 0 });
    for (const fact of this.processes.facts()) super.fact(fact);
    for (const [source, text] of this.lastSamples) super.fact({ type: 'counters', timeNs: 0, source, text });
  }

  private see(timeNs: number): void {
    if (timeNs > this.lastTimeNs) this.lastTimeNs = timeNs;
  }

  private host(fact: FactOf<'host'>): void {
    const { fromNs, toNs } = this.span;
    this.lateNs = 2 * fact.facts.minAgeNs;
    const note =
      `cut out of a recording, from ${formatMoment(fromNs)} to ${formatMoment(toNs)} of it: what was allocated ` +
      'before is not known, and its frees are orphan frees';
    this.pass({ type: 'host', facts: { ...fact.facts, notes: [...fact.facts.notes, note] } });
  }

  private symbol(entry: SymbolisedAddress): void {
    const isFirst = this.symbols.find(entry.addressHi, entry.addressLo) === null;
    this.symbols.add(entry);
    this.used.symbolCame(entry, isFirst);
  }

  private losses({ timeNs, rows }: FactOf<'losses'>): void {
    const { fromNs, toNs } = this.span;
    if (timeNs < fromNs) return;
    let kept = rows;
    if (timeNs >= toNs) {
      // A damaged chunk is reported only at its end, so its events may lie within the span.
      if (this.hasLateLosses) kept = rows.filter((row) => row.cause === LOSS_DAMAGED);
      this.hasLateLosses ||= rows.length > 0;
    }
    if (kept.length > 0) this.pass({ type: 'losses', timeNs: Math.min(timeNs, toNs), rows: kept });
  }

  private counters(fact: FactOf<'counters'>): void {
    const { timeNs, source, text } = fact;
    if (timeNs < this.span.fromNs) {
      this.lastSamples.set(source, text);
      return;
    }
    this.begin();
    if (timeNs < this.span.toNs) this.pass(fact);
  }

  private look(fact: FactOf<'look'>): void {
    if (fact.timeNs < this.span.fromNs) {
      this.lastLook = fact;
      return;
    }
    this.begin();
    if (fact.timeNs < this.span.toNs) this.pass(fact);
  }

  /** Those that lived when the span began are told then; what they held is not known. */
  private process(fact: FactOf<'process'>): void {
    if (fact.timeNs < this.span.fromNs) {
      this.processes.note(fact);
      return;
    }
    this.begin();
    if (fact.timeNs < this.span.toNs) this.pass(fact);
  }

  /** Passes a fact on in the time of the cut. */
  private pass(fact: TraceFact): void {
    super.fact(shifted(this.used.fact(fact), -this.span.fromNs));
  }
}
