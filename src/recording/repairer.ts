/**
 * Repairer: stands between the reader of a damaged recording and the writer of its copy. All that the reader tells goes
 * on, the losses included; before the end the host facts are told once more with a note of what is missing, for the copy
 * itself is whole and its reader would else see only that events were lost.
 */
import type { Damage } from '../event/damage.js';
import type { EventBatch } from '../event/event-batch.js';
import { type HostFacts, unknownHost } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { damageSentence, damageSpan } from './damage-text.js';

/** What the reader says of its damages; asked at the end. */
export interface DamageSource {
  readonly damages: readonly Damage[];
  readonly damageCount: number;
}

/** Spans that a note names. */
const SPANS_NOTED = 3;

export class Repairer implements TraceSink {
  readonly input: TraceSink = this;
  /** Nothing is renumbered: the writer gets the reader's. */
  readonly dictionary: TraceDictionary;
  /** How the original ended; null until it has. */
  ended: { timeNs: number; reason: EndReason; detail: string } | null = null;
  private readonly source: () => DamageSource | null;
  private sink: TraceSink | null = null;
  private facts: HostFacts | null = null;

  constructor(dictionary: TraceDictionary, source: () => DamageSource | null) {
    this.dictionary = dictionary;
    this.source = source;
  }

  connect(sink: TraceSink): void {
    this.sink = sink;
  }

  host(facts: HostFacts): void {
    this.facts = facts;
    this.sink?.host(facts);
  }

  symbol(entry: SymbolisedAddress): void {
    this.sink?.symbol(entry);
  }

  events(batch: EventBatch): void {
    this.sink?.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.sink?.losses(timeNs, rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink?.counters(timeNs, source, text);
  }

  clock(timeNs: number): void {
    this.sink?.clock(timeNs);
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.ended = { timeNs, reason, detail };
    const note = this.note(reason);
    const facts = this.facts ?? unknownHost();
    if (note !== '') this.sink?.host({ ...facts, notes: [...facts.notes, note] });
    // The copy is not cut: it holds all that there is, and its notes say what is not there.
    if (reason === 'cut') this.sink?.end(timeNs, 'stopped', `repaired; of the original: ${detail}`);
    else this.sink?.end(timeNs, reason, detail);
  }

  private note(reason: EndReason): string {
    const { damages, damageCount } = this.source() ?? { damages: [], damageCount: 0 };
    const parts: string[] = [];
    if (damageCount > 0) {
      const spans = damages.slice(0, SPANS_NOTED).map(damageSpan).join('; ');
      const more = damageCount > SPANS_NOTED ? '; and more' : '';
      const where = damageCount === 1 ? '' : ` (${spans}${more})`;
      parts.push(`the original was ${damageSentence(damages, damageCount)}${where}`);
    }
    if (reason === 'cut') parts.push('the original was cut off at its end');
    return parts.length === 0 ? '' : `repaired: ${parts.join('; ')}`;
  }
}
