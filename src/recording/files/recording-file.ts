/**
 * RecordingFile: writes a recording to one file. Each chunk is written whole to the file that the
 * user named, so that the file can be read at any moment, and after a crash up to its last chunk. A
 * disk that is full or broken ends the recording, not the trace: the file is cut back to its last
 * whole chunk and kept.
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
  /** Defines the ids in batches. */
  dictionary: TraceDictionary;
  /** How often checkpoints are worth their space. */
  pacing?: CheckpointPacing;
  /** Budget of the recording of which this is one file; absent = it is the only one. */
  budget?: CheckpointBudget;
}

/**
 * Creates the file of a recording. Throws a UserError if it cannot be created, or exists and
 * `force` is not set.
 */
export function createRecording(path: string, options: CreateOptions): RecordingFile {
  const force = options.force === true;
  refuseOutput(path, force);
  // Only the owner may read it, as with perf.data: it holds kernel addresses and process names.
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

/**
 * True if the path is a file that begins like one of our recordings, in either format (recording or
 * stream).
 */
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

/** The output of a recorder: one file, or a ring of files. */
export interface RecordingOutput {
  onError: ((error: UserError) => void) | null;
  readonly sink: TraceSink;
  readonly bytes: number;
  flush(): void;
  close(): void;
}

export class RecordingFile implements RecordingOutput {
  /** Called once if the recording ends early. While it is null, the call that failed throws instead. */
  onError: ((error: UserError) => void) | null = null;
  /** Takes the trace; after a failure it ignores all calls. */
  readonly sink: TraceSink;

  private readonly path: string;
  private readonly writer: RecordingWriter;
  private readonly dictionary: TraceDictionary;
  private readonly index: IndexWriter;
  private fd: number;
  /** Length of the file in bytes, all of them in whole chunks. */
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

  /** Events that the chunk being gathered still takes; it is written when they have come. */
  get chunkRoom(): number {
    return this.writer.chunkRoom;
  }

  /** Writes out the chunk being gathered; must be called about once a second. */
  flush(): void {
    if (this.fd >= 0) this.writer.flush();
  }

  /**
   * Writes out the rest, waits for the disk and closes the file. Does nothing when called again, or
   * after a failure.
   */
  close(): void {
    if (this.fd < 0) return;
    this.writer.flush();
    if (this.fd < 0) return;
    try {
      fsyncSync(this.fd);
    } catch (error) {
      // EINVAL: this file system cannot sync; that matters only in a power cut.
      if (systemErrorCode(error) !== 'EINVAL') return this.fail(error);
    }
    this.release();
  }

  /** True if a checkpoint of about `size` bytes is worth its space after `events` events. */
  wantsCheckpoint(events: number, size: number): boolean {
    return this.fd >= 0 && this.index.wants(events, size);
  }

  /**
   * Writes a checkpoint here: the state after all calls so far, `events` events, none later than
   * `timeNs`.
   */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    if (this.fd >= 0) this.index.checkpoint(state, events, timeNs);
  }

  /** Writes the index of the checkpoints; must be called after the end of the trace, before close(). */
  writeIndex(symbols: readonly SymbolisedAddress[]): void {
    if (this.fd >= 0) this.index.finish(this.dictionary, symbols);
  }

  /**
   * The same for one file of several. Returns false, and writes nothing, if the index is not worth
   * its space.
   */
  writePartIndex(symbols: readonly SymbolisedAddress[]): boolean {
    return this.fd >= 0 && this.index.finishPart(this.dictionary, symbols);
  }

  /** Writes which part of a recording in several files this is; must be the first call. */
  beginPart(part: RecordingPart): void {
    this.writer.part(part);
  }

  /**
   * Like close(), but does not wait for the disk: a gigabyte on a slow disk takes longer than the
   * ring buffer can hold events.
   */
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

  /** Closes the file as it is; the chunk being gathered is dropped. */
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
      // Readers accept half a chunk at the end.
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
      // fsync has reported any error already.
    }
  }
}

/**
 * Throws a UserError if a recording must not be written to a path: it never replaces a directory, a
 * device or a pipe, and a file only with `force`.
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
