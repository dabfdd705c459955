/**
 * MessageFramer: cuts the collector's byte stream (bpf/README.md) into messages, whatever the chunk
 * boundaries.
 *
 * Contract: append() a chunk, then call next() until it returns false, then append() the next
 * chunk. When next() returns true, kind, bytes, start and length describe one message; they are
 * valid until the following call of next(). A message that lies whole in a chunk is never copied.
 * One that is cut is completed in `carry`, which never holds more than one message, so never more
 * than 16 MiB + 16 bytes.
 */
import { FormatError } from '../format-error.js';

/** Greatest payload of one message. A greater length is damage: it must not cause an allocation. */
export const MAX_MESSAGE_BYTES = 16 << 20;
/** Greatest stream version that this build reads. */
export const STREAM_VERSION = 2;
/** The first 8 bytes of the collector's stream. */
export const STREAM_MAGIC = 'UNFREEDS';
export const STREAM_HEADER_BYTES = 16;

const MESSAGE_HEADER_BYTES = 8;
const BYTE_ORDER_MARK = 0x01020304;

export class MessageFramer {
  /** Message kind, as on the wire. */
  kind = 0;
  /** The payload is bytes[start .. start + length). */
  bytes: Uint8Array = EMPTY;
  start = 0;
  length = 0;
  /** Offset of the message's header in the stream. */
  messageOffset = 0;
  /** Why the stream cannot be read further; null while it can. */
  damage: string | null = null;

  private chunk: Uint8Array = EMPTY;
  private position = 0;
  private carry = new Uint8Array(4096);
  private carried = 0;
  private headerRead = false;
  /** Stream offset of the next message header. */
  private offset = 0;

  append(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.position = 0;
  }

  /**
   * Moves to the next message. Returns false if more bytes are needed, or if `damage` says why
   * there is no next message.
   */
  next(): boolean {
    if (this.damage !== null) return false;
    if (!this.headerRead && !this.readHeader()) return false;
    return this.carried > 0 ? this.nextCarried() : this.nextInChunk();
  }

  /** Bytes at the end of the stream so far that are not a whole message. */
  get unfinishedBytes(): number {
    return this.carried;
  }

  /** Offset in the stream up to which all messages were whole. */
  get wholeOffset(): number {
    return this.offset;
  }

  get sawHeader(): boolean {
    return this.headerRead;
  }

  private nextInChunk(): boolean {
    const { chunk, position } = this;
    const available = chunk.length - position;
    if (available >= MESSAGE_HEADER_BYTES) {
      const total = this.readMessageHeader(chunk, position);
      if (total === 0) return false;
      if (available >= total) {
        this.bytes = chunk;
        this.start = position + MESSAGE_HEADER_BYTES;
        this.position = position + total;
        this.offset += total;
        return true;
      }
    }
    if (available > 0) this.fill(available);
    return false;
  }

  private nextCarried(): boolean {
    if (!this.fill(MESSAGE_HEADER_BYTES)) return false;
    const total = this.readMessageHeader(this.carry, 0);
    if (total === 0 || !this.fill(total)) return false;
    this.bytes = this.carry;
    this.start = MESSAGE_HEADER_BYTES;
    this.carried = 0;
    this.offset += total;
    return true;
  }

  /**
   * Sets kind and length. Returns the message's size with header and padding, 0 if the header is
   * damaged.
   */
  private readMessageHeader(bytes: Uint8Array, at: number): number {
    const length = readU32(bytes, at + 4);
    this.kind = bytes[at] | (bytes[at + 1] << 8);
    this.length = length;
    this.messageOffset = this.offset;
    if (this.kind === 0) {
      // The collector never sends kind 0; a file system that lost power leaves zeros at the end of a file.
      this.damage = `message at byte ${this.offset} has kind 0, expected 1 or more`;
      return 0;
    }
    if (length > MAX_MESSAGE_BYTES) {
      this.damage = `message at byte ${this.offset} has length ${length}, expected at most ${MAX_MESSAGE_BYTES}`;
      return 0;
    }
    if (bytes[at + 2] !== 0 || bytes[at + 3] !== 0) {
      const found = bytes[at + 2] | (bytes[at + 3] << 8);
      this.damage = `message at byte ${this.offset} has ${found} in its reserved field, expected 0`;
      return 0;
    }
    return MESSAGE_HEADER_BYTES + length + (-length & 7);
  }

  /**
   * Fills `carry` up to `wanted` bytes from the chunk. Returns false if the chunk was used up
   * before that.
   */
  private fill(wanted: number): boolean {
    const take = Math.min(wanted - this.carried, this.chunk.length - this.position);
    if (take <= 0) return this.carried >= wanted;
    if (this.carried + take > this.carry.length) this.growCarry(this.carried + take);
    this.carry.set(this.chunk.subarray(this.position, this.position + take), this.carried);
    this.carried += take;
    this.position += take;
    return this.carried >= wanted;
  }

  /** Grows by the bytes that have come, never by what a length field promises. */
  private growCarry(needed: number): void {
    let capacity = this.carry.length;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.carry.subarray(0, this.carried));
    this.carry = grown;
  }

  private readHeader(): boolean {
    if (!this.fill(STREAM_HEADER_BYTES)) return false;
    checkStreamHeader(this.carry);
    this.carried = 0;
    this.offset = STREAM_HEADER_BYTES;
    this.headerRead = true;
    return true;
  }
}

/** Throws a FormatError unless bytes[0..16) are the header of a stream that this build reads. */
export function checkStreamHeader(bytes: Uint8Array): void {
  for (let i = 0; i < STREAM_MAGIC.length; i++) {
    if (bytes[i] !== STREAM_MAGIC.charCodeAt(i)) {
      throw new FormatError(`first bytes ${hex(bytes.subarray(0, 8))}, expected ${STREAM_MAGIC}`);
    }
  }
  const mark = readU32(bytes, 12);
  if (mark !== BYTE_ORDER_MARK) {
    throw new FormatError(`byte order mark ${hex(bytes.subarray(12, 16))}, expected 04 03 02 01 (little-endian)`);
  }
  const version = bytes[8] | (bytes[9] << 8);
  if (version === 0 || version > STREAM_VERSION) {
    throw new FormatError(`stream version ${version}, this build reads 1${upTo(STREAM_VERSION)}`);
  }
}

function upTo(version: number): string {
  return version > 1 ? `-${version}` : '';
}

/** Reads a little-endian u32. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

const EMPTY = new Uint8Array(0);
