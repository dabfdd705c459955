/**
 * ByteWriter and ByteReader: growable output and bounded input of little-endian integers and
 * varints, of which the columns consist. Varints are those of base/varint.ts. Zigzag maps 0, -1, 1,
 * -2 ... to 0, 1, 2, 3 ...
 */
import { VARINT_BYTES, writeVarint } from '../../base/varint.js';

/** Appends to a buffer that doubles when it is full. */
export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private used = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.used;
  }

  /** The bytes written so far: a view that is valid until the next write or clear(). */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  clear(): void {
    this.used = 0;
  }

  byte(value: number): void {
    if (this.used === this.buffer.length) this.grow(1);
    this.buffer[this.used++] = value;
  }

  u32(value: number): void {
    if (this.used + 4 > this.buffer.length) this.grow(4);
    const { buffer, used } = this;
    buffer[used] = value;
    buffer[used + 1] = value >>> 8;
    buffer[used + 2] = value >>> 16;
    buffer[used + 3] = value >>> 24;
    this.used = used + 4;
  }

  /** A whole number, 0 <= value < 2^53. */
  varint(value: number): void {
    if (this.used + VARINT_BYTES > this.buffer.length) this.grow(VARINT_BYTES);
    this.used = writeVarint(this.buffer, this.used, value);
  }

  raw(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.buffer.length) this.grow(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  private grow(more: number): void {
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.used + more));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

/**
 * Reads what ByteWriter wrote. A read past the end, or of a varint that is too long, returns 0 and
 * sets `bad`.
 */
export class ByteReader {
  bad = false;
  private buffer: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array = EMPTY) {
    this.buffer = bytes;
  }

  reset(bytes: Uint8Array): void {
    this.buffer = bytes;
    this.position = 0;
    this.bad = false;
  }

  /** True if every byte was read, and no read went past the end. */
  get finished(): boolean {
    return !this.bad && this.position === this.buffer.length;
  }

  /** The next byte. */
  byte(): number {
    if (this.position >= this.buffer.length) return this.fail();
    return this.buffer[this.position++];
  }

  u32(): number {
    const { buffer, position } = this;
    if (position + 4 > buffer.length) return this.fail();
    this.position = position + 4;
    const low = buffer[position] | (buffer[position + 1] << 8) | (buffer[position + 2] << 16);
    return (low | (buffer[position + 3] << 24)) >>> 0;
  }

  /** A whole number, 0 <= value < 2^53. */
  varint(): number {
    const { buffer, position } = this;
    if (position >= buffer.length) return this.fail();
    const first = buffer[position];
    if (first < 128) {
      this.position = position + 1;
      return first;
    }
    if (position + 1 < buffer.length) {
      const second = buffer[position + 1];
      if (second < 128) {
        this.position = position + 2;
        return (first & 127) | (second << 7);
      }
    }
    return this.longVarint();
  }

  /** A varint of at most 2^31 - 1. */
  int(): number {
    const value = this.varint();
    return value <= 0x7fffffff ? value : this.fail();
  }

  /** Reads `count` values of int() into an array; several times as fast as one by one. */
  ints(into: Int32Array, count: number): void {
    const { buffer } = this;
    let { position } = this;
    // Before this place, three bytes can be read without a check for the end.
    const end = buffer.length - 2;
    let i = 0;
    for (; i < count && position < end; i++) {
      let value = buffer[position++];
      if (value >= 128) {
        const second = buffer[position++];
        value = (value & 127) | ((second & 127) << 7);
        if (second >= 128) {
          const third = buffer[position++];
          value |= third << 14;
          if (third >= 128) {
            this.position = position - 3;
            value = this.int();
            ({ position } = this);
          }
        }
      }
      into[i] = value;
    }
    this.position = position;
    for (; i < count; i++) into[i] = this.int();
  }

  private longVarint(): number {
    const { buffer } = this;
    let { position } = this;
    let value = 0;
    // Shifts work on 32 bits, which is nearly always enough; higher bits are added by
    // multiplication.
    for (let shift = 0; shift < 28 && position < buffer.length; shift += 7) {
      const byte = buffer[position++];
      value |= (byte & 127) << shift;
      if (byte < 128) {
        this.position = position;
        return value;
      }
    }
    let scale = 2 ** 28;
    for (let i = 4; i < 8 && position < buffer.length; i++) {
      const byte = buffer[position++];
      value += (byte & 127) * scale;
      if (byte < 128) {
        this.position = position;
        return value <= Number.MAX_SAFE_INTEGER ? value : this.fail();
      }
      scale *= 128;
    }
    this.position = position;
    return this.fail();
  }

  private fail(): number {
    this.bad = true;
    return 0;
  }
}

/** Returns a signed number, |value| <= 2^52, as an unsigned one: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** The inverse of zigzag(). */
export function unzigzag(value: number): number {
  // Not by %, which is a function call for doubles.
  if (value <= 0x7fffffff) return (value >>> 1) ^ -(value & 1);
  const half = Math.floor(value / 2);
  return half * 2 === value ? half : -half - 1;
}

/**
 * Returns a time as it may stand on disk: whole ns from 0 to 2^53 - 1. A fraction is dropped; a
 * time outside that range, or NaN (a producer's mistake), becomes 0.
 */
export function wholeTime(timeNs: number): number {
  const whole = Math.floor(timeNs);
  return whole >= 0 && whole <= Number.MAX_SAFE_INTEGER ? whole : 0;
}

const TEXT_ENCODER = new TextEncoder();
// A byte order mark at the start of a text is part of it.
const TEXT_DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** Returns a text in UTF-8; half a surrogate pair, which UTF-8 cannot express, becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return TEXT_ENCODER.encode(text);
}

/** Returns the text of untrusted UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : TEXT_DECODER.decode(bytes);
}

const EMPTY = new Uint8Array(0);
