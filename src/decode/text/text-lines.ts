/**
 * LineScanner: cuts chunks of text into lines, whatever the chunk boundaries. A line that lies
 * whole in a chunk is passed on in place; one that is cut is completed in `carry`, which never
 * exceeds MAX_LINE_BYTES. A longer line is skipped and counted, in the same way whether or not a
 * chunk boundary cuts it.
 */

/**
 * The longest real line is an event of some 400 bytes; 64 KiB leaves room for the output of other
 * options.
 */
export const MAX_LINE_BYTES = 65536;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class LineScanner {
  /** Number of lines longer than MAX_LINE_BYTES. */
  longLines = 0;
  private readonly line: (bytes: Uint8Array, start: number, end: number) => void;
  private readonly carry = new Uint8Array(MAX_LINE_BYTES);
  private carried = 0;
  /** True while the rest of a line that is too long is skipped. */
  private passing = false;

  /**
   * `line` is called with the place of each line, without its \n or \r\n; the bytes are valid until
   * it returns.
   */
  constructor(line: (bytes: Uint8Array, start: number, end: number) => void) {
    this.line = line;
  }

  push(chunk: Uint8Array): void {
    const { length } = chunk;
    let start = this.carried > 0 || this.passing ? this.completeCarried(chunk) : 0;
    while (start < length) {
      let end = start;
      while (end < length && chunk[end] !== NEWLINE) end++;
      if (end === length) return this.keep(chunk, start);
      if (end - start > MAX_LINE_BYTES) this.longLines++;
      else this.give(chunk, start, end);
      start = end + 1;
    }
  }

  /** The text is over: the text after the last newline is a line too. */
  finish(): void {
    if (this.passing) this.longLines++;
    else if (this.carried > 0) this.give(this.carry, 0, this.carried);
    this.carried = 0;
    this.passing = false;
  }

  /** Completes the carried line. Returns the index of the next line in the chunk. */
  private completeCarried(chunk: Uint8Array): number {
    let end = 0;
    while (end < chunk.length && chunk[end] !== NEWLINE) end++;
    if (end === chunk.length) {
      this.keep(chunk, 0);
    } else {
      if (this.passing || this.carried + end > MAX_LINE_BYTES) {
        this.longLines++;
      } else {
        this.carry.set(chunk.subarray(0, end), this.carried);
        this.give(this.carry, 0, this.carried + end);
      }
      this.carried = 0;
      this.passing = false;
    }
    return end + 1;
  }

  private keep(chunk: Uint8Array, start: number): void {
    const added = chunk.length - start;
    if (this.passing || this.carried + added > MAX_LINE_BYTES) {
      this.passing = true;
      this.carried = 0;
      return;
    }
    this.carry.set(start === 0 ? chunk : chunk.subarray(start), this.carried);
    this.carried += added;
  }

  private give(bytes: Uint8Array, start: number, end: number): void {
    this.line(bytes, start, end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
  }
}
