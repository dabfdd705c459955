/**
 * openSeekable: a recording that can be read from any of its chunks on: one plain file, or the files of a ring. Another
 * thread decodes it where that pays.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { openParts, partPaths } from './files/open-parts.js';
import { type OpenParts, PartedRecording } from './files/parted-recording.js';
import { ReadHandle } from './files/read-handle.js';
import { lookInto, readIndex } from './files/read-index.js';
import { DefinitionsDecoder } from './format/definitions.js';
import { decodeDictionary } from './format/index-format.js';
import type { ThreadInit } from './threads/decode-thread.js';
import { threadMemory } from './threads/protocol.js';
import { ThreadedRecording } from './threads/threaded-recording.js';
import type { SeekableRecording } from './trace/seekable-recording.js';

/** Some 1.5 million events: below, a thread takes as long to start as it saves. */
const THREAD_PAYS_BYTES = 8 << 20;

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
  const opened = paths.length > 1 ? await openParts(paths) : await openWhole(paths[0]);
  if (opened === null) return null;
  if (options.index === true) opened.index = await readIndex(opened);
  const sizeBytes = opened.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (options.thread ?? (sizeBytes >= THREAD_PAYS_BYTES && availableParallelism() > 1)) {
    const threaded = startThread(opened, sink, dictionary, options.threadProgram);
    if (threaded !== null) return threaded;
  }
  return new PartedRecording(opened, sink, dictionary);
}

/** A recording in one file; null when there is none. */
async function openWhole(path: string): Promise<OpenParts | null> {
  // The newest part of a ring may not be there.
  const handle = await ReadHandle.open(path).catch(() => null);
  if (handle === null) return null;
  let opened: OpenParts | null = null;
  try {
    const found = await handle.stat();
    if (!found.isFile() || (await lookInto(handle)) === null) return null;
    opened = { files: [{ path, sizeBytes: found.size, part: null }], handles: [handle], index: null };
    return opened;
  } finally {
    if (opened === null) handle.close();
  }
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
