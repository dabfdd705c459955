/**
 * How much memory in use has grown, by two counters that know nothing of each other: vmstat counts
 * every page that the allocator hands out and takes back; meminfo with zoneinfo shows what is free.
 * They must agree. Where they do not, memory left the free lists by another way than an alloc:
 *
 * - compaction takes the page that it moves another one to without an alloc, and frees the old one
 *   with a free: vmstat's difference falls by one page for each move, and no memory changes hands;
 * - alloc_contig_range() (gigantic huge pages, CMA) takes whole ranges without an alloc, and gives
 *   them back page by page with frees (mm/page_alloc.c, mm/hugetlb.c, mm/cma.c).
 *
 * Memory in use is MemTotal less free memory, so that memory which is plugged in or out is no growth.
 */
import type { UsedMemory, VmstatSample } from '../../pair/page-balance.js';

/**
 * Both are read within some milliseconds; meanwhile a busy machine takes and frees some MiB. Without
 * a zoneinfo the free lists of the CPUs count as used, and they swing by hundreds of MiB.
 */
const NOISE_BYTES = 24 * 2 ** 20;
const NOISE_SHARE = 1 / 1000;
const INEXACT_NOISE_BYTES = 512 * 2 ** 20;

export interface PageGrowth {
  /** Memory in use has grown by this, bytes. */
  grownBytes: number;
  /** Of that, what no counter of allocs or frees shows; null where the counters cannot be compared. */
  withoutEventBytes: number | null;
}

/** Returns the growth between two samples of vmstat. `unseenMoves`: pages moved whose moves were not followed. */
export function pageGrowth(
  first: VmstatSample,
  last: VmstatSample,
  machine: { pageSize: number; totalBytes: number; unseenMoves: number },
): PageGrowth {
  const { pageSize, unseenMoves } = machine;
  const allocated = last.kernelAllocs - first.kernelAllocs - (last.kernelFrees - first.kernelFrees);
  // A move that was not followed may have taken its page with or without an alloc.
  const least = (allocated + last.vacated - first.vacated) * pageSize;
  const most = least + unseenMoves * pageSize;
  const used = usedGrowth(first.used, last.used);
  if (used === null) return { grownBytes: least, withoutEventBytes: null };
  const beyond = used.bytes > most ? used.bytes - most : Math.min(0, used.bytes - least);
  const noise = used.isExact
    ? Math.max(NOISE_BYTES, machine.totalBytes * NOISE_SHARE)
    : Math.max(INEXACT_NOISE_BYTES, machine.totalBytes * NOISE_SHARE);
  if (Math.abs(beyond) > noise) return { grownBytes: used.bytes, withoutEventBytes: beyond };
  const within = Math.min(Math.max(used.bytes, least), most);
  return { grownBytes: unseenMoves > 0 ? within : least, withoutEventBytes: 0 };
}

function usedGrowth(first: UsedMemory | null, last: UsedMemory | null): { bytes: number; isExact: boolean } | null {
  if (first === null || last === null || first.isExact !== last.isExact) return null;
  return { bytes: last.usedBytes - first.usedBytes, isExact: last.isExact };
}
