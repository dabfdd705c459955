/** Value of a lower-case hex digit by its character code, 255 = not a digit. */
export const HEX_DIGIT = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) HEX_DIGIT['0123456789abcdef'.charCodeAt(i)] = i;

const SPACE = 32;

/** Reads hexadecimal words of up to 64 bits, one blank between them, without making a string. */
export class HexWords {
  /** The word read last. */
  hi = 0;
  lo = 0;
  /** Where the next word starts. */
  at = 0;

  /**
   * Reads a word and the blank after it. Returns false, and changes nothing, if there is none
   * before `end`.
   */
  read(bytes: Uint8Array, end: number): boolean {
    let hi = 0;
    let lo = 0;
    let at = this.at;
    const start = at;
    for (; at < end; at++) {
      const digit = HEX_DIGIT[bytes[at]];
      if (digit === 255) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    const digits = at - start;
    if (digits === 0 || digits > 16 || (at < end && bytes[at] !== SPACE)) return false;
    this.hi = hi >>> 0;
    this.lo = lo >>> 0;
    this.at = at < end ? at + 1 : end;
    return true;
  }
}
