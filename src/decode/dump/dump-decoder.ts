/** What the decoders of dumps have in common: lines in, rows of what is held out. */
import type { HostFacts } from '../../event/host-facts.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { decodeText } from '../text/text-bytes.js';
import { LineScanner } from '../text/text-lines.js';
import { AllocinfoDump } from './allocinfo-dump.js';
import type { DumpFormat } from './dump-format.js';
import type { DumpGrammar } from './dump-grammar.js';
import { type DumpOptions, HeldOutput } from './held-output.js';
import { PageOwnerDump } from './page-owner-dump.js';
import { SlabinfoDump, VmallocinfoDump } from './table-dump.js';

const KINDS: Record<DumpFormat, string> = {
  page_owner: 'page_owner',
  page_owner_sort: 'page_owner, sorted',
  page_owner_stacks: 'page_owner_stacks',
  allocinfo: 'allocinfo',
  slabinfo: 'slabinfo',
  vmallocinfo: 'vmallocinfo',
};
function grammarOf(format: DumpFormat, output: HeldOutput): DumpGrammar {
  if (format === 'allocinfo') return new AllocinfoDump(output);
  if (format === 'slabinfo') return new SlabinfoDump(output);
  return format === 'vmallocinfo' ? new VmallocinfoDump(output) : new PageOwnerDump(output);
}

/** Enough of a bad line to see what it is. */
const MAX_BAD_LINE = 400;
const NEWLINE = 0x0a;

export class DumpDecoder {
  lines = 0;
  badLines = 0;
  /** '' = none. Untrusted. */
  firstBadLine = '';
  private readonly output: HeldOutput;
  private readonly grammar: DumpGrammar;
  private readonly scanner: LineScanner;
  private readonly format: DumpFormat;
  private lastByte = NEWLINE;
  private notes: string[] = [];

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: DumpOptions) {
    this.format = options.format;
    this.output = new HeldOutput(sink, dictionary, options);
    this.grammar = grammarOf(options.format, this.output);
    this.scanner = new LineScanner((bytes, start, end) => this.line(bytes, start, end));
  }

  get rows(): number {
    return this.output.rows;
  }

  get facts(): Readonly<HostFacts> {
    return this.output.facts;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.lastByte = chunk[chunk.length - 1];
    this.scanner.push(chunk);
  }

  /** The text is over. `cut` says why it is not whole. `repairs`: what was taken off its lines, a sentence each. */
  finish(cut = '', repairs: readonly string[] = []): void {
    this.scanner.finish();
    const notes = this.grammar.finish(this.lastByte !== NEWLINE);
    this.notes = notes;
    const bad = this.badLines + this.scanner.longLines;
    if (bad > 0) this.notes.push(`lines that were not understood: ${bad}`);
    this.output.end([...this.notes, ...repairs], cut);
  }

  /** Sentences for the user; complete after finish(). */
  sentences(): readonly string[] {
    return [`this is a dump of ${KINDS[this.format]}, not a trace: what was held at one moment`, ...this.notes];
  }

  private line(bytes: Uint8Array, start: number, end: number): void {
    this.lines++;
    if (this.grammar.line(bytes, start, end)) return;
    this.badLines++;
    if (this.firstBadLine === '') this.firstBadLine = decodeText(bytes, start, Math.min(end, start + MAX_BAD_LINE));
  }
}
