/**
 * A second trace beside the one under test, of every address. When the trace under test is a
 * sample, it must hold exactly those allocations of this one whose addresses are in the sample.
 * This one is checked against the load's own truth.
 */
import { BpfCollector } from '../../src/collect/bpf-collector.js';
import { defaultCollectorOptions } from '../../src/collect/collector.js';
import type { EventBatch } from '../../src/event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK, kindName, PAGE } from '../../src/event/kinds.js';
import { isSampled } from '../../src/event/sampling.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { isAllocatorsOwn } from './held.js';
import { until } from './patience.js';

interface Seen {
  kind: number;
  hi: number;
  lo: number;
  comm: string;
  stackId: number;
}

/** Loads that hold memory: events of others are not kept, because they may be very busy. */
const LOADS = /^hold-/;

export class Witness implements TraceSink {
  private readonly dictionary = new TraceDictionary();
  private readonly collector = new BpfCollector(
    { ...defaultCollectorOptions(), allocators: ['page', 'slab'] },
    { how: 'root', prefix: [] },
  );
  /** By allocator, then by address: kernel addresses differ in their low 52 bits. */
  private readonly outstanding = [new Map<number, Seen>(), new Map<number, Seen>()];
  private readonly symbols = new Map<string, string>();
  private startUnixMs = 0;
  private clockNs = 0;

  static async start(): Promise<Witness> {
    const witness = new Witness();
    await witness.collector.start(witness, witness.dictionary);
    return witness;
  }

  /** Resolves when all events up to now have arrived. */
  async settle(): Promise<void> {
    const nowNs = (Date.now() - this.startUnixMs) * 1e6;
    await until('the witness to come past now', () => this.clockNs > nowNs + 0.05e9);
  }

  async stop(): Promise<void> {
    await this.collector.stop('stopped');
  }

  /** The number of pages or objects held on call paths through a function, at 1 in `oneIn` addresses. */
  count(held: { kind: string; symbol: string; comm: string }, oneIn = 1, seed = 0): number {
    const wanted = new Map<number, boolean>();
    const isWanted = (stackId: number): boolean => {
      const known = wanted.get(stackId);
      if (known !== undefined) return known;
      const path = this.path(stackId);
      const found =
        !path.some(isAllocatorsOwn) && path.some((name) => name === held.symbol || name === `anon_${held.symbol}`);
      wanted.set(stackId, found);
      return found;
    };
    let count = 0;
    for (const { kind, hi, lo, comm, stackId } of this.outstanding.flatMap((table) => [...table.values()])) {
      if (comm !== held.comm || kindName(kind) !== held.kind || !isWanted(stackId)) continue;
      if (isSampled(ALLOCATOR_OF_KIND[kind], hi, lo, oneIn, seed)) count++;
    }
    return count;
  }

  events(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kind[row] & KIND_MASK;
      const allocator = ALLOCATOR_OF_KIND[kind];
      const isFree = (kind & FREE_BIT) !== 0;
      const comm = isFree ? '' : this.dictionary.comms.name(batch.commId[row]);
      const [hi, stackId] = [batch.addrHi[row], batch.stackId[row]];
      const pages = allocator === PAGE ? batch.size[row] : 1;
      for (let page = 0; page < pages; page++) {
        const lo = batch.addrLo[row] + page;
        const key = (hi & 0xfffff) * 2 ** 32 + lo;
        if (isFree || !LOADS.test(comm)) this.outstanding[allocator].delete(key);
        else this.outstanding[allocator].set(key, { kind, hi, lo, comm, stackId });
      }
    }
  }

  fact(fact: TraceFact): void {
    if (fact.type === 'host') this.startUnixMs = fact.facts.startUnixMs;
    else if (fact.type === 'clock') this.clockNs = fact.timeNs;
    else if (fact.type === 'symbol') {
      const { addressHi, addressLo, symbol } = fact.entry;
      this.symbols.set(`${addressHi}:${addressLo}`, symbol);
    }
  }

  private path(stackId: number): string[] {
    const { stacks } = this.dictionary;
    return Array.from({ length: stacks.depth(stackId) }, (_, i) => {
      const frame = stacks.frameId(stackId, i);
      return this.symbols.get(`${stacks.frames.hi[frame]}:${stacks.frames.lo[frame]}`) ?? '?';
    });
  }
}
