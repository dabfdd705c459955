/**
 * PartsReader: the bytes of one recording's files in, one file after the other, the calls of one trace out
 * (part-joiner.ts), from the start or from any chunk of any file on. A reader takes some MB, so there is one, of the file
 * that is being read; of the others stays what their ids mean.
 */
import { FormatError } from '../../decode/format-error.js';
import { DAMAGES_KEPT, type Damage } from '../../event/damage.js';
import type { EventBatch } from '../../event/event-batch.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { decodeDictionary } from '../format/index-format.js';
import type { RecordingPart } from '../format/part.js';
import { RecordingSizes } from '../format/sizes.js';
import { FileFacts } from '../trace/file-facts.js';
import { JOINER_START, PartJoiner } from '../trace/part-joiner.js';
import { RecordingReader } from '../trace/reader.js';
import { type ReaderMark, START_MARK } from '../trace/reader-mark.js';
import type { PartFile, RecordingMark } from '../trace/seekable-recording.js';
import { crc32, decompress } from './node-codecs.js';

/** Bytes of one read: some 70,000 events, so that a caller gets its turn every few ms. */
export const READ_BYTES = 1 << 18;
/**
 * Memory for the meanings of ids in files that were read before: 16 KiB each at least, 32 MiB at most. Where there is no
 * more of it no marks are told.
 */
const KNOWN_BYTES = 64 << 20;

export interface PartsOptions {
  /** The batch for the next events, emptied. */
  nextBatch: () => EventBatch;
  /** Told when a file says which part it is. */
  onPart?: (file: number, part: RecordingPart) => void;
  knownBytesLimit?: number;
}

interface Part {
  file: PartFile;
  /** Bytes of the files before it. */
  bytesBefore: number;
  known: FileFacts;
  /** Reading can be resumed in it: `known` must stay. */
  isMarked: boolean;
  /** Why nothing of it can be read. */
  unreadable: Damage | null;
}

export class PartsReader {
  /** Told between two chunks, when the sink has had all before it; a place to resume() at. */
  onMark: ((mark: RecordingMark) => void) | null = null;
  readonly sizeBytes: number;

  private readonly dictionary: TraceDictionary;
  private readonly joiner: PartJoiner;
  private readonly parts: Part[];
  private readonly options: PartsOptions;
  private reader: RecordingReader;
  private fileAt = 0;
  private placeAt = 0;

  /** Of at least one file. */
  constructor(files: readonly PartFile[], sink: TraceSink, dictionary: TraceDictionary, options: PartsOptions) {
    this.dictionary = dictionary;
    this.joiner = new PartJoiner(sink);
    this.options = options;
    let bytesBefore = 0;
    this.parts = files.map((file) => {
      const known = new FileFacts(dictionary);
      const part: Part = { file, bytesBefore, known, isMarked: false, unreadable: null };
      bytesBefore += file.sizeBytes;
      return part;
    });
    this.sizeBytes = bytesBefore;
    this.reader = this.enter(0);
  }

  /** The file that is being read; behind the last one = the recording is over. */
  get file(): number {
    return this.fileAt;
  }

  /** Place in that file of the bytes that are to be pushed next. */
  get offset(): number {
    return this.placeAt;
  }

  get ended(): boolean {
    return this.fileAt === this.parts.length;
  }

  /** Of all files. */
  get bytesRead(): number {
    return this.ended ? this.sizeBytes : this.parts[this.fileAt].bytesBefore + this.placeAt;
  }

  get damagedSpans(): readonly Damage[] {
    const damagedSpans: Damage[] = [];
    for (const { known, unreadable } of this.parts) {
      if (damagedSpans.length < DAMAGES_KEPT) damagedSpans.push(...known.damagedSpans);
      if (unreadable !== null) damagedSpans.push(unreadable);
    }
    return [...damagedSpans, ...this.joiner.damagedSpans].slice(0, DAMAGES_KEPT);
  }

  get damageCount(): number {
    let count = this.joiner.damagedSpans.length;
    for (const { known, unreadable } of this.parts) count += known.damageCount + (unreadable === null ? 0 : 1);
    return count;
  }

  get sizes(): RecordingSizes {
    const sum = new RecordingSizes();
    sum.headerBytes = 0;
    for (const { known } of this.parts) if (known.sizes.chunks > 0) sum.add(known.sizes);
    return sum;
  }

  /**
   * Takes all definitions of a file ahead of its chunks: the payloads of its dictionary chunks, file after file from the
   * first one on. Reading can then be resumed anywhere in it.
   */
  learn(file: number, payloads: readonly Uint8Array[]): void {
    const part = this.parts[file];
    part.isMarked = true;
    for (const payload of payloads) part.known.definitions.add(decodeDictionary(payload).definitions ?? {});
  }

  /** Goes on at a mark, also after the end; what is pushed next are the bytes at `offset` of `file`. */
  resume(mark: RecordingMark): void {
    this.leave();
    this.reader = this.enter(mark.part?.file ?? 0);
    this.joiner.resume(mark.part?.joined ?? JOINER_START);
    // The start is read as it is at first: a part without a header is none.
    if (mark.byteOffset === START_MARK.byteOffset) return;
    this.reader.resume(mark);
    this.placeAt = mark.byteOffset;
  }

  /** Takes the next bytes of the file being read; none = it has no more. */
  push(bytes: Uint8Array): void {
    if (this.ended) return;
    this.placeAt += bytes.length;
    if (this.decode(bytes)) return;
    this.leave();
    if (this.fileAt + 1 < this.parts.length) this.reader = this.enter(this.fileAt + 1);
    else this.fileAt++;
  }

  /** The reader of a file, from its start on. */
  private enter(at: number): RecordingReader {
    const part = this.parts[at];
    const { nextBatch, onPart } = this.options;
    this.fileAt = at;
    this.placeAt = 0;
    this.joiner.isLast = at === this.parts.length - 1;
    return new RecordingReader(this.joiner, this.dictionary, {
      decompress,
      crc32,
      known: part.known,
      nextBatch,
      onMark: (mark) => this.tellMark(part, mark),
      onPart: (found) => {
        part.file.part = found;
        onPart?.(at, found);
        this.joiner.begin(found);
      },
    });
  }

  private leave(): void {
    this.reader.leave();
    const part = this.parts[this.fileAt];
    if (part !== undefined && !part.isMarked) part.known.forgetDefinitions();
  }

  private tellMark(part: Part, mark: ReaderMark): void {
    if (this.onMark === null || !this.mayKeep(part)) return;
    part.isMarked = true;
    const { bytesBefore } = part;
    this.onMark({ ...mark, part: { file: this.fileAt, bytesBefore, joined: this.joiner.mark() } });
  }

  private mayKeep(part: Part): boolean {
    let bytes = 0;
    for (const each of this.parts) if (each.isMarked || each === part) bytes += each.known.definitions.byteLength;
    return bytes <= (this.options.knownBytesLimit ?? KNOWN_BYTES);
  }

  /** False when the file is over. */
  private decode(bytes: Uint8Array): boolean {
    const { reader } = this;
    try {
      if (bytes.length > 0) reader.push(bytes);
      else reader.finish();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.passOver(error.message);
      return false;
    }
    return !reader.ended;
  }

  /** A part that is none: what it held shows in what the next one says was before it. */
  private passOver(message: string): void {
    const part = this.parts[this.fileAt];
    const at = this.joiner.lastTimeNs;
    const reason = `cannot read ${part.file.path}: ${message}`;
    part.unreadable ??= { byteOffset: 0, fromNs: at, toNs: at, events: 0, reason };
    if (this.joiner.isLast) this.joiner.cut(reason);
  }
}
