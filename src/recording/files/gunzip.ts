/**
 * GunzipSource: decompresses a gzipped file or pipe (RFC 1952) from front to back.
 *
 * It decompresses one piece at a time, to its end, so at most PIECE_BYTES x 1032 (deflate's
 * greatest ratio) = 8 MiB wait here; if the compressed bytes are damaged, the output of that piece
 * is lost. It stays one buffer ahead of its caller: when it returns the last bytes, it is known
 * whether the file was whole, and `broken` says why not.
 */
import { createGunzip } from 'node:zlib';
import { systemErrorCode } from '../../base/system-errors.js';
import type { ByteSource } from './read-handle.js';

const PIECE_BYTES = 1 << 13;
/**
 * Recordings and texts shrink to a fifth or a thirtieth. An input that grows to more than
 * MOST_TIMES its size, once that is more than SUSPECT_AFTER_BYTES, is made to keep a reader busy
 * for a day: reading stops there.
 */
const MOST_TIMES = 250;
const SUSPECT_AFTER_BYTES = 256 << 20;

export class GunzipSource implements ByteSource {
  /** Why the compressed bytes could not be read to their end; null while all is well. */
  broken: string | null = null;

  private readonly source: ByteSource;
  private readonly gunzip = createGunzip();
  private readonly input = new Uint8Array(PIECE_BYTES);
  /** First bytes of the source, which were read to recognise its format. */
  private head: Uint8Array | null;
  private queue: Uint8Array[] = [];
  private over = false;
  private failure: Error | null = null;
  private bytesIn = 0;
  private bytesOut = 0;

  constructor(source: ByteSource, head: Uint8Array) {
    this.source = source;
    this.head = head;
    this.gunzip.on('data', (bytes: Uint8Array) => {
      this.queue.push(bytes);
      this.bytesOut += bytes.length;
    });
    this.gunzip.on('error', (error) => {
      this.failure = error;
    });
  }

  /** Compressed bytes read so far. */
  get bytesRead(): number {
    return this.bytesIn;
  }

  async read(buffer: Uint8Array, offset = 0): Promise<number> {
    while (!this.over && this.queue.length < 2) await this.pump();
    const first = this.queue[0];
    if (first === undefined) return 0;
    const taken = first.subarray(0, buffer.length - offset);
    buffer.set(taken, offset);
    if (taken.length === first.length) this.queue.shift();
    else this.queue[0] = first.subarray(taken.length);
    return taken.length;
  }

  close(): void {
    this.over = true;
    this.queue = [];
    this.gunzip.destroy();
    this.source.close();
  }

  /** Reads one piece and decompresses all of it. */
  private async pump(): Promise<void> {
    const piece = this.head?.subarray(0, PIECE_BYTES) ?? this.input.subarray(0, await this.source.read(this.input));
    if (this.head !== null) {
      const rest = this.head.subarray(piece.length);
      this.head = rest.length === 0 ? null : rest;
    }
    this.bytesIn += piece.length;
    await (piece.length === 0 ? this.finish() : this.write(piece));
    if (this.failure !== null) this.stop(whatIsWrong(this.failure));
    else if (this.bytesOut > SUSPECT_AFTER_BYTES && this.bytesOut > this.bytesIn * MOST_TIMES) {
      this.stop(
        `it swells to more than ${MOST_TIMES} times its size; read up to byte ${this.bytesOut} of what comes out`,
      );
    }
  }

  private write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      // After an error, or behind the end of the compressed data, no callback comes.
      if (this.gunzip.destroyed || this.gunzip.readableEnded) {
        this.over = true;
        resolve();
        return;
      }
      const done = (): void => {
        this.gunzip.off('error', done).off('end', done);
        resolve();
      };
      this.gunzip.once('error', done).once('end', done);
      // A copy, because the stream may keep it.
      this.gunzip.write(piece.slice(), done);
    });
  }

  private finish(): Promise<void> {
    this.over = true;
    return new Promise((resolve) => {
      if (this.gunzip.destroyed || this.gunzip.readableEnded) {
        resolve();
        return;
      }
      this.gunzip.once('error', () => resolve()).once('end', () => resolve());
      this.gunzip.end();
    });
  }

  private stop(why: string): void {
    this.over = true;
    this.broken ??= why;
    this.gunzip.destroy();
  }
}

function whatIsWrong(error: Error): string {
  const code = systemErrorCode(error);
  if (code === 'Z_BUF_ERROR') return 'it ends in the middle';
  return code.startsWith('Z_') ? `its compressed bytes are damaged (${error.message})` : error.message;
}
