/**
 * Pages that the kernel moved to other page frames (compaction, contiguous ranges, NUMA balancing,
 * offlining). Of a move that was seen, the call path keeps its page. Of one that was not, the free
 * of the old page looks like the end of the memory: as many pages more than shown may be held.
 *
 * vmstat's pgmigrate_success counts every page moved. Only pages on an LRU list and those of
 * drivers that move their own (zsmalloc, balloons) can move (mm/compaction.c,
 * isolate_migratepages_block): no page of a slab, a page table, a stack, vmalloc, or one that a
 * driver took for itself.
 */
import type { PairingCore } from '../../pair/pairing-core.js';
import type { Category } from '../report/category.js';
import type { PageMoves } from '../report/report-reconciliation.js';

/** Pages of moves that were under way while vmstat was read: a task moves up to 512 at a time, mostly 32. */
export const UNDER_WAY = 64;

/** Returns how many pages moved, null if that is not known: without vmstat, or in a sample. */
export function pageMovesOf(core: PairingCore): PageMoves | null {
  const { firstVmstat, lastVmstat } = core.pageBalance;
  if (core.unseenMoves > 0) {
    const followed = core.moves.movedPages;
    return { pages: followed + core.unseenMoves, followedPages: followed, unseenPages: core.unseenMoves };
  }
  if (firstVmstat === null || lastVmstat === null || lastVmstat.timeNs <= firstVmstat.timeNs) return null;
  const pages = Math.max(0, lastVmstat.kernelMoves - firstVmstat.kernelMoves);
  const followedPages = Math.min(pages, lastVmstat.moved - firstVmstat.moved);
  return { pages, followedPages, unseenPages: pages - followedPages };
}

/** Returns true if pages of a category can be moved; null is a call path that no name decides. */
export function canMove(category: Category | null): boolean {
  return category === null || !FIXED.has(category);
}

const FIXED: ReadonlySet<Category> = new Set<Category>([
  'slab',
  'vmalloc',
  'page tables',
  'kernel stack',
  'percpu',
  'backing',
  'unaccounted',
]);
