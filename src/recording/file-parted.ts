/**
 * PartedRecording: the files of a ring, read one after the other as one recording (part-joiner.ts), and from any chunk
 * of any of them on. A reader takes some MB, so there is one, of the part that is being read; of the others stays what
 * their ids mean.
 */
import { UserError } from '../base/errors.js';
import { FormatError } from '../decode/format-error.js';
import { DAMAGES_KEPT, type Damage } from '../event/damage.js';
import { EventBatch } from '../event/event-batch.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { crc32, decompress } from './file-compression.js';
import { describeSystemError } from './file-errors.js';
import type { ReadHandle } from './file-handle.js';
import { KnownFile } from './known-file.js';
import type { InputContent, PartFile, RecordingMark, SeekableRecording } from './open-recording.js';
import { JOINER_START, PartJoiner } from './part-joiner.js';
import { RecordingReader } from './reader.js';
import { type ReaderMark, START_MARK } from './reader-mark.js';
import { RecordingSizes } from './sizes.js';

const READ_BYTES = 1 << 18;
/**
 * Memory for the meanings of ids in parts that were read before: 16 KiB each at least, 32 MiB at most. Where there is no
 * more of it no marks are told.
 */
const KNOWN_BYTES = 64 << 20;

export interface OpenPart {
  path: string;
  handle: ReadHandle;
  sizeBytes: number;
}

interface Part {
  file: PartFile;
  handle: ReadHandle;
  /** Bytes of the files before it. */
  bytesBefore: number;
  known: KnownFile;
  /** Reading can be resumed in it: `known` must stay. */
  isMarked: boolean;
  /** Why nothing of it can be read. */
  unreadable: Damage | null;
}

export class PartedRecording implements SeekableRecording {
  readonly content: InputContent = { format: 'unfreed', gzipped: false };
  readonly files: readonly PartFile[];
  readonly sizeBytes: number;
  /** What the parts have of one is of each alone. */
  readonly index = null;
  readonly isThreaded = false;
  onMark: ((mark: RecordingMark) => void) | null = null;

  private readonly dictionary: TraceDictionary;
  private readonly joiner: PartJoiner;
  private readonly parts: Part[];
  private readonly knownBytesLimit: number;
  private readonly buffer = new Uint8Array(READ_BYTES);
  private readonly batch = new EventBatch();
  /** The part that is being read; behind the last one = the recording is over. */
  private at = 0;
  private reader: RecordingReader;
  /** Place in that part. */
  private offset = 0;
  private generation = 0;
  private closed = false;

  /** Owns the handles of the files, of which there is at least one. */
  constructor(opened: OpenPart[], sink: TraceSink, dictionary: TraceDictionary, knownBytesLimit = KNOWN_BYTES) {
    this.dictionary = dictionary;
    this.joiner = new PartJoiner(sink);
    this.knownBytesLimit = knownBytesLimit;
    let bytesBefore = 0;
    this.parts = opened.map(({ path, sizeBytes, handle }) => {
      const file: PartFile = { path, sizeBytes, part: null };
      const known = new KnownFile(dictionary);
      const part: Part = { file, handle, bytesBefore, known, isMarked: false, unreadable: null };
      bytesBefore += sizeBytes;
      return part;
    });
    this.files = this.parts.map(({ file }) => file);
    this.sizeBytes = bytesBefore;
    this.reader = this.enter(0);
  }

  get bytesRead(): number {
    return this.at < this.parts.length ? this.parts[this.at].bytesBefore + this.offset : this.sizeBytes;
  }

  get damages(): readonly Damage[] {
    const damages: Damage[] = [];
    for (const { known, unreadable } of this.parts) {
      if (damages.length < DAMAGES_KEPT) damages.push(...known.damages);
      if (unreadable !== null) damages.push(unreadable);
    }
    return [...damages, ...this.joiner.damages].slice(0, DAMAGES_KEPT);
  }

  get damageCount(): number {
    const inParts = this.parts.reduce(
      (sum, { known, unreadable }) => sum + known.damageCount + (unreadable === null ? 0 : 1),
      0,
    );
    return inParts + this.joiner.damages.length;
  }

  get sizes(): RecordingSizes {
    const sum = new RecordingSizes();
    sum.headerBytes = 0;
    for (const { known } of this.parts) if (known.sizes.chunks > 0) sum.add(known.sizes);
    return sum;
  }

  importSummary(): null {
    return null;
  }

  loadCheckpoint(): Promise<null> {
    return Promise.resolve(null);
  }

  resume(mark: RecordingMark): void {
    this.generation++;
    this.leave();
    this.reader = this.enter(mark.part?.file ?? 0);
    this.joiner.resume(mark.part?.joined ?? JOINER_START);
    // The start is read as it is at first: a part without a header is none.
    if (mark.byteOffset === START_MARK.byteOffset) return;
    this.reader.resume(mark);
    this.offset = mark.byteOffset;
  }

  async readNext(): Promise<boolean> {
    if (this.closed || this.at === this.parts.length) return false;
    const { generation } = this;
    const length = await this.read(this.parts[this.at]);
    if (this.closed) return false;
    // resume() was called meanwhile: these bytes are of elsewhere.
    if (generation !== this.generation) return true;
    this.offset += length;
    if (this.decode(length)) return true;
    this.leave();
    if (this.at + 1 < this.parts.length) this.reader = this.enter(this.at + 1);
    else this.at++;
    return this.at < this.parts.length;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { handle } of this.parts) handle.close();
  }

  /** The reader of a part, from its start on. */
  private enter(at: number): RecordingReader {
    const part = this.parts[at];
    this.at = at;
    this.offset = 0;
    this.joiner.isLast = at === this.parts.length - 1;
    return new RecordingReader(this.joiner, this.dictionary, {
      decompress,
      crc32,
      known: part.known,
      nextBatch: () => this.batch,
      onMark: (mark) => this.tellMark(part, mark),
      onPart: (found) => {
        part.file.part = found;
        this.joiner.begin(found);
      },
    });
  }

  private leave(): void {
    this.reader.leave();
    const part = this.parts[this.at];
    if (part !== undefined && !part.isMarked) part.known.forgetDefinitions();
  }

  private tellMark(part: Part, mark: ReaderMark): void {
    if (this.onMark === null || !this.mayKeep(part)) return;
    part.isMarked = true;
    const { bytesBefore } = part;
    this.onMark({ ...mark, part: { file: this.at, bytesBefore, joined: this.joiner.mark() } });
  }

  private mayKeep(part: Part): boolean {
    let bytes = 0;
    for (const each of this.parts) if (each.isMarked || each === part) bytes += each.known.definitions.byteLength;
    return bytes <= this.knownBytesLimit;
  }

  /** What was read of the present part goes to the sink; false when the part is over. */
  private decode(length: number): boolean {
    const { reader } = this;
    try {
      if (length > 0) reader.push(this.buffer.subarray(0, length));
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
    const part = this.parts[this.at];
    const at = this.joiner.lastTimeNs;
    const reason = `cannot read ${part.file.path}: ${message}`;
    part.unreadable ??= { byteOffset: 0, fromNs: at, toNs: at, events: 0, reason };
    if (this.joiner.isLast) this.joiner.cut(reason);
  }

  private async read({ handle, file }: Part): Promise<number> {
    try {
      return await handle.readAt(this.buffer, this.offset);
    } catch (error) {
      if (this.closed) return 0;
      this.close();
      throw new UserError(`reading ${file.path} failed: ${describeSystemError(error)}`, [], { cause: error });
    }
  }
}
