/** What `free` shows of /proc/meminfo, and `sar -B` and `-W` of /proc/vmstat. */
import { meminfoLines } from '../meminfo.js';

/** Bytes, as `free` of procps 4 counts them. */
export interface FreeFacts {
  total: number;
  /** All that is not available; before 3.14, which has no MemAvailable, all that is neither free nor cache. */
  used: number;
  free: number;
  shared: number;
  /** Buffers, page cache and slab that can be reclaimed. */
  cache: number;
  /** null = the kernel does not say (before 3.14). */
  available: number | null;
  swapTotal: number;
  swapUsed: number;
  swapFree: number;
}

/** Returns null if the text is not a meminfo. */
export function parseFree(text: string): FreeFacts | null {
  const lines = meminfoLines(text);
  if (lines === null) return null;
  const of = (name: string): number => (lines.get(name) ?? 0) * 1024;
  const [total, free, swapTotal, swapFree] = [of('MemTotal'), of('MemFree'), of('SwapTotal'), of('SwapFree')];
  const cache = of('Buffers') + of('Cached') + of('SReclaimable');
  const available = lines.has('MemAvailable') ? of('MemAvailable') : null;
  const used = Math.max(0, available === null ? total - free - cache : total - Math.min(available, total));
  const swapUsed = Math.max(0, swapTotal - swapFree);
  return { total, used, free, shared: of('Shmem'), cache, available, swapTotal, swapUsed, swapFree };
}

/** Counts since boot. */
export interface PagingCounts {
  /** Read from and written to block devices, bytes. */
  pagedIn: number;
  pagedOut: number;
  /** Faults of pages, and those of them that had to read. */
  faults: number;
  majorFaults: number;
  /** Pages given back to the free lists. */
  freed: number;
  /** Pages that reclaim looked at: kswapd, and those who allocate and had to wait for it (khugepaged too). */
  scannedByKswapd: number;
  scannedDirectly: number;
  /** Pages that reclaim got of them. */
  reclaimed: number;
  /** Pages read from and written to swap. */
  swappedIn: number;
  swappedOut: number;
  /** Times that an allocation had to reclaim by itself. */
  stalls: number;
  oomKills: number;
}

/** The counts in the order in which they are kept. */
export const PAGING_NAMES = [
  'pagedIn',
  'pagedOut',
  'faults',
  'majorFaults',
  'freed',
  'scannedByKswapd',
  'scannedDirectly',
  'reclaimed',
  'swappedIn',
  'swappedOut',
  'stalls',
  'oomKills',
] as const satisfies readonly (keyof PagingCounts)[];

const TEXT_LIMIT = 65_536;
const LINE = /^(pg|psw|allocstall|oom_kill)(\w{0,48}) (\d{1,16})$/gm;

/** Lines by the count that they belong to. Zones: the kernel has a line for each of some, in 4.7 and before of more. */
const COUNTS: readonly (readonly [RegExp, keyof PagingCounts, scale: number])[] = [
  [/^pgpgin$/, 'pagedIn', 1024],
  [/^pgpgout$/, 'pagedOut', 1024],
  [/^pgfault$/, 'faults', 1],
  [/^pgmajfault$/, 'majorFaults', 1],
  [/^pgfree$/, 'freed', 1],
  [/^pgscan_kswapd(?:_(?:dma|dma32|normal|high|movable|device))?$/, 'scannedByKswapd', 1],
  // Not pgscan_direct_throttle, which counts those who wait, nor pgscan_anon and _file, which count the same once more.
  [/^pgscan_(?:direct(?:_(?:dma|dma32|normal|high|movable|device))?|khugepaged|proactive)$/, 'scannedDirectly', 1],
  [
    /^pgsteal_(?:(?:kswapd|direct)(?:_(?:dma|dma32|normal|high|movable|device))?|khugepaged|proactive)$/,
    'reclaimed',
    1,
  ],
  [/^pswpin$/, 'swappedIn', 1],
  [/^pswpout$/, 'swappedOut', 1],
  [/^allocstall(?:_(?:dma|dma32|normal|high|movable|device))?$/, 'stalls', 1],
  [/^oom_kill$/, 'oomKills', 1],
];

/** Returns null if the text is not a vmstat. Reclaim within cgroups is in none of its counts. */
export function parsePaging(text: string): PagingCounts | null {
  const counts = Object.fromEntries(PAGING_NAMES.map((name) => [name, 0])) as unknown as PagingCounts;
  let isVmstat = false;
  for (const [, start, rest, value] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
    const name = start + rest;
    const found = COUNTS.find(([pattern]) => pattern.test(name));
    if (found === undefined) continue;
    counts[found[1]] += Number(value) * found[2];
    isVmstat ||= name === 'pgfree';
  }
  return isVmstat ? counts : null;
}
