import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { GrowthOf } from './dictionary-growth.js';
import type { RecordingMark } from './open-recording.js';
import type { RecordingPart } from './part.js';
import { FIRST_SLOT, GENERATION, SLOTS, slotBatches, type ThreadCall, type ThreadMemory } from './thread-protocol.js';

/** Reading is to go on elsewhere: thrown through the decoder, which is resumed afterwards. */
export class Superseded extends Error {}

/** Between two looks at whether the reader has gone on elsewhere; it also wakes the decoder itself. */
const WAIT_MS = 200;

/** ThreadSink: the decode thread's end. Gathers calls for one message, decodes events straight into shared memory. */
export class ThreadSink implements TraceSink {
  private calls: ThreadCall[] = [];
  private readonly control: Int32Array;
  private readonly batches: EventBatch[];
  private readonly names: GrowthOf;
  private readonly send: (calls: ThreadCall[]) => void;
  private generation = 0;
  /** The slot that is filled next; it is this thread's once `taken`. */
  private slot = 0;
  private taken = false;

  /** `send` is called with what goes in one message: at least whenever a slot is full. */
  constructor(memory: ThreadMemory, dictionary: TraceDictionary, send: (calls: ThreadCall[]) => void) {
    this.control = new Int32Array(memory.control);
    this.batches = slotBatches(memory);
    this.names = new GrowthOf(dictionary);
    this.send = send;
  }

  /** False when that generation is over before it has begun. */
  begin(generation: number): boolean {
    // These are told once, whatever becomes of what would have followed them.
    this.calls = this.calls.filter(({ type }) => type === 'names' || type === 'part');
    this.generation = generation;
    return Atomics.load(this.control, GENERATION) === generation;
  }

  /** Throws Superseded when reading is to go on elsewhere. */
  check(): void {
    if (Atomics.load(this.control, GENERATION) !== this.generation) throw new Superseded();
  }

  /** The batch for the next events; waits for the reader when all are full. */
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
    this.call({ type: 'events', slot: this.slot, length: batch.length });
    this.taken = false;
    this.slot = (this.slot + 1) % SLOTS;
    this.flush();
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.calls.length === 0) return;
    const { calls } = this;
    this.calls = [];
    this.send(calls);
  }

  mark(mark: RecordingMark): void {
    this.call({ type: 'mark', mark });
  }

  part(file: number, part: RecordingPart): void {
    this.call({ type: 'part', file, part });
  }

  host(facts: HostFacts): void {
    this.call({ type: 'host', facts });
  }

  symbol(entry: SymbolisedAddress): void {
    this.call({ type: 'symbol', entry });
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.call({ type: 'losses', timeNs, rows });
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.call({ type: 'counters', timeNs, source, text });
  }

  clock(timeNs: number): void {
    this.call({ type: 'clock', timeNs });
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.call({ type: 'end', timeNs, reason, detail });
  }

  /** The meaning of ids goes before whatever may name them. */
  private call(call: ThreadCall): void {
    const growth = this.names.take();
    if (growth !== null) this.calls.push({ type: 'names', growth });
    this.calls.push(call);
  }
}
