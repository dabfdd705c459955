/**
 * RecordingReader: the bytes of a recording in, the TraceSink calls out that the writer was given, in the same order
 * (batches may be cut elsewhere). Only a bad file header throws (FormatError). Nothing in the file is believed before it
 * is checked; a damaged chunk is left out, its events counted as LOSS_DAMAGED and its time span kept in `damagedSpans`.
 */
import { FormatError } from '../../decode/format-error.js';
import type { Damage } from '../../event/damage.js';
import { EventBatch } from '../../event/event-batch.js';
import { LOSS_DAMAGED } from '../../event/losses.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { EndReason, TraceSink } from '../../event/trace-sink.js';
import { ChunkFramer } from '../format/chunk-framer.js';
import { CHUNK_TRACE, type ChunkHeader, FILE_HEADER_BYTES, FIRST_AUXILIARY_KIND } from '../format/chunk-header.js';
import { openChunk } from '../format/chunk-message.js';
import { ColumnDecoder } from '../format/column-decoder.js';
import { type Decompress, decompressRaw } from '../format/compression.js';
import { type Crc32, crc32 as portableCrc32 } from '../format/crc32.js';
import type { unfreed } from '../format/generated/schema.js';
import { readItem } from '../format/items.js';
import { type RecordingPart, readPart } from '../format/part.js';
import type { RecordingSizes } from '../format/sizes.js';
import { FileFacts } from './file-facts.js';
import type { ReaderMark } from './reader-mark.js';

export interface ReaderOptions {
  decompress?: Decompress;
  crc32?: Crc32;
  /** Told when the file says that it is one of several, before anything else that it tells. */
  onPart?: (part: RecordingPart) => void;
  /** Do not believe the file's header, which is damaged: look for chunks at once. */
  ignoreFileHeader?: boolean;
  /** Told after each chunk of the trace, when all of it has gone to the sink: reading can be resumed there. */
  onMark?: (mark: ReaderMark) => void;
  /** The batch for the next events, emptied; absent = always the same one. */
  nextBatch?: () => EventBatch;
  /** What another reader came to know of the file, with the same dictionary; absent = nothing. */
  known?: FileFacts;
}

/**
 * Bytes without a chunk after which a reader stops looking: eight times the greatest chunk. A file that was made long
 * in advance, or cut off by a crash, may be followed by gigabytes of holes.
 */
const GIVE_UP_BYTES = 128 << 20;

export class RecordingReader {
  private readonly sink: TraceSink;
  private readonly onPart: (part: RecordingPart) => void;
  private readonly decompress: Decompress;
  private readonly framer: ChunkFramer;
  private readonly known: FileFacts;
  private readonly columns = new ColumnDecoder();
  private readonly onMark: ((mark: ReaderMark) => void) | null;
  private readonly nextBatch: () => EventBatch;
  private nextSequence = 0;
  /** Events given to the sink or reported lost. */
  private eventsAccounted = 0;
  private lastTimeNs = 0;
  private clockNs = 0;
  private hasEnded = false;
  /** First byte that was passed over since the last good chunk, -1 = none. */
  private skippedAt = -1;

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: ReaderOptions = {}) {
    this.sink = sink;
    this.decompress = options.decompress ?? decompressRaw;
    this.onPart = options.onPart ?? (() => undefined);
    this.framer = new ChunkFramer(options.crc32 ?? portableCrc32, { ignoreFileHeader: options.ignoreFileHeader });
    this.known = options.known ?? new FileFacts(dictionary);
    this.onMark = options.onMark ?? null;
    const batch = options.nextBatch === undefined ? new EventBatch() : null;
    this.nextBatch = options.nextBatch ?? (() => batch ?? new EventBatch());
  }

  /**
   * Goes on at a mark, backwards or forwards, with the bytes that are pushed next. The definitions of all chunks before
   * it must have been read once, or have been given to learn().
   */
  resume(mark: ReaderMark): void {
    this.leave();
    this.framer.resume(mark.byteOffset);
    this.nextSequence = mark.sequence;
    this.eventsAccounted = mark.eventsBefore;
    this.lastTimeNs = mark.lastTimeNs;
    this.clockNs = mark.clockNs;
    this.hasEnded = false;
    this.skippedAt = -1;
  }

  /** To be called before another reader reads the same file. */
  leave(): void {
    // What is missing at the end has no place before it.
    this.known.readTo(this.hasEnded ? Number.POSITIVE_INFINITY : this.framer.offset);
  }

  get damagedSpans(): readonly Damage[] {
    return this.known.damagedSpans;
  }

  get damageCount(): number {
    return this.known.damageCount;
  }

  get sizes(): RecordingSizes {
    return this.known.sizes;
  }

  /** Takes definitions ahead of the chunks that hold them; false when they contradict themselves. */
  learn(definitions: unfreed.Definitions.$Properties): boolean {
    return this.known.definitions.add(definitions);
  }

  /** True once the sink has had its end; later bytes are ignored. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Takes the next bytes of the file; they may be reused by the caller afterwards. */
  push(bytes: Uint8Array): void {
    if (this.hasEnded) return;
    this.framer.append(bytes);
    this.drain();
    this.framer.settle();
  }

  /** The file is over. Ends the trace as 'cut' unless it has said itself how it ended. */
  finish(): void {
    if (this.hasEnded) return;
    const { framer } = this;
    if (!framer.sawHeader) {
      const found = framer.unfinishedBytes;
      throw new FormatError(`the recording ends after ${found} bytes, expected a header of ${FILE_HEADER_BYTES}`);
    }
    // What looks like a last chunk that is too short may be one with a hole in it, and whole ones behind.
    let tail: { header: ChunkHeader; offset: number } | null = null;
    while (!this.hasEnded) {
      const { offset } = framer;
      const header = framer.unfinishedHeader();
      if (!framer.giveUpChunk()) break;
      if (header !== null && header.sequence >= this.nextSequence) tail = { header, offset };
      if (this.skippedAt < 0) this.skippedAt = offset;
      this.drain();
    }
    if (this.hasEnded) return;
    // Its header is whole and says what is lost with it.
    if (tail !== null && tail.header.sequence >= this.nextSequence) this.cutChunk(tail.header, tail.offset);
    this.end(
      'cut',
      this.skippedAt >= 0
        ? `the recording ends in the middle of a chunk at byte ${this.skippedAt}; read up to there`
        : `the recording ends at byte ${framer.offset} without an end message; it was not closed`,
    );
  }

  private drain(): void {
    const { framer } = this;
    while (!this.hasEnded) {
      const step = framer.next();
      if (step === 'need-more') return;
      if (step === 'skipped') {
        if (this.skippedAt < 0) this.skippedAt = framer.chunkOffset;
        if (framer.offset - this.skippedAt < GIVE_UP_BYTES) continue;
        return this.end('cut', `no chunk in ${GIVE_UP_BYTES} bytes from byte ${this.skippedAt} on; read up to there`);
      }
      const { header } = framer;
      if (!this.takeHeader(header)) continue;
      if (step === 'bad-payload') this.damagedChunk(header, 'its checksum does not match');
      else this.takeChunk(header, framer.payload);
    }
  }

  /** Notes what is missing before this chunk. False when the chunk is not to be read. */
  private takeHeader(header: ChunkHeader): boolean {
    const { skippedAt } = this;
    this.skippedAt = -1;
    if (header.sequence < this.nextSequence || header.eventsBefore < this.eventsAccounted) {
      // Its events were read already, or the file was put together from parts.
      this.damaged(0, header.lastTimeNs, `chunk ${header.sequence}, expected ${this.nextSequence} or later`);
      return false;
    }
    const missing = header.eventsBefore - this.eventsAccounted;
    if (missing > 0 || header.sequence > this.nextSequence || skippedAt >= 0) {
      const place = skippedAt >= 0 ? ` at byte ${skippedAt}` : '';
      this.damaged(missing, header.firstTimeNs, `unreadable bytes${place} before chunk ${header.sequence}`, skippedAt);
    }
    this.eventsAccounted = header.eventsBefore;
    this.nextSequence = header.sequence + 1;
    return true;
  }

  private takeChunk(header: ChunkHeader, stored: Uint8Array): void {
    const isFirstRead = this.known.isFirstRead(this.framer.chunkOffset);
    if (isFirstRead) this.sizes.addChunk(header);
    if (header.kind !== CHUNK_TRACE) {
      // Aids (an index, a checkpoint) hold nothing that the trace does not.
      if (header.kind < FIRST_AUXILIARY_KIND) this.damagedChunk(header, `kind ${header.kind}, expected ${CHUNK_TRACE}`);
      return;
    }
    let message: unfreed.Chunk.$Properties;
    try {
      message = openChunk(header, stored, this.decompress);
    } catch (error) {
      this.damagedChunk(header, error instanceof Error ? error.message : String(error));
      return;
    }
    if (isFirstRead) this.sizes.addMessage(header, message);
    this.readChunk(header, message);
    if (!this.hasEnded) this.onMark?.(this.mark());
  }

  private mark(): ReaderMark {
    const { framer, nextSequence, eventsAccounted, lastTimeNs, clockNs } = this;
    return { byteOffset: framer.offset, sequence: nextSequence, eventsBefore: eventsAccounted, lastTimeNs, clockNs };
  }

  private readChunk(header: ChunkHeader, message: unfreed.Chunk.$Properties): void {
    const { columns } = this;
    const { definitions } = this.known;
    if (message.definitions && !definitions.add(message.definitions)) {
      this.damaged(0, header.lastTimeNs, 'definitions that contradict themselves');
    }
    const count = message.events?.count ?? 0;
    if (count !== header.eventCount || (message.events && !columns.open(message.events, definitions))) {
      this.damagedChunk(header, 'event columns that contradict themselves');
      return;
    }
    if (count === 0) columns.remaining = 0;
    let readTo = 0;
    for (const item of message.items ?? []) {
      const at = Math.min(Math.max(item.at ?? 0, readTo), count);
      this.readEvents(at - readTo, header);
      readTo = at;
      if (this.hasEnded) return;
      this.readOne(item, header);
    }
    if (!this.hasEnded) this.readEvents(count - readTo, header);
    if (header.lastTimeNs > this.lastTimeNs) this.lastTimeNs = header.lastTimeNs;
  }

  private readOne(item: unfreed.Item.$Properties, header: ChunkHeader): void {
    if (item.end) this.hasEnded = true;
    if (item.part) {
      const part = readPart(item.part);
      if (part !== null) this.onPart(part);
    }
    if (item.clock) {
      // A sink may count on a clock that never goes back; a damaged file may not keep to it.
      this.clockNs = Math.max(this.clockNs, item.clock.timeNs ?? 0);
      item.clock.timeNs = this.clockNs;
    }
    if (readItem(item, this.sink)) return;
    this.hasEnded = false;
    this.damaged(0, header.lastTimeNs, 'an item that contradicts itself');
  }

  private readEvents(count: number, header: ChunkHeader): void {
    const { columns } = this;
    let left = Math.min(count, columns.remaining);
    while (left > 0) {
      const batch = this.nextBatch();
      const rows = Math.min(left, batch.capacity);
      const lost = columns.remaining;
      if (!columns.fill(batch, rows)) {
        this.eventsAccounted += lost;
        this.damaged(lost, header.lastTimeNs, 'event columns that contradict themselves');
        return;
      }
      left -= rows;
      this.eventsAccounted += rows;
      this.sink.events(batch);
      batch.clear();
      if (columns.anyUnknown) this.sink.fact({ type: 'losses', timeNs: this.lastTimeNs, rows: columns.takeUnknown() });
    }
  }

  /** The chunk at the end that is not whole. */
  private cutChunk(header: ChunkHeader, offset: number): void {
    const events = Math.max(0, header.eventsBefore - this.eventsAccounted) + header.eventCount;
    this.damaged(events, header.lastTimeNs, `chunk ${header.sequence}: it is cut off`, offset, header.firstTimeNs);
  }

  private damagedChunk(header: ChunkHeader, reason: string): void {
    const what = `chunk ${header.sequence}: ${reason}`;
    this.damaged(header.eventCount, header.lastTimeNs, what, this.framer.chunkOffset, header.firstTimeNs);
    this.eventsAccounted += header.eventCount;
  }

  private damaged(events: number, toNs: number, reason: string, byteOffset = -1, fromNs = this.lastTimeNs): void {
    const place = byteOffset >= 0 ? byteOffset : this.framer.chunkOffset;
    if (this.known.isFirstRead(this.framer.chunkOffset)) {
      this.known.addDamage({ byteOffset: place, fromNs, toNs, events, reason });
    }
    if (toNs > this.lastTimeNs) this.lastTimeNs = toNs;
    this.sink.fact({
      type: 'losses',
      timeNs: this.lastTimeNs,
      rows: [{ cause: LOSS_DAMAGED, kind: 0, cpu: -1, count: events, bytes: 0, countWithBytes: 0 }],
    });
  }

  private end(reason: EndReason, detail: string): void {
    this.hasEnded = true;
    this.sink.fact({ type: 'end', timeNs: this.lastTimeNs, reason, detail });
  }
}
