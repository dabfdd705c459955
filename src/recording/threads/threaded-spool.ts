/** ThreadedSpool: an input that can be read only from its start, which another thread reads, decodes and spools. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { openSpooled, type SpooledRecording, type SpoolOptions } from '../files/spooled-recording.js';
import type { InputContent, PartFile, SeekableRecording } from '../trace/seekable-recording.js';
import { threadMemory } from './protocol.js';
import type { SpoolThreadInit } from './spool-thread.js';
import { type DecodeThread, ThreadedRecording } from './threaded-recording.js';

/** Some 200 ms of reading: below, a thread takes as long to start as it saves. */
const STREAM_PAYS_BYTES = 16 << 20;
const GZIP_PAYS_BYTES = 3 << 20;

export interface SpoolThreadOptions extends SpoolOptions {
  /** In another thread: always, never, or (absent) where it pays. */
  thread?: boolean;
  /** What the thread runs; absent = decode-thread.js beside this very program, or, where that was not built, no thread. */
  threadProgram?: URL;
}

export class ThreadedSpool extends ThreadedRecording {
  override readonly content: InputContent;

  constructor(
    file: PartFile,
    content: InputContent,
    target: { sink: TraceSink; dictionary: TraceDictionary },
    thread: DecodeThread,
  ) {
    super({ files: [file], handles: [], index: null }, target.sink, target.dictionary, thread);
    this.content = content;
  }
}

/** openSpooled(), in another thread where that pays. */
export async function openSpool(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: SpoolThreadOptions = {},
): Promise<SeekableRecording> {
  const spooled = await openSpooled(path, sink, dictionary, options);
  const threaded = startThread(spooled, { sink, dictionary }, options);
  if (threaded !== null) spooled.close();
  return threaded ?? spooled;
}

/** Reads what was opened anew; null where there can be no thread, or it does not pay. */
function startThread(
  { content, files: [file] }: SpooledRecording,
  target: { sink: TraceSink; dictionary: TraceDictionary },
  { thread, threadProgram = new URL('./decode-thread.js', import.meta.url), ...options }: SpoolThreadOptions,
): ThreadedSpool | null {
  // Of a pipe (0 bytes) and of standard input nothing can be read twice.
  if (file.sizeBytes === 0 || file.path === '-' || thread === false || !existsSync(fileURLToPath(threadProgram)))
    return null;
  if (thread !== true && !(pays(content, file.sizeBytes) && availableParallelism() > 1)) return null;
  const memory = threadMemory();
  const { port1, port2 } = new MessageChannel();
  const init: SpoolThreadInit = { spooledPath: file.path, options, memory, port: port2 };
  let worker: Worker;
  try {
    worker = new Worker(threadProgram, { workerData: init, transferList: [port2] });
  } catch {
    return null;
  }
  const terminate = (): Promise<unknown> => worker.terminate();
  const threaded = new ThreadedSpool({ ...file }, content, target, { memory, port: port1, terminate });
  worker.on('error', (error: Error) => threaded.fail(error));
  return threaded;
}

/** Texts take ten times as long to decode as to pair: that another thread pairs would save next to nothing. */
function pays({ format, gzipped }: InputContent, sizeBytes: number): boolean {
  if (format !== 'stream' && format !== 'unfreed') return false;
  return sizeBytes >= (gzipped ? GZIP_PAYS_BYTES : STREAM_PAYS_BYTES);
}
