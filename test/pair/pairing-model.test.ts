import { describe, expect, it } from 'vitest';
import type { EventBatch } from '../../src/event/event-batch.js';
import { EventBatch as Batch } from '../../src/event/event-batch.js';
import { ALLOCATOR_COUNT } from '../../src/event/kinds.js';
import type { FreeSite } from '../../src/pair/free-sites.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { MISSED_COUNT, PATH_STATS } from '../../src/pair/path-table.js';
import { PlainPairing, type PlainSite } from '../helpers/plain-pairing.js';
import { busyTrace, movingTrace, randomDictionary, randomTrace, STACKS } from '../helpers/random-trace.js';
import { seeds } from '../helpers/seeds.js';
import { barsOf, byPath, expectedPath, pathsOf, totalsOf } from './paired.js';

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
