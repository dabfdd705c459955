/**
 * EventRecords: the hot loop of the stream decoder. Walks the records of one EVENTS message
 * (bpf/README.md) as 32-bit words and fills an EventBatch, mapping ids of the stream to ids of the
 * dictionary. No allocation, BigInt or string per event.
 *
 * A bad record never throws: it is counted in `damaged`, and the caller reports it.
 */
import type { EventBatch } from '../../event/event-batch.js';
import {
  BECAME_RESERVED,
  BECAME_USABLE,
  FREE_BIT,
  HEAP_ALLOC,
  HEAP_FREE,
  HEAP_FREE_UNLESS,
  HEAP_UNDO,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  MAP,
  PAGE_ALLOC,
  PAGE_FREE,
  PAGE_MOVED_FROM,
  PERCPU_ALLOC,
  RANGE_MOVED_FROM,
  RANGE_MOVED_TO,
  RESERVE,
  SELF_BIT,
  UNMAP,
  VMALLOC_ALLOC,
} from '../../event/kinds.js';
import { CommIds } from './comm-ids.js';
import type { IdMap } from './id-map.js';

/**
 * kmem_cache_alloc with its sizes in words 8 and 9, for kernels whose tracepoint names no cache
 * (before 6.1).
 */
const KMEM_CACHE_ALLOC_SIZED = KMEM_CACHE_ALLOC | 64;

/** Record length in 32-bit words by the low byte of word 0; 0 = unknown kind. */
const RECORD_WORDS = new Uint8Array(256);
for (const kind of [KMALLOC, KMEM_CACHE_ALLOC_SIZED, PERCPU_ALLOC, VMALLOC_ALLOC]) RECORD_WORDS[kind] = 10;
for (const kind of [HEAP_ALLOC, MAP, RESERVE]) RECORD_WORDS[kind] = 10;
for (const kind of [KMEM_CACHE_ALLOC, PAGE_ALLOC]) RECORD_WORDS[kind] = 8;
/** Record of a free. */
export const FREE_WORDS = 4;
for (const kind of [17, 18, 19, 20, 21, HEAP_FREE, HEAP_FREE_UNLESS, HEAP_UNDO]) RECORD_WORDS[kind] = FREE_WORDS;
/** A move is one record and two events. */
const MOVE_WORDS = 6;
RECORD_WORDS[PAGE_MOVED_FROM] = MOVE_WORDS;
/** Ranges of processes; one that moves is two events. */
for (const kind of [UNMAP, BECAME_RESERVED, BECAME_USABLE]) RECORD_WORDS[kind] = 6;
RECORD_WORDS[RANGE_MOVED_FROM] = 8;
for (let kind = 0; kind < 16; kind++) RECORD_WORDS[kind | SELF_BIT] = RECORD_WORDS[kind];
RECORD_WORDS[KMEM_CACHE_ALLOC_SIZED | SELF_BIT] = 10;

/** Bytes of the shortest record: limits how many events an unreadable run of bytes can have held. */
export const MIN_RECORD_BYTES = 16;

/** The high word of `time << 8 | kind` at which the time passes 2^53 ns: 2^(53 + 8 - 32). */
const TIME_HI_LIMIT = 2 ** 29;
/** pages = 2^order must fit a u32 column; kernels stop at order 13 or so. */
const MAX_ORDER = 31;

/** Pages of one event of a range: what is larger becomes several, next to each other. */
const MOST_RANGE_PAGES = 2 ** 31;
/** Pages of an address space. */
const MOST_PAGES = 2 ** 36;
/** Sizes of heap blocks end here: HEAP_ALLOC of a larger one says this. */
const MOST_BLOCK_BYTES = 0xffffffff;

/** Ids of caches are 16 bits. */
const CACHE_IDS = 65536;

/** Returns true if this is the first 32-bit word of the record of a free. */
export function isFreeRecord(word: number): boolean {
  return RECORD_WORDS[word & 0xff] === FREE_WORDS;
}

export class EventRecords {
  readonly batch: EventBatch;
  /** Page size of the host: converts vmalloc bytes to pages. */
  pageSize = 4096;
  /** Greatest event time so far, ns. */
  maxTimeNs = 0;
  /** Comm and cache ids of the stream -> ids of the dictionary, 0 = not defined. */
  readonly commIds = new CommIds();
  readonly cacheIds = new Uint32Array(CACHE_IDS);
  /** Sizes by cache id of the stream, because records of kind 2 do not carry them. */
  readonly cacheBytesAlloc = new Uint32Array(CACHE_IDS);
  readonly cacheBytesReq = new Uint32Array(CACHE_IDS);

  /**
   * By kind (without SELF_BIT): events with a stack id that was never defined, since the caller
   * last reset the counts.
   */
  readonly unknownStacks = new Uint32Array(32);
  /** The same for ids of comms and caches. */
  readonly unknownNames = new Uint32Array(32);
  /** True if either of the two holds a count. */
  anyUnknown = false;
  /** Events that could not be read; an upper bound where records could not be told apart. */
  damaged = 0;
  /** Describes the first of them, '' = none. */
  damage = '';

  private readonly stackIds: IdMap;
  private readonly flush: () => void;

  /** `flush` is called with a full batch and must empty it. */
  constructor(batch: EventBatch, stackIds: IdMap, flush: () => void) {
    this.batch = batch;
    this.stackIds = stackIds;
    this.flush = flush;
  }

  /** Decodes the records in words[0..count). */
  decode(words: Uint32Array, count: number): void {
    const { batch, stackIds, commIds, cacheIds } = this;
    const { timeNs, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId, cpu, capacity } = batch;
    let row = batch.length;
    let maxTimeNs = this.maxTimeNs;
    let i = 0;
    // Of a mapping: what is beyond the pages of one event.
    let restPages = 0;
    while (i < count) {
      const word = words[i];
      const timeHi = words[i + 1];
      const length = RECORD_WORDS[word & 0xff];
      if (length === 0 || i + length > count || timeHi >= TIME_HI_LIMIT) {
        this.noteDamage(word & 0xff, timeHi, (count - i) * 4);
        break;
      }
      if (row === capacity) {
        batch.length = row;
        this.flush();
        row = 0;
      }
      // The time has 56 bits: 32 high ones, and 24 low ones that share their word with the kind.
      const time = timeHi * 0x1000000 + (word >>> 8);
      if (time > maxTimeNs) maxTimeNs = time;
      let rowKind = word & 0xff;
      let hi = words[i + 3];
      let rowSize = 0;
      if (length === FREE_WORDS) {
        if (rowKind === PAGE_FREE) {
          rowSize = this.pages(hi >>> 24);
          hi &= 0xffffff;
        }
        bytesReq[row] = 0;
        stackId[row] = 0;
        pid[row] = 0;
        commId[row] = 0;
        cacheId[row] = 0;
        cpu[row] = 0;
      } else if (length === MOVE_WORDS || rowKind === RANGE_MOVED_FROM) {
        batch.length = row;
        if (rowKind === PAGE_MOVED_FROM) this.addMove(time, words, i);
        else this.addRange(rowKind, time, words, i);
        row = batch.length;
        i += length;
        continue;
      } else {
        const wireStack = words[i + 4];
        const names = words[i + 6];
        const stack = wireStack === 0 ? 0 : stackIds.get(wireStack);
        // The high half of the comm id is above the CPU's number.
        const wireComm = ((names & 0xffff) | (words[i + 7] & 0xffff0000)) >>> 0;
        const comm = wireComm === 0 ? 0 : commIds.get(wireComm);
        const cache = cacheIds[names >>> 16];
        let rowReq = 0;
        restPages = 0;
        if (length === 10) {
          rowSize = words[i + 8];
          rowReq = words[i + 9];
          if ((rowKind & 0x7f) === VMALLOC_ALLOC) {
            rowSize = Math.ceil((rowReq * 0x100000000 + rowSize) / this.pageSize);
            rowReq = 0;
          } else if ((rowKind & 0x7f) >= HEAP_ALLOC && (rowKind & 0x40) === 0) {
            rowSize = processSize(rowKind & 0x7f, rowReq, rowSize);
            rowReq = 0;
            if (rowSize > MOST_RANGE_PAGES && rowSize <= MOST_PAGES && (rowKind & 0x7f) !== HEAP_ALLOC) {
              restPages = rowSize - MOST_RANGE_PAGES;
              rowSize = MOST_RANGE_PAGES;
            }
          } else {
            // From here on kind 66 is kind 2; the other kinds have bit 6 clear.
            rowKind &= ~64;
          }
        } else if ((rowKind & 0x7f) === PAGE_ALLOC) {
          rowSize = this.pages(hi >>> 24);
          hi &= 0xffffff;
        } else {
          rowSize = this.cacheBytesAlloc[names >>> 16];
          rowReq = this.cacheBytesReq[names >>> 16];
        }
        if (stack === 0 && wireStack !== 0) this.noteUnknown(this.unknownStacks, rowKind);
        if ((comm === 0 && wireComm !== 0) || (cache === 0 && names >>> 16 !== 0)) {
          this.noteUnknown(this.unknownNames, rowKind);
        }
        bytesReq[row] = rowReq;
        stackId[row] = stack;
        pid[row] = words[i + 5];
        commId[row] = comm;
        cacheId[row] = cache;
        cpu[row] = words[i + 7] + 1;
      }
      if (rowSize > 0xffffffff) {
        this.noteDamage(rowKind, timeHi, MIN_RECORD_BYTES);
        restPages = 0;
        i += length;
        continue;
      }
      timeNs[row] = time;
      kind[row] = rowKind;
      addrHi[row] = hi;
      addrLo[row] = words[i + 2];
      size[row] = rowSize;
      row++;
      i += length;
      if (restPages > 0) {
        batch.length = row;
        this.addRest(restPages);
        row = batch.length;
        restPages = 0;
      }
    }
    batch.length = row;
    this.maxTimeNs = maxTimeNs;
  }

  /** Gives the free that was decoded last its call path, task and CPU: `site` is words 2 and 3 of an alloc. */
  setFreeSite(site: Uint32Array): void {
    const { batch } = this;
    const row = batch.length - 1;
    // A damaged record has not become an event.
    if (row < 0 || (batch.kind[row] & FREE_BIT) === 0) return;
    const wireComm = ((site[2] & 0xffff) | (site[3] & 0xffff0000)) >>> 0;
    batch.stackId[row] = this.stackIds.get(site[0]);
    batch.pid[row] = site[1];
    batch.commId[row] = wireComm === 0 ? 0 : this.commIds.get(wireComm);
    batch.cpu[row] = site[3] + 1;
  }

  /** Adds the two events of a move: word 1 is the old pfn with the order, word 2 the new pfn. */
  private addMove(time: number, words: Uint32Array, at: number): void {
    const { batch } = this;
    const pages = this.pages(words[at + 3] >>> 24);
    if (pages > 0xffffffff) return this.noteDamage(PAGE_MOVED_FROM, words[at + 1], MIN_RECORD_BYTES);
    if (batch.length + 2 > batch.capacity) this.flush();
    for (let half = 0; half < 2; half++) {
      const row = batch.length++;
      batch.timeNs[row] = time;
      batch.kind[row] = PAGE_MOVED_FROM + half;
      batch.addrLo[row] = words[at + 2 + half * 2];
      batch.addrHi[row] = words[at + 3 + half * 2] & 0xffffff;
      batch.size[row] = pages;
      for (const column of [batch.bytesReq, batch.stackId, batch.pid, batch.commId, batch.cacheId, batch.cpu])
        column[row] = 0;
    }
  }

  /** The pages of a mapping behind those of the event that was decoded last: a size has 32 bits. */
  private addRest(pages: number): void {
    const { batch } = this;
    const last = batch.length - 1;
    const columns = [
      batch.timeNs,
      batch.kind,
      batch.stackId,
      batch.pid,
      batch.commId,
      batch.cacheId,
      batch.cpu,
    ] as const;
    const values = columns.map((column) => column[last]);
    let key = { hi: batch.addrHi[last], lo: batch.addrLo[last] };
    for (let left = pages; left > 0; left -= MOST_RANGE_PAGES) {
      key = pagesOn(key, MOST_RANGE_PAGES);
      if (batch.length === batch.capacity) this.flush();
      const row = batch.length++;
      for (const [i, column] of columns.entries()) column[row] = values[i];
      batch.addrHi[row] = key.hi;
      batch.addrLo[row] = key.lo;
      batch.size[row] = Math.min(left, MOST_RANGE_PAGES);
      batch.bytesReq[row] = 0;
    }
  }

  /** A range that was unmapped, moved, or became reserved or usable: words 1 (and 2) are keys, the last one bytes. */
  private addRange(kind: number, time: number, words: Uint32Array, at: number): void {
    const { batch } = this;
    const isMove = kind === RANGE_MOVED_FROM;
    const last = at + (isMove ? 6 : 4);
    const pages = processSize(kind, words[last + 1], words[last]);
    const keys = [{ hi: words[at + 3], lo: words[at + 2] }];
    if (isMove) keys.push({ hi: words[at + 5], lo: words[at + 4] });
    if (pages > MOST_PAGES) return this.noteDamage(kind, words[at + 1], MIN_RECORD_BYTES);
    for (let left = pages; ; left -= MOST_RANGE_PAGES) {
      if (batch.length + keys.length > batch.capacity) this.flush();
      for (const [half, { hi, lo }] of keys.entries()) {
        const row = batch.length++;
        batch.timeNs[row] = time;
        batch.kind[row] = half === 0 ? kind : RANGE_MOVED_TO;
        batch.addrHi[row] = hi;
        batch.addrLo[row] = lo;
        batch.size[row] = Math.min(left, MOST_RANGE_PAGES);
        for (const column of [batch.bytesReq, batch.stackId, batch.pid, batch.commId, batch.cacheId, batch.cpu])
          column[row] = 0;
        keys[half] = pagesOn({ hi, lo }, MOST_RANGE_PAGES);
      }
      if (left <= MOST_RANGE_PAGES) break;
    }
  }

  /** Returns 2^order; for an order above MAX_ORDER infinity, which the caller rejects. */
  private pages(order: number): number {
    return order <= MAX_ORDER ? 2 ** order : Infinity;
  }

  private noteUnknown(counts: Uint32Array, kind: number): void {
    counts[kind & 31]++;
    this.anyUnknown = true;
  }

  private noteDamage(kind: number, timeHi: number, bytes: number): void {
    this.damaged += Math.max(1, Math.floor(bytes / MIN_RECORD_BYTES));
    if (this.damage !== '') return;
    this.damage =
      timeHi >= TIME_HI_LIMIT
        ? `an event at ${timeHi * 0x1000000} ns, expected less than 2^53`
        : `an event record of kind ${kind} that is not whole, not known or out of range`;
  }
}

/** The size of an event of a process as in a batch: bytes of a heap block, pages of a range; infinity for more than can be. */
function processSize(kind: number, bytesHi: number, bytesLo: number): number {
  if (kind === HEAP_ALLOC) return bytesHi === 0 ? bytesLo : MOST_BLOCK_BYTES;
  const pages = Math.ceil((bytesHi * 0x100000000 + bytesLo) / 4096);
  return pages <= MOST_PAGES ? pages : Number.POSITIVE_INFINITY;
}

/** The key of an address so many pages on; beyond the end of an address space one that no range has. */
function pagesOn({ hi, lo }: { hi: number; lo: number }, pages: number): { hi: number; lo: number } {
  const page = (hi & 0xffff) * 2 ** 20 + (lo >>> 12) + pages;
  if (page >= MOST_PAGES) return { hi, lo: 1 };
  return { hi: ((hi & 0xffff0000) | Math.floor(page / 2 ** 20)) >>> 0, lo: ((page % 2 ** 20) << 12) >>> 0 };
}
