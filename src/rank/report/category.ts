/** The lines of /proc/meminfo that account for memory; categories.ts assigns functions to them. */
export const CATEGORIES = [
  'slab',
  'vmalloc',
  'page tables',
  'anon',
  'page cache',
  'kernel stack',
  'percpu',
  'shmem',
  'hugetlb',
  'zswap',
  'backing',
  'unaccounted',
] as const;
export type Category = (typeof CATEGORIES)[number];
