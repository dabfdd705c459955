/**
 * Random traces full of collisions: few addresses, blocks that overlap and are freed in other
 * pieces than they were allocated in, double frees and frees of nothing, kmem_cache objects freed
 * by kfree, and events of a damaged trace.
 */
import { EventBatch } from '../../src/event/event-batch.js';
import {
  ALLOCATOR_OF_KIND,
  FREE_BIT,
  isOfProcess,
  KFREE,
  KIND_MASK,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  PAGE_MOVED_FROM,
  PAGE_MOVED_TO,
  PERCPU_ALLOC,
  PERCPU_FREE,
  SELF_BIT,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { seededRandom } from './seeded-random.js';

export const STACKS = 12;

/** A dictionary with STACKS call paths, 3 process names and 20 caches. */
export function randomDictionary(): TraceDictionary {
  const dictionary = new TraceDictionary();
  for (let i = 0; i < STACKS; i++) {
    const frame = dictionary.stacks.frames.intern(0xffffffff, 0x81000000 + i * 16);
    dictionary.stacks.intern(Uint32Array.of(frame, 1), 2);
  }
  for (const comm of ['bash', 'kworker/0:1', 'nginx']) dictionary.comms.intern(comm);
  for (let i = 0; i < 20; i++) dictionary.caches.intern(`cache${i}`);
  return dictionary;
}

/**
 * A random trace. Without `damaged` it only has what a kernel may do: then a block is one
 * allocation for the core too.
 */
export function randomTrace(seed: number, events: number, damaged = true): EventBatch {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const batch = new EventBatch(events);
  batch.length = events;
  let now = 0;
  for (let i = 0; i < events; i++) {
    now += below(random() < 0.01 ? 1e9 : 2000);
    // The clocks of CPUs differ a little.
    batch.timeNs[i] = Math.max(0, now - below(300));
    const alloc = random() < 0.55;
    const space = random();
    if (space < 0.55) pageEvent(batch, i, alloc, below, damaged ? random() : 1);
    else objectEvent(batch, i, alloc, space, below, random);
    if (alloc) {
      batch.stackId[i] = random() < 0.01 ? STACKS + 1 + below(1e9) : below(STACKS + 1);
      batch.pid[i] = below(5);
      batch.commId[i] = below(4);
      if (random() < 0.1) batch.kind[i] |= SELF_BIT;
    }
    if (damaged && random() < 0.005) batch.kind[i] = kernelKind(below(256));
  }
  return withSites(batch, seed);
}

/** The kind, or for one of the memory of processes another that is none. */
function kernelKind(kind: number): number {
  return isOfProcess(ALLOCATOR_OF_KIND[kind & KIND_MASK]) ? 9 : kind;
}

/** Gives allocs a CPU or none, and some frees a call path. */
function withSites(batch: EventBatch, seed: number): EventBatch {
  const random = seededRandom(seed + 3000);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i < batch.length; i++) {
    const isAlloc = (batch.kind[i] & FREE_BIT) === 0;
    batch.cpu[i] = random() < 0.9 ? 1 + below(3) : below(2) * 600;
    if (isAlloc) continue;
    batch.stackId[i] = random() < 0.6 ? 0 : below(STACKS + 2);
    if (batch.stackId[i] === 0) batch.cpu[i] = 0;
  }
  return batch;
}

/**
 * A random trace in which, as in a kernel, most of what is freed was allocated last, and most of
 * what is allocated was freed last. The rest is as in randomTrace(), at the same addresses.
 */
export function busyTrace(seed: number, events: number): EventBatch {
  const batch = randomTrace(seed, events);
  const random = seededRandom(seed + 1000);
  const below = (n: number): number => Math.floor(random() * n);
  const pagesHeld: number[] = [];
  const pagesFree: number[] = Array.from({ length: 40 }, (_, i) => i * 3);
  const objectsHeld: number[] = [];
  const objectsFree: number[] = Array.from({ length: 40 }, (_, i) => i);
  for (let i = 0; i < events; i++) {
    if (random() < 0.1) continue;
    const isPage = random() < 0.5;
    const held = isPage ? pagesHeld : objectsHeld;
    const free = isPage ? pagesFree : objectsFree;
    const alloc = free.length > 0 && (held.length === 0 || random() < 0.5);
    const from = alloc ? free : held;
    const place = from.splice(random() < 0.8 ? from.length - 1 : below(from.length), 1)[0];
    (alloc ? held : free).push(place);
    const cached = random() < 0.5;
    if (isPage) batch.kind[i] = alloc ? PAGE_ALLOC : PAGE_FREE;
    else if (alloc) batch.kind[i] = cached ? KMEM_CACHE_ALLOC : KMALLOC;
    else batch.kind[i] = cached ? KMEM_CACHE_FREE : KFREE;
    batch.addrHi[i] = isPage ? 0 : 0xffff8881;
    batch.addrLo[i] = isPage ? place : place * 64;
    batch.size[i] = isPage ? 1 : alloc ? 8 << below(10) : 0;
    batch.stackId[i] = alloc ? below(STACKS + 1) : 0;
    batch.pid[i] = alloc ? below(5) : 0;
    batch.commId[i] = alloc ? below(4) : 0;
    batch.cacheId[i] = batch.kind[i] === KMEM_CACHE_ALLOC ? below(7) : 0;
    if (alloc && random() < 0.1) batch.kind[i] |= SELF_BIT;
    if (random() < 0.002) batch.timeNs[i] = -1;
  }
  return withSites(batch, seed);
}

/** A random trace in which the kernel also moves pages, some of them in blocks; sometimes half a move is missing. */
export function movingTrace(seed: number, events: number): EventBatch {
  const batch = randomTrace(seed, events);
  const random = seededRandom(seed + 2000);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i + 1 < events; i++) {
    if (random() >= 0.05) continue;
    const order = Math.min(below(4), below(12));
    for (const row of [i, i + 1]) {
      pageEvent(batch, row, true, below, random());
      batch.kind[row] = row === i ? PAGE_MOVED_FROM : PAGE_MOVED_TO;
      batch.size[row] = 2 ** order;
      for (const column of [batch.stackId, batch.pid, batch.commId, batch.cacheId, batch.cpu]) column[row] = 0;
    }
    if (random() < 0.9) i++;
  }
  return batch;
}

type Below = (n: number) => number;

function pageEvent(batch: EventBatch, i: number, alloc: boolean, below: Below, odd: number): void {
  batch.kind[i] = alloc ? PAGE_ALLOC : PAGE_FREE;
  const order = Math.min(below(4), below(12));
  // Two ranges of page frame numbers, one of them across a multiple of 2^32.
  const base = below(2) * (2 ** 32 - 2048);
  const pfn = base + (below(4096) >> order) * 2 ** order;
  batch.size[i] = 2 ** order;
  batch.addrHi[i] = Math.floor(pfn / 2 ** 32);
  batch.addrLo[i] = pfn % 2 ** 32;
  if (odd < 0.01) batch.size[i] = below(700);
  else if (odd < 0.015) batch.addrLo[i] += below(3);
  else if (odd < 0.02) batch.addrHi[i] = batch.addrLo[i] = 0xffffffff;
  else if (odd < 0.023) batch.size[i] = 2 ** 20 + below(2 ** 30);
}

function objectEvent(
  batch: EventBatch,
  i: number,
  alloc: boolean,
  space: number,
  below: Below,
  random: () => number,
): void {
  const cached = random() < 0.5;
  if (space < 0.85) batch.kind[i] = alloc ? (cached ? KMEM_CACHE_ALLOC : KMALLOC) : cached ? KMEM_CACHE_FREE : KFREE;
  else if (space < 0.93) batch.kind[i] = alloc ? PERCPU_ALLOC : PERCPU_FREE;
  else batch.kind[i] = alloc ? VMALLOC_ALLOC : VMALLOC_FREE;
  batch.addrHi[i] = random() < 0.3 ? 0xffff8881 : 0xffff8882;
  batch.addrLo[i] = below(150) * 64;
  if (random() < 0.03) {
    batch.addrHi[i] = 0;
    batch.addrLo[i] = below(3) * 16;
  }
  if (!alloc) return;
  batch.size[i] = random() < 0.01 ? 0 : 8 << below(10);
  if (batch.kind[i] === KMEM_CACHE_ALLOC) batch.cacheId[i] = below(7);
}
