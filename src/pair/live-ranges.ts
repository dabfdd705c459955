/**
 * LiveRanges: outstanding mappings of processes, accounted by range. munmap() may cut the middle out of a mapping, cover many,
 * or none; mmap() with MAP_FIXED unmaps what lay there first. So an unmap releases exactly the pages it names, whichever
 * mappings they belong to. What is left keeps call path, time and process; cut in the middle, a mapping becomes two.
 *
 * A key is the number of the process in its upper 16 bits and an address below 2^48 in the others, as two words, the low one
 * signed (see LiveTable). Each piece has one entry in `table` under its first address, whose size is its pages. Beside it each
 * process has the page numbers of its pieces in order: a kernel allows 65,530 mappings a process, so moving them is cheap.
 * The event's time is in the PathTable's `eventNs`.
 */
import { HI, LiveTable, LO, NAMES, OWN_BIT, PATH, PID, SIZE, SLOT_WORDS } from './live-table.js';
import type { PathTable } from './path-table.js';

/** A larger mapping becomes several pieces: sizes are words of 32 bits. */
export const MOST_PIECE_PAGES = 2 ** 31;
/** Pages of the address space that a key can name. */
export const SPACE_PAGES = 2 ** 36;
const PAGES_OF_LOW_WORD = 2 ** 20;

export class LiveRanges {
  readonly table = new LiveTable();
  private readonly paths: PathTable;
  private readonly allocator: number;
  private readonly spaces = new Map<number, Space>();

  constructor(paths: PathTable, allocator: number) {
    this.paths = paths;
    this.allocator = allocator;
  }

  /** Number of processes that have a mapping. */
  get processes(): number {
    return this.spaces.size;
  }

  /**
   * `pages` from `first`, a page number below SPACE_PAGES, were mapped. What is held there is released: the kernel unmaps it
   * first. Returns its number of pages, or -1 if there is no such range. The caller charges the alloc.
   */
  map(process: number, first: number, pages: number, path: number, pid: number, names: number): number {
    if (!isRange(first, pages)) return -1;
    const released = this.release(process, first, pages);
    this.put(process, { first, pages, path, pid, names, timeNs: this.paths.eventNs[0] });
    return released;
  }

  /** Pages were unmapped. Returns how many of them were held, or -1 if there is no such range. */
  unmap(process: number, first: number, pages: number): number {
    return isRange(first, pages) ? this.release(process, first, pages) : -1;
  }

  /** All of a process was unmapped: it has ended, or runs another program. Returns the number of pages. */
  unmapAll(process: number): number {
    return this.release(process, 0, SPACE_PAGES);
  }

  /**
   * The memory moved, with its call path and time. What was at `to` is released. Returns the number of pages at `from` that
   * were held, or -1 if there is no such range.
   */
  move(process: number, from: number, to: number, pages: number): number {
    if (!isRange(from, pages) || !isRange(to, pages)) return -1;
    const pieces = this.take(process, from, pages);
    this.release(process, to, pages);
    let held = 0;
    for (const piece of pieces) {
      this.put(process, { ...piece, first: piece.first - from + to });
      held += piece.pages;
    }
    return held;
  }

  /** The second process has a copy of all that the first has, as after fork(). Calls back for each piece, whose alloc the caller charges. */
  copy(process: number, child: number, pid: number, copied: (path: number, pages: number, pid: number) => void): void {
    this.unmapAll(child);
    const space = this.spaces.get(process);
    if (space === undefined) return;
    for (const first of space.starts.slice(0, space.count)) {
      const piece = this.pieceAt(process, first);
      const word = (piece.pid & OWN_BIT) | pid;
      this.put(child, { ...piece, pid: word });
      copied(piece.path, piece.pages, word);
    }
  }

  processNumbers(): number[] {
    return [...this.spaces.keys()];
  }

  /** Bytes of memory that the index takes, beside the table. */
  get indexByteLength(): number {
    let bytes = 0;
    for (const { starts } of this.spaces.values()) bytes += starts.byteLength;
    return bytes;
  }

  /** Number of pieces of a process. */
  pieceCount(process: number): number {
    return this.spaces.get(process)?.count ?? 0;
  }

  /** Takes what is held of a range out of the tables, in order; no call path is charged. */
  take(process: number, first: number, pages: number): Piece[] {
    const taken: Piece[] = [];
    this.cut(process, first, pages, (piece) => taken.push(piece));
    return taken;
  }

  /** Puts in a piece where nothing is held. The caller charges its call path. */
  put(process: number, piece: Piece): void {
    let space = this.spaces.get(process);
    if (space === undefined) {
      space = new Space();
      this.spaces.set(process, space);
    }
    const { first, pages, path, pid, names, timeNs } = piece;
    for (let done = 0; done < pages; done += MOST_PIECE_PAGES) {
      const size = Math.min(MOST_PIECE_PAGES, pages - done);
      space.insert(space.from(first + done), first + done);
      this.add(process, first + done, size, path, pid, names, timeNs);
    }
  }

  /** The parts of a range that are held, in order: first page and number of pages. */
  heldParts(process: number, first: number, pages: number): [first: number, pages: number][] {
    const space = this.spaces.get(process);
    const parts: [number, number][] = [];
    if (space === undefined) return parts;
    const end = first + pages;
    for (let at = Math.max(0, space.from(first) - 1); at < space.count && space.starts[at] < end; at++) {
      const piece = this.pieceAt(process, space.starts[at]);
      const [from, to] = [Math.max(first, piece.first), Math.min(end, piece.first + piece.pages)];
      if (from < to) parts.push([from, to - from]);
    }
    return parts;
  }

  /** Fills the index of a table that was restored. False if two of its pieces share a page. */
  restoreIndex(): boolean {
    const { words, slots } = this.table;
    const starts = new Map<number, number[]>();
    for (let at = 0; at < slots * SLOT_WORDS; at += SLOT_WORDS) {
      if (words[at + PATH] === 0) continue;
      const process = processOf(words, at);
      const list = starts.get(process) ?? [];
      starts.set(process, list);
      list.push(pageOf(words, at));
      if ((words[at + LO] & 0xfff) !== 0) return false;
    }
    for (const [process, list] of starts) {
      const space = new Space();
      space.replace(
        0,
        0,
        list.toSorted((a, b) => a - b),
      );
      this.spaces.set(process, space);
      let end = 0;
      for (const first of space.starts.subarray(0, space.count)) {
        const { pages } = this.pieceAt(process, first);
        if (first < end || !isRange(first, pages)) return false;
        end = first + pages;
      }
    }
    return true;
  }

  /** Throws if index and table contradict each other. For tests. */
  checkInvariants(): void {
    this.table.checkInvariants();
    let pieces = 0;
    for (const [process, { starts, count }] of this.spaces) {
      if (count === 0) throw new Error(`process ${process} has no mapping`);
      let end = 0;
      for (const first of starts.subarray(0, count)) {
        if (first < end) throw new Error(`process ${process}: page ${first} is in two mappings`);
        end = first + this.pieceAt(process, first).pages;
      }
      pieces += count;
    }
    if (pieces !== this.table.size) throw new Error(`${pieces} pieces, ${this.table.size} entries`);
  }

  /** Releases what is held of a range, and charges it. Returns the number of pages. */
  private release(process: number, first: number, pages: number): number {
    const { paths, allocator } = this;
    let released = 0;
    this.cut(process, first, pages, (piece) => {
      if ((piece.pid & OWN_BIT) !== 0) paths.chargeOwn(piece.path, -piece.pages, -piece.pages);
      paths.eventNs[1] = piece.timeNs;
      paths.chargeFree(allocator, piece.path, piece.pages, piece.pages);
      released += piece.pages;
    });
    return released;
  }

  private cut(process: number, first: number, pages: number, found: (piece: Piece) => void): void {
    const space = this.spaces.get(process);
    if (space === undefined) return;
    const end = first + pages;
    let at = space.from(first);
    // The one before may reach into it.
    if (at > 0) at--;
    const from = at;
    const left: Piece[] = [];
    for (; at < space.count && space.starts[at] < end; at++) {
      const piece = this.pieceAt(process, space.starts[at]);
      const pieceEnd = piece.first + piece.pages;
      if (pieceEnd <= first) {
        left.push(piece);
        continue;
      }
      this.remove(process, piece.first);
      if (piece.first < first) left.push({ ...piece, pages: first - piece.first });
      const start = Math.max(first, piece.first);
      found({ ...piece, first: start, pages: Math.min(end, pieceEnd) - start });
      if (pieceEnd > end) left.push({ ...piece, first: end, pages: pieceEnd - end });
    }
    space.replace(
      from,
      at,
      left.map((piece) => piece.first),
    );
    for (const piece of left) {
      if (this.slotOf(process, piece.first) < 0)
        this.add(process, piece.first, piece.pages, piece.path, piece.pid, piece.names, piece.timeNs);
    }
    if (space.count === 0) this.spaces.delete(process);
  }

  private add(
    process: number,
    first: number,
    pages: number,
    path: number,
    pid: number,
    names: number,
    timeNs: number,
  ): void {
    const { table } = this;
    const [hi, lo] = [keyHi(process, first), keyLo(first)];
    const slot = table.insertAt(~table.locate(hi, lo), hi, lo);
    table.times[slot * 4 + 1] = timeNs;
    table.set(slot, path, pages | 0, pid, names);
  }

  private remove(process: number, first: number): void {
    this.table.remove(this.slotOf(process, first));
  }

  private slotOf(process: number, first: number): number {
    return this.table.locate(keyHi(process, first), keyLo(first));
  }

  private pieceAt(process: number, first: number): Piece {
    const { table } = this;
    const slot = this.slotOf(process, first);
    const at = slot * SLOT_WORDS;
    const { words } = table;
    return {
      first,
      pages: words[at + SIZE] >>> 0,
      path: words[at + PATH],
      pid: words[at + PID],
      names: words[at + NAMES],
      timeNs: table.times[slot * 4 + 1],
    };
  }
}

/** A mapping, or a part of one. `pid` and `names` are words of a LiveTable. */
export interface Piece {
  first: number;
  pages: number;
  path: number;
  pid: number;
  names: number;
  timeNs: number;
}

/** The first pages of the pieces of one process, in order. */
class Space {
  starts = new Float64Array(16);
  count = 0;

  /** Index of the first piece that begins at a page or behind it. */
  from(page: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle] < page) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(at: number, page: number): void {
    this.replace(at, at, [page]);
  }

  /** Puts pages in the place of those at `from` .. `to` - 1. */
  replace(from: number, to: number, pages: readonly number[]): void {
    const count = this.count - (to - from) + pages.length;
    if (count > this.starts.length) {
      const grown = new Float64Array(Math.max(count, this.starts.length * 2));
      grown.set(this.starts.subarray(0, this.count));
      this.starts = grown;
    }
    this.starts.copyWithin(from + pages.length, to, this.count);
    this.starts.set(pages, from);
    this.count = count;
  }
}

/** True for pages that an address space can have. */
export function isRange(first: number, pages: number): boolean {
  return (
    Number.isSafeInteger(first) &&
    Number.isSafeInteger(pages) &&
    first >= 0 &&
    pages > 0 &&
    first + pages <= SPACE_PAGES
  );
}

/** High word of the key of an address in a process. */
export function keyHi(process: number, first: number): number {
  return (process << 16) | Math.floor(first / PAGES_OF_LOW_WORD);
}

export function keyLo(first: number): number {
  return (first % PAGES_OF_LOW_WORD) << 12;
}

/** The process and the page of a key. */
export function processOf(words: Int32Array, at: number): number {
  return words[at + HI] >>> 16;
}

export function pageOf(words: Int32Array, at: number): number {
  return (words[at + HI] & 0xffff) * PAGES_OF_LOW_WORD + (words[at + LO] >>> 12);
}
