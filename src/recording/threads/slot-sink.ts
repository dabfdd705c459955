import type { EventBatch } from '../../event/event-batch.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../event/trace-sink.js';
import type { RecordingPart } from '../format/part.js';
import { GrowthOf } from '../trace/dictionary-growth.js';
import type { RecordingMark } from '../trace/seekable-recording.js';
import {
  FIRST_SLOT,
  GENERATION,
  SLOT_EVENTS,
  SLOTS,
  slotBatches,
  type ThreadCall,
  type ThreadMemory,
} from './protocol.js';

/** Thrown through the decoder after a seek; it resumes at the new place. */
export class Superseded extends Error {}

/** Time between two checks for a seek, although a seek also wakes the decoder. */
const WAIT_MS = 200;

/**
 * SlotSink: the decode thread's side of the shared memory. Gathers calls for one message. A reader
 * that decodes into nextBatch() puts its events straight into shared memory; the batches of any
 * other reader are copied there.
 */
export class SlotSink implements TraceSink {
  private calls: ThreadCall[] = [];
  private readonly control: Int32Array;
  private readonly batches: EventBatch[];
  private readonly names: GrowthOf;
  private readonly send: (calls: ThreadCall[]) => void;
  private generation = 0;
  /** The slot that is filled next; this thread owns it while `taken`. */
  private slot = 0;
  private taken = false;

  /** `send` gets the calls of one message, at least whenever a slot is full. */
  constructor(memory: ThreadMemory, dictionary: TraceDictionary, send: (calls: ThreadCall[]) => void) {
    this.control = new Int32Array(memory.control);
    this.batches = slotBatches(memory);
    this.names = new GrowthOf(dictionary);
    this.send = send;
  }

  /** Begins to send under a generation. Returns false if that generation is over already. */
  begin(generation: number): boolean {
    // These are sent only once, so they stay when the calls after them are dropped.
    this.calls = this.calls.filter(({ type }) => type === 'dictionary' || type === 'part');
    this.generation = generation;
    return Atomics.load(this.control, GENERATION) === generation;
  }

  /** Throws Superseded after a seek. */
  check(): void {
    if (Atomics.load(this.control, GENERATION) !== this.generation) throw new Superseded();
  }

  /** The batch for the next events; waits for the reader while all are full. */
  nextBatch(): EventBatch {
    const at = FIRST_SLOT + this.slot;
    while (!this.taken) {
      this.check();
      if (Atomics.compareExchange(this.control, at, 0, 1) === 0) this.taken = true;
      else Atomics.wait(this.control, at, 1, WAIT_MS);
    }
    const batch = this.batches[this.slot];
    batch.clear();
    return batch;
  }

  events(batch: EventBatch): void {
    if (this.taken && batch === this.batches[this.slot]) this.handOver(batch);
    else this.copy(batch);
  }

  /** Sends the calls gathered so far. */
  flush(): void {
    if (this.calls.length === 0) return;
    const { calls } = this;
    this.calls = [];
    this.send(calls);
  }

  mark(mark: RecordingMark): void {
    this.call({ type: 'place', mark });
  }

  part(file: number, part: RecordingPart): void {
    this.call({ type: 'part', file, part });
  }

  fact(fact: TraceFact): void {
    this.call(fact);
  }

  private handOver(slot: EventBatch): void {
    this.call({ type: 'events', slot: this.slot, length: slot.length });
    this.taken = false;
    this.slot = (this.slot + 1) % SLOTS;
    this.flush();
  }

  /**
   * After a seek the events are dropped, and nothing is thrown: a reader with batches of its own
   * may have no way back, so it must decode its piece to the end.
   */
  private copy(batch: EventBatch): void {
    try {
      for (let from = 0; from < batch.length; from += SLOT_EVENTS) {
        this.check();
        const slot = this.nextBatch();
        slot.append(batch, from, Math.min(from + SLOT_EVENTS, batch.length));
        this.handOver(slot);
      }
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
    }
  }

  /** Definitions of ids go before any call that may use them. */
  private call(call: ThreadCall): void {
    const growth = this.names.take();
    if (growth !== null) this.calls.push({ type: 'dictionary', growth });
    this.calls.push(call);
  }
}
