/**
 * /proc/meminfo as parts that add up to MemTotal: what its lines account for, each page once, and
 * what no line accounts for. The sums are those of parseMeminfo(); meminfo.ts documents which lines
 * overlap, with sources.
 */
import { type MeminfoLines, meminfoLines, swapCacheBeyondLru, unaccountedKiB } from './meminfo.js';

/**
 * In the order in which they are stacked: what the kernel needs first, then the user's memory, the
 * unaccounted gap, and free memory last.
 */
export const MEMORY_PARTS = [
  'slab',
  'page tables',
  'kernel stacks',
  'vmalloc',
  'percpu',
  'hugetlb',
  'other',
  'anon',
  'shmem',
  'page cache',
  'unaccounted',
  'free',
] as const;
export type MemoryPart = (typeof MEMORY_PARTS)[number];

/** Returns the bytes of each part, in the order of MEMORY_PARTS; null if the text is not a meminfo. */
export function meminfoParts(text: string): number[] | null {
  const lines = meminfoLines(text);
  if (lines === null) return null;
  const parts = partsOf(lines);
  return MEMORY_PARTS.map((name) => Math.max(0, parts[name]) * 1024);
}

function partsOf(lines: MeminfoLines): Record<MemoryPart, number> {
  const of = (name: string): number => lines.get(name) ?? 0;
  const shmem = Math.min(of('Shmem'), of('Cached'));
  const otherReclaimable = Math.max(0, of('KReclaimable') - of('SReclaimable'));
  let other = otherReclaimable;
  for (const name of ['Bounce', 'WritebackTmp', 'HardwareCorrupted', 'Zswap', 'GPUActive', 'GPUReclaim']) {
    other += of(name);
  }
  return {
    slab: lines.get('Slab') ?? of('SReclaimable') + of('SUnreclaim'),
    'page tables': of('PageTables') + of('SecPageTables'),
    'kernel stacks': of('KernelStack'),
    // With VMAP_STACK the stacks are part of it.
    vmalloc: Math.max(0, of('VmallocUsed') - of('KernelStack')),
    percpu: of('Percpu'),
    hugetlb: lines.get('Hugetlb') ?? of('HugePages_Total') * of('Hugepagesize'),
    other,
    // Anonymous memory that is in the swap cache and mapped nowhere is in no other line.
    anon: of('AnonPages') + swapCacheBeyondLru(lines),
    shmem,
    'page cache': of('Buffers') + of('Cached') - shmem,
    unaccounted: unaccountedKiB(lines),
    free: of('MemFree'),
  };
}
