/**
 * TextReader: the importers of other tools' text, and of the saved output of bpf/unfreed.bt, as
 * TraceReaders.
 */
import { BpftraceTextDecoder } from '../../decode/bpftrace/bpftrace-text.js';
import type { TextDecoderOptions, TextTraceDecoder } from '../../decode/text/text-decoder.js';
import { importNotes } from '../../decode/text/text-stats.js';
import { createTextDecoder, type TextFormat } from '../../decode/text-decoders.js';
import type { Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { TraceReader } from './trace-reader.js';

export type ImportFormat = TextFormat | 'bpftrace';

/** What an import has read, for the user. */
export interface ImportSummary {
  format: ImportFormat;
  /** Lines of text; 0 = not counted. */
  lines: number;
  /** What was skipped, hashed or lost, a sentence each. */
  notes: string[];
  /** The first line that was not understood, '' = none. Untrusted. */
  firstBadLine: string;
}

export class TextReader implements TraceReader {
  readonly damagedSpans: readonly Damage[] = [];
  readonly damageCount = 0;
  ended = false;
  private readonly format: TextFormat;
  private readonly decoder: TextTraceDecoder;

  constructor(format: TextFormat, sink: TraceSink, dictionary: TraceDictionary, options: TextDecoderOptions) {
    this.format = format;
    this.decoder = createTextDecoder(format, sink, dictionary, options);
  }

  push(bytes: Uint8Array): void {
    this.decoder.push(bytes);
  }

  finish(cut?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.decoder.finish(cut);
  }

  summary(): ImportSummary {
    const { stats, skippedEvents } = this.decoder;
    return {
      format: this.format,
      lines: stats.lines,
      notes: importNotes(stats, skippedEvents),
      firstBadLine: stats.firstBadLine,
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

  constructor(sink: TraceSink, dictionary: TraceDictionary) {
    this.decoder = new BpftraceTextDecoder(sink, dictionary, { collector: 'bpftrace-text' });
  }

  push(bytes: Uint8Array): void {
    this.decoder.push(bytes);
  }

  finish(cut?: string): void {
    if (this.ended) return;
    this.ended = true;
    if (cut === undefined) this.decoder.finish();
    else this.decoder.finish('cut', cut);
  }

  summary(): ImportSummary {
    const { damagedLines, firstDamage } = this.decoder;
    const notes = damagedLines === 0 ? [] : [`${damagedLines} lines were not understood, and count as lost events`];
    return { format: 'bpftrace', lines: 0, notes, firstBadLine: firstDamage ?? '' };
  }
}
