import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import { isBacking } from './backing.js';
import type { CallPathFacts } from './call-path-facts.js';
import type { PathTotals } from './path-totals.js';
import type { Reliability } from './reliability.js';
import { unitBytes } from './row-filter.js';
import type { Selection } from './selection.js';

/**
 * Negative if row a stands before row b. Greatest first, then by bytes, then by id. Backing pages come after all others
 * whatever the order: their bytes stand in the ranking already, under the objects in them, and the call path that made
 * a slab is that of an unlucky first user.
 *
 * Before them come the unreliable rows, in every order that is about what is held: no such row stands above a confirmed
 * one, however much it seems to hold. Plausible rows stand among the confirmed ones, by their value: a leak that is
 * young or small does not stand out in the kernel's counters yet, and to put it below all that does would hide just
 * what is looked for. Orders by allocs and by missed frees are about events, which are what they are.
 */
export function rankOrder(
  core: PairingCore,
  facts: CallPathFacts,
  reliability: Reliability,
  totals: PathTotals,
  selection: Selection,
): (a: number, b: number) => number {
  const { paths } = core;
  const { bytes } = totals;
  const value = sortValue(core, totals, selection);
  const tiers = tiersOf(core, facts, reliability, totals, selection);
  return (a, b) =>
    tiers[a] - tiers[b] ||
    value(b) - value(a) ||
    bytes[b] - bytes[a] ||
    paths.stackId[a] - paths.stackId[b] ||
    paths.allocator[a] - paths.allocator[b];
}

const UNRELIABLE_TIER = 1;
const BACKING_TIER = 2;

/** By row. */
function tiersOf(
  core: PairingCore,
  facts: CallPathFacts,
  reliability: Reliability,
  totals: PathTotals,
  { sort }: Selection,
): Uint8Array {
  const tiers = new Uint8Array(core.paths.size + 1);
  const byHeld = sort !== 'allocs' && sort !== 'missed';
  for (const row of totals.rows) {
    if (isBacking(core, facts, row)) tiers[row] = BACKING_TIER;
    else if (byHeld && reliability.state(row) === 'unreliable') tiers[row] = UNRELIABLE_TIER;
  }
  return tiers;
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
