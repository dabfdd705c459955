/**
 * IndexWriter: puts checkpoints between the chunks of a recording while it is written, and behind its end what is needed
 * to use them: the whole dictionary, the symbols, the index and the footer by which it is found.
 *
 * Checkpoints are paid for by the rest of the recording, seven bytes for one: a trace whose checkpoints are large has few,
 * and a short one none.
 */
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { SymbolisedAddress } from '../event/trace-sink.js';
import { MAX_CHUNK_BYTES } from './chunk-header.js';
import { DefinitionsEncoder } from './definitions.js';
import {
  CHUNK_CHECKPOINT,
  CHUNK_DICTIONARY,
  CHUNK_FOOTER,
  CHUNK_INDEX,
  encodeFooter,
  encodeIndex,
  encodePart,
  type IndexedCheckpoint,
} from './index-format.js';
import { symbolItem } from './items.js';
import { unfreed } from './schema.js';
import type { RecordingWriter } from './writer.js';

export interface CheckpointPacing {
  /** Events between two checkpoints at least. */
  minEvents: number;
  /** Bytes of the recording that pay for one byte of checkpoint. */
  price: number;
}

/** Some 120 ms of reading; a seventh more of a recording at most. */
const PACING: CheckpointPacing = { minEvents: 900_000, price: 7 };
/** A checkpoint of more would keep the recorder from its work for 100 ms. */
const MAX_BYTES = 16 << 20;
/** Bytes as they come from a core shrink to this much when compressed. */
const PACKED = 0.73;
const PART_BYTES = MAX_CHUNK_BYTES - 64;
const SYMBOLS_PER_CHUNK = 16384;

export class IndexWriter {
  private readonly writer: RecordingWriter;
  private readonly checkpoints: IndexedCheckpoint[] = [];
  private readonly pacing: CheckpointPacing;
  /** Of all checkpoints so far. */
  private aidBytes = 0;

  constructor(writer: RecordingWriter, pacing: CheckpointPacing = PACING) {
    this.writer = writer;
    this.pacing = pacing;
  }

  /** Is it time for a checkpoint? `events` have been told to the writer, and it would be of about `size` bytes. */
  wants(events: number, size: number): boolean {
    const last = this.checkpoints.at(-1)?.events ?? 0;
    if (events - last < this.pacing.minEvents || size > MAX_BYTES) return false;
    const { aidBytes, writer, pacing } = this;
    return writer.bytesWritten - aidBytes >= (aidBytes + size * PACKED) * pacing.price;
  }

  /** A checkpoint of everything told to the writer, of which no event is later than `timeNs`. */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    const { writer } = this;
    writer.flush();
    const byteOffset = writer.bytesWritten;
    const parts = Math.max(1, Math.ceil(state.length / PART_BYTES));
    for (let part = 0; part < parts; part++) {
      const bytes = state.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
      writer.aid(CHUNK_CHECKPOINT, encodePart(part, parts, bytes));
    }
    const { greatestTimeNs: lastTimeNs, clockNs } = writer;
    this.checkpoints.push({ byteOffset, parts, length: state.length, events, timeNs, lastTimeNs, clockNs });
    this.aidBytes += writer.bytesWritten - byteOffset;
  }

  /** After the end of the trace. Writes nothing when there is no checkpoint to be found. */
  finish(dictionary: TraceDictionary, symbols: readonly SymbolisedAddress[]): void {
    const { writer, checkpoints } = this;
    if (checkpoints.length === 0) return;
    const places: number[] = [];
    const add = (message: unfreed.Chunk.$Properties): void => {
      places.push(writer.bytesWritten);
      writer.aid(CHUNK_DICTIONARY, unfreed.Chunk.encode(message).finish());
    };
    const definitions = new DefinitionsEncoder(dictionary);
    for (let message = definitions.take(); message !== null; message = definitions.take()) {
      add({ definitions: message, items: [] });
    }
    for (let from = 0; from < symbols.length; from += SYMBOLS_PER_CHUNK) {
      add({ items: symbols.slice(from, from + SYMBOLS_PER_CHUNK).map((entry) => symbolItem(0, entry)) });
    }
    const indexOffset = writer.bytesWritten;
    writer.aid(CHUNK_INDEX, encodeIndex({ dictionary: places, checkpoints }));
    writer.aid(CHUNK_FOOTER, encodeFooter(indexOffset));
  }
}
