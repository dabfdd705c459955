/**
 * TextCleaner: a stage in front of the decoders of text, for a text that was damaged on its way:
 * bytes in, bytes of clean lines out. Texts without damage do not pass through it.
 */
import { bytesToText, textToBytes } from './byte-text.js';
import { damageParts, goesOn, type LineDamage, mendLine, splitLines } from './line-damage.js';
import { LineJoiner } from './line-joiner.js';
import type { WrappedFormat } from './line-shapes.js';
import { type Utf16, Utf16Reader } from './utf16.js';

/** The damage of a text, as its first lines show it. */
export interface TransitDamage {
  /** The encoding, null = UTF-8. */
  utf16: Utf16 | null;
  /** What is taken off each line, null = nothing. */
  lines: LineDamage | null;
  /** Columns of a LineJoiner, null = lines are not wrapped. */
  wrap: number | null;
}

/** A longer line is no line of text: it is passed on in pieces, and the decoder skips it. */
const MAX_LINE = 65536;

export class TextCleaner {
  private readonly damage: TransitDamage;
  private readonly emit: (bytes: Uint8Array) => void;
  private readonly utf16: Utf16Reader | null;
  private readonly joiner: LineJoiner | null;
  private carry = '';
  /** A line of a mail in transfer encoding that goes on in the next one. */
  private open = '';
  private out: string[] = [];

  constructor(damage: TransitDamage, format: WrappedFormat, emit: (bytes: Uint8Array) => void) {
    this.damage = damage;
    this.emit = emit;
    this.utf16 = damage.utf16 === null ? null : new Utf16Reader(damage.utf16);
    this.joiner =
      damage.wrap === null ? null : new LineJoiner(format, damage.wrap, (line) => this.out.push(line.trimEnd()));
  }

  push(chunk: Uint8Array): void {
    this.take(this.utf16?.push(chunk) ?? chunk);
    this.send();
  }

  finish(): void {
    if (this.utf16 !== null) this.take(this.utf16.finish());
    if (this.carry !== '' || this.open !== '') this.line(this.carry);
    this.carry = '';
    if (this.open !== '') this.mended(this.open);
    this.joiner?.flush();
    this.send();
  }

  /** What was taken off, a sentence each. */
  sentences(): string[] {
    const sentences: string[] = [];
    const { utf16, lines } = this.damage;
    if (utf16 !== null) sentences.push(`the text is in ${utf16.toUpperCase().replace('16', '16 ')}, and was converted`);
    const parts = lines === null ? [] : damageParts(lines);
    if (parts.length > 0) sentences.push(`removed from its lines: ${parts.join(', ')}`);
    const joined = this.joiner?.joined ?? 0;
    if (joined > 0) sentences.push(`wrapped lines were joined: ${joined}`);
    return sentences;
  }

  private take(bytes: Uint8Array): void {
    const lines = splitLines(this.carry + bytesToText(bytes), this.damage.lines?.returns ?? false);
    this.carry = lines.pop() ?? '';
    for (const line of lines) this.line(line);
    if (this.carry.length <= MAX_LINE) return;
    this.out.push(this.carry);
    this.carry = '';
  }

  private line(raw: string): void {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const { lines } = this.damage;
    if (lines === null) return this.given(line);
    if (goesOn(line, lines) && this.open.length < MAX_LINE) {
      this.open += line.slice(0, -1);
      return;
    }
    this.mended(this.open + line);
  }

  private mended(line: string): void {
    this.open = '';
    const { lines } = this.damage;
    this.given(lines === null ? line : mendLine(line, lines));
  }

  private given(line: string): void {
    if (this.joiner !== null) this.joiner.push(line);
    else this.out.push(this.damage.lines === null ? line : line.trimEnd());
  }

  private send(): void {
    if (this.out.length === 0) return;
    const bytes = textToBytes(`${this.out.join('\n')}\n`);
    this.out = [];
    this.emit(bytes);
  }
}
