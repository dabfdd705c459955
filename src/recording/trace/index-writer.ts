/**
 * IndexWriter: writes checkpoints between the chunks of a recording, and behind its end what a
 * reader needs to use them: the whole dictionary, the symbols, the index, and the footer with the
 * place of the index.
 *
 * The size of the rest of the recording limits that of the checkpoints, five bytes to one: a trace
 * whose checkpoints are large has few, and a short one none. In a ring, the files count together,
 * and their dictionaries count as well.
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
  /** Least number of events between two checkpoints. */
  minEvents: number;
  /** Bytes of the rest of the recording for each byte of checkpoint. */
  price: number;
}

/** The bytes that the checkpoints of a recording have taken so far, in all its files. */
export class CheckpointBudget {
  /** Events before the last checkpoint. */
  events = 0;
  aidBytes = 0;
  /** Bytes of the files before the one that is being written. */
  closedBytes = 0;
}

/** Some 80 ms of reading between two; they make a recording a fifth larger at most. */
export const PACING: CheckpointPacing = { minEvents: 600_000, price: 5 };
/** Bytes of one checkpoint at most: a larger one would keep the recorder from its work for 100 ms. */
const MAX_BYTES = 16 << 20;
/** Compressed size of a core's state, as a share of its size. */
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

  /** True if a checkpoint is due after `events` events; its state would take about `size` bytes. */
  wants(events: number, size: number): boolean {
    const { budget, pacing } = this;
    return events - budget.events >= pacing.minEvents && size <= MAX_BYTES && this.pays(size * PACKED);
  }

  /**
   * Writes a checkpoint: the state after all calls to the writer so far, `events` events, none
   * later than `timeNs`.
   */
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

  /**
   * Writes the index; must be called after the end of the trace. Writes nothing if there are no
   * checkpoints.
   */
  finish(dictionary: TraceDictionary, symbols: readonly SymbolisedAddress[]): void {
    if (this.checkpoints.length > 0) this.write(dictionary, symbols);
  }

  /**
   * Writes the index of one file of several, even without checkpoints: those of later files need
   * its dictionary. Returns false, and writes nothing, if the recording is too small for it.
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

  /** True if all files together are large enough for `bytes` more bytes of checkpoints and indexes. */
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

/** Returns about how many bytes an index with such a dictionary takes in a file. */
export function indexBytes({ stacks, comms, caches, cgroups }: TraceDictionary, symbols: number): number {
  const names = (comms.size + caches.size) * 8 + cgroups.size * 32;
  return 400 + stacks.frames.size * 3 + stacks.size * 12 + names + symbols * 14;
}
