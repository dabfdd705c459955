/**
 * LateRecorder: records a trace that has been running for a while, as a trace of its own that begins at 0, like a cut
 * does (cutter.ts): "outstanding" means "allocated since the trace began". Wall clock time is kept (startUnixMs moves
 * along). Call paths and names that are known already are told when an event needs them, with their symbols, so what is
 * written can be read without anything that came before.
 */
import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import { FREE_BIT } from '../event/kinds.js';
import type { LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { formatMoment } from './damage-text.js';
import { type SymbolFinder, UsedDictionary } from './used-dictionary.js';

export class LateRecorder implements TraceSink {
  private readonly startNs: number;
  private readonly used: UsedDictionary;
  private readonly symbols: SymbolFinder;
  private sink: TraceSink | null = null;

  /** `symbols` are those known so far: when symbol() is called here, they must not have the new one yet. */
  constructor(source: TraceDictionary, symbols: SymbolFinder, startNs: number) {
    this.startNs = startNs;
    this.symbols = symbols;
    this.used = new UsedDictionary(source, symbols, (entry) => this.sink?.symbol(entry), 'none');
  }

  /** What the ids in batches that are handed on mean. */
  get dictionary(): TraceDictionary {
    return this.used.dictionary;
  }

  /** To be called before anything is told, then host(). */
  connect(sink: TraceSink): void {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    const { startNs } = this;
    const note =
      `recording began ${formatMoment(startNs)} after the start of the trace: what was allocated before is not in it, ` +
      'and its frees are orphan frees';
    const startUnixMs = facts.startUnixMs === 0 ? 0 : facts.startUnixMs + Math.round(startNs / 1e6);
    this.sink?.host({ ...facts, startUnixMs, notes: [...facts.notes, note] });
  }

  symbol(entry: SymbolisedAddress): void {
    this.used.symbolCame(entry, this.symbols.find(entry.addressHi, entry.addressLo) === null);
  }

  /**
   * What was allocated before the start is left out, when it comes now: survivors (--min-age) come when they are old
   * enough.
   */
  events(batch: EventBatch): void {
    if (this.sink === null) return;
    const { kind, timeNs, length } = batch;
    let from = 0;
    for (let row = 0; row < length; row++) {
      if (timeNs[row] >= this.startNs || (kind[row] & FREE_BIT) !== 0) continue;
      if (row > from) this.used.hand(batch, from, row, this.startNs, this.sink);
      from = row + 1;
    }
    if (length > from) this.used.hand(batch, from, length, this.startNs, this.sink);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.sink?.losses(this.moved(timeNs), rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink?.counters(this.moved(timeNs), source, text);
  }

  clock(timeNs: number): void {
    this.sink?.clock(this.moved(timeNs));
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.sink?.end(this.moved(timeNs), reason, detail);
  }

  /** Events of two CPUs may come a little out of order: what lies before the start is told at 0. */
  private moved(timeNs: number): number {
    return Math.max(0, timeNs - this.startNs);
  }
}
