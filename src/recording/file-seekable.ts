/**
 * openSeekable: a recording that can be read from any of its chunks on: one plain file, or the files of a ring. Another
 * thread decodes it where that pays.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { checkFileHeader, FILE_HEADER_BYTES, isRecording } from './chunk-header.js';
import { DefinitionsDecoder } from './definitions.js';
import { crc32, decompress } from './file-compression.js';
import type { ThreadInit } from './file-decode-thread.js';
import { ReadHandle } from './file-handle.js';
import { readIndex } from './file-index.js';
import { type OpenParts, PartedRecording } from './file-parted.js';
import { openParts, partPaths } from './file-parts.js';
import { ThreadedRecording } from './file-threaded.js';
import { decodeDictionary } from './index-format.js';
import type { SeekableRecording } from './open-recording.js';
import { RecordingReader } from './reader.js';
import { threadMemory } from './thread-protocol.js';

/** Some 1.5 million events: below, a thread takes as long to start as it saves. */
const THREAD_PAYS_BYTES = 8 << 20;
/** The first chunk, which says whether the file is one of several, is small. */
const PEEK_BYTES = 1 << 16;

export interface SeekableOptions {
  /** Decode in another thread: always, never, or (absent) where it pays. */
  thread?: boolean;
  /** What the thread runs; absent = decode-thread.js beside this very program, or, where that was not built, no thread. */
  threadProgram?: URL;
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
  const opened = paths.length > 1 ? await openParts(paths) : await openWhole(paths[0], options.index === true);
  if (opened === null) return null;
  const sizeBytes = opened.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (options.thread ?? (sizeBytes >= THREAD_PAYS_BYTES && availableParallelism() > 1)) {
    const threaded = startThread(opened, sink, dictionary, options.threadProgram);
    if (threaded !== null) return threaded;
  }
  return new PartedRecording(opened, sink, dictionary);
}

/** A recording in one file; null when there is none. */
async function openWhole(path: string, withIndex: boolean): Promise<OpenParts | null> {
  // The newest part of a ring may not be there.
  const handle = await ReadHandle.open(path).catch(() => null);
  if (handle === null) return null;
  let opened: OpenParts | null = null;
  try {
    const found = await handle.stat();
    const what = found.isFile() ? await lookInto(handle) : null;
    if (what === null) return null;
    const index = what === 'whole' && withIndex ? await readIndex(handle, found.size) : null;
    opened = { files: [{ path, sizeBytes: found.size, part: null }], handles: [handle], index };
    return opened;
  } finally {
    if (opened === null) handle.close();
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

/** Null where there can be none: its program was not built (tests run the sources), or the system gives no thread. */
function startThread(
  opened: OpenParts,
  sink: TraceSink,
  dictionary: TraceDictionary,
  program = new URL('./decode-thread.js', import.meta.url),
): ThreadedRecording | null {
  if (!existsSync(fileURLToPath(program))) return null;
  const memory = threadMemory();
  const { port1, port2 } = new MessageChannel();
  const { files, handles, index } = opened;
  const dictionaries = index?.dictionaries ?? [];
  const init: ThreadInit = {
    files: files.map(({ path, sizeBytes }, i) => ({ path, sizeBytes, descriptor: handles[i].descriptor })),
    memory,
    port: port2,
    dictionaries,
  };
  let worker: Worker;
  try {
    worker = new Worker(program, { workerData: init, transferList: [port2] });
  } catch {
    return null;
  }
  // The thread tells the definitions again, which gives the same ids.
  for (const payloads of dictionaries) {
    const definitions = new DefinitionsDecoder(dictionary);
    for (const payload of payloads) definitions.add(decodeDictionary(payload).definitions ?? {});
  }
  const terminate = (): Promise<unknown> => worker.terminate();
  const threaded = new ThreadedRecording(opened, sink, dictionary, { memory, port: port1, terminate });
  worker.on('error', (error: Error) => threaded.fail(error));
  return threaded;
}
