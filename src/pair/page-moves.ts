/**
 * PageMoves: pages that the kernel moved (compaction, alloc_contig_range, NUMA balancing, memory
 * that goes offline). The holder of a page holds as much after the move as before, so the page's
 * call path, age and owner go to the new pfn, and nothing is charged to any path.
 *
 * Compaction takes the new page without an event; all others allocate it with one. The old page is
 * freed with an event in both cases, after the move. So
 *
 *   both pages outstanding   they change places: the free of the old pfn then closes the alloc that
 *                            the kernel made for the move
 *   only the old page        it goes to the new pfn, and the free of the old one frees nothing
 *   only the new page        its content is from before the trace: its alloc, made for the move,
 *                            is closed, and the free of the old pfn frees nothing
 *   neither                  the free of the old pfn frees nothing from before the trace
 *
 * Moves are rare beside allocs and frees, so this uses pfns as numbers (below 2^36) and a Map.
 */
import { PAGE } from '../event/kinds.js';
import { type LivePages, ORDER_SHIFT } from './live-pages.js';
import { HI, NAMES, OWN_BIT, PATH, PID, SIZE, SLOT_WORDS } from './live-table.js';
import { REGION_SHIFT } from './page-regions.js';
import type { PathTable } from './path-table.js';

/** The largest block that the kernel moves: a huge page of arm64 with 64 KiB pages. */
export const MAX_MOVED_PAGES = 2 ** 13;

/**
 * Old pages whose free has not come; each comes right behind its move. More can only wait if frees
 * were lost: the oldest are then forgotten.
 */
const MAX_LEFT = 2 ** 18;

/** What is known of a page or block, without its address. */
interface HeldBlock {
  path: number;
  pid: number;
  names: number;
  timeNs: number;
}

export class PageMoves {
  /** Pages whose move was seen, those from before the trace included. */
  movedPages = 0;
  /** Pages freed where nothing was any more, because it had moved to a page taken without an event. */
  vacatedFrees = 0;
  /**
   * Old pages whose free has not come, in the order of the moves; true if the kernel took the new
   * page without an event.
   */
  private readonly left = new Map<number, boolean>();
  private readonly pages: LivePages;
  private readonly paths: PathTable;

  constructor(pages: LivePages, paths: PathTable) {
    this.pages = pages;
    this.paths = paths;
  }

  /** Old pages whose free has not come. */
  get waiting(): number {
    return this.left.size;
  }

  /** 2^n pages, at most MAX_MOVED_PAGES, moved from one pfn to another. */
  move(from: number, to: number, pages: number): void {
    this.movedPages += pages;
    if (pages > 1 && this.moveBlock(from, to, pages)) return;
    for (let i = 0; i < pages; i++) this.movePage(from + i, to + i);
  }

  /** Pages were freed, some of which were not outstanding. Returns how many of those had moved away. */
  takeVacated(pfn: number, pages: number): number {
    let vacated = 0;
    for (let page = pfn; page < pfn + pages; page++) {
      const isUncounted = this.left.get(page);
      if (isUncounted === undefined) continue;
      this.left.delete(page);
      if (isUncounted) this.vacatedFrees++;
      vacated++;
    }
    return vacated;
  }

  /** Pages were allocated: a free of what was there before will not come any more. */
  forget(pfn: number, pages: number): void {
    for (let page = pfn; page < pfn + pages; page++) this.left.delete(page);
  }

  /** Returns the old pages whose free has not come, for a checkpoint: pfn * 2, + 1 if uncounted. */
  save(): number[] {
    return Array.from(this.left, ([pfn, isUncounted]) => pfn * 2 + (isUncounted ? 1 : 0));
  }

  restore(saved: number[]): void {
    for (const entry of saved) this.left.set(Math.floor(entry / 2), entry % 2 === 1);
  }

  /** Moves a block as it was allocated to where nothing is. Returns false if it is not such a block. */
  private moveBlock(from: number, to: number, pages: number): boolean {
    const { blocks } = this.pages;
    const order = 31 - Math.clz32(pages);
    const slot = blocks.locate(high(from) | (order << ORDER_SHIFT), from | 0);
    if (slot < 0 || blocks.words[slot * SLOT_WORDS + SIZE] !== pages || to % pages !== 0) return false;
    for (let page = to; page < to + pages; page++) if (this.isHeld(page)) return false;
    const block = this.blockAt(slot);
    this.removeBlock(slot);
    for (let page = from; page < from + pages; page++) {
      this.clearHeld(page);
      this.leave(page, true);
    }
    this.put(to, order, block);
    return true;
  }

  private movePage(from: number, to: number): void {
    const old = this.take(from);
    const made = this.take(to);
    if (old !== null) this.put(to, 0, old);
    if (old !== null && made !== null) this.put(from, 0, made);
    else {
      if (made !== null) this.close(made);
      this.leave(from, made === null);
    }
  }

  private leave(pfn: number, isUncounted: boolean): void {
    if (this.left.size >= MAX_LEFT) {
      for (const oldest of this.left.keys()) {
        this.left.delete(oldest);
        break;
      }
    }
    this.left.delete(pfn);
    this.left.set(pfn, isUncounted);
  }

  /** Takes one page out of the tables, without a charge; null if it is not outstanding. */
  private take(pfn: number): HeldBlock | null {
    if (!this.isHeld(pfn)) return null;
    const { blocks } = this.pages;
    const slot = this.pages.ownerOf(high(pfn), pfn | 0, this.isHeld(pfn, 0));
    const block = this.blockAt(slot);
    this.clearHeld(pfn);
    if (--blocks.words[slot * SLOT_WORDS + SIZE] === 0) this.removeBlock(slot);
    return block;
  }

  /** Puts a block into the tables, without a charge; its pages must not be outstanding. */
  private put(pfn: number, order: number, block: HeldBlock): void {
    const { blocks, blocksOfOrder } = this.pages;
    // Without room for the region of a damaged pfn the block cannot be kept: its pages end here.
    if (!this.setHeld(pfn, order)) return this.close(block, 1 << order);
    const hi = high(pfn) | (order << ORDER_SHIFT);
    const slot = blocks.insertAt(~blocks.locate(hi, pfn | 0), hi, pfn | 0);
    blocks.times[slot * 4 + 1] = block.timeNs;
    blocks.set(slot, block.path, 1 << order, block.pid, block.names);
    blocksOfOrder[order]++;
    this.forget(pfn, 1 << order);
  }

  /** Charges a block's path with the free of its pages. */
  private close(block: HeldBlock, pages = 1): void {
    const { paths } = this;
    if ((block.pid & OWN_BIT) !== 0) paths.chargeOwn(block.path, -pages, -pages);
    paths.eventNs[1] = block.timeNs;
    paths.chargeFree(PAGE, block.path, pages, pages);
  }

  private blockAt(slot: number): HeldBlock {
    const { words, times } = this.pages.blocks;
    const at = slot * SLOT_WORDS;
    return { path: words[at + PATH], pid: words[at + PID], names: words[at + NAMES], timeNs: times[slot * 4 + 1] };
  }

  private removeBlock(slot: number): void {
    const { blocks, blocksOfOrder } = this.pages;
    blocksOfOrder[blocks.words[slot * SLOT_WORDS + HI] >>> ORDER_SHIFT]--;
    blocks.remove(slot);
  }

  /** True if a page is outstanding; with a plane only as a single page (0) or as part of a block (1). */
  private isHeld(pfn: number, plane?: 0 | 1): boolean {
    const { regions } = this.pages;
    const base = regions.find(regionOf(pfn));
    if (base < 0) return false;
    const word = base + ((pfn >>> 4) & 30);
    const bits = plane === undefined ? regions.bits[word] | regions.bits[word + 1] : regions.bits[word + plane];
    return (bits & (1 << (pfn & 31))) !== 0;
  }

  /** Marks 2^order pages as outstanding. Returns false if there is no room for a new region. */
  private setHeld(pfn: number, order: number): boolean {
    const { regions } = this.pages;
    if (!regions.hasRoom(2 + ((1 << order) >> REGION_SHIFT))) return false;
    for (let page = pfn; page < pfn + (1 << order); page++) {
      const word = regions.findOrAdd(regionOf(page)) + ((page >>> 4) & 30);
      regions.bits[word + (order === 0 ? 0 : 1)] |= 1 << (page & 31);
    }
    return true;
  }

  private clearHeld(pfn: number): void {
    const { regions } = this.pages;
    const word = regions.find(regionOf(pfn)) + ((pfn >>> 4) & 30);
    regions.bits[word] &= ~(1 << (pfn & 31));
    regions.bits[word + 1] &= ~(1 << (pfn & 31));
  }
}

function high(pfn: number): number {
  return Math.floor(pfn / 0x100000000);
}

function regionOf(pfn: number): number {
  return Math.floor(pfn / (1 << REGION_SHIFT));
}
