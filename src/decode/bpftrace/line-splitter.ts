/**
 * LineSplitter: cuts chunks of bytes into lines. A line is bytes[start, end) without its newline,
 * valid until the next call. A line of more than 1 MiB is not one of ours: it is skipped up to its
 * newline, and counted in `overlong`.
 */
const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 10;

export class LineSplitter {
  bytes = new Uint8Array(1 << 16);
  start = 0;
  end = 0;
  overlong = 0;
  /** Bytes in the buffer, and how many of them were returned as lines. */
  private length = 0;
  private taken = 0;
  private skipping = false;

  append(chunk: Uint8Array): void {
    const rest = this.length - this.taken;
    if (rest + chunk.length > this.bytes.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(rest + chunk.length)));
      larger.set(this.bytes.subarray(this.taken, this.length));
      this.bytes = larger;
    } else {
      this.bytes.copyWithin(0, this.taken, this.length);
    }
    this.bytes.set(chunk, rest);
    this.taken = 0;
    this.length = rest + chunk.length;
  }

  /** Returns true if start and end mark the next whole line, false if more bytes are needed. */
  next(): boolean {
    for (;;) {
      const newline = this.bytes.subarray(0, this.length).indexOf(NEWLINE, this.taken);
      if (newline < 0) {
        if (this.length - this.taken > MAX_LINE_BYTES) {
          this.taken = this.length;
          this.skipping = true;
        }
        return false;
      }
      this.start = this.taken;
      this.end = newline;
      this.taken = newline + 1;
      if (!this.skipping) return true;
      this.skipping = false;
      this.overlong++;
    }
  }
}
