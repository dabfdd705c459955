/**
 * How a decode thread passes a recording to the thread that pairs it. Events lie in shared memory,
 * in SLOTS batches that are used in turn. Everything else goes in messages, in the order of the
 * recording; a message names the next slot.
 *
 * control[0] is the generation. It grows at a seek, which stops the decoder; everything it sent
 * before is void. control[1 + slot] is 1 from when the decoder takes the slot until the pairing
 * thread gives it back.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Damage } from '../../event/damage.js';
import { batchBytes, EventBatch } from '../../event/event-batch.js';
import type { TraceFact } from '../../event/trace-sink.js';
import type { SpoolOptions } from '../files/spooled-recording.js';
import type { RecordingPart } from '../format/part.js';
import type { DictionaryGrowth } from '../trace/dictionary-growth.js';
import type { RecordingMark } from '../trace/seekable-recording.js';

/**
 * 2 MB in all, which stays in the processor's cache, beside the tables, until it is read. It holds
 * 5 ms of pairing, because the decoder sends nothing while it decompresses a chunk.
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

/** One file of a recording; its descriptor stays open in the thread that pairs. */
export interface ThreadFile {
  path: string;
  sizeBytes: number;
  descriptor: number;
}

/**
 * The input of a decode thread: the files of a recording, oldest first, with the payloads of their
 * dictionary chunks; or one file that can be read only from its start, and is spooled.
 */
export type ThreadInput =
  | { type: 'parts'; files: ThreadFile[]; dictionaries: Uint8Array[][] }
  | { type: 'spool'; path: string; options: SpoolOptions };

/** The data with which the thread is started. */
export interface ThreadInit {
  input: ThreadInput;
  memory: ThreadMemory;
  port: MessagePort;
}

/** To the decoder: continue at a mark. */
export interface ThreadCommand {
  generation: number;
  mark: RecordingMark;
  /** Send marks, and keep what resuming at them needs. */
  marks: boolean;
}

/** One call of a TraceSink, or a message of the protocol's own between two calls. */
export type ThreadCall =
  | TraceFact
  | { type: 'events'; slot: number; length: number }
  | { type: 'dictionary'; growth: DictionaryGrowth }
  | { type: 'place'; mark: RecordingMark }
  | { type: 'part'; file: number; part: RecordingPart };

/** From the decoder. */
export interface ThreadPiece {
  generation: number;
  calls: ThreadCall[];
  /** Place up to which it was read, in bytes of all files. */
  bytesRead: number;
  ended: boolean;
  /** The damaged spans found so far; null = as in the piece before. */
  damage: { damagedSpans: Damage[]; count: number } | null;
  /** Why reading failed, a sentence for the user; null = it did not. */
  failure: string | null;
  /** Why reading can no longer resume at a mark, a sentence for the user; absent = it can. */
  slowness?: string;
}
