import { ALLOCATOR_NAMES, PAGE } from '../event/kinds.js';
import type { PairingCore } from '../pair/pairing-core.js';
import type { CallPathFacts } from './call-path-facts.js';

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

/** What /proc/meminfo, or the trace itself, accounts a row's memory to; null = not classified. */
export function categoryOf(core: PairingCore, facts: CallPathFacts, row: number): string | null {
  return isBacking(core, facts, row) ? 'backing' : null;
}
