import { ALLOC_COUNT, FREE_COUNT, MISSED_COUNT, PATH_STATS, type PathTable } from '../../pair/path-table.js';
import { isBacking } from '../names/backing.js';
import type { SortKey } from '../report/selection.js';
import { unitBytes } from '../select/held-table.js';
import type { Ranking } from './ranking.js';

/**
 * Returns a comparison: negative if row a stands before row b. Rows are in order of value, greatest
 * first, then of bytes, then of id. Backing pages come last in every order: their bytes are already
 * in the ranking, under the objects in them, and the call path that made a slab is only that of its
 * first user.
 *
 * Unreliable rows come before the backing pages and after all others, in every order by held
 * memory: no such row stands above a confirmed one, however much it seems to hold. Plausible rows
 * stand among the confirmed ones, by their value: a young or small leak does not stand out in the
 * kernel's counters yet, and to put it below all confirmed rows would hide what the user looks for.
 * Orders by allocs, by freed share and by missed frees count events, which the counters do not
 * contradict.
 *
 * `known` holds better values of single rows than those of sortValue() (call-path-rows.ts).
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

/** Tiers by row; lower tiers stand first. */
function tiersOf({ core, facts, totals, selection, judges }: Ranking): Uint8Array {
  const tiers = new Uint8Array(core.paths.size + 1);
  const byHeld = isByHeld(selection.sort);
  for (const row of totals.rows) {
    if (isBacking(core, facts, row)) tiers[row] = BACKING_TIER;
    else if (byHeld && judges.reliability.state(row) === 'unreliable') tiers[row] = UNRELIABLE_TIER;
  }
  return tiers;
}

/** True if the order is by held memory, not by events. */
export function isByHeld(sort: SortKey): boolean {
  return sort !== 'allocs' && sort !== 'missed' && sort !== 'freed';
}

/** Share of a call path's allocations (pages or objects) that was freed, seen or not. */
export function freedShare({ stats }: PathTable, row: number): number {
  const at = row * PATH_STATS;
  return stats[at + ALLOC_COUNT] === 0
    ? 0
    : (stats[at + FREE_COUNT] + stats[at + MISSED_COUNT]) / stats[at + ALLOC_COUNT];
}

/** Returns the value of a row that the order compares. */
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
      // `known` has the value of each row.
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
