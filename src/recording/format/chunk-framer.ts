/**
 * ChunkFramer: cuts the bytes of a recording into chunks, wherever the appended pieces begin and
 * end, and finds the next good chunk after damage. Contract as in MessageFramer: append(), then
 * next() until it returns 'need-more'.
 *
 * Bytes of a chunk that is not whole yet wait in `carry`: at most one chunk (16 MiB + 64 bytes) and
 * the piece appended last.
 */
import {
  CHUNK_HEADER_BYTES,
  type ChunkHeader,
  checkFileHeader,
  FILE_HEADER_BYTES,
  findSync,
  parseChunkHeader,
} from './chunk-header.js';
import type { Crc32 } from './crc32.js';

/** 'chunk': header and payload are set. 'bad-payload': header is set. 'skipped': bytes were skipped. */
export type FramerStep = 'chunk' | 'bad-payload' | 'skipped' | 'need-more';

export class ChunkFramer {
  header: ChunkHeader = NO_CHUNK;
  /** Stored bytes of the chunk, a view that is valid until the next append(). */
  payload: Uint8Array = EMPTY;
  /** Place in the file of the chunk, or of the first byte that was skipped. */
  chunkOffset = 0;

  private readonly crc32: Crc32;
  private window: Uint8Array = EMPTY;
  private position = 0;
  private carry: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  /** Place in the file of window[0]. */
  private windowOffset = 0;
  private headerRead: boolean;

  constructor(crc32: Crc32, options: { ignoreFileHeader?: boolean } = {}) {
    this.crc32 = crc32;
    this.headerRead = options.ignoreFileHeader === true;
  }

  /**
   * Continues at the chunk that begins at a place in the file; the next append() must bring the
   * bytes from there on.
   */
  resume(offset: number): void {
    this.window = EMPTY;
    this.position = 0;
    this.windowOffset = offset;
    this.headerRead = true;
  }

  append(bytes: Uint8Array): void {
    const rest = this.window.subarray(this.position);
    this.windowOffset += this.position;
    this.position = 0;
    if (rest.length === 0) {
      this.window = bytes;
      return;
    }
    const total = rest.length + bytes.length;
    if (total > this.carry.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(total)));
      grown.set(rest);
      this.carry = grown;
    } else if (rest.buffer !== this.carry.buffer || rest.byteOffset !== 0) {
      // set() copes with a source that overlaps its target.
      this.carry.set(rest);
    }
    this.carry.set(bytes, rest.length);
    this.window = this.carry.subarray(0, total);
  }

  /**
   * Must be called when next() has returned 'need-more': from then on the caller may reuse the
   * bytes that it appended.
   */
  settle(): void {
    this.append(EMPTY);
  }

  /** Returns the header of a chunk whose payload is not whole yet; null if there is no such chunk. */
  unfinishedHeader(): ChunkHeader | null {
    const { window, position } = this;
    if (!this.headerRead || window.length - position < CHUNK_HEADER_BYTES) return null;
    return parseChunkHeader(window, position, this.crc32);
  }

  /**
   * Must be called only when no more bytes will come: skips the chunk that is not whole. Returns
   * false if there is none.
   */
  giveUpChunk(): boolean {
    if (!this.headerRead || this.unfinishedBytes === 0) return false;
    this.position = findSync(this.window, this.position + 1);
    return true;
  }

  next(): FramerStep {
    if (!this.headerRead) {
      if (this.unfinishedBytes < FILE_HEADER_BYTES) return 'need-more';
      checkFileHeader(this.window);
      this.position = FILE_HEADER_BYTES;
      this.headerRead = true;
    }
    const { window, position } = this;
    const available = window.length - position;
    this.chunkOffset = this.windowOffset + position;
    if (available === 0) return 'need-more';
    const sync = findSync(window, position);
    if (sync !== position) return this.skipTo(sync);
    if (available < CHUNK_HEADER_BYTES) return 'need-more';
    const header = parseChunkHeader(window, position, this.crc32);
    if (header === null) return this.skipTo(findSync(window, position + 1));
    if (available < CHUNK_HEADER_BYTES + header.storedBytes) return 'need-more';
    this.header = header;
    const start = position + CHUNK_HEADER_BYTES;
    this.payload = window.subarray(start, start + header.storedBytes);
    if (this.crc32(this.payload) !== header.payloadCrc) {
      // The length is certain, but bytes may have been cut out of the middle: look for the next
      // chunk from here.
      return this.skipTo(findSync(window, start), 'bad-payload');
    }
    this.position = start + header.storedBytes;
    return 'chunk';
  }

  /** Bytes appended so far that next() has not used. */
  get unfinishedBytes(): number {
    return this.window.length - this.position;
  }

  /** Place in the file up to which next() has used or skipped all bytes. */
  get offset(): number {
    return this.windowOffset + this.position;
  }

  get sawHeader(): boolean {
    return this.headerRead;
  }

  private skipTo(position: number, step: FramerStep = 'skipped'): FramerStep {
    this.position = position;
    return step;
  }
}

const EMPTY = new Uint8Array(0);
const NO_CHUNK: ChunkHeader = {
  kind: 0,
  codec: 0,
  sequence: 0,
  storedBytes: 0,
  rawBytes: 0,
  eventCount: 0,
  payloadCrc: 0,
  eventsBefore: 0,
  firstTimeNs: 0,
  lastTimeNs: 0,
};
