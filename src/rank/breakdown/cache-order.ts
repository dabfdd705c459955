/** The orders of the list of caches: by what is held, and those of slabtop(1) with its letters. */
import type { CacheTableRow, SlabFigures } from './cache-table.js';

export const CACHE_SORTS = [
  'bytes',
  'objects',
  'paths',
  'oldest',
  'active',
  'grew',
  'total',
  'use',
  'object-size',
  'slabs',
  'active-slabs',
  'per-slab',
  'pages-per-slab',
  'cache-size',
  'name',
] as const;
export type CacheSort = (typeof CACHE_SORTS)[number];

/** The letters of slabtop. */
export const CACHE_LETTERS: Readonly<Partial<Record<CacheSort, string>>> = {
  active: 'a',
  'per-slab': 'b',
  'cache-size': 'c',
  slabs: 'l',
  'active-slabs': 'v',
  name: 'n',
  total: 'o',
  'pages-per-slab': 'p',
  'object-size': 's',
  use: 'u',
};

/** In words. */
export const CACHE_SORT_HELP: Readonly<Record<CacheSort, string>> = {
  bytes: 'bytes held since the start',
  objects: 'objects held since the start',
  paths: 'call paths that hold some',
  oldest: 'age of the oldest held',
  active: 'objects in use',
  grew: 'objects in use more than at the start',
  total: 'objects that the slabs have room for',
  use: 'share of them that is in use',
  'object-size': 'bytes of an object',
  slabs: 'slabs',
  'active-slabs': 'slabs with an object in use',
  'per-slab': 'objects in a slab',
  'pages-per-slab': 'pages of a slab',
  'cache-size': 'bytes of all slabs',
  name: 'name, from A on',
};

/** Returns the share of a cache's objects that is in use, in whole percent, as slabtop rounds it: down; 0 if it has none. */
export function usePercent({ activeObjects, objects }: SlabFigures): number {
  return objects === 0 ? 0 : Math.floor((100 * activeObjects) / objects);
}

/** The values by which the list is ranked, the greatest first. Rows without figures of slabinfo come last. */
export const CACHE_VALUES: Readonly<Record<Exclude<CacheSort, 'name'>, (row: CacheTableRow) => number>> = {
  bytes: (row) => row.bytes,
  objects: (row) => row.objects,
  paths: (row) => row.stacks,
  oldest: (row) => row.oldestAgeNs,
  active: ({ slab }) => slab?.activeObjects ?? -1,
  grew: ({ slab }) => grownObjects(slab) ?? Number.NEGATIVE_INFINITY,
  total: ({ slab }) => slab?.objects ?? -1,
  // Not rounded: slabtop's order among caches of 99 % is that of slabinfo.
  use: ({ slab }) => (slab === null ? -1 : slab.objects === 0 ? 0 : slab.activeObjects / slab.objects),
  'object-size': ({ slab }) => slab?.objectBytes ?? -1,
  slabs: ({ slab }) => slab?.slabs ?? -1,
  'active-slabs': ({ slab }) => slab?.activeSlabs ?? -1,
  'per-slab': ({ slab }) => slab?.objectsPerSlab ?? -1,
  'pages-per-slab': ({ slab }) => slab?.pagesPerSlab ?? -1,
  'cache-size': ({ slab }) => slab?.cacheBytes ?? -1,
};

/** Returns the growth of the objects in use; null where it is not known. */
export function grownObjects(slab: SlabFigures | null): number | null {
  return slab === null || slab.atStart === null ? null : slab.activeObjects - slab.atStart.activeObjects;
}

/** Returns the rows in an order; rows of equal value keep theirs. */
export function sortedCaches(rows: readonly CacheTableRow[], sort: CacheSort): CacheTableRow[] {
  if (sort === 'name') return rows.toSorted((a, b) => compare(shownName(a), shownName(b)));
  const value = CACHE_VALUES[sort];
  return rows.toSorted((a, b) => compare(value(b), value(a)));
}

/** Returns the name of a row as slabinfo has it, where a row has a line of slabinfo of kmalloc ('kmalloc-1k'). Untrusted. */
export function shownName({ cache, slab }: CacheTableRow): string {
  return slab !== null && /^kmalloc-\d+$/.test(cache) ? slab.name : cache;
}

/** Compared, not subtracted: the difference of two infinities is NaN. */
function compare<Value extends number | string>(a: Value, b: Value): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Returns the order of a name or of slabtop's letter for it; null for others. */
export function cacheSortOf(text: string): CacheSort | null {
  return CACHE_SORTS.find((sort) => sort === text || CACHE_LETTERS[sort] === text) ?? null;
}
