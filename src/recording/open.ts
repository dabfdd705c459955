/**
 * The one door to recordings: openTrace() opens any input by its name, in the way that suits the
 * caller. The other folders read traces through this function alone; openSeekable() and openSpool()
 * are two of the ways it chooses from.
 */
import { availableParallelism } from 'node:os';
import { UserError } from '../base/errors.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { openParts, openRecording, partPaths } from './files/open-parts.js';
import { type OpenParts, PartedRecording, RECORDING_CONTENT } from './files/parted-recording.js';
import { ReadHandle } from './files/read-handle.js';
import { lookInto, readIndex } from './files/read-index.js';
import { openSpooled, type SpoolOptions } from './files/spooled-recording.js';
import { DefinitionsDecoder } from './format/definitions.js';
import { addDictionaries } from './format/index-format.js';
import type { ThreadInput } from './threads/protocol.js';
import { startThread, type ThreadOptions } from './threads/start-thread.js';
import { isDumpFormat } from './trace/dump-reader.js';
import type { InputContent, OpenOptions, OpenRecording, SeekableRecording } from './trace/seekable-recording.js';

export type { SpoolOptions } from './files/spooled-recording.js';
export type { ThreadOptions } from './threads/start-thread.js';
export type { OpenOptions, OpenRecording } from './trace/seekable-recording.js';

/** Below this size a thread takes as long to start as it saves: some 1.5 million events of a recording. */
const PARTS_PAY_BYTES = 8 << 20;
/** The same limit for the collector's stream and for gzipped recordings: some 200 ms of reading. */
const STREAM_PAYS_BYTES = 16 << 20;
const GZIP_PAYS_BYTES = 3 << 20;

export interface TraceOptions extends OpenOptions, ThreadOptions {
  /**
   * The caller will seek: the index is loaded, and an input that can be read only from its start is
   * copied to a spool.
   */
  seek?: boolean;
  /**
   * Options of the spool; false = no spool: a seek backwards then reads such an input from its
   * start again.
   */
  spool?: SpoolOptions | false;
}

/**
 * Opens a recording or a text ('-' = stdin) whose trace will go to `sink`; nothing is sent before
 * the first readNext(). With `seek`, reading can resume at marks (isSeekable()), unless `spool` is
 * false and the input can be read only from its start. Without `seek`, and with `thread` false, the
 * input is read from front to back, in this thread. Throws a UserError when the input cannot be
 * opened, or is in no format that can be read, or tells its page size and `pageSize` is given.
 */
export async function openTrace(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: TraceOptions = {},
): Promise<OpenRecording> {
  const recording = await openAny(path, sink, dictionary, options);
  const { format } = recording.content;
  const takesPageSize =
    format === 'perf-script' || format === 'ftrace' || format === 'trace-cmd' || isDumpFormat(format);
  if (options.pageSize === undefined || takesPageSize) return recording;
  recording.close();
  throw new UserError(
    `${path} has a page size of its own: --page-size is only for texts of perf script, trace-cmd and tracefs, and for dumps of page_owner`,
    ['Make the recording again from its text: unfreed import TEXT --page-size SIZE -o FILE'],
    { usage: true },
  );
}

async function openAny(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: TraceOptions,
): Promise<OpenRecording> {
  const { seek = false, spool, pageSize } = options;
  const mayThread = options.thread !== false;
  if (seek || mayThread) {
    const parted = await openSeekable(path, sink, dictionary, options);
    if (parted !== null) return parted;
  }
  if (!seek || spool === false) return openRecording(path, sink, dictionary, options);
  return openSpool(path, sink, dictionary, { ...options, spool: { ...spool, pageSize } });
}

/** True if reading can resume at a mark. */
export function isSeekable(recording: OpenRecording): recording is SeekableRecording {
  return 'resume' in recording;
}

/**
 * Opens a recording in plain files: one, or the parts of a ring. Returns null if the input cannot
 * be read from any chunk on: a pipe, a compressed file, another format, or no file at all
 * (openRecording() reports which).
 */
export async function openSeekable(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: TraceOptions = {},
): Promise<SeekableRecording | null> {
  if (path === '-' || path === '') return null;
  const paths = await partPaths(path);
  const opened = paths.length > 1 ? await openParts(paths) : await openWhole(paths[0]);
  if (opened === null) return null;
  if (options.seek === true) opened.index = await readIndex(opened);
  const sizeBytes = opened.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (wantsThread(options, sizeBytes >= PARTS_PAY_BYTES)) {
    const dictionaries = opened.index?.dictionaries ?? [];
    const { files, handles } = opened;
    const input: ThreadInput = {
      type: 'parts',
      files: files.map((file, i) => ({
        path: file.path,
        sizeBytes: file.sizeBytes,
        descriptor: handles[i].descriptor,
      })),
      dictionaries,
    };
    const content = RECORDING_CONTENT;
    const threaded = startThread(input, { opened, content, sink, dictionary }, options.threadProgram);
    if (threaded !== null) {
      // The thread sends these definitions again, which gives the same ids.
      for (const payloads of dictionaries) addDictionaries(new DefinitionsDecoder(dictionary), payloads);
      return threaded;
    }
  }
  return new PartedRecording(opened, sink, dictionary);
}

/** Opens a recording in one file; returns null if the file is missing or holds no recording. */
async function openWhole(path: string): Promise<OpenParts | null> {
  // The newest part of a ring may not be there.
  const handle = await ReadHandle.openFile(path);
  if (handle === null) return null;
  let opened: OpenParts | null = null;
  try {
    const found = await handle.stat();
    if ((await lookInto(handle)) === null) return null;
    opened = { files: [{ path, sizeBytes: found.size, part: null }], handles: [handle], index: null };
    return opened;
  } finally {
    if (opened === null) handle.close();
  }
}

/**
 * Opens an input that can be read only from its start, and copies it to a spool while it is read.
 * Throws a UserError when it cannot be opened or read.
 */
export async function openSpool(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  { spool = {}, ...options }: ThreadOptions & { spool?: SpoolOptions } = {},
): Promise<SeekableRecording> {
  const spooled = await openSpooled(path, sink, dictionary, spool);
  const {
    content,
    files: [file],
  } = spooled;
  // A pipe (0 bytes) and standard input cannot be opened twice.
  if (file.sizeBytes === 0 || file.path === '-') return spooled;
  if (!wantsThread(options, spoolPays(content, file.sizeBytes))) return spooled;
  const opened: OpenParts = { files: [{ ...file }], handles: [], index: null };
  const input: ThreadInput = { type: 'spool', path: file.path, options: spool };
  const threaded = startThread(input, { opened, content, sink, dictionary }, options.threadProgram);
  if (threaded === null) return spooled;
  spooled.close();
  return threaded;
}

/** True if another thread is to decode: the caller says so, or leaves it open and it saves time here. */
function wantsThread({ thread }: ThreadOptions, pays: boolean): boolean {
  return thread ?? (pays && availableParallelism() > 1);
}

/**
 * Texts take ten times as long to decode as to pair: pairing in another thread would save next to
 * nothing.
 */
function spoolPays({ format, gzipped }: InputContent, sizeBytes: number): boolean {
  if (format !== 'stream' && format !== 'unfreed') return false;
  return sizeBytes >= (gzipped ? GZIP_PAYS_BYTES : STREAM_PAYS_BYTES);
}
