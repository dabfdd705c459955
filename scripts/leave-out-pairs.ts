/**
 * Copies a recording without the allocations of other processes that were freed within it:
 *   node scripts/run-ts.mjs scripts/leave-out-pairs.ts IN OUT NAME...
 *
 * A recording of a busy machine becomes small, and what is held at its end stays exact: only whole pairs (an alloc and
 * the free of exactly that allocation) go, and never those of a process named NAME. What moved stays too.
 */

import { rewriteRecording } from '../src/cli/traces/rewrite-recording.js';
import { EventBatch } from '../src/event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK, PAGE_MOVED_FROM, PAGE_MOVED_TO } from '../src/event/kinds.js';
import { NO_SINK, PassingSink } from '../src/event/passing-sink.js';
import { TraceDictionary } from '../src/event/trace-dictionary.js';
import type { TraceSink } from '../src/event/trace-sink.js';
import { openTrace } from '../src/recording/open.js';

/** An allocation that is held at this moment of the first reading. */
interface Held {
  row: number;
  size: number;
  /** The pair may be left out. */
  isOther: boolean;
}

/** Finds the rows of the pairs to leave out, by their number in the trace. */
class PairFinder extends PassingSink {
  readonly leftOut = new Set<number>();
  private readonly held = new Map<number, Held>();
  private row = 0;
  private readonly isKept: (commId: number) => boolean;

  constructor(isKept: (commId: number) => boolean) {
    super(NO_SINK);
    this.isKept = isKept;
  }

  override events(batch: EventBatch): void {
    for (let i = 0; i < batch.length; i++, this.row++) {
      const kind = batch.kind[i] & KIND_MASK;
      const allocator = ALLOCATOR_OF_KIND[kind];
      // Kernel pointers begin with 16 bits of ones: 48 bits and the allocator fit into a number.
      const key = (batch.addrHi[i] & 0xffff) * 2 ** 32 + batch.addrLo[i] + allocator * 2 ** 48;
      if (kind === PAGE_MOVED_FROM || kind === PAGE_MOVED_TO) this.held.delete(key);
      else if ((kind & FREE_BIT) === 0) {
        this.held.set(key, { row: this.row, size: batch.size[i], isOther: !this.isKept(batch.commId[i]) });
      } else this.free(key, batch.size[i]);
    }
  }

  private free(key: number, size: number): void {
    const held = this.held.get(key);
    this.held.delete(key);
    // A free of slab and percpu has no size; of pages it may be a part of what was taken.
    if (held === undefined || !held.isOther || (size !== 0 && size !== held.size)) return;
    this.leftOut.add(held.row);
    this.leftOut.add(this.row);
  }
}

/** Passes on all rows but those. */
class RowFilter extends PassingSink {
  readonly input: TraceSink = this;
  readonly dictionary: TraceDictionary;
  private readonly leftOut: ReadonlySet<number>;
  private readonly batch = new EventBatch();
  private row = 0;

  constructor(dictionary: TraceDictionary, leftOut: ReadonlySet<number>) {
    super(NO_SINK);
    this.dictionary = dictionary;
    this.leftOut = leftOut;
  }

  override events(batch: EventBatch): void {
    this.batch.clear();
    for (let i = 0; i < batch.length; i++, this.row++) {
      if (!this.leftOut.has(this.row)) this.batch.append(batch, i, i + 1);
    }
    if (this.batch.length > 0) super.events(this.batch);
  }
}

const [input, output, ...names] = process.argv.slice(2);
const dictionary = new TraceDictionary();
const finder = new PairFinder((commId) => names.includes(dictionary.comms.name(commId)));
const recording = await openTrace(input, finder, dictionary, { thread: false });
while (await recording.readNext());
recording.close();
await rewriteRecording(input, { output, force: true }, { stage: (source) => new RowFilter(source, finder.leftOut) });
console.error(`left out ${finder.leftOut.size / 2} pairs`);
