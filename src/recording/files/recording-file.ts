/**
 * RecordingFile: a recording being written. Chunks go straight to the file that the user named, each whole, so that the
 * file can be read at any moment and after any crash up to its last chunk. A disk that is full or broken ends the
 * recording, not the trace: the file is cut back to its last whole chunk and kept.
 */
import {
  close,
  closeSync,
  constants,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { UserError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { STREAM_MAGIC } from '../../decode/stream/message-framer.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { isRecording } from '../format/chunk-header.js';
import type { RecordingPart } from '../format/part.js';
import { type CheckpointBudget, type CheckpointPacing, IndexWriter } from '../trace/index-writer.js';
import { RecordingWriter } from '../trace/writer.js';
import { brotliCompressor, crc32 } from './node-codecs.js';
import { describeSystemError, systemErrorCode } from './system-errors.js';

export interface CreateOptions {
  /** Overwrite a file that exists. */
  force?: boolean;
  /** The one that the ids in batches belong to. */
  dictionary: TraceDictionary;
  /** How often checkpoints are worth their place. */
  pacing?: CheckpointPacing;
  /** Of the recording of which this is one file; absent = it is the only one. */
  budget?: CheckpointBudget;
}

/** Throws a UserError when the file cannot be made. */
export function createRecording(path: string, options: CreateOptions): RecordingFile {
  const force = options.force === true;
  refuseOutput(path, force);
  // As perf.data: kernel addresses and process names are nobody else's business.
  const flags = constants.O_WRONLY | constants.O_CREAT | (force ? constants.O_TRUNC : constants.O_EXCL);
  let fd: number;
  try {
    fd = openSync(path, flags, 0o600);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') throw existsError(path);
    throw new UserError(`cannot write ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
  return new RecordingFile(path, fd, options);
}

/** Whether a file is there and begins as one of our recordings, in either format. */
export function isRecordingFile(path: string): boolean {
  const head = new Uint8Array(STREAM_MAGIC.length);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const fd = openSync(path, constants.O_RDONLY);
    try {
      readSync(fd, head);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
  return isRecording(head) || String.fromCharCode(...head) === STREAM_MAGIC;
}

/** Where a trace is being recorded to, be it one file or a ring of them. */
export interface RecordingOutput {
  onError: ((error: UserError) => void) | null;
  readonly sink: TraceSink;
  readonly bytes: number;
  flush(): void;
  close(): void;
}

export class RecordingFile implements RecordingOutput {
  /** Told once when the recording ends early. While it is null, the call that failed throws instead. */
  onError: ((error: UserError) => void) | null = null;
  /** Takes the trace; after a failure it takes no notice of anything. */
  readonly sink: TraceSink;

  private readonly path: string;
  private readonly writer: RecordingWriter;
  private readonly dictionary: TraceDictionary;
  private readonly index: IndexWriter;
  private fd: number;
  /** Length of the file: everything in it is whole. */
  private wholeBytes = 0;

  /** Owns the descriptor, which stands at the start of an empty file. */
  constructor(path: string, fd: number, { dictionary, pacing, budget }: CreateOptions) {
    this.path = path;
    this.fd = fd;
    this.writer = new RecordingWriter(dictionary, (bytes) => this.append(bytes), {
      compressor: brotliCompressor,
      crc32,
    });
    this.sink = this.writer;
    this.dictionary = dictionary;
    this.index = new IndexWriter(this.writer, pacing, budget);
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.wholeBytes;
  }

  /** Events in the file so far. */
  get events(): number {
    return this.writer.eventsWritten;
  }

  /** Events that the chunk being gathered still takes: with so many it is written. */
  get chunkRoom(): number {
    return this.writer.chunkRoom;
  }

  /** Writes out what has been gathered; to be called about once a second. */
  flush(): void {
    if (this.fd >= 0) this.writer.flush();
  }

  /** Writes out the rest and closes the file. Does nothing the second time, or after a failure. */
  close(): void {
    if (this.fd < 0) return;
    this.writer.flush();
    if (this.fd < 0) return;
    try {
      fsyncSync(this.fd);
    } catch (error) {
      // EINVAL: this file system cannot; nothing depends on it but a power cut.
      if (systemErrorCode(error) !== 'EINVAL') return this.fail(error);
    }
    this.release();
  }

  /** Is a checkpoint of some `size` bytes worth its place, now that `events` have been told? */
  wantsCheckpoint(events: number, size: number): boolean {
    return this.fd >= 0 && this.index.wants(events, size);
  }

  /** Puts a checkpoint here: the state after all that was told so far, of which no event is later than `timeNs`. */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    if (this.fd >= 0) this.index.checkpoint(state, events, timeNs);
  }

  /** After the end of the trace, before close(): makes the checkpoints findable. */
  writeIndex(symbols: readonly SymbolisedAddress[]): void {
    if (this.fd >= 0) this.index.finish(this.dictionary, symbols);
  }

  /** The same for one file of several; false when that is not worth its place. */
  writePartIndex(symbols: readonly SymbolisedAddress[]): boolean {
    return this.fd >= 0 && this.index.finishPart(this.dictionary, symbols);
  }

  /** Says which part of a recording in several files this is; to be called first. */
  beginPart(part: RecordingPart): void {
    this.writer.part(part);
  }

  /** close() that does not wait for the disk: a gigabyte on a slow one takes longer than the ring buffer holds events. */
  closeInBackground(): void {
    if (this.fd < 0) return;
    this.writer.flush();
    const { fd } = this;
    if (fd < 0) return;
    this.fd = -1;
    fsync(fd, (error) => {
      close(fd, () => undefined);
      if (error !== null && systemErrorCode(error) !== 'EINVAL') this.tell(error);
    });
  }

  /** Closes the file as it is; what was gathered is forgotten. */
  abandon(): void {
    if (this.fd >= 0) this.release();
  }

  private append(bytes: Uint8Array): void {
    if (this.fd < 0) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
      this.wholeBytes += bytes.length;
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    try {
      ftruncateSync(this.fd, this.wholeBytes);
    } catch {
      // A reader copes with half a chunk at the end.
    }
    this.release();
    this.tell(cause);
  }

  private tell(cause: unknown): void {
    const error = new UserError(
      `recording to ${this.path} stopped after ${formatBytes(this.wholeBytes)}: ${describeSystemError(cause)}`,
      this.wholeBytes === 0 ? [] : [`what was written can be read: unfreed info ${this.path}`],
      { cause },
    );
    if (this.onError === null) throw error;
    this.onError(error);
  }

  private release(): void {
    const { fd } = this;
    this.fd = -1;
    try {
      closeSync(fd);
    } catch {
      // fsync has told what there was to tell.
    }
  }
}

/**
 * Throws a UserError where a recording may not be written: it never replaces a directory, a device or a pipe, whatever
 * the user insists on, and a file only by force.
 */
export function refuseOutput(path: string, force: boolean): void {
  if (path === '') throw new UserError('the recording has no name, expected a file', [], { usage: true });
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isDirectory()) throw new UserError(`${path} is a directory, expected a file to write`);
  if (!found.isFile()) throw new UserError(`${path} is a device or pipe, expected a file to write`);
  if (!force) throw existsError(path);
}

function existsError(path: string): UserError {
  return new UserError(`${path} exists already`, ['choose another name, or overwrite it with --force']);
}
