/**
 * Seeded allocation traffic for benches. A small model of the allocators gives the addresses: pages
 * come in runs of neighbours from blocks anywhere in 64 GiB, objects come in runs within their
 * slab, and memory freed last is given out first. Allocs and frees follow one of two habits:
 *
 *   kernel     as measured in a recording of 42 million events of find, tar and gcc on Linux 6.18:
 *              one alloc in six takes pages, and a few call paths make most of the allocs. 55 % of
 *              the frees take what was allocated within the last 16 events, 79 % within 128, 87 %
 *              within 512; 8 % take what is older than 65,536 events.
 *   scattered  harder than any kernel: half of the allocs take pages, 4,000 call paths are in use,
 *              half of the frees take any outstanding allocation.
 */
import type { EventBatch } from '../src/event/event-batch.js';
import { KFREE, KMALLOC, KMEM_CACHE_ALLOC, KMEM_CACHE_FREE, PAGE_ALLOC, PAGE_FREE } from '../src/event/kinds.js';
import { TraceDictionary } from '../src/event/trace-dictionary.js';

const MEMORY_PAGES = 2 ** 24;
const STACKS = 4000;
export type Habit = 'kernel' | 'scattered';
/** Habit 'kernel': share of allocs that the first `paths` call paths make (of objects, and of pages). */
const PATH_SHARES: [paths: number, share: number][] = [
  [1, 0.28],
  [2, 0.42],
  [5, 0.67],
  [10, 0.88],
  [30, 0.97],
  [100, 0.99],
  [STACKS / 2, 1],
];
/**
 * Habit 'kernel': share of frees by the number of younger allocations that are outstanding; all
 * other frees take any.
 */
const AGE_SHARES: [younger: number, share: number][] = [
  [1, 0.35],
  [8, 0.55],
  [64, 0.79],
  [512, 0.9],
];
const PAGE_SHARE = 0.17;
/** Page allocs of each order, out of 1000. */
const KERNEL_ORDERS: [order: number, perMille: number][] = [
  [1, 1],
  [2, 2],
  [3, 8],
  [4, 1],
];
/** Events of one process before the next one takes over. */
const RUN = 100;
const COMMS = 60;
const OBJECT_SIZES = [32, 64, 96, 128, 192, 256, 512, 576, 1024, 2048];
/** Page allocs of each order, out of 1000; the rest are of order 0. */
const SCATTERED_ORDERS: [order: number, perMille: number][] = [
  [1, 60],
  [2, 40],
  [3, 40],
  [9, 2],
];

/** Returns a generator of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
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
  /**
   * Outstanding allocations: address >> 5 (objects) or pfn; and their type: cache index, or ORDER +
   * order.
   */
  private readonly live: number[] = [];
  private readonly what: number[] = [];
  private readonly freeObjects: number[][] = OBJECT_SIZES.map(() => []);
  private readonly freePages: number[][] = Array.from({ length: 10 }, () => []);
  private readonly usedBlocks = new Set<number>();

  private readonly habit: Habit;
  private comm = 1;

  constructor(seed: number, habit: Habit = 'scattered') {
    this.random = seeded(seed);
    this.habit = habit;
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
      // Around the target half of the events are allocs; well below it, nearly all.
      if (this.random() < (excess < -1000 ? 0.95 : excess < 0 ? 0.6 : 0.4)) this.alloc(batch);
      else if (this.live.length > 0) this.free(batch);
    }
  }

  private alloc(batch: EventBatch): void {
    const row = batch.length++;
    const site = this.site();
    if (this.habit === 'scattered' || this.below(RUN) === 0) this.comm = 1 + this.below(COMMS);
    batch.timeNs[row] = this.timeNs;
    batch.stackId[row] = site + 1;
    batch.commId[row] = this.comm;
    batch.pid[row] = 100 + batch.commId[row] * 7;
    batch.cacheId[row] = 0;
    if (site % 2 === 0) this.allocPages(batch, row);
    else this.allocObject(batch, row, site);
  }

  /** Returns the number of a call path; the even ones allocate pages. */
  private site(): number {
    if (this.habit === 'scattered') return Math.floor(this.random() ** 3 * STACKS);
    const draw = this.random();
    const at = PATH_SHARES.findIndex(([, share]) => draw < share);
    const first = at === 0 ? 0 : PATH_SHARES[at - 1][0];
    const rank = first + this.below(PATH_SHARES[at][0] - first);
    return rank * 2 + (this.random() < PAGE_SHARE ? 0 : 1);
  }

  /** Returns the place in `live` of the allocation that is freed next. */
  private victim(): number {
    const last = this.live.length - 1;
    if (this.habit === 'scattered') {
      return this.random() < 0.5 ? last - this.below(Math.min(last + 1, 256)) : this.below(last + 1);
    }
    const draw = this.random();
    const at = AGE_SHARES.findIndex(([, share]) => draw < share);
    return at < 0 ? this.below(last + 1) : last - this.below(Math.min(last + 1, AGE_SHARES[at][0]));
  }

  private allocPages(batch: EventBatch, row: number): void {
    let order = 0;
    let draw = this.below(1000);
    for (const [each, share] of this.habit === 'kernel' ? KERNEL_ORDERS : SCATTERED_ORDERS) {
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
    const at = this.victim();
    const place = this.live[at];
    const what = this.what[at];
    // The young allocations stay in order of age.
    if (this.habit === 'kernel' && last - at < 512) {
      for (let i = at; i < last; i++) {
        this.live[i] = this.live[i + 1];
        this.what[i] = this.what[i + 1];
      }
    } else {
      this.live[at] = this.live[last];
      this.what[at] = this.what[last];
    }
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

  /**
   * Takes freed pages of that order, or begins a run of 32 blocks (of one, for order 9) in a new 2
   * MiB block anywhere.
   */
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
