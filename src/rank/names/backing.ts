import { ALLOCATOR_NAMES, PAGE, SLAB, VMALLOC } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { Category } from '../report/category.js';
import type { CallPathFacts } from './call-path-facts.js';
import { ADDRESS_SPACE_NOTE } from './pools.js';

/**
 * Whether the pages of a row are backing (pairing rule 6): they hold slabs, large kmallocs, percpu chunks or vmalloc
 * areas, whose bytes the trace counts in those allocators already. If that allocator was not traced, they are not: then
 * the pages are all that is known of the memory.
 */
export function isBacking(core: PairingCore, facts: CallPathFacts, row: number): boolean {
  if (core.paths.allocator[row] !== PAGE) return false;
  const backed = facts.backedAllocator(core.paths.stackId[row]);
  return backed !== PAGE && core.hostFacts.allocators.includes(ALLOCATOR_NAMES[backed]);
}

/**
 * What /proc/meminfo, or the trace itself ('backing'), accounts a row's memory to; null for pages of which no name tells.
 */
export function categoryOf(core: PairingCore, facts: CallPathFacts, row: number): Category | null {
  const stackId = core.paths.stackId[row];
  switch (core.paths.allocator[row]) {
    case PAGE:
      return isBacking(core, facts, row) ? 'backing' : facts.pageCategory(stackId);
    case SLAB:
      return 'slab';
    case VMALLOC:
      return facts.pageCategory(stackId) === 'kernel stack' ? 'kernel stack' : 'vmalloc';
    default:
      return 'percpu';
  }
}

/** Is there a line of meminfo, or another row of the trace, that shows this memory? */
export function isAccounted(category: Category | null): boolean {
  return category !== null && category !== 'unaccounted';
}

/** What to know about the pool that a row fills, null if it fills none. */
export function poolNoteOf(core: PairingCore, facts: CallPathFacts, row: number): string | null {
  const note = facts.poolNote(core.paths.stackId[row]);
  // Whatever else ioremap() takes on the way is memory.
  return note === ADDRESS_SPACE_NOTE && core.paths.allocator[row] !== VMALLOC ? null : note;
}
