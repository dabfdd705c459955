import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import { isBacking } from './backing.js';
import type { CallPathFacts } from './call-path-facts.js';
import type { PathTotals } from './path-totals.js';
import { unitBytes } from './row-filter.js';
import type { Selection } from './selection.js';

/**
 * Negative if row a stands before row b. Greatest first, then by bytes, then by id. Backing pages come after all others
 * whatever the order: their bytes stand in the ranking already, under the objects in them, and the call path that made
 * a slab is that of an unlucky first user.
 */
export function rankOrder(
  core: PairingCore,
  facts: CallPathFacts,
  totals: PathTotals,
  selection: Selection,
): (a: number, b: number) => number {
  const { paths } = core;
  const { bytes } = totals;
  const value = sortValue(core, totals, selection);
  return (a, b) =>
    Number(isBacking(core, facts, a)) - Number(isBacking(core, facts, b)) ||
    value(b) - value(a) ||
    bytes[b] - bytes[a] ||
    paths.stackId[a] - paths.stackId[b] ||
    paths.allocator[a] - paths.allocator[b];
}

function sortValue(core: PairingCore, totals: PathTotals, selection: Selection): (row: number) => number {
  const { paths } = core;
  const { bytes, count, oldestNs } = totals;
  switch (selection.sort) {
    case 'count':
      return (row) => count[row];
    case 'age':
      return (row) => (oldestNs === null ? 0 : core.nowNs - oldestNs[row]);
    case 'allocs':
      return (row) => paths.stats[row * PATH_STATS + ALLOC_COUNT];
    case 'peak':
      return (row) => paths.liveAtPeak(row) * unitBytes(core, paths.allocator[row]);
    case 'missed':
      return (row) => paths.stats[row * PATH_STATS + MISSED_COUNT];
    // Growth is bytes over the same time for all.
    default:
      return (row) => bytes[row];
  }
}
