/**
 * RecordingReader: turns the bytes of a recording into the TraceSink calls that its writer got, in
 * the same order (batches may be cut elsewhere). Only a bad file header throws (FormatError).
 * Everything in the file is checked before it is used; a damaged chunk is left out, its events are
 * counted as LOSS_DAMAGED, and its time span is kept in `damagedSpans`.
 */
import { FormatError } from '../../decode/format-error.js';
import type { Damage } from '../../event/damage.js';
import { EventBatch } from '../../event/event-batch.js';
import { LOSS_DAMAGED } from '../../event/losses.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { EndReason, TraceSink } from '../../event/trace-sink.js';
import { ChunkFramer } from '../format/chunk-framer.js';
import { CHUNK_TRACE, type ChunkHeader, FIRST_AUXILIARY_KIND } from '../format/chunk-header.js';
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
  /** Called if the file is a part of a ring, before any other call for it. */
  onPart?: (part: RecordingPart) => void;
  /** The file's header is damaged: search for chunks at once. */
  ignoreFileHeader?: boolean;
  /** Called after each chunk of the trace, when the sink has had all of it: reading can resume there. */
  onMark?: (mark: ReaderMark) => void;
  /** The batch for the next events, emptied; absent = always the same one. */
  nextBatch?: () => EventBatch;
  /** What another reader has learned of the file, with the same dictionary; absent = nothing. */
  known?: FileFacts;
}

/**
 * Bytes without a chunk after which a reader stops: eight times the greatest chunk. A file that was
 * allocated in advance, or that a crash left, may end in gigabytes of holes.
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
  /** Events sent to the sink or reported as lost. */
  private eventsAccounted = 0;
  private lastTimeNs = 0;
  private clockNs = 0;
  private hasEnded = false;
  /** First byte that was skipped since the last good chunk; -1 = none. */
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
   * Continues at a mark, backwards or forwards, with the bytes that are pushed next. The
   * definitions of all chunks before it must have been read once, or passed to learn().
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

  /** Must be called before another reader reads the same file. */
  leave(): void {
    // Damage at the end may lie behind the offset; once the trace has ended, all of it has been
    // counted.
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

  /**
   * Takes definitions before the chunks that hold them are read. Returns false if they contradict
   * themselves.
   */
  learn(definitions: unfreed.Definitions.$Properties): boolean {
    return this.known.definitions.add(definitions);
  }

  /** True once the sink has had the end of the trace; later bytes are ignored. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Takes the next bytes of the file; the caller may reuse them afterwards. */
  push(bytes: Uint8Array): void {
    if (this.hasEnded) return;
    this.framer.append(bytes);
    this.drain();
    this.framer.settle();
  }

  /**
   * Must be called at the end of the file: ends the trace as 'cut', unless its end has been read.
   * Throws a FormatError if the file is shorter than its header.
   */
  finish(): void {
    if (this.hasEnded) return;
    const { framer } = this;
    if (!framer.sawHeader) {
      const found = framer.unfinishedBytes;
      throw new FormatError(`the recording is cut off: it ends after ${found} bytes, before the first event`);
    }
    // The last chunk may be cut short; or bytes are missing within it, and whole chunks follow.
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
    // Its header is whole and counts the events that are lost with it.
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

  /** Reports what is missing before this chunk. Returns false if the chunk must not be read. */
  private takeHeader(header: ChunkHeader): boolean {
    const { skippedAt } = this;
    this.skippedAt = -1;
    if (header.sequence < this.nextSequence || header.eventsBefore < this.eventsAccounted) {
      // Its events have been read already, or the file was put together from pieces of several.
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
      // Auxiliary chunks (index, checkpoint) hold nothing that the trace does not.
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
      // Sinks rely on a clock that never goes back; that of a damaged file may.
      this.clockNs = Math.max(this.clockNs, item.clock.timeNs ?? 0);
      item.clock.timeNs = this.clockNs;
    }
    if (readItem(item, this.sink, this.known.definitions)) return;
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

  /** Reports the chunk at the end, whose payload is cut off. */
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
