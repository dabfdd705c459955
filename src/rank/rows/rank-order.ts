import { ALLOC_COUNT, FREE_COUNT, MISSED_COUNT, PATH_STATS, type PathTable } from '../../pair/path-table.js';
import { isBacking } from '../names/backing.js';
import type { SortKey } from '../report/selection.js';
import { unitBytes } from '../select/held-table.js';
import type { Ranking } from './ranking.js';

/**
 * Negative if row a stands before row b. Greatest first, then by bytes, then by id. Backing pages come after all others
 * whatever the order: their bytes stand in the ranking already, under the objects in them, and the call path that made
 * a slab is that of an unlucky first user.
 *
 * Before them come the unreliable rows, in every order that is about what is held: no such row stands above a confirmed
 * one, however much it seems to hold. Plausible rows stand among the confirmed ones, by their value: a leak that is
 * young or small does not stand out in the kernel's counters yet, and to put it below all that does would hide just
 * what is looked for. Orders by allocs, by freed share and by missed frees are about events, which are what they are.
 *
 * `known` tells what single rows come to where more is known of them than sortValue() can tell (call-path-rows.ts).
 */
export function rankOrder(
  ranking: Ranking,
  known: ReadonlyMap<number, number> = new Map(),
): (a: number, b: number) => number {
  const { paths } = ranking.core;
  const { bytes } = ranking.totals;
  const valueOf = sortValue(ranking);
  const value = known.size === 0 ? valueOf : (row: number): number => known.get(row) ?? valueOf(row);
  const tiers = tiersOf(ranking);
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
function tiersOf({ core, facts, totals, selection, judges }: Ranking): Uint8Array {
  const tiers = new Uint8Array(core.paths.size + 1);
  const byHeld = isByHeld(selection.sort);
  for (const row of totals.rows) {
    if (isBacking(core, facts, row)) tiers[row] = BACKING_TIER;
    else if (byHeld && judges.reliability.state(row) === 'unreliable') tiers[row] = UNRELIABLE_TIER;
  }
  return tiers;
}

/** Is the order about what is held, rather than about events? */
export function isByHeld(sort: SortKey): boolean {
  return sort !== 'allocs' && sort !== 'missed' && sort !== 'freed';
}

/** Of the allocations of a call path (pages or objects), the share that was freed, seen or not. */
export function freedShare({ stats }: PathTable, row: number): number {
  const at = row * PATH_STATS;
  return stats[at + ALLOC_COUNT] === 0
    ? 0
    : (stats[at + FREE_COUNT] + stats[at + MISSED_COUNT]) / stats[at + ALLOC_COUNT];
}

/** What an order compares, of one row. */
function sortValue({ core, totals, selection, judges }: Ranking): (row: number) => number {
  const { paths } = core;
  const { suspicion } = judges;
  const { bytes, count, oldestNs } = totals;
  switch (selection.sort) {
    case 'suspect':
      return (row) => suspicion.score(row);
    case 'verdict':
      return (row) => suspicion.verdictPlace(row);
    case 'growth':
      // Without trends, growth is bytes over the same time for all.
      return suspicion.hasVerdicts ? (row) => suspicion.growth(row) : (row) => bytes[row];
    case 'count':
      return (row) => count[row];
    case 'age':
      return (row) => (oldestNs === null ? 0 : core.nowNs - oldestNs[row]);
    case 'median-age':
      // Known of each row, or of none.
      return () => 0;
    case 'allocs':
      return (row) => paths.stats[row * PATH_STATS + ALLOC_COUNT];
    case 'freed':
      return (row) => freedShare(paths, row);
    case 'peak':
      return (row) => paths.liveAtPeak(row) * unitBytes(core, paths.allocator[row]);
    case 'missed':
      return (row) => paths.stats[row * PATH_STATS + MISSED_COUNT];
    default:
      return (row) => bytes[row];
  }
}
