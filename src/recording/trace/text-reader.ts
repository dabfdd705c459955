/**
 * TextReader: the importers of other tools' text, and of the saved output of bpf/unfreed.bt, as
 * TraceReaders.
 */

import { coverageSentences } from '../../coverage/sentences.js';
import { BpftraceTextDecoder } from '../../decode/bpftrace/bpftrace-text.js';
import type { DumpFormat } from '../../decode/dump/dump-format.js';
import type { TextDecoderOptions, TextTraceDecoder } from '../../decode/text/text-decoder.js';
import { importNotes, notUnderstood, type TextProblem, tooManyBad } from '../../decode/text/text-stats.js';
import { createTextDecoder, type TextFormat } from '../../decode/text-decoders.js';
import { BOM_BYTES, startsWithBom } from '../../decode/transit/find-damage.js';
import { findLateDamage, showsDamage } from '../../decode/transit/late-damage.js';
import { TextCleaner, type TransitDamage } from '../../decode/transit/text-cleaner.js';
import type { Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { TraceReader } from './trace-reader.js';

export type ImportFormat = TextFormat | 'bpftrace' | DumpFormat;

/** What an import has read, for the user. */
export interface ImportSummary {
  format: ImportFormat;
  /** Lines of text; 0 = not counted. */
  lines: number;
  /** What was skipped, hashed or lost, a sentence each. */
  notes: string[];
  /** The first line that was not understood, '' = none. Untrusted. */
  firstBadLine: string;
  /** Why the trace is only a part of the text; empty = it is all of it. */
  problems: TextProblem[];
}

/** How many lines of one chunk must not be understood for the next one to be looked at for damage. */
const SUSPICIOUS_LINES = 8;

export class TextReader implements TraceReader {
  readonly damagedSpans: readonly Damage[] = [];
  readonly damageCount = 0;
  ended = false;
  private readonly format: TextFormat;
  private readonly decoder: TextTraceDecoder;
  /** In front of the decoder if the text was damaged on its way; null = it was not, so far. */
  private cleaner: TextCleaner | null = null;
  private isStart = true;
  private isSuspicious = false;

  constructor(
    format: TextFormat,
    sink: TraceSink,
    dictionary: TraceDictionary,
    options: TextDecoderOptions & { damage?: TransitDamage | null },
  ) {
    this.format = format;
    this.decoder = createTextDecoder(format, sink, dictionary, options);
    if (options.damage) this.clean(options.damage);
  }

  push(bytes: Uint8Array): void {
    const chunk = this.isStart && startsWithBom(bytes) ? bytes.subarray(BOM_BYTES) : bytes;
    this.isStart = false;
    if (this.cleaner === null) {
      const damage = this.isSuspicious || showsDamage(chunk) ? findLateDamage(chunk, this.format) : null;
      if (damage !== null) this.clean(damage);
    }
    if (this.cleaner !== null) return this.cleaner.push(chunk);
    const { badLines } = this.decoder.stats;
    this.decoder.push(chunk);
    this.isSuspicious = this.decoder.stats.badLines > badLines + SUSPICIOUS_LINES;
  }

  finish(cut?: string): void {
    if (this.ended) return;
    this.ended = true;
    if (this.cleaner !== null) {
      this.cleaner.finish();
      this.decoder.stats.repairs.push(...this.cleaner.sentences());
    }
    this.decoder.finish(cut);
  }

  private clean(damage: TransitDamage): void {
    this.cleaner = new TextCleaner(damage, this.format, (bytes) => this.decoder.push(bytes));
  }

  summary(): ImportSummary {
    const { stats, skippedEvents, facts } = this.decoder;
    const bad = notUnderstood(stats, skippedEvents);
    return {
      format: this.format,
      lines: stats.lines,
      notes: [...coverageSentences(facts.coverage, facts), ...importNotes(stats, skippedEvents)],
      firstBadLine: stats.firstBadLine,
      problems: bad === null ? stats.problems : [bad, ...stats.problems],
    };
  }
}

/**
 * Saved output of our own bpftrace script; its collector is named 'bpftrace-text' to tell it from a
 * live trace.
 */
export class BpftraceReader implements TraceReader {
  readonly damagedSpans: readonly Damage[] = [];
  readonly damageCount = 0;
  ended = false;
  private readonly decoder: BpftraceTextDecoder;
  private readonly cleaner: TextCleaner | null;
  private events = 0;

  constructor(sink: TraceSink, dictionary: TraceDictionary, damage: TransitDamage | null = null) {
    const counting: TraceSink = {
      events: (batch) => {
        this.events += batch.length;
        sink.events(batch);
      },
      fact: (fact) => sink.fact(fact),
    };
    this.decoder = new BpftraceTextDecoder(counting, dictionary, { collector: 'bpftrace-text' });
    this.cleaner = damage === null ? null : new TextCleaner(damage, 'ftrace', (bytes) => this.decoder.push(bytes));
  }

  push(bytes: Uint8Array): void {
    if (this.cleaner === null) this.decoder.push(bytes);
    else this.cleaner.push(bytes);
  }

  finish(cut?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.cleaner?.finish();
    if (cut === undefined) this.decoder.finish();
    else this.decoder.finish('cut', cut);
  }

  summary(): ImportSummary {
    const { damagedLines, firstDamage } = this.decoder;
    const notes = damagedLines === 0 ? [] : [`${damagedLines} lines were not understood, and count as lost events`];
    const problem = tooManyBad(damagedLines, this.events, firstDamage === null ? [] : [`the first: ${firstDamage}`]);
    return {
      format: 'bpftrace',
      lines: 0,
      notes: [...(this.cleaner?.sentences() ?? []), ...notes],
      firstBadLine: firstDamage ?? '',
      problems: problem === null ? [] : [problem],
    };
  }
}
