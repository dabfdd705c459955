/**
 * RecordingFile: writes a recording to one file. Each chunk is written whole to the file that the
 * user named, so that the file can be read at any moment, and after a crash up to its last chunk. A
 * disk that is full or broken ends the recording, not the trace: the file is cut back to its last
 * whole chunk and kept.
 */
import { close, closeSync, constants, fsync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { describeSystemError, systemErrorCode } from '../../base/system-errors.js';
import { STREAM_MAGIC } from '../../decode/stream/message-framer.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { FILE_HEADER_BYTES, isRecording } from '../format/chunk-header.js';
import type { RecordingPart } from '../format/part.js';
import { NewFile } from '../output/new-file.js';
import { cannotWrite, outputPlace } from '../output/output-path.js';
import { type CheckpointBudget, type CheckpointPacing, IndexWriter } from '../trace/index-writer.js';
import { RecordingWriter } from '../trace/writer.js';
import { brotliCompressor, crc32 } from './node-codecs.js';

export interface CreateOptions {
  /** Replace a file that exists. */
  force?: boolean;
  /** The file gets its name only in close(), when it is whole: until then, and on failure, nothing changes there. */
  nameWhenWhole?: boolean;
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
  const place = refuseOutput(path, force);
  if (place === 'nothing' && options.nameWhenWhole !== true) {
    try {
      return begun(NewFile.make(path), options);
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (systemErrorCode(error) === 'EEXIST' && !force) throw existsError(path);
      if (systemErrorCode(error) !== 'EEXIST') throw cannotWrite(path, error);
    }
  }
  const file = NewFile.makeBeside(path);
  const recording = begun(file, options);
  if (options.nameWhenWhole === true) return recording;
  try {
    file.place();
  } catch (error) {
    file.discard();
    throw cannotWrite(path, error);
  }
  return recording;
}

/** A file that has no room even for the header is deleted. */
function begun(file: NewFile, options: CreateOptions): RecordingFile {
  try {
    return new RecordingFile(file, options);
  } catch (error) {
    file.discard();
    throw error;
  }
}

/**
 * True if the path is a file that begins like one of our recordings, in either format (recording or
 * stream).
 */
export function isRecordingFile(path: string): boolean {
  const head = new Uint8Array(STREAM_MAGIC.length);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    // A pipe that took the file's place meanwhile must not hold us up.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
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

  private readonly file: NewFile;
  private readonly mayReplace: boolean;
  private readonly writer: RecordingWriter;
  private readonly dictionary: TraceDictionary;
  private readonly index: IndexWriter;
  /** Length of the file in bytes, all of them in whole chunks. */
  private wholeBytes = 0;

  /** Owns the file, which is empty. */
  constructor(file: NewFile, { dictionary, pacing, budget, force }: CreateOptions) {
    this.file = file;
    this.mayReplace = force === true;
    this.writer = new RecordingWriter(dictionary, (bytes) => this.append(bytes), {
      compressor: brotliCompressor,
      crc32,
    });
    this.sink = this.writer;
    this.dictionary = dictionary;
    this.index = new IndexWriter(this.writer, pacing, budget);
  }

  private get isOpen(): boolean {
    return this.file.fd >= 0;
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
    if (this.isOpen) this.writer.flush();
  }

  /**
   * Writes out the rest, waits for the disk and closes the file, which now replaces an older one.
   * Does nothing when called again, or after a failure.
   */
  close(): void {
    if (!this.isOpen) return;
    this.writer.flush();
    // The flush may have failed.
    if (!this.isOpen) return;
    try {
      this.file.sync();
      if (this.mayReplace) this.file.place();
      else this.file.placeNew();
    } catch (error) {
      return this.fail(error);
    }
    this.file.close();
  }

  /** True if a checkpoint of about `size` bytes is worth its space after `events` events. */
  wantsCheckpoint(events: number, size: number): boolean {
    return this.isOpen && this.index.wants(events, size);
  }

  /**
   * Writes a checkpoint here: the state after all calls so far, `events` events, none later than
   * `timeNs`.
   */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    if (this.isOpen) this.index.checkpoint(state, events, timeNs);
  }

  /** Writes the index of the checkpoints; must be called after the end of the trace, before close(). */
  writeIndex(symbols: readonly SymbolisedAddress[]): void {
    if (this.isOpen) this.index.finish(this.dictionary, symbols);
  }

  /**
   * The same for one file of several. Returns false, and writes nothing, if the index is not worth
   * its space.
   */
  writePartIndex(symbols: readonly SymbolisedAddress[]): boolean {
    return this.isOpen && this.index.finishPart(this.dictionary, symbols);
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
    if (!this.isOpen) return;
    this.writer.flush();
    const { fd } = this.file;
    if (fd < 0) return;
    this.file.fd = -1;
    fsync(fd, (error) => {
      close(fd, () => undefined);
      if (error !== null && systemErrorCode(error) !== 'EINVAL') this.tell(error);
    });
  }

  /** Closes the file and deletes it; a file that it was to replace stays. */
  discard(): void {
    this.file.discard();
  }

  private append(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    try {
      this.file.write(bytes);
      this.wholeBytes += bytes.length;
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    if (this.file.isUnplaced) this.file.discard();
    else {
      try {
        ftruncateSync(this.file.fd, this.wholeBytes);
      } catch {
        // Readers accept half a chunk at the end.
      }
      this.file.close();
    }
    this.tell(cause);
  }

  private tell(cause: unknown): void {
    const { path } = this.file;
    const { nextSteps } = cannotWrite(path, cause);
    const readable = this.wholeBytes <= FILE_HEADER_BYTES ? [] : [`what was written can be read: unfreed info ${path}`];
    const error = new UserError(
      `recording to ${path} stopped after ${formatBytes(this.wholeBytes)}: ${describeSystemError(cause)}`,
      [...(this.file.isUnplaced ? [`${path} is as it was`] : readable), ...nextSteps],
      { cause },
    );
    if (this.onError === null) throw error;
    this.onError(error);
  }
}

/**
 * Returns what is at the path. Throws a UserError if a recording must not be written there: it never
 * replaces a directory, link, device or pipe, and a file only with `force`.
 */
export function refuseOutput(path: string, force: boolean): 'nothing' | 'file' {
  if (path === '') throw new UserError('the name of the recording is empty', ['Name a file.'], { usage: true });
  const place = outputPlace(path);
  if (place === 'stream') throw new UserError(`${path} is a device or a pipe, and a recording is written to a file`);
  if (place === 'file' && !force) throw existsError(path);
  return place;
}

/** The error for an output that is there already, when --force was not given. */
export function existsError(path: string): UserError {
  return new UserError(`${path} exists already`, ['Choose another name, or overwrite it with --force.']);
}
