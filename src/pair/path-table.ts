/**
 * PathTable: the running totals of each call path, and of each allocator. The pairing verbs write
 * it once per event; rank reads it. A row is a (stack id, allocator) pair: a damaged trace may name
 * one call path in two allocators, and id 0 ("no call path") occurs in all four. What was held before
 * the trace has a row of its own beside that of the same path (pairing rule 10). Rows are numbered
 * from 1 in order of first sight and are never removed.
 *
 * The eight numbers of a row that events change lie side by side in `stats`: one cache line. `live`
 * is in the allocator's unit, bytes for slab and percpu, pages for page and vmalloc; counts are
 * objects or pages.
 *
 * The high-water mark is found lazily (after memray's snapshot.h). A new peak of an allocator is
 * noticed at the first free after it (the falling edge), which only increments the allocator's
 * `epoch`. A path with an older epoch has not changed since the peak, so its share of the peak is
 * its `live`; that is written down just before the path next changes. This is exact, and costs one
 * comparison per event.
 */

import { alignedFloat64 } from '../base/aligned.js';
import { ALLOCATOR_COUNT, BEFORE_BIT } from '../event/kinds.js';
import { Lifetimes } from './lifetimes.js';

/** Numbers per row of `stats`. */
export const PATH_STATS = 8;
export const LIVE = 0;
/** Sum of all allocs in the allocator's unit. */
export const ALLOC_SIZE = 1;
export const ALLOC_COUNT = 2;
/** Pages or objects freed by a free event. */
export const FREE_COUNT = 3;
/** Pages or objects whose free was missed: the address was allocated again. */
export const MISSED_COUNT = 4;
/** `live` at the peak of epoch EPOCH; see liveAtPeak(). */
const AT_PEAK = 5;
const EPOCH = 6;
/** First slab cache seen on this path, 0 = none. */
export const CACHE = 7;

/** Numbers per allocator of `totals`: LIVE as above, then those below. */
const TOTAL_STATS = 8;
const LIVE_COUNT = 1;
const PEAK = 2;
const PEAK_NS = 3;
const LAST_ALLOC_NS = 4;
const TOTAL_EPOCH = 5;

/** Keys of rows of processes begin here, above those of the kernel: stack ids have 32 bits. */
const PROCESS_KEYS = 2 ** 36;
/** Keys of rows from before the trace begin here, above all other keys. */
const BEFORE_KEYS = 2 ** 40;

/**
 * Returns the number of a call path in an address space: the same in a replay. Reports show it, so that of kernel memory
 * stays what it was before there were other address spaces: stack id * 4 + allocator.
 */
export function pathKey(stackId: number, allocator: number): number {
  return stackId * 4 + (allocator & 3) + (allocator >> 2) * PROCESS_KEYS;
}

/** The stack id of such a number, also of one from before the trace. */
export function stackOfKey(key: number): number {
  return Math.floor((key % PROCESS_KEYS) / 4);
}

/** The address space of such a number, also of one from before the trace. */
export function allocatorOfKey(key: number): number {
  return (key % 4) + (key % BEFORE_KEYS >= PROCESS_KEYS ? 4 : 0);
}

/** Most caches kept for one path, and for all paths together beyond the first of each. */
const CACHES_PER_PATH = 16;
const MORE_CACHES_LIMIT = 65536;

export class PathTable {
  /**
   * Times of the event being charged: [0] its own, [1] that of the alloc which it frees. In a typed
   * array, because V8 puts a double on its heap when it is passed to a function that was not
   * inlined.
   */
  readonly eventNs = new Float64Array(2);
  /** Number of rows; rows are 1..size. */
  size = 0;
  stats = alignedFloat64(1024 * PATH_STATS);
  stackId = new Uint32Array(1024);
  allocator = new Uint8Array(1024);
  /** Kind of the row's first alloc. */
  kind = new Uint8Array(1024);
  /** The tracer's own part of `live` and of the live count. */
  ownLive = new Float64Array(1024);
  ownCount = new Float64Array(1024);
  readonly lifetimes = new Lifetimes();
  readonly totals = new Float64Array(ALLOCATOR_COUNT * TOTAL_STATS);
  /** Caches of a row beyond its first; see cachesOf(). */
  readonly moreCaches = new Map<number, number[]>();
  private moreCachesCount = 0;
  /** stackId * 4 + allocator -> row, 0 = none; of the address spaces of the kernel. */
  private rowIndex = new Uint32Array(4096);
  /** stackId * 4 + allocator - 4 -> row, likewise, of those of processes. */
  private processIndex = new Uint32Array(4);
  /** pathKey() -> row, for rows from before the trace. */
  private readonly beforeRows = new Map<number, number>();

  /**
   * Returns the row of a call path, a new one at first sight. The caller has checked that stackId
   * exists, which bounds the index.
   */
  rowOf(stackId: number, allocator: number, kind: number): number {
    const index = allocator < 4 ? this.rowIndex : this.processIndex;
    const at = stackId * 4 + (allocator & 3);
    const row = at < index.length ? index[at] : 0;
    return row === 0 ? this.add(stackId, allocator, kind) : row;
  }

  /** The same for what a call path held before the trace. */
  rowBefore(stackId: number, allocator: number, kind: number): number {
    const key = pathKey(stackId, allocator);
    const row = this.beforeRows.get(key) ?? this.newRow(stackId, allocator, kind | BEFORE_BIT);
    this.beforeRows.set(key, row);
    return row;
  }

  /** True if the row holds what was held before the trace. */
  isBefore(row: number): boolean {
    return (this.kind[row] & BEFORE_BIT) !== 0;
  }

  /** The number of a row that is the same in a replay: findRow() finds the row by it. */
  keyOf(row: number): number {
    const key = pathKey(this.stackId[row], this.allocator[row]);
    return this.isBefore(row) ? BEFORE_KEYS + key : key;
  }

  /** Returns the row of a key, 0 if there is none. */
  findRow(key: number): number {
    if (key >= BEFORE_KEYS) return this.beforeRows.get(key - BEFORE_KEYS) ?? 0;
    return (key >= PROCESS_KEYS ? this.processIndex[key - PROCESS_KEYS] : this.rowIndex[key]) ?? 0;
  }

  chargeAlloc(allocator: number, row: number, size: number, count: number): void {
    const stats = this.stats;
    const totals = this.totals;
    const at = row * PATH_STATS;
    const total = allocator * TOTAL_STATS;
    if (stats[at + EPOCH] !== totals[total + TOTAL_EPOCH]) this.syncPeak(at, total);
    stats[at + LIVE] += size;
    stats[at + ALLOC_SIZE] += size;
    stats[at + ALLOC_COUNT] += count;
    totals[total + LIVE] += size;
    totals[total + LIVE_COUNT] += count;
    // The last alloc that raised the total. If the total proves to be the peak, this is its time.
    if (size !== 0) totals[total + LAST_ALLOC_NS] = this.eventNs[0];
  }

  chargeFree(allocator: number, row: number, size: number, count: number): void {
    this.discharge(allocator, row, size, count);
    const stats = this.stats;
    const at = row * PATH_STATS;
    stats[at + FREE_COUNT] += count;
    this.lifetimes.count(row, this.eventNs[0] - this.eventNs[1], count);
  }

  /** Takes back chargeFree() of one object, which was freed at an age of `ageNs` and is held as before. */
  chargeUndo(allocator: number, row: number, size: number, ageNs: number): void {
    const { stats, totals } = this;
    const at = row * PATH_STATS;
    const total = allocator * TOTAL_STATS;
    if (stats[at + EPOCH] !== totals[total + TOTAL_EPOCH]) this.syncPeak(at, total);
    stats[at + LIVE] += size;
    stats[at + FREE_COUNT]--;
    totals[total + LIVE] += size;
    totals[total + LIVE_COUNT]++;
    if (size !== 0) totals[total + LAST_ALLOC_NS] = this.eventNs[0];
    this.lifetimes.uncount(row, ageNs);
  }

  chargeMissedFree(allocator: number, row: number, size: number, count: number): void {
    this.discharge(allocator, row, size, count);
    this.stats[row * PATH_STATS + MISSED_COUNT] += count;
  }

  /** Changes the tracer's own part; with negative numbers when its memory is freed. */
  chargeOwn(row: number, size: number, count: number): void {
    this.ownLive[row] += size;
    this.ownCount[row] += count;
  }

  /** Notes that a path allocated from a cache. */
  noteCache(row: number, cacheId: number): void {
    const first = this.firstCache(row);
    if (first === 0) this.stats[row * PATH_STATS + CACHE] = cacheId;
    else if (first !== cacheId) this.noteMoreCaches(row, cacheId);
  }

  /** Returns the cache seen first on this path, 0 = none. */
  firstCache(row: number): number {
    return this.stats[row * PATH_STATS + CACHE];
  }

  /** Returns the cache ids of a path in order of first sight, at most 16. */
  cachesOf(row: number): number[] {
    const first = this.firstCache(row);
    return first === 0 ? [] : [first, ...(this.moreCaches.get(row) ?? [])];
  }

  live(row: number): number {
    return this.stats[row * PATH_STATS + LIVE];
  }

  liveCount(row: number): number {
    const at = row * PATH_STATS;
    return this.stats[at + ALLOC_COUNT] - this.stats[at + FREE_COUNT] - this.stats[at + MISSED_COUNT];
  }

  /** Returns what the path held when its allocator's total was greatest, in the allocator's unit. */
  liveAtPeak(row: number): number {
    const at = row * PATH_STATS;
    const total = this.allocator[row] * TOTAL_STATS;
    const rising = this.totals[total + LIVE] > this.totals[total + PEAK];
    if (rising || this.stats[at + EPOCH] !== this.totals[total + TOTAL_EPOCH]) return this.stats[at + LIVE];
    return this.stats[at + AT_PEAK];
  }

  /** Returns the path's row in `lifetimes`, which has the same number; 0 if nothing was freed. */
  lifetimeRow(row: number): number {
    return this.stats[row * PATH_STATS + FREE_COUNT] === 0 ? 0 : row;
  }

  totalLive(allocator: number): number {
    return this.totals[allocator * TOTAL_STATS + LIVE];
  }

  totalCount(allocator: number): number {
    return this.totals[allocator * TOTAL_STATS + LIVE_COUNT];
  }

  /** Returns the greatest totalLive() so far. */
  peak(allocator: number): number {
    const total = allocator * TOTAL_STATS;
    return Math.max(this.totals[total + LIVE], this.totals[total + PEAK]);
  }

  /** Returns the time at which the peak was first reached, ns. */
  peakNs(allocator: number): number {
    const total = allocator * TOTAL_STATS;
    return this.totals[total + LIVE] > this.totals[total + PEAK]
      ? this.totals[total + LAST_ALLOC_NS]
      : this.totals[total + PEAK_NS];
  }

  /** Bytes of memory that the table takes. */
  get byteLength(): number {
    const columns = [this.stats, this.stackId, this.allocator, this.kind, this.ownLive, this.ownCount];
    let bytes = this.rowIndex.byteLength + this.processIndex.byteLength + this.lifetimes.byteLength;
    for (const column of columns) bytes += column.byteLength;
    return bytes;
  }

  private discharge(allocator: number, row: number, size: number, count: number): void {
    const stats = this.stats;
    const totals = this.totals;
    const at = row * PATH_STATS;
    const total = allocator * TOTAL_STATS;
    // Falling edge: note the allocator's peak, then the path's share of it, then make the change.
    if (totals[total + LIVE] > totals[total + PEAK]) {
      totals[total + PEAK] = totals[total + LIVE];
      totals[total + PEAK_NS] = totals[total + LAST_ALLOC_NS];
      totals[total + TOTAL_EPOCH]++;
    }
    if (stats[at + EPOCH] !== totals[total + TOTAL_EPOCH]) this.syncPeak(at, total);
    stats[at + LIVE] -= size;
    totals[total + LIVE] -= size;
    totals[total + LIVE_COUNT] -= count;
  }

  private syncPeak(at: number, total: number): void {
    this.stats[at + AT_PEAK] = this.stats[at + LIVE];
    this.stats[at + EPOCH] = this.totals[total + TOTAL_EPOCH];
  }

  private noteMoreCaches(row: number, cacheId: number): void {
    const more = this.moreCaches.get(row);
    if (more === undefined) {
      if (this.moreCachesCount >= MORE_CACHES_LIMIT) return;
      this.moreCaches.set(row, [cacheId]);
    } else {
      if (more.length >= CACHES_PER_PATH - 1 || more.includes(cacheId)) return;
      if (this.moreCachesCount >= MORE_CACHES_LIMIT) return;
      more.push(cacheId);
    }
    this.moreCachesCount++;
  }

  private add(stackId: number, allocator: number, kind: number): number {
    const at = stackId * 4 + (allocator & 3);
    if (allocator < 4) this.rowIndex = longEnough(this.rowIndex, at);
    else this.processIndex = longEnough(this.processIndex, at);
    const row = this.newRow(stackId, allocator, kind);
    (allocator < 4 ? this.rowIndex : this.processIndex)[at] = row;
    return row;
  }

  private newRow(stackId: number, allocator: number, kind: number): number {
    const row = ++this.size;
    if (row >= this.stackId.length) this.grow();
    this.lifetimes.reserve(row);
    this.stackId[row] = stackId;
    this.allocator[row] = allocator;
    this.kind[row] = kind;
    // A path that is new after a peak held nothing at it.
    this.stats[row * PATH_STATS + EPOCH] = this.totals[this.allocator[row] * TOTAL_STATS + TOTAL_EPOCH];
    return row;
  }

  private grow(): void {
    const rows = this.stackId.length * 2;
    const widen32 = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const wide = new Uint32Array(rows);
      wide.set(column);
      return wide;
    };
    const widen8 = (column: Uint8Array): Uint8Array<ArrayBuffer> => {
      const wide = new Uint8Array(rows);
      wide.set(column);
      return wide;
    };
    const widen64 = (column: Float64Array, width: number): Float64Array<ArrayBuffer> => {
      const wide = alignedFloat64(rows * width);
      wide.set(column);
      return wide;
    };
    this.stats = widen64(this.stats, PATH_STATS);
    this.ownLive = widen64(this.ownLive, 1);
    this.ownCount = widen64(this.ownCount, 1);
    this.stackId = widen32(this.stackId);
    this.allocator = widen8(this.allocator);
    this.kind = widen8(this.kind);
  }
}

/** Returns an index that has a place `at`. */
function longEnough(index: Uint32Array<ArrayBuffer>, at: number): Uint32Array<ArrayBuffer> {
  if (at < index.length) return index;
  let { length } = index;
  while (length <= at) length *= 2;
  const longer = new Uint32Array(length);
  longer.set(index);
  return longer;
}
