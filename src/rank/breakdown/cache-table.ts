/**
 * All slab caches of the machine with the figures of slabinfo, as slabtop(1) shows them, beside what is
 * outstanding in each. A line of slabinfo is a row. What is outstanding stands in the row of its cache:
 * all of kmalloc() of one size in that of kmalloc's plain cache, because events name no other.
 */

import { sizeGroupName } from '../../pair/slab-balance.js';
import type { CacheFacts } from '../../proc/machine/slab-rows.js';
import { isKmallocCache } from '../../proc/slabinfo.js';
import type { Selection } from '../report/selection.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { compiledOf } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { type CacheRow, type HeldCache, heldCaches } from './slab-caches.js';

/** The columns of slabtop, and what they were when the trace began. */
export interface SlabFigures extends CacheFacts {
  /** Bytes of all its slabs. */
  cacheBytes: number;
  /** Null where slabinfo was sampled once. A cache that is new was empty. */
  atStart: { activeObjects: number; cacheBytes: number } | null;
}

export interface CacheTableRow extends CacheRow {
  /** The line of slabinfo; null where it has none, or where it stands in another row (balanceIn). */
  slab: SlabFigures | null;
  /** The row in which the objects of this cache are counted too; null = they are here. */
  heldIn: string | null;
}

/** Texts of slabinfo, parsed. */
export interface SlabTexts {
  /** When the trace began; null = it was sampled once. */
  first: readonly CacheFacts[] | null;
  last: readonly CacheFacts[];
  /** Bytes. */
  pageSize: number;
}

/**
 * Returns the rows: what is outstanding and passes the selection, by bytes; then the other caches, by the
 * size of their slabs, if the selection narrows nothing but names. `before` is a slabinfo from before the
 * trace, for as long as the trace has no sample. Throws an Error if grep or hide is not a regular expression.
 */
export function cacheTableOf(
  trace: PairedTrace,
  selection: Selection | CompiledSelection,
  before: SlabTexts | null = null,
): CacheTableRow[] {
  const { slabSamples, hostFacts } = trace.core;
  const { first, last } = slabSamples;
  const texts: SlabTexts | null =
    last === null
      ? before
      : { first: first === last ? null : (first?.caches ?? null), last: last.caches, pageSize: hostFacts.pageSize };
  return joined(heldCaches(trace, selection), texts, selection);
}

/** Returns the rows of slabinfo alone, without a trace; by the size of their slabs. */
export function cacheTableWithoutTrace(texts: SlabTexts, selection: Selection): CacheTableRow[] {
  return joined([], texts, selection);
}

const NOTHING_HELD = { objects: 0, bytes: 0, stacks: 0, oldestAgeNs: 0, balance: null, balanceIn: null } as const;

function joined(
  held: readonly HeldCache[],
  texts: SlabTexts | null,
  selection: Selection | CompiledSelection,
): CacheTableRow[] {
  const lines = figuresOf(texts);
  const shownIn = new Map<string, string>();
  const rows = held.map(({ row, kernelName }): CacheTableRow => {
    const slab = lines.get(kernelName) ?? null;
    const shown = shownIn.get(kernelName);
    if (slab === null || shown !== undefined) {
      return { ...row, balanceIn: row.balanceIn ?? shown ?? null, slab: null, heldIn: null };
    }
    shownIn.set(kernelName, row.cache);
    return { ...row, slab, heldIn: null };
  });
  const names = new Set(held.map(({ row }) => row.cache));
  const passes = nameFilter(selection);
  const others = [...lines].flatMap(([cache, slab]): CacheTableRow[] => {
    if (shownIn.has(cache) || !(passes(slab.name) || passes(cache))) return [];
    const group = groupOf(slab);
    return [{ cache, ...NOTHING_HELD, slab, heldIn: names.has(group) ? group : null }];
  });
  const size = ({ slab }: CacheTableRow): number => slab?.cacheBytes ?? 0;
  others.sort((a, b) => size(b) - size(a) || (a.cache < b.cache ? -1 : 1));
  return [...rows, ...others];
}

/** By the name under which events have the cache. */
function figuresOf(texts: SlabTexts | null): Map<string, SlabFigures> {
  if (texts === null) return new Map();
  const { first, last, pageSize } = texts;
  const bytesOf = ({ slabs, pagesPerSlab }: CacheFacts): number => slabs * pagesPerSlab * pageSize;
  const before = first === null ? null : new Map(first.map((cache) => [cache.name, cache]));
  return new Map(
    last.map((cache): [string, SlabFigures] => {
      const was = before?.get(cache.name);
      const start = { activeObjects: was?.activeObjects ?? 0, cacheBytes: was === undefined ? 0 : bytesOf(was) };
      const name = PLAIN_KMALLOC.test(cache.name) ? groupOf(cache) : cache.name;
      return [name, { ...cache, cacheBytes: bytesOf(cache), atStart: before === null ? null : start }];
    }),
  );
}

/** The caches of plain kmalloc(): 'kmalloc-64', 'kmalloc-1k'. */
const PLAIN_KMALLOC = /^kmalloc-\d{1,9}[kM]?$/;

/** Returns the name of the row that may stand for several caches, this one among them. */
function groupOf({ name, objectBytes }: CacheFacts): string {
  return isKmallocCache(name) ? `kmalloc-${objectBytes}` : sizeGroupName(objectBytes);
}

/** Returns which caches pass a selection though nothing is held of them. */
function nameFilter(selection: Selection | CompiledSelection): (name: string) => boolean {
  const wanted = compiledOf(selection).selection;
  if (asksForHeld(wanted)) return () => false;
  const grep = wanted.grep === null ? null : new RegExp(wanted.grep, 'i');
  const hide = wanted.hide === null ? null : new RegExp(wanted.hide, 'i');
  const { cache } = wanted;
  return (name) =>
    (cache === null || cache === name) && (grep === null || grep.test(name)) && (hide === null || !hide.test(name));
}

/** True if a selection asks for something that only a trace tells: then caches without held objects do not pass. */
export function asksForHeld(selection: Selection): boolean {
  const { allocators, minSizeBytes, olderNs, comm, pid, module, categories, hideAccounted, watch } = selection;
  return (
    (allocators.length > 0 && !allocators.includes('slab')) ||
    minSizeBytes > 0 ||
    olderNs > 0 ||
    comm !== null ||
    pid !== null ||
    module !== null ||
    categories.length > 0 ||
    hideAccounted ||
    watch.length > 0
  );
}
