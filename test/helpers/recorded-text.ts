import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TextTraceDecoder } from '../../src/decode/text/text-decoder.js';
import { createTextDecoder, type TextFormat } from '../../src/decode/text-decoders.js';
import type { EventBatch } from '../../src/event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, PAGE, SLAB } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { PairingCore } from '../../src/pair/pairing-core.js';

export { PAGE, SLAB };

/** The content of a gzipped text below recordings/. */
export function recordedText(path: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`../../recordings/${path}`, import.meta.url)));
}

/** The pairing core after an import, with its totals by function name. */
export interface PairedText {
  core: PairingCore;
  stats: TextTraceDecoder['stats'];
  /** Alloc events, outstanding objects (pages) and outstanding bytes of all call paths through a function. */
  through: (allocator: number, symbol: string) => { allocs: number; count: number; bytes: number };
}

/** Imports a text and pairs it. */
export function pairText(format: TextFormat, text: Uint8Array): PairedText {
  const sink = new PairingSink();
  const decoder = createTextDecoder(format, sink, sink.dictionary, { userFrames: false });
  for (let at = 0; at < text.length; at += 100_003) decoder.push(text.subarray(at, at + 100_003));
  decoder.finish();
  return {
    core: sink.core,
    stats: decoder.stats,
    through: (allocator, symbol) => sink.through(allocator, symbol),
  };
}

/** The pairing core, with names and a count of alloc events beside it. */
class PairingSink implements TraceSink {
  readonly dictionary = new TraceDictionary();
  readonly core = new PairingCore(this.dictionary);
  private readonly symbols = new Map<string, string>();
  private readonly allocs = new Map<string, number>();

  through(allocator: number, symbol: string): { allocs: number; count: number; bytes: number } {
    const { paths } = this.core;
    const { stacks } = this.dictionary;
    const sum = { allocs: 0, count: 0, bytes: 0 };
    for (let id = 1; id <= stacks.size; id++) {
      if (!this.names(id).includes(symbol)) continue;
      sum.allocs += this.allocs.get(`${allocator}:${id}`) ?? 0;
      const row = paths.findRow(id * 4 + allocator);
      if (row === 0) continue;
      sum.count += paths.liveCount(row);
      sum.bytes += paths.live(row) * (allocator === PAGE ? 4096 : 1);
    }
    return sum;
  }

  events(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if ((batch.kind[row] & FREE_BIT) !== 0) continue;
      const key = `${ALLOCATOR_OF_KIND[batch.kind[row]]}:${batch.stackId[row]}`;
      this.allocs.set(key, (this.allocs.get(key) ?? 0) + 1);
    }
    this.core.events(batch);
  }

  fact(fact: TraceFact): void {
    if (fact.type === 'symbol') {
      const { addressHi, addressLo, symbol } = fact.entry;
      this.symbols.set(`${addressHi}:${addressLo}`, symbol);
    }
    this.core.fact(fact);
  }

  private names(stackId: number): string[] {
    const { stacks } = this.dictionary;
    return Array.from({ length: stacks.depth(stackId) }, (_, i) => {
      const frame = stacks.frameId(stackId, i);
      return this.symbols.get(`${stacks.frames.hi[frame]}:${stacks.frames.lo[frame]}`) ?? '';
    });
  }
}
