/**
 * Numbers and words read from the bytes of a line of text. No function here makes a string except
 * decodeText(); a scan leaves its result in the fields of a ByteScan, which its owner reuses.
 */

/** Value of an ASCII hex digit by its byte, 255 for any other byte. Decimal digits are those below 10. */
export const HEX_VALUE = new Uint8Array(256).fill(255);
for (let i = 0; i < 10; i++) HEX_VALUE[0x30 + i] = i;
for (let i = 0; i < 6; i++) HEX_VALUE[0x61 + i] = HEX_VALUE[0x41 + i] = 10 + i;

export const TAB = 0x09;
export const SPACE = 0x20;
export const HASH = 0x23;
export const OPEN_PAREN = 0x28;
export const CLOSE_PAREN = 0x29;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const LESS = 0x3c;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const LOWER_X = 0x78;
const ZERO = 0x30;

/** ByteScan: a 64-bit number in two words, and the place where its digits ended. */
export class ByteScan {
  hi = 0;
  lo = 0;
  /** Index of the first byte that was not a digit. */
  position = 0;

  /** Reads hex digits from `at`. Returns false if there are none or more than 16. */
  hex(bytes: Uint8Array, at: number, end: number): boolean {
    let hi = 0;
    let lo = 0;
    let i = at;
    for (; i < end; i++) {
      const digit = HEX_VALUE[bytes[i]];
      if (digit === 255) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    this.hi = hi >>> 0;
    this.lo = lo >>> 0;
    this.position = i;
    return i > at && i - at <= 16;
  }

  /** Reads decimal digits from `at`. Returns false if there are none or the number is 2^64 or more. */
  decimal(bytes: Uint8Array, at: number, end: number): boolean {
    let i = at;
    let low = 0;
    // 15 digits are exact in a Number.
    const exactEnd = Math.min(end, at + 15);
    for (; i < exactEnd; i++) {
      const digit = HEX_VALUE[bytes[i]];
      if (digit > 9) break;
      low = low * 10 + digit;
    }
    let hi = Math.floor(low / 0x100000000);
    let lo = low >>> 0;
    for (; i < end; i++) {
      const digit = HEX_VALUE[bytes[i]];
      if (digit > 9) break;
      const next = lo * 10 + digit;
      lo = next >>> 0;
      hi = hi * 10 + Math.floor(next / 0x100000000);
    }
    this.hi = hi >>> 0;
    this.lo = lo;
    this.position = i;
    return i > at && hi <= 0xffffffff;
  }

  /**
   * Reads an address as printed for %p, by the kernel (`ffff8881...`, hashed `00000000c0913f5f`) or
   * by libtraceevent (`0xffff8881...`, `(nil)`, `(null)`). Returns false for text without an
   * address, such as `(____ptrval____)`.
   */
  pointer(bytes: Uint8Array, at: number, end: number): boolean {
    if (at < end && bytes[at] === OPEN_PAREN) {
      this.hi = 0;
      this.lo = 0;
      const word = matches(bytes, at, end, NIL) ? NIL : NULL;
      this.position = at + word.length;
      return matches(bytes, at, end, word);
    }
    return this.hex(bytes, hasHexPrefix(bytes, at, end) ? at + 2 : at, end);
  }

  /**
   * Reads a page frame number: decimal in 5.10, 0x and hex in 6.1; -1 gives all ones. Returns false
   * if there is none.
   */
  frameNumber(bytes: Uint8Array, at: number, end: number): boolean {
    if (hasHexPrefix(bytes, at, end)) return this.hex(bytes, at + 2, end);
    if (at < end && bytes[at] === MINUS) {
      this.hi = 0xffffffff;
      this.lo = 0xffffffff;
      this.position = at + 2;
      return at + 1 < end && bytes[at + 1] === ZERO + 1;
    }
    return this.decimal(bytes, at, end);
  }

  /** The number that was read last, as a Number; exact below 2^53. */
  get value(): number {
    return this.hi * 0x100000000 + this.lo;
  }
}

const NIL = ascii('(nil)');
const NULL = ascii('(null)');

/** Returns ASCII text as bytes, for comparisons. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Returns true if `word` is at `at`, before `end`. */
export function matches(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (end - at < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** Returns the index of the first byte from `at` on that is not a space, `end` if there is none. */
export function skipSpaces(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] === SPACE) i++;
  return i;
}

/** Returns the index of the first space from `at` on, `end` if there is none. */
export function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== SPACE) i++;
  return i;
}

/** Returns the first index of a word in [at, end), -1 if it is not there. Not for the hot path. */
export function indexOfWord(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  for (let i = at; i + word.length <= end; i++) if (matches(bytes, i, end, word)) return i;
  return -1;
}

/** Returns the last such index, -1 if the word is not there. */
export function lastIndexOfWord(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  for (let i = end - word.length; i >= at; i--) if (matches(bytes, i, end, word)) return i;
  return -1;
}

/** Decodes untrusted UTF-8; invalid UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return UTF8.decode(bytes.subarray(start, end));
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Returns true if "0x" and a byte more are at `at`, before `end`. */
export function hasHexPrefix(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && bytes[at] === ZERO && bytes[at + 1] === LOWER_X;
}
