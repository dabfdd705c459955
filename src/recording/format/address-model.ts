/**
 * AddressModel: predicts the addresses of a chunk's events, the same way in encoder and decoder, so
 * that most addresses need not be written (FORMAT.md, "references" and "addresses"). Both sides
 * make the same calls in the same order.
 *
 * - Every alloc gets the next number; a free names its alloc by how many allocs ago that was.
 * - Allocators hand out again what was freed last. So each *class* (slab cache, kmalloc size or
 *   page order) keeps its last FREED_KEPT freed addresses, and an alloc that takes one names its
 *   depth.
 * - Any other address is written as the difference to the last written address of the same class.
 *
 * Nothing here depends on the input being sane: any address may be allocated or freed any number of
 * times.
 */

import {
  ADDRESS_SPACES,
  ALLOCATOR_OF_KIND,
  isOfProcess,
  KIND_MASK,
  MAPPED,
  RESERVED,
  VMALLOC,
} from '../../event/kinds.js';
import { hashAddress } from '../../event/tables/address-table.js';
import { TupleTable } from '../../event/tables/tuple-table.js';

/** Freed addresses kept for each class; a power of two. */
export const FREED_KEPT = 64;
/** Words of one alloc in `allocs`. */
export const ALLOC_WORDS = 3;
/**
 * Classes that keep freed addresses: a real trace has a few hundred; a hostile one must not make us
 * allocate more.
 */
const CLASSES_KEPT = 1024;

/**
 * By kind: allocated addresses are multiples of 2^this. A kind that does not exist has that of
 * vmalloc areas.
 */
const ALIGN_SHIFT = Uint8Array.from(
  ALLOCATOR_OF_KIND,
  (allocator) => ADDRESS_SPACES[allocator < ADDRESS_SPACES.length ? allocator : VMALLOC].alignShift,
);

const KEYED = Uint8Array.from(ALLOCATOR_OF_KIND, (allocator) => (isOfProcess(allocator) ? 1 : 0));

export class AddressModel {
  /** Allocs so far. */
  allocCount = 0;
  /**
   * ALLOC_WORDS of each alloc, by number: address (high, low) and class. Side by side in memory,
   * because a free refers to any of them.
   */
  allocs: Uint32Array;
  /** Last written address by class * 2 + (1 for frees). */
  lastHi = new Uint32Array(256);
  lastLo = new Uint32Array(256);
  /** Freed addresses (high, low): a ring of FREED_KEPT for each class; newest[class] counts the pushes. */
  readonly freed = new Uint32Array(CLASSES_KEPT * FREED_KEPT * 2);
  private readonly newest = new Uint32Array(CLASSES_KEPT);
  private readonly kept = new Uint8Array(CLASSES_KEPT);
  private readonly classes = new TupleTable();

  constructor(allocs = 1024) {
    this.allocs = new Uint32Array(allocs * ALLOC_WORDS);
  }

  /** Forgets everything and makes room for this many allocs: chunks do not depend on one another. */
  reset(allocs: number): void {
    this.allocCount = 0;
    if (allocs * ALLOC_WORDS > this.allocs.length) this.allocs = new Uint32Array(allocs * ALLOC_WORDS);
    this.lastHi.fill(0);
    this.lastLo.fill(0);
    this.newest.fill(0);
    this.kept.fill(0);
    this.classes.clear();
  }

  /**
   * Returns the class of an event's shape, and adds the class if it is new. `process`: number of the process whose memory it
   * is, 0 for that of the kernel.
   */
  classOf(kind: number, size: number, cacheId: number, process: number): number {
    const allocator = ALLOCATOR_OF_KIND[kind & KIND_MASK];
    // Ranges of one address space lie next to each other, whatever their sizes.
    const isRange = allocator === MAPPED || allocator === RESERVED;
    const id = isRange
      ? this.classes.intern(MAPPED, 0, 0, process, 0)
      : this.classes.intern(allocator, cacheId, cacheId === 0 ? size : 0, process, 0);
    if (id * 2 + 1 >= this.lastHi.length) {
      this.lastHi = doubled(this.lastHi);
      this.lastLo = doubled(this.lastLo);
    }
    return id;
  }

  addAlloc(classId: number, hi: number, lo: number): void {
    const at = this.allocCount++ * ALLOC_WORDS;
    this.allocs[at] = hi;
    this.allocs[at + 1] = lo;
    this.allocs[at + 2] = classId;
  }

  addFree(classId: number, hi: number, lo: number): void {
    if (classId >= CLASSES_KEPT) return;
    const slot = (classId * FREED_KEPT + (++this.newest[classId] & (FREED_KEPT - 1))) * 2;
    this.freed[slot] = hi;
    this.freed[slot + 1] = lo;
    if (this.kept[classId] < FREED_KEPT) this.kept[classId]++;
  }

  /** Returns the depth (1 = newest) at which a class keeps an address; 0 if it keeps no such address. */
  depthOfFreed(classId: number, hi: number, lo: number): number {
    if (classId >= CLASSES_KEPT) return 0;
    const base = classId * FREED_KEPT;
    const newest = this.newest[classId];
    const kept = this.kept[classId];
    for (let depth = 1; depth <= kept; depth++) {
      const slot = (base + ((newest - depth + 1) & (FREED_KEPT - 1))) * 2;
      if (this.freed[slot + 1] === lo && this.freed[slot] === hi) return depth;
    }
    return 0;
  }

  /** Returns the place in `freed` of the address at a depth; -1 if the class keeps none at that depth. */
  slotOfFreed(classId: number, depth: number): number {
    if (classId >= CLASSES_KEPT || depth > this.kept[classId]) return -1;
    return (classId * FREED_KEPT + ((this.newest[classId] - depth + 1) & (FREED_KEPT - 1))) * 2;
  }

  /** Removes the address at a depth, which must be kept. */
  removeFreed(classId: number, depth: number): void {
    const base = classId * FREED_KEPT;
    const newest = this.newest[classId];
    // Each newer address moves one place towards the gap.
    for (let d = depth; d > 1; d--) {
      const gap = (base + ((newest - d + 1) & (FREED_KEPT - 1))) * 2;
      const newer = (base + ((newest - d + 2) & (FREED_KEPT - 1))) * 2;
      this.freed[gap] = this.freed[newer];
      this.freed[gap + 1] = this.freed[newer + 1];
    }
    this.newest[classId] = newest - 1;
    this.kept[classId]--;
  }
}

/**
 * Returns true if the upper 16 bits of the addresses of a kind are the number of a process: they are a part of its shapes, and
 * not written with each address.
 */
export function isKeyed(kind: number): boolean {
  return KEYED[kind & KIND_MASK] === 1;
}

/** Returns how far the addresses of events of a kind are shifted right before they are written. */
export function alignShift(kind: number): number {
  return ALIGN_SHIFT[kind & KIND_MASK];
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}

/**
 * RecentAllocs: maps an address to the number of the alloc in this chunk that holds it and was not
 * freed since. Used by the encoder alone. Open addressing; an entry that was taken stays as a
 * tombstone until the chunk is over.
 */
export class RecentAllocs {
  private hi = new Uint32Array(1024);
  private lo = new Uint32Array(1024);
  /** Alloc number + 1; 0 = slot never used; TAKEN = freed again. */
  private entry = new Uint32Array(1024);

  /** Empties it and makes room for this many allocs at a load of at most 1/2. */
  reset(allocs: number): void {
    let capacity = this.entry.length;
    while (capacity < allocs * 2) capacity *= 2;
    if (capacity > this.entry.length) {
      this.hi = new Uint32Array(capacity);
      this.lo = new Uint32Array(capacity);
      this.entry = new Uint32Array(capacity);
    } else {
      this.entry.fill(0);
    }
  }

  set(hi: number, lo: number, number: number): void {
    const slot = this.slotOf(hi, lo);
    this.hi[slot] = hi;
    this.lo[slot] = lo;
    this.entry[slot] = number + 1;
  }

  /** Removes the alloc at an address and returns its number; -1 if there is none. */
  take(hi: number, lo: number): number {
    const slot = this.slotOf(hi, lo);
    const entry = this.entry[slot];
    if (entry === 0 || entry === TAKEN) return -1;
    this.entry[slot] = TAKEN;
    return entry - 1;
  }

  private slotOf(hi: number, lo: number): number {
    const mask = this.entry.length - 1;
    let slot = hashAddress(hi, lo) & mask;
    while (this.entry[slot] !== 0 && (this.lo[slot] !== lo || this.hi[slot] !== hi)) slot = (slot + 1) & mask;
    return slot;
  }
}

const TAKEN = 0xffffffff;
