/**
 * PartsReader: turns the bytes of one recording's files, one file after the other, into the calls
 * of one trace (part-joiner.ts), from the start or from any chunk of any file on. A RecordingReader
 * takes some MB, so there is one at a time, of the file being read; of the others only the
 * definitions of their ids are kept.
 */
import { FormatError } from '../../decode/format-error.js';
import { DAMAGED_SPANS_KEPT, type Damage } from '../../event/damage.js';
import type { EventBatch } from '../../event/event-batch.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import { addDictionaries } from '../format/index-format.js';
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
 * Bytes of memory for the definitions of files that were read before: 16 KiB a file at least, 32
 * MiB at most. Beyond this limit no marks are passed on.
 */
const KNOWN_BYTES = 64 << 20;

export interface PartsOptions {
  /** The batch for the next events, emptied. */
  nextBatch: () => EventBatch;
  /** Called with the place of a file among the files, when it is found to be a part. */
  onPart?: (file: number, part: RecordingPart) => void;
  knownBytesLimit?: number;
}

interface Part {
  file: PartFile;
  /** Bytes of the files before it. */
  bytesBefore: number;
  known: FileFacts;
  /** Reading can resume in it, so `known` must be kept. */
  isMarked: boolean;
  /** Why nothing of it can be read; null = it can. */
  unreadable: Damage | null;
}

export class PartsReader {
  /** Called between two chunks, when the sink has had everything before them, with a mark for resume(). */
  onMark: ((mark: RecordingMark) => void) | null = null;
  readonly sizeBytes: number;

  private readonly dictionary: TraceDictionary;
  private readonly joiner: PartJoiner;
  private readonly parts: Part[];
  private readonly options: PartsOptions;
  private reader: RecordingReader;
  private fileAt = 0;
  private placeAt = 0;

  /** `files` must hold at least one file. */
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

  /** Number of the file being read, from 0; the number of files = the recording is over. */
  get file(): number {
    return this.fileAt;
  }

  /** Place in that file of the bytes that must be pushed next. */
  get offset(): number {
    return this.placeAt;
  }

  get ended(): boolean {
    return this.fileAt === this.parts.length;
  }

  /** Bytes read of all files. */
  get bytesRead(): number {
    return this.ended ? this.sizeBytes : this.parts[this.fileAt].bytesBefore + this.placeAt;
  }

  get damagedSpans(): readonly Damage[] {
    const damagedSpans: Damage[] = [];
    for (const { known, unreadable } of this.parts) {
      if (damagedSpans.length < DAMAGED_SPANS_KEPT) damagedSpans.push(...known.damagedSpans);
      if (unreadable !== null) damagedSpans.push(unreadable);
    }
    return [...damagedSpans, ...this.joiner.damagedSpans].slice(0, DAMAGED_SPANS_KEPT);
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
   * Takes all definitions of a file (the payloads of its dictionary chunks) before its chunks are
   * read; reading can then resume anywhere in it. Must be called for file after file, from the
   * first one on.
   */
  learn(file: number, payloads: readonly Uint8Array[]): void {
    const part = this.parts[file];
    part.isMarked = true;
    addDictionaries(part.known.definitions, payloads);
  }

  /** Continues at a mark, also after the end; the bytes pushed next must be those at `offset` of `file`. */
  resume(mark: RecordingMark): void {
    this.leave();
    this.reader = this.enter(mark.part?.file ?? 0);
    this.joiner.resume(mark.part?.joined ?? JOINER_START);
    // A file read from its start must begin with a header, as at the first reading.
    if (mark.byteOffset === START_MARK.byteOffset) return;
    this.reader.resume(mark);
    this.placeAt = mark.byteOffset;
  }

  /** Takes the next bytes of the file being read; none = the file is over. */
  push(bytes: Uint8Array): void {
    if (this.ended) return;
    this.placeAt += bytes.length;
    if (this.decode(bytes)) return;
    this.leave();
    if (this.fileAt + 1 < this.parts.length) this.reader = this.enter(this.fileAt + 1);
    else this.fileAt++;
  }

  /** Moves to the start of a file and returns its reader. */
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
      onMark: (mark) => this.sendMark(part, mark),
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

  private sendMark(part: Part, mark: ReaderMark): void {
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

  /** Returns false when the file is over. */
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

  /**
   * Skips a file that is not a recording; the next part's `eventsBefore` shows how many events are
   * missing.
   */
  private passOver(message: string): void {
    const part = this.parts[this.fileAt];
    const at = this.joiner.lastTimeNs;
    const reason = `cannot read ${part.file.path}: ${message}`;
    part.unreadable ??= { byteOffset: 0, fromNs: at, toNs: at, events: 0, reason };
    if (this.joiner.isLast) this.joiner.cut(reason);
  }
}
