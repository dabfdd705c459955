/**
 * Repairer: works between the reader of a damaged recording and the writer of its copy. It passes
 * everything on, losses included. Before the end it sends the host facts again, with a note of what
 * is missing: the copy itself is whole, and without the note its reader would see only that events
 * were lost.
 */
import type { Damage } from '../../event/damage.js';
import { type HostFacts, unknownHost } from '../../event/host-facts.js';
import { NO_SINK, PassingSink } from '../../event/passing-sink.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { EndReason, FactOf, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { damageSentence, damageSpan } from '../trace/damage-text.js';

/** The damaged spans that a reader found; read at the end. */
export interface DamageSource {
  readonly damagedSpans: readonly Damage[];
  readonly damageCount: number;
}

/** Damaged spans that the note lists at most. */
const SPANS_NOTED = 3;

export class Repairer extends PassingSink {
  readonly input: TraceSink = this;
  /** The reader's dictionary, which the writer uses too: no id changes. */
  readonly dictionary: TraceDictionary;
  /** How the original ended; null until its end has come. */
  ended: { timeNs: number; reason: EndReason; detail: string } | null = null;
  private readonly source: () => DamageSource | null;
  private facts: HostFacts | null = null;

  constructor(dictionary: TraceDictionary, source: () => DamageSource | null) {
    super(NO_SINK);
    this.dictionary = dictionary;
    this.source = source;
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'end') return this.end(fact);
    if (fact.type === 'host') this.facts = fact.facts;
    super.fact(fact);
  }

  private end(fact: FactOf<'end'>): void {
    const { timeNs, reason, detail } = fact;
    this.ended = { timeNs, reason, detail };
    const note = this.note(reason);
    const facts = this.facts ?? unknownHost();
    if (note !== '') super.fact({ type: 'host', facts: { ...facts, notes: [...facts.notes, note] } });
    // The copy is not cut: it holds all that there is, and its notes say what is missing.
    if (reason === 'cut') super.fact({ ...fact, reason: 'stopped', detail: `repaired; of the original: ${detail}` });
    else super.fact(fact);
  }

  private note(reason: EndReason): string {
    const { damagedSpans, damageCount } = this.source() ?? { damagedSpans: [], damageCount: 0 };
    const parts: string[] = [];
    if (damageCount > 0) {
      const spans = damagedSpans.slice(0, SPANS_NOTED).map(damageSpan).join('; ');
      const more = damageCount > SPANS_NOTED ? '; and more' : '';
      const where = damageCount === 1 ? '' : ` (${spans}${more})`;
      parts.push(`the original was ${damageSentence(damagedSpans, damageCount)}${where}`);
    }
    if (reason === 'cut') parts.push('the original was cut off at its end');
    return parts.length === 0 ? '' : `repaired: ${parts.join('; ')}`;
  }
}
