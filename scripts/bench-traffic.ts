/**
 * Seeded allocation traffic for benches, as a busy kernel makes it: half slab objects, half pages, most of them of order
 * 0. A small model of the allocators gives the addresses: pages come in runs of neighbours from blocks anywhere in
 * 64 GiB, objects come in runs within their slab, and what was freed last is given out first. Half of the frees are of
 * recent allocations, half of any.
 */
import type { EventBatch } from '../src/event/event-batch.js';
import { KFREE, KMALLOC, KMEM_CACHE_ALLOC, KMEM_CACHE_FREE, PAGE_ALLOC, PAGE_FREE } from '../src/event/kinds.js';
import { TraceDictionary } from '../src/event/trace-dictionary.js';

const MEMORY_PAGES = 2 ** 24;
const STACKS = 4000;
const COMMS = 60;
const OBJECT_SIZES = [32, 64, 96, 128, 192, 256, 512, 576, 1024, 2048];
/** Of 1000 page allocs: the rest are of order 0. */
const ORDER_SHARES: [order: number, perMille: number][] = [
  [1, 60],
  [2, 40],
  [3, 40],
  [9, 2],
];

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class BenchTraffic {
  readonly dictionary = new TraceDictionary();
  private readonly random: () => number;
  private timeNs = 0;
  /** What is outstanding: address >> 5 (objects) or pfn, and what it is: cache index, or ORDER + order. */
  private readonly live: number[] = [];
  private readonly what: number[] = [];
  private readonly freeObjects: number[][] = OBJECT_SIZES.map(() => []);
  private readonly freePages: number[][] = Array.from({ length: 10 }, () => []);
  private readonly usedBlocks = new Set<number>();

  constructor(seed: number) {
    this.random = seeded(seed);
    const { stacks, comms, caches } = this.dictionary;
    for (let i = 0; i < STACKS; i++) {
      const depth = 6 + this.below(14);
      const ids = Array.from({ length: depth }, (_, d) =>
        stacks.frames.intern(0xffffffff, 0x81000000 + (d < 3 ? d : this.below(9000)) * 16),
      );
      ids[depth - 1] = stacks.frames.intern(0xffffffff, 0x82000000 + i * 16);
      stacks.intern(Uint32Array.from(ids), depth);
    }
    for (let i = 0; i < COMMS; i++) comms.intern(`process-${i}`);
    for (const size of OBJECT_SIZES) caches.intern(`cache-${size}`);
  }

  get outstanding(): number {
    return this.live.length;
  }

  /** Fills a batch; the number of outstanding allocations goes to `target` and stays there. */
  fill(batch: EventBatch, target: number): void {
    batch.clear();
    while (batch.length < batch.capacity) {
      this.timeNs += 1 + this.below(2000);
      const excess = this.live.length - target;
      // Half and half around the target, nearly allocs only below it.
      if (this.random() < (excess < -1000 ? 0.95 : excess < 0 ? 0.6 : 0.4)) this.alloc(batch);
      else if (this.live.length > 0) this.free(batch);
    }
  }

  private alloc(batch: EventBatch): void {
    const row = batch.length++;
    const site = Math.floor(this.random() ** 3 * STACKS);
    batch.timeNs[row] = this.timeNs;
    batch.stackId[row] = site + 1;
    batch.commId[row] = 1 + this.below(COMMS);
    batch.pid[row] = 100 + batch.commId[row] * 7;
    batch.cacheId[row] = 0;
    if (site % 2 === 0) this.allocPages(batch, row);
    else this.allocObject(batch, row, site);
  }

  private allocPages(batch: EventBatch, row: number): void {
    let order = 0;
    let draw = this.below(1000);
    for (const [each, share] of ORDER_SHARES) {
      if (draw < share) order = each;
      draw -= draw < share ? -2000 : share;
    }
    const pfn = this.takePages(order);
    batch.kind[row] = PAGE_ALLOC;
    batch.addrHi[row] = 0;
    batch.addrLo[row] = pfn;
    batch.size[row] = 2 ** order;
    batch.bytesReq[row] = 0;
    this.live.push(pfn);
    this.what.push(ORDER + order);
  }

  private allocObject(batch: EventBatch, row: number, site: number): void {
    const cache = site % OBJECT_SIZES.length;
    const size = OBJECT_SIZES[cache];
    const free = this.freeObjects[cache];
    if (free.length === 0) {
      const order = size >= 512 ? 3 : 1;
      const first = this.takePages(order) * 128;
      for (let at = 2 ** order * 4096 - size; at >= 0; at -= size) free.push(first + Math.floor(at / 32));
    }
    const place = free.pop() ?? 0;
    // 0xffff888000000000 + place * 32
    batch.kind[row] = site % 4 === 1 ? KMALLOC : KMEM_CACHE_ALLOC;
    batch.addrHi[row] = 0xffff8880 + Math.floor(place / 2 ** 27);
    batch.addrLo[row] = (place % 2 ** 27) * 32;
    batch.size[row] = size;
    batch.bytesReq[row] = size;
    if (batch.kind[row] === KMEM_CACHE_ALLOC) batch.cacheId[row] = cache + 1;
    this.live.push(place);
    this.what.push(cache);
  }

  private free(batch: EventBatch): void {
    const row = batch.length++;
    const last = this.live.length - 1;
    const at = this.random() < 0.5 ? last - this.below(Math.min(last + 1, 256)) : this.below(last + 1);
    const place = this.live[at];
    const what = this.what[at];
    this.live[at] = this.live[last];
    this.what[at] = this.what[last];
    this.live.pop();
    this.what.pop();
    batch.timeNs[row] = this.timeNs;
    batch.stackId[row] = batch.commId[row] = batch.pid[row] = batch.cacheId[row] = batch.bytesReq[row] = 0;
    if (what >= ORDER) {
      this.freePages[what - ORDER].push(place);
      batch.kind[row] = PAGE_FREE;
      batch.addrHi[row] = 0;
      batch.addrLo[row] = place;
      batch.size[row] = 2 ** (what - ORDER);
    } else {
      this.freeObjects[what].push(place);
      batch.kind[row] = what % 2 === 0 ? KFREE : KMEM_CACHE_FREE;
      batch.addrHi[row] = 0xffff8880 + Math.floor(place / 2 ** 27);
      batch.addrLo[row] = (place % 2 ** 27) * 32;
      batch.size[row] = 0;
    }
  }

  /** From what was freed, or a run of 32 blocks (of one, for order 9) from a new 2 MiB block somewhere. */
  private takePages(order: number): number {
    const free = this.freePages[order];
    if (free.length === 0) {
      let block = this.below(MEMORY_PAGES / 512);
      while (this.usedBlocks.has(block)) block = (block + 1) % (MEMORY_PAGES / 512);
      this.usedBlocks.add(block);
      for (let pages = 512 - 2 ** order; pages >= 0; pages -= 2 ** order) free.push(block * 512 + pages);
    }
    return free.pop() ?? 0;
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }
}

const ORDER = 1000;
