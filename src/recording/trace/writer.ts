/**
 * RecordingWriter: a TraceSink that turns a trace into the bytes of a recording (FORMAT.md).
 *
 * Calls are gathered for one chunk. The chunk is encoded when it is full (CHUNK_EVENTS events, a
 * second of the trace, or many items) or when the owner calls flush(), which it does once a second
 * while it traces: a recorder that is killed loses only the calls after the last flush. Each call
 * of `write` gets one whole piece (the file header, then chunks), whose bytes the receiver may
 * keep.
 */
import { BugError } from '../../base/errors.js';
import { EventBatch } from '../../event/event-batch.js';
import { timeOf } from '../../event/facts.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { FactOf, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { wholeTime } from '../format/bytes.js';
import {
  CHUNK_HEADER_BYTES,
  CHUNK_TRACE,
  encodeChunkHeader,
  encodeFileHeader,
  MAX_CHUNK_BYTES,
} from '../format/chunk-header.js';
import { ColumnEncoder } from '../format/column-encoder.js';
import { CODEC_RAW, type Compressor } from '../format/compression.js';
import { type Crc32, crc32 as portableCrc32 } from '../format/crc32.js';
import { DefinitionsEncoder } from '../format/definitions.js';
import { unfreed } from '../format/generated/schema.js';
import { factBytes, factItem, partItem } from '../format/items.js';
import type { RecordingPart } from '../format/part.js';

/** Events of a chunk: in smaller chunks fewer addresses can be predicted, larger ones make seeking coarse. */
export const CHUNK_EVENTS = 65536;
/** ns of the trace that one chunk spans at most (plus one batch). */
const CHUNK_NS = 1e9;
/** Items other than events that close a chunk, by number and by bytes of text. */
const CHUNK_ITEMS = 16384;
const CHUNK_ITEM_BYTES = 1 << 20;
/** Loss rows in one item at most; more go in several items. */
const LOSS_ROWS = 65536;

export interface WriterOptions {
  /** Absent = payloads are stored as they are. */
  compressor?: Compressor;
  crc32?: Crc32;
}

export class RecordingWriter implements TraceSink {
  /** Bytes and events handed to `write` so far. */
  bytesWritten = 0;
  eventsWritten = 0;
  /** Greatest time of all calls so far, and of the clock facts alone. */
  greatestTimeNs = 0;
  clockNs = 0;

  private readonly write: (bytes: Uint8Array) => void;
  private readonly compressor: Compressor | null;
  private readonly crc32: Crc32;
  private readonly definitions: DefinitionsEncoder;
  private readonly encoder = new ColumnEncoder(CHUNK_EVENTS);
  private readonly pending = new EventBatch(CHUNK_EVENTS);
  private items: unfreed.Item.$Properties[] = [];
  private itemBytes = 0;
  private sequence = 0;
  /** Times in the chunk being gathered; first > last while it has no times. */
  private firstTimeNs = Infinity;
  private lastTimeNs = 0;
  private hasEnded = false;

  /** Writes the file's header at once. Ids in batches are ids of `dictionary`. */
  constructor(dictionary: TraceDictionary, write: (bytes: Uint8Array) => void, options: WriterOptions = {}) {
    this.write = write;
    this.compressor = options.compressor ?? null;
    this.crc32 = options.crc32 ?? portableCrc32;
    this.definitions = new DefinitionsEncoder(dictionary);
    this.emit(encodeFileHeader());
  }

  /** Events that the chunk being gathered still takes, at least 1. */
  get chunkRoom(): number {
    return CHUNK_EVENTS - this.pending.length;
  }

  /** Says which part of a recording in several files this is; must be the first call. */
  part(part: RecordingPart): void {
    this.addItem(partItem(0, part), 64);
  }

  events(batch: EventBatch): void {
    if (this.hasEnded) return;
    let from = 0;
    while (from < batch.length) {
      const count = Math.min(batch.length - from, CHUNK_EVENTS - this.pending.length);
      this.pending.append(batch, from, from + count);
      this.spanRows(batch, from, count);
      from += count;
      if (this.pending.length === CHUNK_EVENTS) this.flush();
    }
    this.closeIfLong();
  }

  fact(fact: TraceFact): void {
    const timeNs = timeOf(fact);
    if (timeNs !== null) this.spanTime(timeNs);
    if (fact.type === 'losses') return this.losses(fact);
    if (fact.type === 'clock') this.clockNs = Math.max(this.clockNs, wholeTime(fact.timeNs));
    this.addFact(fact);
    if (fact.type === 'clock') this.closeIfLong();
    if (fact.type !== 'end') return;
    this.flush();
    this.hasEnded = true;
  }

  /** Closes the chunk being gathered: all calls so far have then gone to `write`. */
  flush(): void {
    let definitions = this.definitions.take();
    // More new definitions than one message takes go ahead in chunks of their own.
    while (definitions !== null && this.definitions.pending) {
      this.emitChunk({ definitions, items: [] }, 0);
      definitions = this.definitions.take();
    }
    if (definitions === null && this.items.length === 0 && this.pending.length === 0) return;
    const events = this.pending.length > 0 ? this.encoder.encode(this.pending) : null;
    this.emitChunk({ definitions, events, items: this.items }, this.pending.length);
    this.pending.clear();
    this.items = [];
    this.itemBytes = 0;
    this.firstTimeNs = Infinity;
  }

  /**
   * Writes an auxiliary chunk (see index-format.ts), also after the end of the trace. The chunk
   * being gathered must be empty.
   */
  auxiliary(kind: number, raw: Uint8Array): void {
    this.emitPayload(kind, raw, 0);
  }

  private emitChunk(message: unfreed.Chunk.$Properties, eventCount: number): void {
    this.emitPayload(CHUNK_TRACE, unfreed.Chunk.encode(message).finish(), eventCount);
  }

  private emitPayload(kind: number, raw: Uint8Array, eventCount: number): void {
    if (raw.length > MAX_CHUNK_BYTES) {
      throw new BugError(`chunk of ${raw.length} bytes, expected at most ${MAX_CHUNK_BYTES}`);
    }
    let codec = CODEC_RAW;
    let stored = raw;
    if (this.compressor !== null) {
      const packed = this.compressor.compress(raw);
      if (packed.length < raw.length) {
        codec = this.compressor.codec;
        stored = packed;
      }
    }
    const header = encodeChunkHeader(
      {
        kind,
        codec,
        sequence: this.sequence++,
        storedBytes: stored.length,
        rawBytes: raw.length,
        eventCount,
        payloadCrc: this.crc32(stored),
        eventsBefore: this.eventsWritten,
        firstTimeNs: Math.min(this.firstTimeNs, this.lastTimeNs),
        lastTimeNs: this.lastTimeNs,
      },
      this.crc32,
    );
    const chunk = new Uint8Array(CHUNK_HEADER_BYTES + stored.length);
    chunk.set(header);
    chunk.set(stored, CHUNK_HEADER_BYTES);
    this.eventsWritten += eventCount;
    this.emit(chunk);
  }

  private emit(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length;
    this.write(bytes);
  }

  /** No machine has more loss rows than fit in one item, but a damaged or hostile stream may claim so. */
  private losses(fact: FactOf<'losses'>): void {
    const { rows } = fact;
    for (let from = 0; from === 0 || from < rows.length; from += LOSS_ROWS) {
      this.addFact({ ...fact, rows: rows.slice(from, from + LOSS_ROWS) });
    }
  }

  private addFact(fact: TraceFact): void {
    this.addItem(factItem(this.pending.length, fact), factBytes(fact));
  }

  private addItem(item: unfreed.Item.$Properties, bytes: number): void {
    if (this.hasEnded) return;
    // A long text gets a chunk of its own, so that no chunk comes near MAX_CHUNK_BYTES.
    if (bytes > CHUNK_ITEM_BYTES && this.items.length + this.pending.length > 0) {
      this.flush();
      item.at = 0;
    }
    this.items.push(item);
    this.itemBytes += bytes;
    if (this.items.length >= CHUNK_ITEMS || this.itemBytes >= CHUNK_ITEM_BYTES) this.flush();
  }

  private closeIfLong(): void {
    if (this.lastTimeNs - this.firstTimeNs >= CHUNK_NS) this.flush();
  }

  private spanRows(batch: EventBatch, from: number, count: number): void {
    const { timeNs } = batch;
    for (let row = from; row < from + count; row++) this.spanTime(timeNs[row]);
  }

  private spanTime(timeNs: number): void {
    const time = wholeTime(timeNs);
    // lastTimeNs carries over from chunk to chunk until a new chunk has a time of its own.
    if (this.firstTimeNs === Infinity) this.lastTimeNs = time;
    if (time < this.firstTimeNs) this.firstTimeNs = time;
    if (time > this.lastTimeNs) this.lastTimeNs = time;
    if (time > this.greatestTimeNs) this.greatestTimeNs = time;
  }
}
