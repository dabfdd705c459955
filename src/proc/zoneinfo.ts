/**
 * /proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print), summed over all zones and nodes. Two texts are
 * read alike: the kernel's own, and the short one that the collectors make of it, because a machine
 * of 256 CPUs prints hundreds of KB, most of them one `count:` for each zone and CPU:
 *
 *    managed 2447923
 *    nr_free_pages 1650042
 *    count 11007
 *    nr_isolated_anon 0
 *
 * The short text has one line for each name that is in the kernel's, its sum, and may have lines of
 * /proc/vmstat that the same equation needs (balloon_inflate, balloon_deflate).
 */

/** Sums in pages. Null: this kernel does not print that line. */
export interface ZoneSums {
  /** Pages that the page allocator has, in use or free. */
  managed: number;
  /** Free pages of the zones, without those on per-CPU lists. */
  free: number;
  /** Free pages on per-CPU lists (`count:` of the pagesets). */
  perCpuFree: number;
  /** Pages that reclaim or migration has taken off the LRU lists for a moment. */
  isolated: number;
  /** Pages of zsmalloc: zram, and zswap where it uses zsmalloc. */
  zspages: number | null;
  /** References that pin_user_pages() took, less those given back (5.7; counts, not pages held). */
  pins: number | null;
  /** Pages given to the host by a balloon driver, by the counts of its events. */
  ballooned: number | null;
}

/** 256 CPUs, 24 zones and 8 lines for each of them. */
const TEXT_LIMIT = 4 << 20;
const NAMES = [
  'managed',
  'nr_free_pages',
  'count',
  'nr_isolated_anon',
  'nr_isolated_file',
  'nr_zspages',
  'nr_foll_pin_acquired',
  'nr_foll_pin_released',
  'balloon_inflate',
  'balloon_deflate',
] as const;
const LINE = new RegExp(`^ {0,32}(${NAMES.join('|')}):? {1,32}(\\d{1,16})$`, 'gm');

/** Returns the sums; null if the text is not a zoneinfo. */
export function parseZoneinfo(text: string): ZoneSums | null {
  const sums = sumsOf(text);
  const managed = sums.get('managed') ?? 0;
  const free = sums.get('nr_free_pages');
  if (managed === 0 || free === undefined) return null;
  const difference = (more: string, less: string): number | null => {
    const value = sums.get(more);
    return value === undefined ? null : Math.max(0, value - (sums.get(less) ?? 0));
  };
  return {
    managed,
    free,
    perCpuFree: sums.get('count') ?? 0,
    isolated: (sums.get('nr_isolated_anon') ?? 0) + (sums.get('nr_isolated_file') ?? 0),
    zspages: sums.get('nr_zspages') ?? null,
    pins: difference('nr_foll_pin_acquired', 'nr_foll_pin_released'),
    ballooned: difference('balloon_inflate', 'balloon_deflate'),
  };
}

/** Returns the short text of a zoneinfo; '' if the text is not one. */
export function shortZoneinfo(text: string): string {
  const sums = sumsOf(text);
  if (!sums.has('managed')) return '';
  return [...sums].map(([name, value]) => `${name} ${value}\n`).join('');
}

function sumsOf(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, name, value] of text.slice(0, TEXT_LIMIT).matchAll(LINE)) {
    sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}
