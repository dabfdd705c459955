/**
 * openRecording: reads a recording from a file, a pipe or stdin, in pieces, whichever of our two formats it is in: the
 * recording proper (FORMAT.md) or the collector's raw stream (bpf/README.md). What else it is, is said in one sentence.
 */
import { UserError } from '../base/errors.js';
import { FormatError } from '../decode/format-error.js';
import { checkStreamHeader, STREAM_MAGIC } from '../decode/message-framer.js';
import { StreamDecoder } from '../decode/stream-decoder.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { checkFileHeader, FILE_HEADER_BYTES, isRecording } from './chunk-header.js';
import { crc32, decompress } from './file-compression.js';
import { describeSystemError } from './file-errors.js';
import { ReadHandle } from './file-handle.js';
import { type Damage, RecordingReader } from './reader.js';

/** Bytes of one read: some 70,000 events, so that a caller gets its turn every few ms. */
const READ_BYTES = 1 << 18;

/** What both decoders have in common. */
interface TraceReader {
  readonly ended: boolean;
  push(bytes: Uint8Array): void;
  finish(): void;
}

/**
 * Opens a recording ('-' = stdin) whose trace will go to `sink`; nothing is told before the first readNext(). Throws a
 * UserError when it cannot be opened or is no recording.
 */
export async function openRecording(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
): Promise<OpenRecording> {
  if (path === '') throw new UserError('the recording has no name, expected a file', [], { usage: true });
  const name = path === '-' ? 'stdin' : path;
  const handle = await openHandle(path);
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw new UserError(`${name} is a directory, expected a recording`);
    const head = await readHead(handle, name);
    const reader = readerFor(head, name, sink, dictionary);
    return new OpenRecording(name, handle, head, reader, found.isFile() ? found.size : 0);
  } catch (error) {
    handle.close();
    throw error instanceof UserError ? error : new UserError(`cannot read ${name}: ${describeSystemError(error)}`);
  }
}

export class OpenRecording {
  /** 0 when it is not known, as of a pipe. */
  readonly sizeBytes: number;
  /** Bytes decoded so far. */
  bytesRead = 0;

  private readonly name: string;
  private readonly handle: ReadHandle;
  private readonly reader: TraceReader;
  private head: Uint8Array | null;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private done = false;

  /** Owns the handle; `head` is what was read from it to see what it is. */
  constructor(name: string, handle: ReadHandle, head: Uint8Array, reader: TraceReader, sizeBytes: number) {
    this.name = name;
    this.handle = handle;
    this.head = head;
    this.reader = reader;
    this.sizeBytes = sizeBytes;
  }

  /** Parts of the recording that could not be read, as far as they have been met. */
  get damages(): readonly Damage[] {
    return this.reader instanceof RecordingReader ? this.reader.damages : [];
  }

  /** Reads and decodes one piece. False when the recording is over: the sink has had its end() then. */
  async readNext(): Promise<boolean> {
    if (this.done) return false;
    const bytes = this.head ?? (await this.read());
    this.head = null;
    // close() may have been called meanwhile.
    if (this.done) return false;
    if (bytes.length > 0) this.reader.push(bytes);
    else this.reader.finish();
    this.bytesRead += bytes.length;
    if (!this.reader.ended) return true;
    this.close();
    return false;
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    this.handle.close();
  }

  private async read(): Promise<Uint8Array> {
    try {
      return this.buffer.subarray(0, await this.handle.read(this.buffer));
    } catch (error) {
      if (this.done) return this.buffer.subarray(0, 0);
      this.close();
      throw new UserError(`reading ${this.name} failed: ${describeSystemError(error)}`, [], { cause: error });
    }
  }
}

async function openHandle(path: string): Promise<ReadHandle> {
  try {
    return await ReadHandle.open(path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
}

/** The first bytes: at least a header's worth, unless there are fewer. */
async function readHead(handle: ReadHandle, name: string): Promise<Uint8Array> {
  const head = new Uint8Array(READ_BYTES);
  let length = 0;
  while (length < FILE_HEADER_BYTES) {
    const bytesRead = await handle.read(head, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length === 0) throw new UserError(`${name} is empty: nothing was recorded`);
  return head.subarray(0, length);
}

function readerFor(head: Uint8Array, name: string, sink: TraceSink, dictionary: TraceDictionary): TraceReader {
  const stream = startsWith(head, STREAM_MAGIC);
  if (!stream && !isRecording(head)) {
    const { what, nextSteps } = recognise(head);
    throw new UserError(`${name} is not a recording: ${what}`, nextSteps);
  }
  if (head.length < FILE_HEADER_BYTES) {
    throw new UserError(`${name} ends after ${head.length} bytes, expected a header of ${FILE_HEADER_BYTES}`);
  }
  try {
    if (stream) {
      checkStreamHeader(head);
      return new StreamDecoder(sink, dictionary);
    }
    checkFileHeader(head);
    return new RecordingReader(sink, dictionary, { decompress, crc32 });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const nextSteps = error.message.includes('version')
      ? ['read it with the version of unfreed that wrote it, or newer']
      : [];
    throw new UserError(`cannot read ${name}: ${error.message}`, nextSteps, { cause: error });
  }
}

/** What a file that is not ours seems to be. */
function recognise(head: Uint8Array): { what: string; nextSteps: string[] } {
  const known = OTHER_FORMATS.find(({ magic }) => startsWith(head, magic));
  if (known !== undefined) return { what: known.what, nextSteps: known.nextSteps ?? [] };
  if (head.every((byte) => byte === 0)) return { what: `its first ${head.length} bytes are all zero`, nextSteps: [] };
  const isText = head.subarray(0, 512).every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
  if (isText) {
    return {
      what: 'it is text',
      nextSteps: ['text of perf script, trace-cmd or bpftrace: unfreed import FILE -o OUT'],
    };
  }
  const first = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { what: `it starts with the bytes ${first}`, nextSteps: [] };
}

const OTHER_FORMATS: { magic: string; what: string; nextSteps?: string[] }[] = [
  {
    magic: 'PERFILE2',
    what: 'it is a perf.data file',
    nextSteps: ['perf script -i FILE --ns > FILE.txt, then unfreed import FILE.txt -o OUT'],
  },
  {
    magic: '\x17\x08\x44tracing',
    what: 'it is a trace.dat file of trace-cmd',
    nextSteps: ['trace-cmd report -i FILE > FILE.txt, then unfreed import FILE.txt -o OUT'],
  },
  { magic: '\x1f\x8b', what: 'it is compressed with gzip', nextSteps: ['gzip -d FILE'] },
  { magic: '\x28\xb5\x2f\xfd', what: 'it is compressed with zstd', nextSteps: ['zstd -d FILE'] },
  { magic: '\xfd7zXZ', what: 'it is compressed with xz', nextSteps: ['xz -d FILE'] },
  { magic: 'PK\x03\x04', what: 'it is a zip archive', nextSteps: ['unzip FILE'] },
  { magic: '\x7fELF', what: 'it is a program (ELF)' },
  { magic: '{"format":"unfreed-report"', what: 'it is an exported report, which holds no events' },
];

/** `magic` stands for bytes, one character each. */
function startsWith(bytes: Uint8Array, magic: string): boolean {
  if (bytes.length < magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (bytes[i] !== magic.charCodeAt(i)) return false;
  return true;
}
