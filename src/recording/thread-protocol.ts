/**
 * How a decode thread hands a recording to the thread that pairs it. Events lie in shared memory, in SLOTS batches that
 * go round; everything else goes in messages, in the order of the recording, and a message says which slot is next.
 *
 * control[0] is the generation: it grows when reading is to go on elsewhere, which stops the decoder wherever it is, and
 * makes void what it sent before. control[1 + slot] is 1 while a slot is the reader's.
 */

import type { Damage } from '../event/damage.js';
import { batchBytes, EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress } from '../event/trace-sink.js';
import type { DictionaryGrowth } from './dictionary-growth.js';
import type { RecordingMark } from './open-recording.js';
import type { RecordingPart } from './part.js';

/**
 * 2 MB in all, to lie in the processor's cache until it is read, beside the tables; and 5 ms of pairing, for the decoder
 * gives nothing while it decompresses a chunk.
 */
export const SLOTS = 12;
export const SLOT_EVENTS = 4096;
export const GENERATION = 0;
export const FIRST_SLOT = 1;

export interface ThreadMemory {
  control: SharedArrayBuffer;
  slots: SharedArrayBuffer;
}

export function threadMemory(): ThreadMemory {
  return {
    control: new SharedArrayBuffer((FIRST_SLOT + SLOTS) * 4),
    slots: new SharedArrayBuffer(SLOTS * batchBytes(SLOT_EVENTS)),
  };
}

/** The batch of each slot, as one thread sees it: the columns are shared, the length is not. */
export function slotBatches(memory: ThreadMemory): EventBatch[] {
  return Array.from(
    { length: SLOTS },
    (_, slot) => new EventBatch(SLOT_EVENTS, memory.slots, slot * batchBytes(SLOT_EVENTS)),
  );
}

/** To the decoder: go on at a mark. */
export interface ThreadCommand {
  generation: number;
  mark: RecordingMark;
  /** Tell marks on the way: what they need is then kept. */
  marks: boolean;
}

/** One call of a TraceSink, or what stands between them. */
export type ThreadCall =
  | { type: 'events'; slot: number; length: number }
  | { type: 'names'; growth: DictionaryGrowth }
  | { type: 'mark'; mark: RecordingMark }
  | { type: 'part'; file: number; part: RecordingPart }
  | { type: 'host'; facts: HostFacts }
  | { type: 'symbol'; entry: SymbolisedAddress }
  | { type: 'losses'; timeNs: number; rows: LossRow[] }
  | { type: 'counters'; timeNs: number; source: CounterSource; text: string }
  | { type: 'clock'; timeNs: number }
  | { type: 'end'; timeNs: number; reason: EndReason; detail: string };

/** From the decoder. */
export interface ThreadPiece {
  generation: number;
  calls: ThreadCall[];
  /** Bytes of the files before the place up to which it was read. */
  bytesRead: number;
  ended: boolean;
  /** What could not be read, as far as it has been met; null = as before. */
  damage: { damages: Damage[]; count: number } | null;
  /** Reading failed: why, in a sentence. */
  failure: string | null;
  /** Why marks cannot be resumed at any more, a sentence for the user; absent = they can. */
  slowness?: string;
}
