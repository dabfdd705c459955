/**
 * ProcessMemory: the memory of processes: what is mapped and what is reserved, by range, and heap blocks by address. A page of
 * a process is in one of the two tables of ranges or in none. A fork copies what the parent holds, with call paths and times;
 * another program and the end of a process release it (pairing rules 12 to 16).
 *
 * Keys have the number of the process in their upper 16 bits, so one table holds the blocks of all processes.
 */
import type { EventBatch } from '../event/event-batch.js';
import {
  BECAME_RESERVED,
  BECAME_USABLE,
  HEAP,
  HEAP_FREE_UNLESS,
  HEAP_UNDO,
  MAP,
  MAPPED,
  RANGE_MOVED_FROM,
  RANGE_MOVED_TO,
  RESERVE,
  RESERVED,
  UNMAP,
} from '../event/kinds.js';
import type { ProcessEvent } from '../event/process-facts.js';
import { isRange, LiveRanges, type Piece, SPACE_PAGES } from './live-ranges.js';
import { HI, LiveTable, LO, NAMES, OWN_BIT, PATH, PID, PID_MASK, SLOT_WORDS } from './live-table.js';
import type { PathTable } from './path-table.js';
import { BlockLists } from './processes/block-lists.js';
import { ImageTable } from './processes/image-table.js';
import { ProcessTable } from './processes/process-table.js';
import { ResidentPages } from './processes/resident-pages.js';
import { ReturningBlocks } from './processes/returning-blocks.js';
import { SpaceHistory } from './processes/space-history.js';

/** A fork that would make the tables larger than this is not copied: a hostile stream could double them with each. */
const MOST_COPIED = 2 ** 23;
/** Sizes of heap blocks end here: a larger one is counted as this. */
export const MOST_BLOCK_BYTES = 0xffffffff;
const PAGES_OF_LOW_WORD = 2 ** 20;

/** The counts of EventPairing that events of processes change. */
export interface ProcessCounts {
  freeEvents: number;
  changeEvents: number;
  orphanFrees: number;
}

/** Of a row from before the trace: see HeldBefore of event-pairing.ts. */
type NoteBefore = (row: number, count: number) => void;

export class ProcessMemory {
  readonly heap = new LiveTable();
  /** Where in `heap` the blocks of each process are. */
  readonly blocks = new BlockLists((process, address) => this.slotOf(process, address) >= 0);
  readonly mapped: LiveRanges;
  readonly reserved: LiveRanges;
  processes = new ProcessTable();
  images = new ImageTable();
  resident = new ResidentPages();
  history = new SpaceHistory();
  returning = new ReturningBlocks();
  /** The range of a move whose second half has not come: page (-1 = there is none), pages, and process. */
  moveFrom = -1;
  movePages = 0;
  moveProcess = 0;
  /** Heap blocks of MOST_BLOCK_BYTES or more, whose size is not known exactly. */
  hugeBlocks = 0;
  /** Forks whose memory was too much to be copied: frees of it are orphans. */
  uncopiedForks = 0;

  private readonly paths: PathTable;
  private readonly counts: ProcessCounts;
  private readonly noteBefore: NoteBefore;

  constructor(paths: PathTable, counts: ProcessCounts, noteBefore: NoteBefore) {
    this.paths = paths;
    this.counts = counts;
    this.noteBefore = noteBefore;
    this.mapped = new LiveRanges(paths, MAPPED);
    this.reserved = new LiveRanges(paths, RESERVED);
  }

  /** A range was mapped, or reserved. What lay there is released first. The range must be one (isRange()). */
  map(batch: EventBatch, i: number, path: number, pid: number, names: number): void {
    const isReserved = (batch.kind[i] & 127) === RESERVE;
    const [into, other] = isReserved ? [this.reserved, this.mapped] : [this.mapped, this.reserved];
    const [process, first, pages] = [processAt(batch, i), pageAt(batch, i), batch.size[i]];
    other.unmap(process, first, pages);
    into.map(process, first, pages, path, pid, names);
    // What it was asked for as: 'MAP_STACK', 'file'.
    if (names >>> 16 !== 0) this.paths.noteCache(path, names >>> 16);
    if (pid < 0) this.paths.chargeOwn(path, pages, pages);
    this.paths.chargeAlloc(isReserved ? RESERVED : MAPPED, path, pages, pages);
  }

  /** An event that is neither an alloc nor a plain free of the heap. False if it cannot be. */
  change(batch: EventBatch, i: number, kind: number): boolean {
    if (kind === HEAP_FREE_UNLESS) return this.freeUnless(batch, i);
    if (kind === HEAP_UNDO) return this.undo(batch, i);
    const [process, first, pages] = [processAt(batch, i), pageAt(batch, i), batch.size[i]];
    const isMoved = kind === RANGE_MOVED_FROM || kind === RANGE_MOVED_TO;
    const { moveFrom, movePages, moveProcess } = this;
    if (isMoved) this.moveFrom = -1;
    if (!isRangeAt(batch, i)) return false;
    if (kind === UNMAP) {
      this.counts.freeEvents++;
      const held = this.mapped.unmap(process, first, pages) + this.reserved.unmap(process, first, pages);
      this.counts.orphanFrees += pages - held;
      return true;
    }
    if (kind === RANGE_MOVED_FROM) {
      this.moveFrom = first;
      this.movePages = pages;
      this.moveProcess = process;
    } else if (kind === RANGE_MOVED_TO) {
      if (moveFrom < 0 || pages !== movePages || process !== moveProcess) return false;
      for (const ranges of [this.mapped, this.reserved]) ranges.move(process, moveFrom, first, pages);
    } else if (kind === BECAME_RESERVED) this.become(RESERVED, process, first, pages);
    else if (kind === BECAME_USABLE) this.become(MAPPED, process, first, pages);
    else return false;
    this.counts.changeEvents++;
    return true;
  }

  /** Takes a fact about a process at `timeNs`. False if it cannot be. */
  take(timeNs: number, event: ProcessEvent): boolean {
    const { number, pid, parent, why, stays } = event;
    const known = this.processes.get(number);
    // Said again: the process is known, with all that it holds.
    if (why === 'first' && known?.endedNs === null && known.pid === pid && known.startNs === event.startNs) return true;
    if (!this.processes.take(timeNs, event)) return false;
    this.paths.eventNs[0] = timeNs;
    if (why === 'exit') {
      if (!stays) this.release(number);
      return true;
    }
    // A number that is used again: all of its last process is gone.
    this.release(number);
    if (parent === number) return true;
    if (why === 'fork') this.copy(parent, number, pid & PID_MASK);
    else if (why === 'exec') this.release(parent);
    return true;
  }

  /**
   * A range that was mapped before the trace; events know better what they tell of. Returns how many of its pages were put
   * in, or -1 if there is no such range.
   */
  holdRange(allocator: number, process: number, piece: Piece): number {
    if (!isRange(piece.first, piece.pages) || process < 1 || process > 0xffff) return -1;
    const parts = [this.mapped, this.reserved].flatMap((ranges) => ranges.heldParts(process, piece.first, piece.pages));
    parts.sort(([a], [b]) => a - b);
    const into = allocator === RESERVED ? this.reserved : this.mapped;
    const end = piece.first + piece.pages;
    let [from, held] = [piece.first, 0];
    for (const [first, pages] of [...parts, [end, 0]]) {
      if (first > from) {
        into.put(process, { ...piece, first: from, pages: first - from });
        held += first - from;
      }
      from = first + pages;
    }
    return held;
  }

  /** A heap block from before the trace, likewise; `pages` of the piece are its bytes. Returns 1, or 0 if an event told of it. */
  holdBlock(hi: number, lo: number, { path, pages: bytes, pid, names, timeNs }: Piece): number {
    const place = this.heap.locate(hi, lo);
    if (place >= 0) return 0;
    const slot = this.heap.insertAt(~place, hi, lo);
    this.heap.times[slot * 4 + 1] = timeNs;
    this.heap.set(slot, path, Math.min(bytes, MOST_BLOCK_BYTES) | 0, pid, names);
    this.blocks.add(hi >>> 16, addressOf(hi, lo));
    return 1;
  }

  /** How many pages of a range were resident at the latest look; null if that is not known. */
  residentPages(process: number, first: number, pages: number): number | null {
    return this.resident.pages(process, first, pages);
  }

  /** Bytes of the indexes by process, beside the LiveTables. */
  get indexByteLength(): number {
    return this.mapped.indexByteLength + this.reserved.indexByteLength + this.blocks.byteLength;
  }

  /** About the bytes of a checkpoint beside the tables. */
  get savedBytes(): number {
    const parts = [this.processes, this.images, this.resident, this.history];
    return parts.reduce((sum, part) => sum + part.savedBytes, 0);
  }

  /** Fills the indexes of tables that were restored. False if a page is in two ranges. */
  restoreIndexes(): boolean {
    const { words, slots } = this.heap;
    for (let at = 0; at < slots * SLOT_WORDS; at += SLOT_WORDS) {
      if (words[at + PATH] !== 0) this.blocks.add(words[at + HI] >>> 16, addressOf(words[at + HI], words[at + LO]));
    }
    const areSound = [this.mapped, this.reserved].map((ranges) => ranges.restoreIndex());
    return !areSound.includes(false) && this.sharedPage() === null;
  }

  /** Throws if the tables contradict each other. For tests. */
  checkInvariants(): void {
    this.mapped.checkInvariants();
    this.reserved.checkInvariants();
    this.blocks.checkInvariants();
    const shared = this.sharedPage();
    if (shared !== null) throw new Error(`process ${shared[0]}: page ${shared[1]} is both mapped and reserved`);
  }

  /** A process and a page of a mapping of which some page is both mapped and reserved; null if there is none. */
  sharedPage(): [process: number, page: number] | null {
    for (const process of this.mapped.processNumbers()) {
      for (const [first, pages] of this.mapped.heldParts(process, 0, SPACE_PAGES)) {
        if (this.reserved.heldParts(process, first, pages).length > 0) return [process, first];
      }
    }
    return null;
  }

  /** What is in the other table of ranges is in that of `allocator` now, with its call path and time. */
  private become(allocator: number, process: number, first: number, pages: number): void {
    const { paths } = this;
    const isReserved = allocator === RESERVED;
    const [from, into] = isReserved ? [this.mapped, this.reserved] : [this.reserved, this.mapped];
    for (const piece of from.take(process, first, pages)) {
      const { path, pages: size } = piece;
      const row = this.rowBeside(path, allocator);
      paths.eventNs[1] = piece.timeNs;
      paths.chargeFree(isReserved ? MAPPED : RESERVED, path, size, size);
      paths.chargeAlloc(allocator, row, size, size);
      if ((piece.pid & OWN_BIT) !== 0) {
        paths.chargeOwn(path, -size, -size);
        paths.chargeOwn(row, size, size);
      }
      if (paths.isBefore(row)) this.noteBefore(row, size);
      if (piece.names >>> 16 !== 0) paths.noteCache(row, piece.names >>> 16);
      into.put(process, { ...piece, path: row });
    }
  }

  /** The row of the same call path in another address space. */
  private rowBeside(row: number, allocator: number): number {
    const { paths } = this;
    const kind = allocator === RESERVED ? RESERVE : MAP;
    return paths.isBefore(row)
      ? paths.rowBefore(paths.stackId[row], allocator, kind)
      : paths.rowOf(paths.stackId[row], allocator, kind);
  }

  private freeUnless(batch: EventBatch, i: number): boolean {
    const { heap } = this;
    const [hi, lo] = [batch.addrHi[i] | 0, batch.addrLo[i] | 0];
    this.counts.freeEvents++;
    const slot = heap.locate(hi, lo);
    if (slot < 0) {
      this.counts.orphanFrees++;
      return true;
    }
    const at = slot * SLOT_WORDS;
    const [path, size, pid] = [heap.words[at + PATH], heap.sizeAt(slot), heap.words[at + PID]];
    const timeNs = heap.times[slot * 4 + 1];
    this.returning.note(hi, lo, { path, size, pid, names: heap.words[at + NAMES], timeNs, freedNs: batch.timeNs[i] });
    this.discharge(path, size, pid, timeNs);
    heap.remove(slot);
    this.blocks.remove(hi >>> 16);
    return true;
  }

  private undo(batch: EventBatch, i: number): boolean {
    const { heap, paths } = this;
    const [hi, lo] = [batch.addrHi[i] | 0, batch.addrLo[i] | 0];
    this.counts.changeEvents++;
    const place = heap.locate(hi, lo);
    // A block that is held was not freed: the events in between were lost.
    const block = place >= 0 ? null : this.returning.take(hi, lo);
    if (block === null) return true;
    const slot = heap.insertAt(~place, hi, lo);
    heap.times[slot * 4 + 1] = block.timeNs;
    heap.set(slot, block.path, block.size | 0, block.pid, block.names);
    this.blocks.add(hi >>> 16, addressOf(hi, lo));
    const size = heap.sizeAt(slot);
    paths.chargeUndo(HEAP, block.path, size, block.freedNs - block.timeNs);
    if ((block.pid & OWN_BIT) !== 0) paths.chargeOwn(block.path, size, 1);
    return true;
  }

  /** All that a process holds is free. */
  private release(process: number): void {
    const { heap } = this;
    for (const ranges of [this.mapped, this.reserved]) ranges.unmapAll(process);
    for (const address of this.blocks.of(process)) {
      const slot = this.slotOf(process, address);
      if (slot < 0) continue;
      const at = slot * SLOT_WORDS;
      this.discharge(heap.words[at + PATH], heap.sizeAt(slot), heap.words[at + PID], heap.times[slot * 4 + 1]);
      heap.remove(slot);
    }
    this.blocks.forget(process);
    this.returning.forget(process);
    this.resident.forget(process);
    if (this.moveProcess === process) this.moveFrom = -1;
  }

  private copy(parent: number, child: number, pid: number): void {
    const { heap } = this;
    const pieces = this.mapped.pieceCount(parent) + this.reserved.pieceCount(parent);
    const size = heap.size + this.mapped.table.size + this.reserved.table.size;
    if (size + this.blocks.count(parent) + pieces > MOST_COPIED) {
      this.uncopiedForks++;
      return;
    }
    for (const [allocator, ranges] of [
      [MAPPED, this.mapped],
      [RESERVED, this.reserved],
    ] as const) {
      ranges.copy(parent, child, pid, (path, pages, word) => {
        this.charge(allocator, path, pages, pages, word);
      });
    }
    const addresses = this.blocks.of(parent);
    this.blocks.set(child, addresses, this.blocks.count(parent));
    for (const address of addresses) {
      const from = this.slotOf(parent, address);
      if (from < 0) continue;
      const at = from * SLOT_WORDS;
      const [path, names, timeNs] = [heap.words[at + PATH], heap.words[at + NAMES], heap.times[from * 4 + 1]];
      const [bytes, word] = [heap.sizeAt(from), (heap.words[at + PID] & OWN_BIT) | pid];
      const slot = heap.insertAt(~this.slotOf(child, address), hiOf(child, address), address | 0);
      heap.times[slot * 4 + 1] = timeNs;
      heap.set(slot, path, bytes | 0, word, names);
      this.charge(HEAP, path, bytes, 1, word);
    }
  }

  private charge(allocator: number, path: number, size: number, count: number, pid: number): void {
    this.paths.chargeAlloc(allocator, path, size, count);
    if ((pid & OWN_BIT) !== 0) this.paths.chargeOwn(path, size, count);
    if (this.paths.isBefore(path)) this.noteBefore(path, count);
  }

  private discharge(path: number, size: number, pid: number, timeNs: number): void {
    const { paths } = this;
    if ((pid & OWN_BIT) !== 0) paths.chargeOwn(path, -size, -1);
    paths.eventNs[1] = timeNs;
    paths.chargeFree(HEAP, path, size, 1);
  }

  /** Slot of a heap block, or ~slot as LiveTable.locate(). */
  private slotOf(process: number, address: number): number {
    return this.heap.locate(hiOf(process, address), address | 0);
  }
}

/** The address in a key. */
export function addressOf(hi: number, lo: number): number {
  return (hi & 0xffff) * 0x100000000 + (lo >>> 0);
}

/** High word of the key of an address in a process. */
function hiOf(process: number, address: number): number {
  return (process << 16) | Math.floor(address / 0x100000000);
}

/** True if an event names a range that an address space can have. */
export function isRangeAt(batch: EventBatch, i: number): boolean {
  return (batch.addrLo[i] & 0xfff) === 0 && isRange(pageAt(batch, i), batch.size[i]);
}

function processAt(batch: EventBatch, i: number): number {
  return batch.addrHi[i] >>> 16;
}

function pageAt(batch: EventBatch, i: number): number {
  return (batch.addrHi[i] & 0xffff) * PAGES_OF_LOW_WORD + (batch.addrLo[i] >>> 12);
}
