/**
 * LateRecorder: records a trace that has been running for a while, as a trace of its own that
 * begins at 0, like a cut (cutter.ts): "outstanding" means "allocated since the trace began". Wall
 * clock time stays (startUnixMs moves along). Call paths and names that are known already are
 * written when an event needs them, with their symbols, so the recording can be read without
 * anything that came before.
 */
import type { EventBatch } from '../../event/event-batch.js';
import { shifted } from '../../event/facts.js';
import { FREE_BIT } from '../../event/kinds.js';
import { NO_SINK, PassingSink } from '../../event/passing-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { FactOf, TraceFact } from '../../event/trace-sink.js';
import { formatMoment } from '../trace/damage-text.js';
import { type SymbolFinder, UsedDictionary } from '../trace/used-dictionary.js';

export class LateRecorder extends PassingSink {
  private readonly startNs: number;
  private readonly used: UsedDictionary;
  private readonly symbols: SymbolFinder;

  /**
   * `symbols` finds the symbols known so far; when a symbol fact comes here, it must not be among
   * them yet.
   */
  constructor(source: TraceDictionary, symbols: SymbolFinder, startNs: number) {
    super(NO_SINK);
    this.startNs = startNs;
    this.symbols = symbols;
    this.used = new UsedDictionary(source, symbols, (entry) => super.fact({ type: 'symbol', entry }), 'none');
  }

  /** Defines the ids in the batches that are passed on. */
  get dictionary(): TraceDictionary {
    return this.used.dictionary;
  }

  /**
   * Leaves out allocs from before the start that come late: survivors (--min-age) come when they
   * are old enough.
   */
  override events(batch: EventBatch): void {
    const { kind, timeNs, length } = batch;
    let from = 0;
    for (let row = 0; row < length; row++) {
      if (timeNs[row] >= this.startNs || (kind[row] & FREE_BIT) !== 0) continue;
      if (row > from) this.used.hand(batch, from, row, this.startNs, this.sink);
      from = row + 1;
    }
    if (length > from) this.used.hand(batch, from, length, this.startNs, this.sink);
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'symbol') {
      const { entry } = fact;
      this.used.symbolCame(entry, this.symbols.find(entry.addressHi, entry.addressLo) === null);
      return;
    }
    // It comes a little late, and was before the recording.
    if (fact.type === 'mark' && fact.timeNs < this.startNs) return;
    const moved = shifted(fact, -this.startNs);
    // What was held before this trace is not what was held before the recording.
    if (moved.type === 'held') return;
    super.fact(moved.type === 'host' ? this.noted(moved) : this.used.fact(moved));
  }

  private noted({ facts }: FactOf<'host'>): FactOf<'host'> {
    const note =
      `recording began ${formatMoment(this.startNs)} after the start of the trace: what was allocated before is not in ` +
      'it, and its frees are orphan frees';
    return { type: 'host', facts: { ...facts, notes: [...facts.notes, note] } };
  }
}
