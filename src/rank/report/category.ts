/**
 * The counters of the kernel that account for memory, mostly lines of /proc/meminfo; categories.ts
 * assigns functions to them. New ones come last but three: other tools may rely on the others.
 */
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
  'zram',
  'gpu',
  'balloon',
  'held by a reference',
  'backing',
  'unaccounted',
] as const;
export type Category = (typeof CATEGORIES)[number];
