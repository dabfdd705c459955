/** What /proc/meminfo accounts memory to; categories.ts says by which functions. */
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
