/**
 * openFile: reads a trace from one file, a pipe or stdin, in pieces, in any of these formats, also
 * gzipped: a recording (FORMAT.md), the collector's raw stream (bpf/README.md), the text of another
 * tool. The format is recognised by the content, never by the name. For any other content, the
 * error describes it in one sentence.
 */
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import { FormatError } from '../../decode/format-error.js';
import type { Recognised } from '../../decode/recognise.js';
import { checkStreamHeader } from '../../decode/stream/message-framer.js';
import { StreamDecoder } from '../../decode/stream/stream-decoder.js';
import type { Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import {
  CHUNK_HEADER_BYTES,
  checkFileHeader,
  FILE_HEADER_BYTES,
  findSync,
  parseChunkHeader,
} from '../format/chunk-header.js';
import type { RecordingPart } from '../format/part.js';
import type { RecordingSizes } from '../format/sizes.js';
import { DumpReader, isDumpFormat } from '../trace/dump-reader.js';
import type { FileFacts } from '../trace/file-facts.js';
import type { PartJoiner } from '../trace/part-joiner.js';
import { RecordingReader } from '../trace/reader.js';
import type { ReaderMark } from '../trace/reader-mark.js';
import type { InputContent, OpenOptions, OpenRecording, PartFile } from '../trace/seekable-recording.js';
import { BpftraceReader, type ImportSummary, TextReader } from '../trace/text-reader.js';
import type { TraceReader } from '../trace/trace-reader.js';
import { GunzipSource } from './gunzip.js';
import { crc32, decompress } from './node-codecs.js';
import { type ByteSource, ReadHandle, readHead } from './read-handle.js';
import { describeForeign, folderError } from './unsupported-input.js';

/** Bytes of one read: some 70,000 events, so that a caller gets its turn every few ms. */
const READ_BYTES = 1 << 18;

/** For recordings: `onMark` gets the places at which a reader with the same `known` can resume. */
interface FileOptions extends OpenOptions {
  onMark?: (mark: ReaderMark) => void;
  known?: FileFacts;
}

/**
 * Opens one file ('-' = stdin) whose trace will go to `sink`; nothing is sent before the first
 * readNext(). Throws a UserError if it cannot be opened, or is in no format that can be read.
 * `opened` is the file if it is open already; it is closed on failure.
 */
export async function openFile(
  path: string,
  sink: PartJoiner,
  dictionary: TraceDictionary,
  options: FileOptions,
  opened: ReadHandle | null = null,
): Promise<SingleFile> {
  const name = path === '-' ? 'stdin' : path;
  const handle = opened ?? (await openHandle(path));
  let source: ByteSource = handle;
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw folderError(path);
    let { head, recognised } = await readHead(source);
    if (head.length === 0) throw new UserError(`${name} is empty: nothing was recorded`);
    const gunzip = recognised.format === 'gzip' ? new GunzipSource(source, head) : null;
    if (gunzip !== null) {
      source = gunzip;
      ({ head, recognised } = await readHead(gunzip));
      if (head.length === 0) throw emptyGzip(name, gunzip);
    }
    const file: PartFile = { path, sizeBytes: found.isFile() ? found.size : 0, part: null };
    const isHurt = recognised.format === 'unknown' && options.salvage === true && holdsChunk(head);
    const content: InputContent = { format: isHurt ? 'unfreed' : recognised.format, gzipped: gunzip !== null };
    const reader = isHurt
      ? new RecordingReader(sink, dictionary, { decompress, crc32, ignoreFileHeader: true })
      : readerFor(recognised, { head, name, file, sink, dictionary, options });
    return new SingleFile({ name, source, gunzip, head, reader, content, file });
  } catch (error) {
    source.close();
    throw error instanceof UserError ? error : new UserError(`cannot read ${name}: ${describeSystemError(error)}`);
  }
}

interface Opened {
  name: string;
  source: ByteSource;
  /** The source, if it is gzipped; else null. */
  gunzip: GunzipSource | null;
  /** The bytes read from it to recognise its format. */
  head: Uint8Array;
  reader: TraceReader;
  content: InputContent;
  file: PartFile;
}

export class SingleFile implements OpenRecording {
  readonly content: InputContent;
  readonly files: readonly PartFile[];
  bytesRead = 0;
  /** Gets all bytes that are read, decompressed, before they are decoded. */
  onBytes: ((bytes: Uint8Array) => void) | null = null;

  private readonly name: string;
  private readonly source: ByteSource;
  private readonly gunzip: GunzipSource | null;
  private readonly reader: TraceReader;
  private head: Uint8Array | null;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private contentBytes = 0;
  private done = false;

  /** Owns the source. */
  constructor(opened: Opened) {
    this.name = opened.name;
    this.source = opened.source;
    this.gunzip = opened.gunzip;
    this.reader = opened.reader;
    this.head = opened.head;
    this.content = opened.content;
    this.files = [opened.file];
  }

  get sizeBytes(): number {
    return this.files[0].sizeBytes;
  }

  get damagedSpans(): readonly Damage[] {
    const broken = this.brokenGzip();
    return broken === null ? this.reader.damagedSpans : [...this.reader.damagedSpans, broken];
  }

  get damageCount(): number {
    return this.reader.damageCount + (this.brokenGzip() === null ? 0 : 1);
  }

  get sizes(): RecordingSizes | null {
    return this.reader instanceof RecordingReader ? this.reader.sizes : null;
  }

  importSummary(): ImportSummary | null {
    const { reader } = this;
    return 'summary' in reader ? (reader as TextReader | BpftraceReader | DumpReader).summary() : null;
  }

  /** True once it was read to its end, or closed. */
  get isOver(): boolean {
    return this.done;
  }

  async readNext(): Promise<boolean> {
    if (this.done) return false;
    const bytes = await this.fetch();
    // close() may have been called meanwhile.
    return !this.done && this.take(bytes);
  }

  /** The first half of readNext(): resolves to the next bytes, none at the end; valid until the next call. */
  async fetch(): Promise<Uint8Array> {
    const bytes = this.head ?? (await this.read());
    this.head = null;
    return bytes;
  }

  /** Puts back the bytes of the last fetch(); the next fetch() returns them again. */
  unfetch(bytes: Uint8Array): void {
    this.head = bytes;
  }

  /** The second half of readNext(): decodes the bytes of fetch(). Returns false at the end. */
  take(bytes: Uint8Array): boolean {
    this.contentBytes += bytes.length;
    if (bytes.length > 0) {
      this.onBytes?.(bytes);
      this.reader.push(bytes);
    } else this.reader.finish(this.cutReason());
    this.bytesRead = this.source.bytesRead;
    if (!this.reader.ended) return true;
    this.close();
    return false;
  }

  /** Must be called before another reader reads the bytes of a recording that this one has read. */
  leave(): void {
    if (this.reader instanceof RecordingReader) this.reader.leave();
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    this.source.close();
  }

  private cutReason(): string | undefined {
    const broken = this.gunzip?.broken ?? null;
    return broken === null ? undefined : `the gzip file could not be read to its end: ${broken}`;
  }

  private brokenGzip(): Damage | null {
    const reason = this.cutReason();
    return reason === undefined ? null : { byteOffset: this.contentBytes, fromNs: 0, toNs: 0, events: 0, reason };
  }

  private async read(): Promise<Uint8Array> {
    try {
      return this.buffer.subarray(0, await this.source.read(this.buffer));
    } catch (error) {
      if (this.done) return this.buffer.subarray(0, 0);
      this.close();
      throw new UserError(`reading ${this.name} failed: ${describeSystemError(error)}`, [], { cause: error });
    }
  }
}

export async function openHandle(path: string): Promise<ReadHandle> {
  try {
    return await ReadHandle.open(path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${describeSystemError(error)}`, [], { cause: error });
  }
}

/** True if the header of a chunk is among these bytes. */
function holdsChunk(bytes: Uint8Array): boolean {
  let at = findSync(bytes, 0);
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    if (parseChunkHeader(bytes, at, crc32) !== null) return true;
    at = findSync(bytes, at + 1);
  }
  return false;
}

function emptyGzip(name: string, gunzip: GunzipSource): UserError {
  if (gunzip.broken !== null) return new UserError(`${name} is a gzip file that cannot be read: ${gunzip.broken}`);
  return new UserError(`${name} is a gzip file of nothing`);
}

/** An input whose format is known, and where its trace goes. */
interface FoundInput {
  head: Uint8Array;
  name: string;
  file: PartFile;
  sink: PartJoiner;
  dictionary: TraceDictionary;
  options: FileOptions;
}

function readerFor(recognised: Recognised, input: FoundInput): TraceReader {
  const { format, damage, times } = recognised;
  const { head, name, sink, dictionary, options } = input;
  switch (format) {
    case 'perf-script':
    case 'ftrace':
    case 'trace-cmd':
      return new TextReader(format, sink, dictionary, {
        userFrames: options.userFrames === true,
        pageSize: options.pageSize,
        damage,
        times,
      });
    case 'bpftrace':
      return new BpftraceReader(sink, dictionary, damage);
    case 'unfreed':
    case 'stream':
      return binaryReader(format, input);
    default: {
      if (isDumpFormat(format)) return new DumpReader(format, sink, dictionary, { pageSize: options.pageSize, damage });
      const { what, nextSteps } = describeForeign(head, recognised);
      throw new UserError(`${name} is not a recording: ${what}`, nextSteps);
    }
  }
}

function binaryReader(format: 'unfreed' | 'stream', input: FoundInput): TraceReader {
  const { head, name, sink, dictionary, file } = input;
  const { onMark, known } = input.options;
  if (head.length < FILE_HEADER_BYTES) {
    throw new UserError(`${name} is cut off: it ends after ${head.length} bytes, before the first event`);
  }
  try {
    if (format === 'stream') {
      checkStreamHeader(head);
      return new StreamDecoder(sink, dictionary);
    }
    checkFileHeader(head);
    const onPart = (part: RecordingPart): void => {
      file.part = part;
      sink.begin(part);
    };
    return new RecordingReader(sink, dictionary, { decompress, crc32, onPart, onMark, known });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const nextSteps = error.message.includes('version')
      ? ['read it with the version of unfreed that wrote it, or newer']
      : [];
    throw new UserError(`cannot read ${name}: ${error.message}`, nextSteps, { cause: error });
  }
}
