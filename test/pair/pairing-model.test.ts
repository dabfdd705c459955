import { describe, expect, it } from 'vitest';
import type { EventBatch } from '../../src/event/event-batch.js';
import { EventBatch as Batch } from '../../src/event/event-batch.js';
import { ALLOCATOR_COUNT } from '../../src/event/kinds.js';
import type { FreeSite } from '../../src/pair/free-sites.js';
import { barStartNs, LIFETIME_BARS } from '../../src/pair/lifetimes.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../src/pair/path-table.js';
import { PlainPairing, type PlainPath, type PlainSite } from '../helpers/plain-pairing.js';
import { busyTrace, movingTrace, randomDictionary, randomTrace, STACKS } from '../helpers/random-trace.js';
import { seeds } from '../helpers/seeds.js';

const SEEDS = seeds(10, 80);
const EVENTS = 3000;

describe.each([
  ...SEEDS.map((seed) => ['random', seed, randomTrace] as const),
  ...SEEDS.map((seed) => ['busy', seed, busyTrace] as const),
  ...SEEDS.map((seed) => ['moving', seed, movingTrace] as const),
])('%s trace, seed %i', (_kind, seed, makeTrace) => {
  const trace = makeTrace(seed, EVENTS);
  const plain = new PlainPairing();
  plain.apply(trace, STACKS);

  it('has the totals of the plain pairing, for each call path and in all', () => {
    const core = paired(trace, EVENTS);
    core.checkInvariants();
    expect(pathsOf(core)).toEqual([...plain.paths.values()].map(expectedPath).toSorted(byPath));
    expect(totalsOf(core)).toEqual({
      live: plain.total,
      peak: plain.peak,
      peakNs: plain.peakNs,
      nowNs: plain.nowNs,
      allocs: plain.allocs,
      frees: plain.frees,
      orphans: plain.orphans,
      missed: plain.missed,
      failed: plain.failed,
      nulls: plain.nulls,
      misses: plain.misses,
      moves: [plain.moveHalves, plain.moved, plain.vacated],
      waiting: plain.left.size,
      bad: plain.bad,
    });
  });

  it('has where each call path was freed, after how long, and on which CPU', () => {
    expect(sitesOf(paired(trace, EVENTS))).toEqual(
      Object.fromEntries([...plain.sites].map(([key, sites]) => [key, sites.map(expectedSite)])),
    );
  });

  it('loses nothing and makes nothing up', () => {
    const core = paired(trace, EVENTS);
    const all =
      core.allocEvents + core.freeEvents + core.moveEvents + core.failedAllocs + core.nullFrees + core.badEvents;
    expect(all).toBe(core.eventCount);
    let missed = 0;
    for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
      const sums = { live: 0, count: 0 };
      for (let row = 1; row <= core.paths.size; row++) {
        if (core.paths.allocator[row] !== allocator) continue;
        sums.live += core.paths.live(row);
        sums.count += core.paths.liveCount(row);
        missed += core.paths.stats[row * PATH_STATS + MISSED_COUNT];
      }
      expect(sums).toEqual({ live: core.paths.totalLive(allocator), count: core.paths.totalCount(allocator) });
    }
    expect(missed).toBe(core.missedFrees);
  });

  it('is the same however the events are cut into batches', () => {
    const whole = paired(trace, EVENTS);
    for (const size of [1, 7, 63, 64, 65, 1000]) {
      const cut = paired(trace, size);
      expect(pathsOf(cut)).toEqual(pathsOf(whole));
      expect(totalsOf(cut)).toEqual(totalsOf(whole));
      expect(sitesOf(cut)).toEqual(sitesOf(whole));
    }
  });
});

function paired(trace: EventBatch, batchSize: number): PairingCore {
  const core = new PairingCore(randomDictionary());
  for (let from = 0; from < trace.length; from += batchSize) {
    const to = Math.min(from + batchSize, trace.length);
    const part = new Batch(batchSize);
    part.length = to - from;
    for (const name of Object.keys(part) as (keyof EventBatch)[]) {
      const column = trace[name];
      if (typeof column === 'object') (part[name] as Uint32Array).set((column as Uint32Array).subarray(from, to));
    }
    core.events(part);
    if (batchSize === 65) core.checkInvariants();
  }
  return core;
}

function sitesOf(core: PairingCore): Record<string, FreeSite[]> {
  return Object.fromEntries(
    Array.from(core.freeSites.byPath, ([key, { sites }]) => [`${Math.floor(key / 4)} ${key % 4}`, sites]),
  );
}

function expectedSite({ stackId, count, over, ages, otherCpu }: PlainSite): FreeSite {
  const elsewhere = otherCpu.filter(Boolean).length;
  return { stackId, count, over, bars: barsOf(ages), sameCpu: otherCpu.length - elsewhere, otherCpu: elsewhere };
}

interface ComparedPath {
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

function pathsOf(core: PairingCore): ComparedPath[] {
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

function expectedPath(path: PlainPath): ComparedPath {
  return { ...path, lifetimes: barsOf(path.lifetimes) };
}

function barsOf(lifetimes: number[]): number[] {
  const bars = Array.from({ length: LIFETIME_BARS }, () => 0);
  for (const lifetimeNs of lifetimes) {
    let bar = 0;
    while (bar + 1 < LIFETIME_BARS && lifetimeNs >= barStartNs(bar + 1)) bar++;
    bars[bar]++;
  }
  return bars;
}

function byPath(a: ComparedPath, b: ComparedPath): number {
  return a.stackId - b.stackId || a.allocator - b.allocator;
}

function totalsOf(core: PairingCore): Record<string, number | number[]> {
  const allocators = [0, 1, 2, 3];
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
