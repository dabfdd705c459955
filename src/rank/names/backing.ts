import { ALLOCATOR_NAMES, HEAP, MAPPED, PAGE, RESERVED, SLAB, VMALLOC } from '../../event/kinds.js';
import { PAGE_USES, type PageUse } from '../../event/trace-sink.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { type Category, PROCESS_CATEGORIES } from '../report/category.js';
import type { CallPathFacts } from './call-path-facts.js';
import { ADDRESS_SPACE_NOTE } from './pools.js';

/**
 * Whether the pages of a row are backing (pairing rule 6): they hold slabs, large kmallocs, percpu
 * chunks or vmalloc areas, whose bytes the trace already counts in those allocators. If that
 * allocator was not traced, they are not backing: then the pages are the only record of the memory.
 * Likewise what a process mapped for its heap, where the blocks of the heap are traced.
 */
export function isBacking(core: PairingCore, facts: CallPathFacts, row: number): boolean {
  const allocator = core.paths.allocator[row];
  if (allocator !== PAGE && allocator !== MAPPED) return false;
  const backed = facts.backedAllocator(core.paths.stackId[row]);
  return backed !== PAGE && core.hostFacts.allocators.includes(ALLOCATOR_NAMES[backed]);
}

/**
 * The line of /proc/meminfo that accounts for a row's memory, or 'backing' where the trace itself
 * counts it elsewhere; null for pages whose category no name decides.
 */
export function categoryOf(core: PairingCore, facts: CallPathFacts, row: number): Category | null {
  const stackId = core.paths.stackId[row];
  switch (core.paths.allocator[row]) {
    case PAGE:
      if (isBacking(core, facts, row)) return 'backing';
      return byUse(core, row, countedAs(core, facts.pageCategory(stackId)));
    case SLAB:
      return 'slab';
    case HEAP:
      return 'heap';
    case RESERVED:
      return 'reserved';
    case MAPPED:
      return isBacking(core, facts, row) ? 'backing' : mappedAs(core, row, facts.pageCategory(stackId));
    case VMALLOC:
      return facts.pageCategory(stackId) === 'kernel stack' ? 'kernel stack' : 'vmalloc';
    default:
      return 'percpu';
  }
}

/** By what most mappings of a row were asked for as, where its call path says no more than that something was mapped. */
const CATEGORY_OF_FLAG: ReadonlyMap<string, Category> = new Map([
  ['MAP_STACK', 'thread stack'],
  ['file', 'file mapping'],
]);

function mappedAs({ paths, dictionary }: PairingCore, row: number, category: Category | null): Category {
  if (category !== null && category !== 'mapped') return category;
  return CATEGORY_OF_FLAG.get(dictionary.caches.name(paths.firstCache(row))) ?? 'mapped';
}

/**
 * Of memory from before the trace, what the flags of most of its pages show, where the names of its
 * call path show nothing.
 */
function byUse({ before, paths }: PairingCore, row: number, category: Category | null): Category | null {
  const uses = category === null || category === 'unaccounted' ? before.get(row)?.uses : undefined;
  if (uses === undefined) return category;
  const most = uses.findIndex((count) => count * 2 > paths.liveCount(row));
  return CATEGORY_OF_USE[PAGE_USES[most] ?? 'unknown'] ?? category;
}

const CATEGORY_OF_USE: Record<PageUse, Category | null> = {
  unknown: null,
  slab: 'slab',
  anon: 'anon',
  file: 'page cache',
};

/** GPUActive is a line of meminfo since 7.1, which some older kernels have too: the sample tells. */
function countedAs({ lastMeminfo }: PairingCore, category: Category | null): Category | null {
  return category === 'gpu' && lastMeminfo?.countsGpu !== true ? 'unaccounted' : category;
}

/** True if a line of meminfo, or another row of the trace, shows this memory. No line is of one process. */
export function isAccounted(category: Category | null): boolean {
  if (category === null || (PROCESS_CATEGORIES as readonly Category[]).includes(category)) return false;
  return category !== 'unaccounted' && category !== 'held by a reference';
}

/** A sentence about the pool that a row fills; null if it fills none. */
export function poolNoteOf(core: PairingCore, facts: CallPathFacts, row: number): string | null {
  const note = facts.poolNote(core.paths.stackId[row]);
  // Other allocations on ioremap()'s way are real memory.
  return note === ADDRESS_SPACE_NOTE && core.paths.allocator[row] !== VMALLOC ? null : note;
}
