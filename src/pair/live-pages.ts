/**
 * LivePages: outstanding pages, accounted by range (pairing rule 1). The kernel may free a block in
 * other pieces than it was allocated in (split_page, alloc_pages_exact, folio split). So a free
 * releases exactly the pages it names, whichever blocks they belong to; the rest stays on its call
 * path.
 *
 * A block is the result of one alloc: 2^order pages at a multiple of 2^order, as the buddy
 * allocator makes them. It has one entry in `blocks`, keyed by (first pfn, order), whose size is
 * the number of its pages still held; `regions` knows which ones. A block that lost pages may share
 * its first pfn with newer, smaller blocks. Of the blocks that span a held page, the smallest is
 * its owner: a newer block that overlaps an older one which still holds pages can only be smaller,
 * because a larger alloc would have taken over all of the older block's pages.
 *
 * A pfn is passed as two words, the low one signed (see LiveTable); the event's time is in the
 * PathTable's `eventNs`.
 */
import { PAGE } from '../event/kinds.js';
import { HI, LiveTable, OWN_BIT, PATH, PID, SIZE, SLOT_WORDS } from './live-table.js';
import { PAGES_PER_REGION, PageRegions, REGION_SHIFT } from './page-regions.js';
import type { PathTable } from './path-table.js';

/** Pfns are below 2^36 (256 TiB of 4 KiB pages); a greater number is no pfn. */
export const PFN_HI_LIMIT = 16;
/** log2 of the most pages that an event may name; the kernel's own limit is 10 to 13. */
export const MAX_ORDER = 20;
export const MAX_PAGES = 2 ** MAX_ORDER;
/** In the high word of a block's key the order lies above the pfn's high bits. */
export const ORDER_SHIFT = 8;

/**
 * What visitWords() does with held pages: release them as missed frees and mark the range; release
 * them; only clear them.
 */
const MARK = 0;
const RELEASE = 1;
const CLEAR = 2;

export class LivePages {
  readonly blocks = new LiveTable();
  readonly regions = new PageRegions();
  private readonly paths: PathTable;
  /** Number of entries of each order; a search for an owner skips orders without any. */
  readonly blocksOfOrder = new Int32Array(MAX_ORDER + 1);

  constructor(paths: PathTable) {
    this.paths = paths;
  }

  /**
   * Pages [pfn, pfn + pages) were allocated, pages in 1..MAX_PAGES. Any of them still held were
   * freed without an event. Returns the number of those, or -1 if there is no room for such a
   * range.
   */
  alloc(pfnHi: number, pfnLo: number, pages: number, path: number, pid: number, names: number): number {
    if (pages !== 1) return this.allocRange(pfnHi, pfnLo, pages, path, pid, names);
    const base = this.regions.findOrAdd((pfnHi << 23) | (pfnLo >>> REGION_SHIFT));
    if (base < 0) return -1;
    const bits = this.regions.bits;
    const word = base + ((pfnLo >>> 4) & 30);
    const bit = 1 << (pfnLo & 31);
    let missed = 0;
    if (((bits[word] | bits[word + 1]) & bit) !== 0) {
      this.releasePage(pfnHi, pfnLo, word, bit, true);
      missed = 1;
    }
    bits[word] |= bit;
    this.addBlock(pfnHi, pfnLo, 0, path, pid, names);
    return missed;
  }

  /** Pages [pfn, pfn + pages) were freed. Returns how many of them were not held. */
  free(pfnHi: number, pfnLo: number, pages: number): number {
    if (pages !== 1) return this.freeRange(pfnHi, pfnLo, pages);
    const base = this.regions.find((pfnHi << 23) | (pfnLo >>> REGION_SHIFT));
    if (base < 0) return 1;
    const bits = this.regions.bits;
    const word = base + ((pfnLo >>> 4) & 30);
    const bit = 1 << (pfnLo & 31);
    if (((bits[word] | bits[word + 1]) & bit) === 0) return 1;
    this.releasePage(pfnHi, pfnLo, word, bit, false);
    return 0;
  }

  /** Returns the slot of the block that holds a page, -1 if none does. */
  slotHolding(pfnHi: number, pfnLo: number): number {
    const base = this.regions.find((pfnHi << 23) | (pfnLo >>> REGION_SHIFT));
    if (base < 0) return -1;
    const word = base + ((pfnLo >>> 4) & 30);
    const bit = 1 << (pfnLo & 31);
    const single = this.regions.bits[word] & bit;
    if ((single | (this.regions.bits[word + 1] & bit)) === 0) return -1;
    return this.ownerOf(pfnHi, pfnLo, single !== 0);
  }

  /** Bytes of memory that the tables take. */
  get byteLength(): number {
    return this.blocks.byteLength + this.regions.byteLength;
  }

  /** Throws if bits and blocks contradict each other. For tests: walks all pages. */
  checkInvariants(): void {
    this.blocks.checkInvariants();
    const held = new Map<number, number>();
    this.regions.eachPage((pfn, inBlock) => {
      const slot = this.ownerOf(Math.floor(pfn / 2 ** 32), pfn | 0, !inBlock);
      held.set(slot, (held.get(slot) ?? 0) + 1);
    });
    for (const [slot, pages] of held) {
      const size = this.blocks.sizeAt(slot);
      if (size !== pages) throw new Error(`block in slot ${slot} holds ${pages} pages, its size says ${size}`);
    }
    if (held.size !== this.blocks.size)
      throw new Error(`${held.size} blocks hold pages, there are ${this.blocks.size}`);
  }

  private allocRange(pfnHi: number, pfnLo: number, pages: number, path: number, pid: number, names: number): number {
    if (!this.regions.hasRoom(2 + (pages >> REGION_SHIFT))) return -1;
    let missed = 0;
    let left = pages;
    let hi = pfnHi;
    let lo = pfnLo;
    // One block, except for ranges that no buddy allocator returns: those are cut into blocks that
    // it could return.
    for (;;) {
      const order = orderAt(lo, left);
      missed += this.visitWords(hi, lo, order, MARK);
      this.addBlock(hi, lo, order, path, pid, names);
      left -= 1 << order;
      if (left === 0) return missed;
      lo = (lo + (1 << order)) | 0;
      if (lo === 0) hi++;
    }
  }

  private freeRange(pfnHi: number, pfnLo: number, pages: number): number {
    let released = 0;
    let left = pages;
    let hi = pfnHi;
    let lo = pfnLo;
    for (;;) {
      const order = orderAt(lo, left);
      released += this.freeBlock(hi, lo, order);
      left -= 1 << order;
      if (left === 0) return pages - released;
      lo = (lo + (1 << order)) | 0;
      if (lo === 0) hi++;
    }
  }

  /**
   * Frees 2^order pages; usually they are a whole block, as it was allocated. Returns the number of
   * pages that were held.
   */
  private freeBlock(pfnHi: number, pfnLo: number, order: number): number {
    const pages = 1 << order;
    const slot = this.blocks.locate(blockKeyHi(pfnHi, order), pfnLo);
    if (slot < 0 || this.blocks.words[slot * SLOT_WORDS + SIZE] !== pages) {
      return this.visitWords(pfnHi, pfnLo, order, RELEASE);
    }
    this.visitWords(pfnHi, pfnLo, order, CLEAR);
    this.chargeRelease(slot, pages, false);
    this.removeBlock(slot, order);
    return pages;
  }

  /**
   * Walks the bits of an aligned range of 2^order pages; adds regions only if `action` marks the
   * range. Returns how many held pages it released.
   */
  private visitWords(pfnHi: number, pfnLo: number, order: number, action: number): number {
    const mask = order >= 5 ? -1 : ((1 << (1 << order)) - 1) << (pfnLo & 31);
    // Even words are for single pages, odd words for pages of blocks.
    const plane = order === 0 ? 0 : 1;
    const lastWord = order >= 5 ? (Math.min(1 << order, PAGES_PER_REGION) >> 5) * 2 - 2 : 0;
    const firstKey = (pfnHi << 23) | (pfnLo >>> REGION_SHIFT);
    const lastKey = firstKey + (((1 << order) - 1) >> REGION_SHIFT);
    let released = 0;
    for (let key = firstKey; key <= lastKey; key++) {
      const base = action === MARK ? this.regions.findOrAdd(key) : this.regions.find(key);
      if (base < 0) continue;
      const bits = this.regions.bits;
      const from = base + ((pfnLo >>> 4) & 30);
      for (let word = from; word <= from + lastWord; word += 2) {
        if (action === CLEAR) {
          bits[word + plane] &= ~mask;
          continue;
        }
        const held = (bits[word] | bits[word + 1]) & mask;
        if (held !== 0) released += this.releaseBits(key, word - base, word, held, action === MARK);
        if (action === MARK) bits[word + plane] |= mask;
      }
    }
    return released;
  }

  /** Releases the pages of one word whose bits are set in `held`. Returns their number. */
  private releaseBits(key: number, wordOfRegion: number, word: number, held: number, missed: boolean): number {
    const pfnHi = key >>> 23;
    const firstLo = (key << REGION_SHIFT) | (wordOfRegion << 4);
    let released = 0;
    for (let left = held; left !== 0; left &= left - 1) {
      const bit = left & -left;
      this.releasePage(pfnHi, firstLo + (31 - Math.clz32(bit)), word, bit, missed);
      released++;
    }
    return released;
  }

  /** Releases one held page from its owner. */
  private releasePage(pfnHi: number, pfnLo: number, word: number, bit: number, missed: boolean): void {
    const bits = this.regions.bits;
    const slot = this.ownerOf(pfnHi, pfnLo, (bits[word] & bit) !== 0);
    bits[word] &= ~bit;
    bits[word + 1] &= ~bit;
    this.chargeRelease(slot, 1, missed);
    const words = this.blocks.words;
    const at = slot * SLOT_WORDS;
    if (--words[at + SIZE] === 0) this.removeBlock(slot, words[at + HI] >>> ORDER_SHIFT);
  }

  /** Returns the slot of the smallest block that spans a held page. */
  ownerOf(pfnHi: number, pfnLo: number, single: boolean): number {
    if (single) return this.blocks.locate(pfnHi, pfnLo);
    for (let order = 1; order <= MAX_ORDER; order++) {
      if (this.blocksOfOrder[order] === 0) continue;
      const slot = this.blocks.locate(blockKeyHi(pfnHi, order), pfnLo & -(1 << order));
      if (slot >= 0) return slot;
    }
    throw new Error('a held page has no owner');
  }

  private chargeRelease(slot: number, pages: number, missed: boolean): void {
    const { blocks, paths } = this;
    const at = slot * SLOT_WORDS;
    const path = blocks.words[at + PATH];
    if ((blocks.words[at + PID] & OWN_BIT) !== 0) paths.chargeOwn(path, -pages, -pages);
    if (missed) paths.chargeMissedFree(PAGE, path, pages, pages);
    else {
      paths.eventNs[1] = blocks.times[slot * 4 + 1];
      paths.chargeFree(PAGE, path, pages, pages);
    }
  }

  private addBlock(pfnHi: number, pfnLo: number, order: number, path: number, pid: number, names: number): void {
    const { blocks } = this;
    const hi = blockKeyHi(pfnHi, order);
    const slot = blocks.insertAt(~blocks.locate(hi, pfnLo), hi, pfnLo);
    blocks.times[slot * 4 + 1] = this.paths.eventNs[0];
    blocks.set(slot, path, 1 << order, pid, names);
    this.blocksOfOrder[order]++;
  }

  private removeBlock(slot: number, order: number): void {
    this.blocks.remove(slot);
    this.blocksOfOrder[order]--;
  }
}

function blockKeyHi(pfnHi: number, order: number): number {
  return pfnHi | (order << ORDER_SHIFT);
}

/** Returns the order of the largest block that may begin at a pfn and has at most `pages` pages. */
function orderAt(pfnLo: number, pages: number): number {
  const bySize = 31 - Math.clz32(pages);
  const byAlignment = pfnLo === 0 ? MAX_ORDER : 31 - Math.clz32(pfnLo & -pfnLo);
  return Math.min(bySize, byAlignment);
}
