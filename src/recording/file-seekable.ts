/**
 * openSeekable: a recording that can be read from any of its chunks on: one plain file, which another thread decodes
 * where that pays, or the files of a ring.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { UserError } from '../base/errors.js';
import type { Damage } from '../event/damage.js';
import { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { checkFileHeader, FILE_HEADER_BYTES, isRecording } from './chunk-header.js';
import { DefinitionsDecoder } from './definitions.js';
import { crc32, decompress } from './file-compression.js';
import type { ThreadInit } from './file-decode-thread.js';
import { describeSystemError } from './file-errors.js';
import { ReadHandle } from './file-handle.js';
import { type RecordingIndex, readCheckpoint, readIndex } from './file-index.js';
import { PartedRecording } from './file-parted.js';
import { openParts, partPaths } from './file-parts.js';
import { type OpenedFile, ThreadedFile } from './file-threaded.js';
import { decodeDictionary, type IndexedCheckpoint } from './index-format.js';
import type { InputContent, PartFile, RecordingMark, SeekableRecording } from './open-recording.js';
import { RecordingReader } from './reader.js';
import type { unfreed } from './schema.js';
import type { RecordingSizes } from './sizes.js';
import { threadMemory } from './thread-protocol.js';

/** Some 1.5 million events: below, a thread takes as long to start as it saves. */
const THREAD_PAYS_BYTES = 8 << 20;
const READ_BYTES = 1 << 18;
/** The first chunk, which says whether the file is one of several, is small. */
const PEEK_BYTES = 1 << 16;

export interface SeekableOptions {
  /** Decode in another thread: always, never, or (absent) where it pays. */
  thread?: boolean;
  /** Load the index, and with it the whole dictionary, if there is one. */
  index?: boolean;
}

/**
 * Opens a recording whose trace will go to `sink`; null when it is none that can be read from anywhere: a pipe, a
 * compressed file, another format, or nothing at all (openRecording says what).
 */
export async function openSeekable(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: SeekableOptions = {},
): Promise<SeekableRecording | null> {
  if (path === '-' || path === '') return null;
  const paths = await partPaths(path);
  if (paths.length > 1) return openParts(paths, sink, dictionary);
  // The newest part of a ring may not be there.
  const [file] = paths;
  const handle = await ReadHandle.open(file).catch(() => null);
  if (handle === null) return null;
  let wanted = false;
  try {
    const found = await handle.stat();
    const what = found.isFile() ? await lookInto(handle) : null;
    if (what === null) return null;
    const index = what === 'whole' && options.index === true ? await readIndex(handle, found.size) : null;
    wanted = true;
    if (what === 'part') return new PartedRecording([{ path: file, sizeBytes: found.size, handle }], sink, dictionary);
    const opened: OpenedFile = { file: { path: file, sizeBytes: found.size, part: null }, handle, index };
    if (options.thread ?? (found.size >= THREAD_PAYS_BYTES && availableParallelism() > 1)) {
      const threaded = startThread(opened, sink, dictionary);
      if (threaded !== null) return threaded;
    }
    return new SeekableFile(opened, sink, dictionary);
  } finally {
    if (!wanted) handle.close();
  }
}

/** Is it a recording, or a part of one? null = neither. */
async function lookInto(handle: ReadHandle): Promise<'whole' | 'part' | null> {
  const head = new Uint8Array(PEEK_BYTES);
  const length = await handle.readAt(head, 0);
  const bytes = head.subarray(0, length);
  if (length < FILE_HEADER_BYTES || !isRecording(bytes)) return null;
  let parts = 0;
  try {
    checkFileHeader(bytes);
    const ignore: TraceSink = { host() {}, symbol() {}, events() {}, losses() {}, counters() {}, clock() {}, end() {} };
    new RecordingReader(ignore, new TraceDictionary(), { decompress, crc32, onPart: () => parts++ }).push(bytes);
  } catch {
    return null;
  }
  return parts === 0 ? 'whole' : 'part';
}

/** Null where the thread's program was not built (tests run the sources). */
function startThread(opened: OpenedFile, sink: TraceSink, dictionary: TraceDictionary): ThreadedFile | null {
  const program = new URL('./decode-thread.js', import.meta.url);
  if (!existsSync(fileURLToPath(program))) return null;
  const memory = threadMemory();
  const { port1, port2 } = new MessageChannel();
  // The thread tells the definitions again, which gives the same ids.
  learn(new DefinitionsDecoder(dictionary), opened.index);
  const init: ThreadInit = {
    path: opened.file.path,
    memory,
    port: port2,
    dictionary: opened.index?.dictionary ?? [],
  };
  const worker = new Worker(program, { workerData: init, transferList: [port2] });
  const threaded = new ThreadedFile(opened, sink, dictionary, {
    memory,
    port: port1,
    terminate: () => void worker.terminate(),
  });
  worker.on('error', (error: Error) => threaded.fail(error));
  return threaded;
}

/** All definitions of a recording, ahead of its chunks. */
function learn(definitions: { add(message: Definitions): boolean }, index: RecordingIndex | null): void {
  for (const payload of index?.dictionary ?? []) definitions.add(decodeDictionary(payload).definitions ?? {});
}

/** The same, decoded in this thread. */
class SeekableFile implements SeekableRecording {
  readonly content: InputContent = { format: 'unfreed', gzipped: false };
  readonly files: readonly PartFile[];
  readonly sizeBytes: number;
  readonly index: RecordingIndex | null;
  readonly isThreaded = false;
  bytesRead = 0;
  onMark: ((mark: RecordingMark) => void) | null = null;

  private readonly handle: ReadHandle;
  private readonly reader: RecordingReader;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private generation = 0;
  private closed = false;

  /** Owns the handle. */
  constructor({ file, handle, index }: OpenedFile, sink: TraceSink, dictionary: TraceDictionary) {
    this.files = [file];
    this.sizeBytes = file.sizeBytes;
    this.handle = handle;
    const onMark = (mark: RecordingMark): void => this.onMark?.(mark);
    this.index = index;
    const reader = new RecordingReader(sink, dictionary, { decompress, crc32, onMark });
    learn({ add: (message) => reader.learn(message) }, index);
    this.reader = reader;
  }

  get damages(): readonly Damage[] {
    return this.reader.damages;
  }

  get damageCount(): number {
    return this.reader.damageCount;
  }

  get sizes(): RecordingSizes {
    return this.reader.sizes;
  }

  importSummary(): null {
    return null;
  }

  loadCheckpoint(checkpoint: IndexedCheckpoint): Promise<{ state: Uint8Array; mark: RecordingMark } | null> {
    return readCheckpoint(this.handle, checkpoint);
  }

  resume(mark: RecordingMark): void {
    this.generation++;
    this.reader.resume(mark);
    this.bytesRead = mark.byteOffset;
  }

  async readNext(): Promise<boolean> {
    if (this.closed || this.reader.ended) return false;
    const { generation } = this;
    const length = await this.read();
    if (this.closed) return false;
    // resume() was called meanwhile: these bytes are of elsewhere.
    if (generation !== this.generation) return true;
    this.bytesRead += length;
    if (length > 0) this.reader.push(this.buffer.subarray(0, length));
    else this.reader.finish();
    return !this.reader.ended;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.handle.close();
  }

  private async read(): Promise<number> {
    try {
      return await this.handle.readAt(this.buffer, this.bytesRead);
    } catch (error) {
      if (this.closed) return 0;
      this.close();
      throw new UserError(`reading ${this.files[0].path} failed: ${describeSystemError(error)}`, [], { cause: error });
    }
  }
}

type Definitions = unfreed.Definitions.$Properties;
