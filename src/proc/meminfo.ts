/**
 * /proc/meminfo, and the memory that it does not show: MemTotal minus everything that one of its
 * lines accounts for.
 *
 * Which lines are added, and which are not because another one contains them (fs/proc/meminfo.c,
 * mm/show_mem.c):
 * - MemFree. Free pages on per-CPU lists are in no line: some MB that look unaccounted.
 * - Buffers + Cached. Cached contains Shmem, Mapped, Dirty and Writeback; Mlocked is part of Unevictable, which is part
 *   of Cached and AnonPages.
 * - AnonPages, which contains AnonHugePages.
 * - SwapCached overlaps AnonPages: a page in the swap cache that is also mapped is in both. The LRU lists hold each
 *   page once, so their excess over Buffers + Cached + AnonPages, at most SwapCached, is the part outside AnonPages.
 * - Slab = SReclaimable + SUnreclaim, large kmallocs included. KReclaimable is SReclaimable and the kernel's other
 *   reclaimable pages: only those others are added.
 * - VmallocUsed and KernelStack. With VMAP_STACK (the default of every 64-bit kernel since 4.14 or so) stacks come
 *   from vmalloc and are part of VmallocUsed; kernels before 5.3 always print VmallocUsed 0. So the greater of the two
 *   is added. A kernel without VMAP_STACK may seem to have up to KernelStack more unaccounted than it has.
 * - PageTables, SecPageTables (6.1), Percpu, Bounce, WritebackTmp, HardwareCorrupted, Zswap (5.19: the compressed
 *   pool), GPUActive and GPUReclaim, Hugetlb (4.16: all sizes, pool included; before, HugePages_Total * Hugepagesize).
 * - Not memory of their own: CmaFree (part of MemFree), DirectMap*, Swap*, Commit*, VmallocTotal, VmallocChunk. Balloon
 *   is not added: most drivers take pages given to the host off MemTotal.
 */
export interface MeminfoSample {
  timeNs: number;
  totalBytes: number;
  freeBytes: number;
  /** Never below 0: the lines are read at slightly different times. */
  unaccountedBytes: number;
}

/** meminfo has some 60 lines of 28 characters. */
const TEXT_LIMIT = 16384;
const LINE = /^([A-Za-z][\w()]{0,40}):\s+(\d{1,13})(?: kB)?\s*$/gm;

/** Values of the lines by name, KiB; always with MemTotal and MemFree. */
export type MeminfoLines = ReadonlyMap<string, number>;

/** Returns the values of the lines; null if the text is not a meminfo. */
export function meminfoLines(text: string): MeminfoLines | null {
  const values = new Map<string, number>();
  for (const match of text.slice(0, TEXT_LIMIT).matchAll(LINE)) values.set(match[1], Number(match[2]));
  return (values.get('MemTotal') ?? 0) === 0 || !values.has('MemFree') ? null : values;
}

/** Returns the sums of a meminfo that was read at `timeNs`; null if the text is not a meminfo. */
export function parseMeminfo(timeNs: number, text: string): MeminfoSample | null {
  const lines = meminfoLines(text);
  if (lines === null) return null;
  return {
    timeNs,
    totalBytes: (lines.get('MemTotal') ?? 0) * 1024,
    freeBytes: (lines.get('MemFree') ?? 0) * 1024,
    unaccountedBytes: unaccountedKiB(lines) * 1024,
  };
}

/** Returns the KiB that no line accounts for; never below 0. */
export function unaccountedKiB(lines: MeminfoLines): number {
  return Math.max(0, (lines.get('MemTotal') ?? 0) - accountedKiB(lines));
}

/** Returns the KiB of the swap cache that are in no other line. */
export function swapCacheBeyondLru(lines: MeminfoLines): number {
  const of = (name: string): number => lines.get(name) ?? 0;
  const onLru = of('Active') + of('Inactive') + of('Unevictable');
  return clamp(onLru - of('Buffers') - of('Cached') - of('AnonPages'), 0, of('SwapCached'));
}

/** Lines that do not overlap any other. */
const DISTINCT = [
  'MemFree',
  'Buffers',
  'Cached',
  'AnonPages',
  'PageTables',
  'SecPageTables',
  'Percpu',
  'Bounce',
  'WritebackTmp',
  'HardwareCorrupted',
  'Zswap',
  'GPUActive',
  'GPUReclaim',
];

function accountedKiB(values: MeminfoLines): number {
  const of = (name: string): number => values.get(name) ?? 0;
  let sum = 0;
  for (const name of DISTINCT) sum += of(name);
  const slab = values.get('Slab') ?? of('SReclaimable') + of('SUnreclaim');
  const otherReclaimable = Math.max(0, of('KReclaimable') - of('SReclaimable'));
  const hugetlb = values.get('Hugetlb') ?? of('HugePages_Total') * of('Hugepagesize');
  const areas = Math.max(of('VmallocUsed'), of('KernelStack'));
  return sum + slab + otherReclaimable + hugetlb + swapCacheBeyondLru(values) + areas;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
