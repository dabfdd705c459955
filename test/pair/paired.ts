/** What a core and a plain pairing have counted, in a form in which they can be compared. */
import { ADDRESS_SPACES } from '../../src/event/kinds.js';
import { barStartNs, LIFETIME_BARS } from '../../src/pair/lifetimes.js';
import type { PairingCore } from '../../src/pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../src/pair/path-table.js';
import type { PlainPath } from '../helpers/plain-pairing.js';

export interface ComparedPath {
  stackId: number;
  allocator: number;
  kind: number;
  live: number;
  count: number;
  allocSize: number;
  allocCount: number;
  freeCount: number;
  missed: number;
  ownLive: number;
  ownCount: number;
  atPeak: number;
  lifetimes: number[];
  caches: number[];
}

export function pathsOf(core: PairingCore): ComparedPath[] {
  const { paths } = core;
  const list: ComparedPath[] = [];
  for (let row = 1; row <= paths.size; row++) {
    const at = row * PATH_STATS;
    list.push({
      stackId: paths.stackId[row],
      allocator: paths.allocator[row],
      kind: paths.kind[row],
      live: paths.live(row),
      count: paths.liveCount(row),
      allocSize: paths.stats[at + ALLOC_SIZE],
      allocCount: paths.stats[at + ALLOC_COUNT],
      freeCount: paths.stats[at + FREE_COUNT],
      missed: paths.stats[at + MISSED_COUNT],
      ownLive: paths.ownLive[row],
      ownCount: paths.ownCount[row],
      atPeak: paths.liveAtPeak(row),
      lifetimes: paths.lifetimes.bars(paths.lifetimeRow(row)) ?? Array.from({ length: LIFETIME_BARS }, () => 0),
      caches: paths.cachesOf(row),
    });
  }
  return list.toSorted(byPath);
}

export function expectedPath(path: PlainPath): ComparedPath {
  return { ...path, lifetimes: barsOf(path.lifetimes) };
}

export function barsOf(lifetimes: number[]): number[] {
  const bars = Array.from({ length: LIFETIME_BARS }, () => 0);
  for (const lifetimeNs of lifetimes) {
    let bar = 0;
    while (bar + 1 < LIFETIME_BARS && lifetimeNs >= barStartNs(bar + 1)) bar++;
    bars[bar]++;
  }
  return bars;
}

export function byPath(a: ComparedPath, b: ComparedPath): number {
  return a.stackId - b.stackId || a.allocator - b.allocator;
}

export function totalsOf(core: PairingCore): Record<string, number | number[]> {
  const allocators = ADDRESS_SPACES.map((_, allocator) => allocator);
  return {
    live: allocators.map((a) => core.paths.totalLive(a)),
    peak: allocators.map((a) => core.paths.peak(a)),
    peakNs: allocators.map((a) => core.paths.peakNs(a)),
    nowNs: core.nowNs,
    allocs: core.allocEvents,
    frees: core.freeEvents,
    orphans: core.orphanFrees,
    missed: core.missedFrees,
    failed: core.failedAllocs,
    nulls: core.nullFrees,
    misses: core.stackMisses,
    moves: [core.moveEvents, core.moves.movedPages, core.moves.vacatedFrees],
    waiting: core.moves.waiting,
    bad: core.badEvents,
  };
}
