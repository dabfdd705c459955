/**
 * EventPairing: the tables and totals of a PairingCore, and what each event does to them. It never
 * throws on event data, and the same events give the same state however they are cut into batches.
 *
 * apply() is the loop; the record... methods are the verbs, one for each thing that can happen.
 * They take the batch and a row instead of the row's fields, because V8 puts an unsigned word or a
 * double on its heap when it is passed to a function that is not inlined: so nothing is allocated
 * per event. An alloc and its free within one batch skip the tables where BatchPairs can prove that
 * this changes nothing; most of a kernel's events are such pairs. (Prefetching the slots of a run
 * of events was tried twice and did not pay at 20 k, 100 k or 2 M outstanding allocations: the
 * prefetch waits for memory instead.) The verbs share the tables, so they stand in one file.
 */
import { type EventBatch, TIME_LIMIT_NS } from '../event/event-batch.js';
import {
  ALLOCATOR_COUNT,
  ALLOCATOR_OF_KIND,
  FREE_BIT,
  HEAP,
  HEAP_FREE,
  isInPages,
  KFREE,
  KIND_MASK,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE,
  PAGE_ALLOC,
  PAGE_FREE,
  PAGE_MOVED_FROM,
  PAGE_MOVED_TO,
  SELF_BIT,
  SLAB,
  ZERO_SIZE_PTR,
} from '../event/kinds.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import { PAGE_USES } from '../event/trace-sink.js';
import { BatchPairs } from './batch-pairs.js';
import { Curves } from './curves.js';
import { FreeSites } from './free-sites.js';
import { LivePages, MAX_PAGES, PFN_HI_LIMIT } from './live-pages.js';
import { cpuBits, cpuOf, LiveTable, OWN_BIT, PATH, PID, PID_MASK, SLOT_WORDS } from './live-table.js';
import { MAX_MOVED_PAGES, PageMoves } from './page-moves.js';
import { PathTable } from './path-table.js';
import { addressOf, isRangeAt, MOST_BLOCK_BYTES, ProcessMemory } from './process-memory.js';

/** Of a row from before the trace. */
export interface HeldBefore {
  /** What of it is in no table, because its addresses are not known: in the allocator's unit, and pages or objects. */
  sumSize: number;
  sumCount: number;
  /** Pages or objects whose age was not known. */
  withoutAge: number;
  /** Pages or objects by what the flags of the page show of its use; indexed as PAGE_USES. */
  uses: number[];
}

export class EventPairing {
  readonly dictionary: TraceDictionary;
  readonly paths = new PathTable();
  readonly pages = new LivePages(this.paths);
  readonly moves = new PageMoves(this.pages, this.paths);
  readonly slab = new LiveTable();
  /** What is known of the rows from before the trace (pairing rule 10); by row of the PathTable. */
  readonly before = new Map<number, HeldBefore>();
  readonly processMemory = new ProcessMemory(this.paths, this, (row, count) => this.noteBefore(row, count));
  /** Indexed by address space; for pages, the table of their blocks. */
  private readonly tables: readonly LiveTable[] = [
    this.pages.blocks,
    this.slab,
    new LiveTable(),
    new LiveTable(),
    this.processMemory.heap,
    this.processMemory.mapped.table,
    this.processMemory.reserved.table,
  ];
  readonly curves = new Curves();
  readonly freeSites = new FreeSites();
  /** Grows with each call of events() and fact(): what was worked out from the core holds until then. */
  version = 0;
  /** Latest time seen, ns since the start of the trace. */
  nowNs = 0;
  /** All events seen: allocs + frees + halves of moves + changes + failed allocs + null frees + bad events. */
  eventCount = 0;
  /** Allocs that returned memory. */
  allocEvents = 0;
  /** Frees of an address, not of NULL or ZERO_SIZE_PTR. */
  freeEvents = 0;
  /** Halves of moves: two a move. */
  moveEvents = 0;
  /** Ranges of processes that moved (two events each), became reserved or usable, and frees that were undone. */
  changeEvents = 0;
  /** The pages of a move whose second half has not come: first pfn, -1 = there is none, and number. */
  moveFrom = -1;
  movePages = 0;
  /** Pages or objects that were freed but not outstanding. */
  orphanFrees = 0;
  /** The pages among orphanFrees. */
  orphanPages = 0;
  /** The slab objects among orphanFrees. */
  orphanObjects = 0;
  /** Pages or objects whose address was allocated again: their free was missed. */
  missedFrees = 0;
  failedAllocs = 0;
  nullFrees = 0;
  /** Allocs without a call path. */
  stackMisses = 0;
  /** Events with an impossible kind, size, address or time. */
  badEvents = 0;
  private stackLimit = 0;
  private readonly batchPairs = new BatchPairs();
  /** For the current batch: by row of an alloc that has a partner, the row of its call path. */
  private pathOfPair = new Int32Array(0);

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  events(batch: EventBatch): void {
    this.version++;
    this.stackLimit = this.dictionary.stacks.size;
    this.eventCount += batch.length;
    const hasPairs = this.batchPairs.find(batch);
    if (this.pathOfPair.length < batch.length) this.pathOfPair = new Int32Array(batch.capacity);
    this.apply(batch, hasPairs);
  }

  /** Returns the table of an address space; for pages, the table of their blocks. */
  tableOf(allocator: number): LiveTable {
    return this.tables[allocator];
  }

  /**
   * Bytes of memory that the tables of outstanding allocations take; the tables of call paths not
   * included.
   */
  get liveByteLength(): number {
    // `pages.byteLength` includes the table of blocks.
    return this.tables.reduce(
      (sum, table) => sum + table.byteLength,
      this.pages.byteLength - this.tables[PAGE].byteLength + this.processMemory.indexByteLength,
    );
  }

  /** Throws if the tables contradict each other or the totals. For tests: walks all entries. */
  checkInvariants(): void {
    this.pages.checkInvariants();
    this.processMemory.checkInvariants();
    for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
      const table = this.tableOf(allocator);
      table.checkInvariants();
      let live = 0;
      for (const [row, { sumSize }] of this.before) if (this.paths.allocator[row] === allocator) live += sumSize;
      for (let slot = 0; slot < table.slots; slot++) {
        if (table.words[slot * SLOT_WORDS + PATH] !== 0) live += table.sizeAt(slot);
      }
      if (live !== this.paths.totalLive(allocator)) throw new Error(`allocator ${allocator}: ${live} in the table`);
    }
  }

  private apply(batch: EventBatch, hasPairs: boolean): void {
    const { kind, timeNs, length } = batch;
    const { partner } = this.batchPairs;
    const { eventNs } = this.paths;
    const { nextNs } = this.curves;
    for (let i = 0; i < length; i++) {
      const time = timeNs[i];
      if (!(time >= 0 && time < TIME_LIMIT_NS)) {
        this.badEvents++;
        continue;
      }
      // An event of an unknown kind must not advance the curves: its time may be damaged too.
      if (time >= nextNs[0] && ALLOCATOR_OF_KIND[kind[i] & KIND_MASK] < ALLOCATOR_COUNT) {
        this.curves.advance(time, this.paths);
      }
      eventNs[0] = time;
      if (hasPairs && partner[i] >= 0) {
        if ((kind[i] & FREE_BIT) === 0) this.recordPairedAlloc(batch, i);
        else this.recordPairedFree(batch, i);
        if (time > this.nowNs) this.nowNs = time;
        continue;
      }
      switch (kind[i] & KIND_MASK) {
        case KMALLOC:
        case KMEM_CACHE_ALLOC:
          this.recordAlloc(SLAB, this.slab, batch, i);
          break;
        case KFREE:
        case KMEM_CACHE_FREE:
          this.recordFree(SLAB, this.slab, batch, i);
          break;
        case PAGE_ALLOC:
          this.recordPageAlloc(batch, i);
          break;
        case PAGE_FREE:
          this.recordPageFree(batch, i);
          break;
        default:
          if (!this.recordOther(batch, i)) {
            this.badEvents++;
            continue;
          }
      }
      if (time > this.nowNs) this.nowNs = time;
    }
  }

  /** Handles an event of a rarer kind. Returns false for one that is bad. */
  private recordOther(batch: EventBatch, i: number): boolean {
    const kind = batch.kind[i] & KIND_MASK;
    const allocator = ALLOCATOR_OF_KIND[kind];
    if (allocator >= ALLOCATOR_COUNT) return false;
    if (allocator === PAGE) return this.recordMove(batch, i, kind);
    if (allocator >= HEAP) return this.recordOfProcess(batch, i, kind);
    if ((kind & FREE_BIT) === 0) this.recordAlloc(allocator, this.tables[allocator], batch, i);
    else this.recordFree(allocator, this.tables[allocator], batch, i);
    return true;
  }

  /** An event of the memory of a process. Returns false for one that is bad. */
  private recordOfProcess(batch: EventBatch, i: number, kind: number): boolean {
    const hi = batch.addrHi[i];
    const allocator = ALLOCATOR_OF_KIND[kind];
    const isFree = (kind & FREE_BIT) !== 0;
    if (batch.addrLo[i] === 0 && (hi === 0 || (allocator === HEAP && (hi & 0xffff) === 0))) {
      if (isFree && allocator !== HEAP) return false;
      if (isFree) this.nullFrees++;
      else this.failedAllocs++;
      return true;
    }
    if (hi < 0x10000) return false;
    if (allocator === HEAP && kind <= HEAP_FREE) {
      this.recordBlock(batch, i, isFree);
      return true;
    }
    if (isFree) return this.processMemory.change(batch, i, kind);
    if (!isRangeAt(batch, i)) return false;
    this.allocEvents++;
    const path = this.pathOf(batch, i, allocator);
    this.processMemory.map(batch, i, path, pidWord(batch, i), namesWord(batch, i));
    return true;
  }

  private recordBlock(batch: EventBatch, i: number, isFree: boolean): void {
    const { processMemory } = this;
    const { heap, blocks } = processMemory;
    const { size } = heap;
    const [hi, lo] = [batch.addrHi[i], batch.addrLo[i]];
    if (isFree) {
      this.recordFree(HEAP, heap, batch, i);
      if (heap.size < size) blocks.remove(hi >>> 16);
      return;
    }
    if (batch.size[i] === MOST_BLOCK_BYTES) processMemory.hugeBlocks++;
    this.recordAlloc(HEAP, heap, batch, i);
    if (heap.size > size) blocks.add(hi >>> 16, addressOf(hi, lo));
  }

  /** Memory of a process from before the trace was copied, or is in another address space now. */
  private noteBefore(row: number, count: number): void {
    const known = this.before.get(row) ?? { sumSize: 0, sumCount: 0, withoutAge: 0, uses: PAGE_USES.map(() => 0) };
    known.withoutAge += count;
    known.uses[0] += count;
    this.before.set(row, known);
  }

  /** An object or a page whose free is in the batch: no table needs an entry for it (BatchPairs). */
  private recordPairedAlloc(batch: EventBatch, i: number): void {
    const { paths } = this;
    const allocator = ALLOCATOR_OF_KIND[batch.kind[i] & KIND_MASK];
    const path = this.pathOf(batch, i, allocator);
    const size = batch.size[i];
    const cache = batch.cacheId[i] & 0xffff;
    this.pathOfPair[i] = path;
    this.allocEvents++;
    if (cache !== 0 && allocator !== PAGE) paths.noteCache(path, cache);
    if (allocator === HEAP && size === MOST_BLOCK_BYTES) this.processMemory.hugeBlocks++;
    if ((batch.kind[i] & SELF_BIT) !== 0) paths.chargeOwn(path, size, 1);
    paths.chargeAlloc(allocator, path, size, 1);
  }

  private recordPairedFree(batch: EventBatch, i: number): void {
    const { paths } = this;
    const alloc = this.batchPairs.partner[i];
    const path = this.pathOfPair[alloc];
    const size = batch.size[alloc];
    this.freeEvents++;
    if ((batch.kind[alloc] & SELF_BIT) !== 0) paths.chargeOwn(path, -size, -1);
    paths.eventNs[1] = batch.timeNs[alloc];
    if (batch.stackId[i] !== 0) this.noteSite(batch, i, path, pidWord(batch, alloc));
    paths.chargeFree(ALLOCATOR_OF_KIND[batch.kind[i] & KIND_MASK], path, size, 1);
  }

  private recordPageAlloc(batch: EventBatch, i: number): void {
    const pfnHi = batch.addrHi[i] | 0;
    const pfnLo = batch.addrLo[i] | 0;
    const pages = batch.size[i];
    if (pfnHi === -1 && pfnLo === -1) {
      this.failedAllocs++;
      return;
    }
    if (!isPageRange(pfnHi, pfnLo, pages)) {
      this.badEvents++;
      return;
    }
    const path = this.pathOf(batch, i, PAGE);
    const pid = pidWord(batch, i);
    const missed = this.pages.alloc(pfnHi, pfnLo, pages, path, pid, namesWord(batch, i));
    if (missed < 0) {
      this.badEvents++;
      return;
    }
    if (this.moves.waiting > 0) this.moves.forget(pfnOf(pfnHi, pfnLo), pages);
    this.allocEvents++;
    this.missedFrees += missed;
    if (pid < 0) this.paths.chargeOwn(path, pages, pages);
    this.paths.chargeAlloc(PAGE, path, pages, pages);
  }

  private recordPageFree(batch: EventBatch, i: number): void {
    const pfnHi = batch.addrHi[i] | 0;
    const pfnLo = batch.addrLo[i] | 0;
    const pages = batch.size[i];
    if (!isPageRange(pfnHi, pfnLo, pages)) {
      this.badEvents++;
      return;
    }
    this.freeEvents++;
    if (batch.stackId[i] !== 0) this.notePageSite(batch, i);
    let orphans = this.pages.free(pfnHi, pfnLo, pages);
    if (orphans > 0 && this.moves.waiting > 0) orphans -= this.moves.takeVacated(pfnOf(pfnHi, pfnLo), pages);
    this.orphanFrees += orphans;
    this.orphanPages += orphans;
  }

  /** One half of a move. The second one must follow the first and name as many pages. */
  private recordMove(batch: EventBatch, i: number, kind: number): boolean {
    const pfnHi = batch.addrHi[i] | 0;
    const pfnLo = batch.addrLo[i] | 0;
    const pages = batch.size[i];
    const from = this.moveFrom;
    this.moveFrom = -1;
    if (!isPageRange(pfnHi, pfnLo, pages) || pages > MAX_MOVED_PAGES) return false;
    if (kind === PAGE_MOVED_FROM) {
      this.moveFrom = pfnOf(pfnHi, pfnLo);
      this.movePages = pages;
    } else {
      if (kind !== PAGE_MOVED_TO || from < 0 || pages !== this.movePages) return false;
      this.moves.move(from, pfnOf(pfnHi, pfnLo), pages);
    }
    this.moveEvents++;
    return true;
  }

  private recordAlloc(allocator: number, table: LiveTable, batch: EventBatch, i: number): void {
    const hi = batch.addrHi[i] | 0;
    const lo = batch.addrLo[i] | 0;
    const size = batch.size[i];
    if (hi === 0 && lo >>> 0 <= ZERO_SIZE_PTR) {
      this.failedAllocs++;
      return;
    }
    if (allocator !== SLAB && size === 0 && isInPages(allocator)) {
      this.badEvents++;
      return;
    }
    this.allocEvents++;
    const path = this.pathOf(batch, i, allocator);
    let slot = table.locate(hi, lo);
    if (slot >= 0) this.retireUnseen(table, allocator, slot);
    else slot = table.insertAt(~slot, hi, lo);
    const pid = pidWord(batch, i);
    const names = namesWord(batch, i);
    table.times[slot * 4 + 1] = batch.timeNs[i];
    table.set(slot, path, size, pid, names);
    const count = allocator !== SLAB && isInPages(allocator) ? size : 1;
    if (names >>> 16 !== 0) this.paths.noteCache(path, names >>> 16);
    if (pid < 0) this.paths.chargeOwn(path, size, count);
    this.paths.chargeAlloc(allocator, path, size, count);
  }

  /**
   * The address is allocated again, so its free was missed (pairing rule 3). The slot stays, to be
   * reused.
   */
  private retireUnseen(table: LiveTable, allocator: number, slot: number): void {
    const at = slot * SLOT_WORDS;
    const path = table.words[at + PATH];
    const size = table.sizeAt(slot);
    const count = allocator !== SLAB && isInPages(allocator) ? size : 1;
    this.missedFrees += count;
    if ((table.words[at + PID] & OWN_BIT) !== 0) this.paths.chargeOwn(path, -size, -count);
    this.paths.chargeMissedFree(allocator, path, size, count);
  }

  private recordFree(allocator: number, table: LiveTable, batch: EventBatch, i: number): void {
    const hi = batch.addrHi[i] | 0;
    const lo = batch.addrLo[i] | 0;
    if (hi === 0 && lo >>> 0 <= ZERO_SIZE_PTR) {
      this.nullFrees++;
      return;
    }
    this.freeEvents++;
    const slot = table.locate(hi, lo);
    if (slot < 0) {
      this.orphanFrees++;
      if (allocator === SLAB) this.orphanObjects++;
      return;
    }
    const at = slot * SLOT_WORDS;
    const path = table.words[at + PATH];
    const size = table.sizeAt(slot);
    const count = allocator !== SLAB && isInPages(allocator) ? size : 1;
    if ((table.words[at + PID] & OWN_BIT) !== 0) this.paths.chargeOwn(path, -size, -count);
    this.paths.eventNs[1] = table.times[slot * 4 + 1];
    if (batch.stackId[i] !== 0) this.noteSite(batch, i, path, table.words[at + PID]);
    this.paths.chargeFree(allocator, path, size, count);
    table.remove(slot);
  }

  /** A block that is freed in pieces counts where each piece is freed. */
  private notePageSite(batch: EventBatch, i: number): void {
    const { blocks } = this.pages;
    const slot = this.pages.slotHolding(batch.addrHi[i] | 0, batch.addrLo[i] | 0);
    if (slot < 0) return;
    const at = slot * SLOT_WORDS;
    this.paths.eventNs[1] = blocks.times[slot * 4 + 1];
    this.noteSite(batch, i, blocks.words[at + PATH], blocks.words[at + PID]);
  }

  /**
   * A free whose call path is known, of memory of row `path` and word PID `pid`; its times are in `eventNs`. What
   * the tracer itself frees is of no interest, and what was there before the trace is of unknown age.
   */
  private noteSite(batch: EventBatch, i: number, path: number, pid: number): void {
    const { paths } = this;
    const stackId = batch.stackId[i];
    if (stackId > this.stackLimit || pid < 0 || paths.isBefore(path)) return;
    const ageNs = paths.eventNs[0] - paths.eventNs[1];
    this.freeSites.note(paths.keyOf(path), stackId, ageNs, cpuOf(pid), batch.cpu[i]);
  }

  /** Returns the row of an alloc's call path. */
  private pathOf(batch: EventBatch, i: number, allocator: number): number {
    const stackId = batch.stackId[i];
    const kind = batch.kind[i] & KIND_MASK;
    if (stackId !== 0 && stackId <= this.stackLimit) return this.paths.rowOf(stackId, allocator, kind);
    this.stackMisses++;
    return this.paths.rowOf(0, allocator, kind);
  }
}

function pfnOf(hi: number, lo: number): number {
  return hi * 0x100000000 + (lo >>> 0);
}

/** Returns word PID of a slot; SELF_BIT becomes its sign. */
function pidWord(batch: EventBatch, i: number): number {
  return (batch.pid[i] & PID_MASK) | cpuBits(batch.cpu[i]) | ((batch.kind[i] & SELF_BIT) << 24);
}

/**
 * Returns word NAMES of a slot. Ids go up to 65535 (NAMES_LIMIT of trace-dictionary.ts).
 */
function namesWord(batch: EventBatch, i: number): number {
  return (batch.commId[i] & 0xffff) | (batch.cacheId[i] << 16);
}

function isPageRange(pfnHi: number, pfnLo: number, pages: number): boolean {
  if (pages === 0 || pages > MAX_PAGES || pfnHi < 0 || pfnHi >= PFN_HI_LIMIT) return false;
  // The end of the range must be below 2^36 too; only the topmost pages can fail this.
  return pages === 1 || pfnHi < PFN_HI_LIMIT - 1 || (pfnLo >>> 0) + pages <= 0x100000000;
}
