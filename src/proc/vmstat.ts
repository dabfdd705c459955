/** /proc/vmstat: the kernel's own counts of pages allocated and freed, since boot. */

/**
 * In pages: every page ever allocated (all lines pgalloc_*), freed (pgfree) and moved to another
 * page frame (pgmigrate_success: compaction, contiguous ranges, NUMA balancing, offlining; 0 on a
 * kernel that cannot move pages).
 */
export interface VmstatPages {
  kernelAllocs: number;
  kernelFrees: number;
  kernelMoves: number;
}

/** vmstat has some 200 lines. */
const TEXT_LIMIT = 65536;
const LINE = /^(pgalloc_[a-z0-9]{1,16}|pgfree|pgmigrate_success) (\d{1,20})$/gm;

/**
 * Returns null if the text is not a vmstat. Beyond 2^53 pages a counter is not exact; no machine
 * gets there.
 */
export function parseVmstat(text: string): VmstatPages | null {
  let kernelAllocs = 0;
  let kernelFrees = -1;
  let kernelMoves = 0;
  for (const [, name, value] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
    if (name === 'pgfree') kernelFrees = Number(value);
    else if (name === 'pgmigrate_success') kernelMoves = Number(value);
    else kernelAllocs += Number(value);
  }
  return kernelFrees < 0 || kernelAllocs > Number.MAX_SAFE_INTEGER ? null : { kernelAllocs, kernelFrees, kernelMoves };
}

/** How often the page cache and the reclaimable slabs were dropped by /proc/sys/vm/drop_caches, since boot. */
export interface DroppedCaches {
  pagecache: number;
  slab: number;
}

/** Returns null if the kernel does not count it. */
export function droppedCaches(text: string): DroppedCaches | null {
  const [pagecache, slab] = ['drop_pagecache', 'drop_slab'].map((name) => {
    const found = new RegExp(`^${name} (\\d{1,15})$`, 'm').exec(text.slice(0, TEXT_LIMIT));
    return found === null ? -1 : Number(found[1]);
  });
  return pagecache < 0 || slab < 0 ? null : { pagecache, slab };
}
