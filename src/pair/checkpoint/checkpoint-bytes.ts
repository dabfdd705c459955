/**
 * The encoding of a checkpoint: varints (base/varint.ts) and exact doubles. A whole number from
 * 0 to below 2^52 is written as the varint of twice its value, any other number as a varint 1 and
 * its eight bytes. Either form returns bit for bit, so a restored core counts on as the saved one
 * would have.
 */
import { VARINT_BYTES, writeVarint } from '../../base/varint.js';

/** Appends to a buffer that doubles when it is full. */
export class StateWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private used = 0;

  constructor(capacity = 65536) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Returns the bytes written so far: a view that is valid until the next write. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.used);
  }

  /** Writes a whole number, 0 <= value < 2^53. */
  varint(value: number): void {
    this.makeRoom(VARINT_BYTES);
    this.used = writeVarint(this.buffer, this.used, value);
  }

  /** Writes any number, bit for bit. */
  exact(value: number): void {
    if (value >= 0 && value < MAX_WHOLE && Number.isInteger(value) && !Object.is(value, -0)) {
      this.varint(value * 2);
      return;
    }
    this.varint(1);
    DOUBLE[0] = value;
    this.raw(DOUBLE_BYTES);
  }

  text(text: string): void {
    this.block(TEXT_ENCODER.encode(text));
  }

  /** Writes the number of bytes, then the bytes. */
  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  private raw(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  private makeRoom(more: number): void {
    if (this.used + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.used + more));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}

/** A checkpoint that contradicts itself: it must not be used. */
export class CheckpointError extends Error {
  override name = 'CheckpointError';
}

/** Reads what StateWriter wrote. Throws a CheckpointError at the first value that is impossible. */
export class StateReader {
  private readonly buffer: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = bytes;
  }

  get remaining(): number {
    return this.buffer.length - this.position;
  }

  varint(): number {
    const { buffer, position: start } = this;
    // Most varints are short. A byte past the end reads as undefined, which compares as false.
    const first = buffer[start];
    if (first < 128) {
      this.position = start + 1;
      return first;
    }
    const second = buffer[start + 1];
    if (second < 128) {
      this.position = start + 2;
      return (first & 127) | (second << 7);
    }
    const third = buffer[start + 2];
    if (third < 128) {
      this.position = start + 3;
      return (first & 127) | ((second & 127) << 7) | (third << 14);
    }
    return this.longVarint();
  }

  /** Reads `count` varints; faster than one call for each. */
  varints(into: Float64Array, count: number): void {
    const { buffer } = this;
    let { position } = this;
    // Before this place four bytes can be read without checking for the end.
    const end = buffer.length - 3;
    let i = 0;
    for (; i < count && position < end; i++) {
      let value = buffer[position++];
      if (value >= 128) {
        const second = buffer[position++];
        value = (value & 127) | ((second & 127) << 7);
        if (second >= 128) {
          const third = buffer[position++];
          value |= (third & 127) << 14;
          if (third >= 128) {
            const fourth = buffer[position++];
            value |= fourth << 21;
            if (fourth >= 128) {
              this.position = position - 4;
              value = this.varint();
              ({ position } = this);
            }
          }
        }
      }
      into[i] = value;
    }
    this.position = position;
    for (; i < count; i++) into[i] = this.varint();
  }

  /**
   * Reads a count of things of `bytesEach` bytes or more. Throws if the remaining bytes cannot hold
   * them.
   */
  count(bytesEach = 1): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) throw new CheckpointError(`${count} things in ${this.remaining} bytes`);
    return count;
  }

  /** Reads a varint. Throws if it exceeds `most`. */
  upTo(most: number): number {
    const value = this.varint();
    if (value > most) throw new CheckpointError(`${value}, expected at most ${most}`);
    return value;
  }

  exact(): number {
    const code = this.varint();
    if (code % 2 === 0) return code / 2;
    DOUBLE_BYTES.set(this.take(8));
    return DOUBLE[0];
  }

  text(): string {
    return TEXT_DECODER.decode(this.block());
  }

  /** Returns a view on the bytes that block() wrote. */
  block(): Uint8Array {
    return this.take(this.count());
  }

  expectEnd(): void {
    if (this.remaining > 0) throw new CheckpointError(`${this.remaining} bytes too many`);
  }

  private longVarint(): number {
    const { buffer } = this;
    let { position } = this;
    let byte = 128;
    let value = 0;
    for (let scale = 1; byte >= 128; scale *= 128) {
      if (position >= buffer.length || scale > MAX_SCALE) throw new CheckpointError('a number that does not end');
      byte = buffer[position++];
      value += (byte & 127) * scale;
    }
    this.position = position;
    if (value > Number.MAX_SAFE_INTEGER) throw new CheckpointError(`a number of ${value}`);
    return value;
  }

  private take(length: number): Uint8Array {
    if (length > this.remaining) throw new CheckpointError(`${length} bytes, ${this.remaining} are left`);
    this.position += length;
    return this.buffer.subarray(this.position - length, this.position);
  }
}

const MAX_WHOLE = 2 ** 52;
/** Scale of the eighth byte. */
const MAX_SCALE = 2 ** 49;
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);
const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
