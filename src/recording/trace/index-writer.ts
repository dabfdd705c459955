/**
 * IndexWriter: puts checkpoints between the chunks of a recording while it is written, and behind its end what is needed
 * to use them: the whole dictionary, the symbols, the index and the footer by which it is found.
 *
 * Checkpoints are paid for by the rest of the recording, five bytes for one: a trace whose checkpoints are large has few,
 * and a short one none. The files of a ring pay together, and there the dictionary is paid for too.
 */
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { MAX_CHUNK_BYTES } from '../format/chunk-header.js';
import { DefinitionsEncoder } from '../format/definitions.js';
import { unfreed } from '../format/generated/schema.js';
import {
  CHUNK_CHECKPOINT,
  CHUNK_DICTIONARY,
  CHUNK_FOOTER,
  CHUNK_INDEX,
  encodeFooter,
  encodeIndex,
  encodePart,
  type IndexedCheckpoint,
} from '../format/index-format.js';
import { factItem } from '../format/items.js';
import type { RecordingWriter } from './writer.js';

export interface CheckpointPacing {
  /** Events between two checkpoints at least. */
  minEvents: number;
  /** Bytes of the recording that pay for one byte of checkpoint. */
  price: number;
}

/** What the checkpoints of a recording have cost so far, in all its files. */
export class CheckpointBudget {
  /** Before the last checkpoint. */
  events = 0;
  aidBytes = 0;
  /** Of the files before the one that is being written. */
  closedBytes = 0;
}

/** Some 80 ms of reading; a fifth more of a recording at most. */
export const PACING: CheckpointPacing = { minEvents: 600_000, price: 5 };
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
  private readonly budget: CheckpointBudget;

  constructor(writer: RecordingWriter, pacing = PACING, budget = new CheckpointBudget()) {
    this.writer = writer;
    this.pacing = pacing;
    this.budget = budget;
  }

  /** Is it time for a checkpoint? `events` have been told to the writer, and it would be of about `size` bytes. */
  wants(events: number, size: number): boolean {
    const { budget, pacing } = this;
    return events - budget.events >= pacing.minEvents && size <= MAX_BYTES && this.pays(size * PACKED);
  }

  /** A checkpoint of everything told to the writer, of which no event is later than `timeNs`. */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    const { writer } = this;
    writer.flush();
    const byteOffset = writer.bytesWritten;
    const parts = Math.max(1, Math.ceil(state.length / PART_BYTES));
    for (let part = 0; part < parts; part++) {
      const bytes = state.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
      writer.auxiliary(CHUNK_CHECKPOINT, encodePart(part, parts, bytes));
    }
    const { greatestTimeNs: lastTimeNs, clockNs } = writer;
    this.checkpoints.push({ byteOffset, parts, length: state.length, events, timeNs, lastTimeNs, clockNs });
    this.budget.events = events;
    this.budget.aidBytes += writer.bytesWritten - byteOffset;
  }

  /** After the end of the trace. Writes nothing when there is no checkpoint to be found. */
  finish(dictionary: TraceDictionary, symbols: readonly SymbolisedAddress[]): void {
    if (this.checkpoints.length > 0) this.write(dictionary, symbols);
  }

  /**
   * The same after the end of one file of several: without its dictionary nothing in those behind it could be found. False
   * = the recording does not pay for it, and nothing was written.
   */
  finishPart(dictionary: TraceDictionary, symbols: readonly SymbolisedAddress[]): boolean {
    const { writer, budget } = this;
    if (!this.pays(indexBytes(dictionary, symbols.length))) return false;
    const before = writer.bytesWritten;
    this.write(dictionary, symbols);
    budget.aidBytes += writer.bytesWritten - before;
    budget.closedBytes += writer.bytesWritten;
    return true;
  }

  /** Do all files together have what so many bytes more cost? */
  private pays(bytes: number): boolean {
    const { closedBytes, aidBytes } = this.budget;
    return closedBytes + this.writer.bytesWritten - aidBytes >= (aidBytes + bytes) * this.pacing.price;
  }

  private write(dictionary: TraceDictionary, symbols: readonly SymbolisedAddress[]): void {
    const { writer, checkpoints } = this;
    const places: number[] = [];
    const add = (message: unfreed.Chunk.$Properties): void => {
      places.push(writer.bytesWritten);
      writer.auxiliary(CHUNK_DICTIONARY, unfreed.Chunk.encode(message).finish());
    };
    const definitions = new DefinitionsEncoder(dictionary);
    for (let message = definitions.take(); message !== null; message = definitions.take()) {
      add({ definitions: message, items: [] });
    }
    for (let from = 0; from < symbols.length; from += SYMBOLS_PER_CHUNK) {
      add({
        items: symbols.slice(from, from + SYMBOLS_PER_CHUNK).map((entry) => factItem(0, { type: 'symbol', entry })),
      });
    }
    const indexOffset = writer.bytesWritten;
    writer.auxiliary(CHUNK_INDEX, encodeIndex({ dictionary: places, checkpoints }));
    writer.auxiliary(CHUNK_FOOTER, encodeFooter(indexOffset));
  }
}

/** About the bytes in a file that an index with such a dictionary takes. */
export function indexBytes({ stacks, comms, caches }: TraceDictionary, symbols: number): number {
  return 400 + stacks.frames.size * 3 + stacks.size * 12 + (comms.size + caches.size) * 8 + symbols * 14;
}
