/** DumpReader: the importers of page_owner, allocinfo, slabinfo and vmallocinfo as a TraceReader. */
import { DumpDecoder } from '../../decode/dump/dump-decoder.js';
import type { DumpFormat } from '../../decode/dump/dump-format.js';
import { TextCleaner, type TransitDamage } from '../../decode/transit/text-cleaner.js';
import type { Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { ImportSummary } from './text-reader.js';
import type { TraceReader } from './trace-reader.js';

export { isDumpFormat } from '../../decode/dump/dump-format.js';

export class DumpReader implements TraceReader {
  readonly damagedSpans: readonly Damage[] = [];
  readonly damageCount = 0;
  ended = false;
  private readonly format: DumpFormat;
  private readonly decoder: DumpDecoder;
  private readonly cleaner: TextCleaner | null;

  /** `pageSize`: by the user, bytes. `damage`: what the text went through, null = nothing. */
  constructor(
    format: DumpFormat,
    sink: TraceSink,
    dictionary: TraceDictionary,
    { pageSize, damage }: { pageSize?: number; damage: TransitDamage | null },
  ) {
    this.format = format;
    this.decoder = new DumpDecoder(sink, dictionary, { format, pageSize });
    // Lines of a dump are never joined.
    const lines = damage === null ? null : { ...damage, wrap: null };
    this.cleaner = lines === null ? null : new TextCleaner(lines, 'ftrace', (bytes) => this.decoder.push(bytes));
  }

  push(bytes: Uint8Array): void {
    if (this.cleaner === null) this.decoder.push(bytes);
    else this.cleaner.push(bytes);
  }

  finish(cut?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.cleaner?.finish();
    this.decoder.finish(cut, this.cleaner?.sentences());
  }

  summary(): ImportSummary {
    const { lines, rows, badLines, firstBadLine } = this.decoder;
    const notes = [...(this.cleaner?.sentences() ?? []), ...this.decoder.sentences()];
    const problem =
      rows > 0 && badLines <= rows ? null : { what: 'most of its lines were not understood', details: [] };
    return { format: this.format, lines, notes, firstBadLine, problems: problem === null ? [] : [problem] };
  }
}
