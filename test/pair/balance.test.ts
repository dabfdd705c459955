import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { KMALLOC, KMEM_CACHE_ALLOC, PAGE, SLAB } from '../../src/event/kinds.js';
import { restoreCore, saveCore } from '../../src/pair/checkpoint/checkpoint.js';
import { PageBalance } from '../../src/pair/page-balance.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { isSizeGroup, SHARE_WORDS, SlabBalance, UNMATCHED } from '../../src/pair/slab-balance.js';
import { meminfoText, slabinfoText, vmstatText } from '../helpers/counter-texts.js';
import { PlainPairing } from '../helpers/plain-pairing.js';
import { randomDictionary, randomTrace, STACKS } from '../helpers/random-trace.js';
import { pairText } from '../helpers/text-trace.js';

const START = slabinfoText({ dentry: [100, 192, 21], 'kmalloc-64': [50, 64, 64], 'kmalloc-cg-64': [5, 64, 64] });
const LATER = slabinfoText({ dentry: [102, 192, 21], 'kmalloc-64': [49, 64, 64], 'kmalloc-cg-64': [9, 64, 64] });

describe('slabinfo beside what is outstanding', () => {
  const { core } = pairText('0 clock');
  core.fact({ type: 'counters', timeNs: 0, source: 'slabinfo', text: START });
  const later = pairText(`
    1 alloc a 192 cache=dentry x; 2 alloc b 192 cache=dentry y; 3 alloc c 64 k; 4 alloc d 64 k; 5 alloc e 16384 k
    6 alloc f 64 cache=kmalloc-64 x; 7 alloc g 32 cache=gone x; 8 free d`);
  later.core.slabBalance = core.slabBalance;
  later.core.fact({ type: 'counters', timeNs: 9, source: 'slabinfo', text: LATER });
  const { slabBalance } = later.core;

  it('is summed up by cache, and all caches of kmalloc by size', () => {
    const own = slabBalance.groups.slice(1).filter((group) => !isSizeGroup(group));
    expect(own.map((g) => [g.name, g.caches, g.objectBytes, g.activeAtStart, g.active, g.heldAtStart, g.held])).toEqual(
      [
        ['dentry', 1, 192, 100, 102, 0, 2],
        ['kmalloc-64', 2, 64, 55, 58, 0, 2],
      ],
    );
    expect(slabBalance).toMatchObject({ samples: 2, firstNs: 0, lastNs: 9 });
  });

  it('names what has no cache there: a large kmalloc, a cache that slabinfo does not list', () => {
    expect(slabBalance.groups[UNMATCHED].held).toBe(2);
    expect(slabBalance.unmatchedNames).toEqual(['gone']);
  });

  it('is by size where an event names no cache', () => {
    const { batch, core: old } = unnamed(192);
    old.events(batch);
    old.fact({
      type: 'counters',
      timeNs: 2,
      source: 'slabinfo',
      text: slabinfoText({ dentry: [9, 192, 21], other: [5, 192, 21], 'kmalloc-192': [7, 192, 21] }),
    });
    const held = old.slabBalance.groups.filter((group) => group.held > 0);
    expect(held).toMatchObject([{ name: 'caches of 192 bytes', caches: 2, active: 14, held: 1 }]);
  });

  it('a cache that comes later began with nothing, one that goes has nothing left', () => {
    const balance = pairText('0 alloc a 8 cache=old x').core;
    balance.fact({ type: 'counters', timeNs: 1, source: 'slabinfo', text: slabinfoText({ old: [7, 8, 512] }) });
    balance.fact({ type: 'counters', timeNs: 2, source: 'slabinfo', text: slabinfoText({ young: [3, 8, 512] }) });
    expect(balance.slabBalance.groups.slice(1).filter((group) => !isSizeGroup(group))).toMatchObject([
      { name: 'old', activeAtStart: 7, active: 0, heldAtStart: 1, held: 1 },
      { name: 'young', activeAtStart: 0, active: 3, held: 0 },
    ]);
    expect(balance.slabBalance.groups[UNMATCHED].held).toBe(0);
  });
});

describe('pages that the kernel counted', () => {
  it('stand beside those that had events', () => {
    const { core } = pairText('0 palloc 8 order 3 x; 1 pfree 8 order 0; 2 pfree 100 order 1');
    core.fact({ type: 'counters', timeNs: 3, source: 'meminfo', text: meminfoText(1000, 400) });
    core.fact({ type: 'counters', timeNs: 3, source: 'vmstat', text: vmstatText(1e6, 2e6) });
    expect(core.pageBalance.lastVmstat).toEqual({
      timeNs: 3,
      allocs: 8,
      frees: 3,
      orphans: 2,
      missed: 0,
      held: 7,
      moved: 0,
      vacated: 0,
      kernelAllocs: 1e6,
      kernelFrees: 2e6,
      kernelMoves: 0,
      used: { usedBytes: 600 * 1024, isExact: false },
    });
    expect(core.pageBalance.lastFree).toMatchObject({ usedBytes: 600 * 1024, held: 7 });
    core.fact({ type: 'counters', timeNs: 4, source: 'vmstat', text: 'nonsense' });
    core.fact({ type: 'counters', timeNs: 4, source: 'meminfo', text: '' });
    expect(core.pageBalance.lastVmstat?.timeNs).toBe(3);
  });
});

describe.each(Array.from({ length: 50 }, (_, i) => i + 1))('samples in a random trace, seed %i', (seed) => {
  const trace = randomTrace(seed, 1200, false);
  const sizes = Array.from({ length: 10 }, (_, i) => 8 << i);
  const text = slabinfoText({
    ...Object.fromEntries(sizes.map((size) => [`kmalloc-${size}`, [seed, size, 8]])),
    ...Object.fromEntries([0, 1, 2, 3].map((i) => [`cache${i}`, [seed * i, 64, 8]])),
  });
  const core = new PairingCore(randomDictionary());
  const plain = new PlainPairing();
  core.events(trace);
  plain.apply(trace, STACKS);
  core.fact({ type: 'counters', timeNs: core.nowNs, source: 'slabinfo', text });
  core.fact({ type: 'counters', timeNs: core.nowNs, source: 'vmstat', text: vmstatText(5000, 5000) });

  it('count what the plain pairing holds, and lose no object', () => {
    const expected = new Map<string, number>();
    let objects = 0;
    for (const { allocator, path, size } of plain.allocations()) {
      if (allocator !== SLAB) continue;
      objects++;
      if (size === 0) continue;
      expected.set(String(path.stackId), (expected.get(String(path.stackId)) ?? 0) + 1);
    }
    const { groups, shares } = core.slabBalance;
    expect(groups.reduce((sum, group) => sum + group.held, 0)).toBe(objects);
    const byStack = new Map<string, number>();
    const byGroup = groups.map(() => 0);
    for (let i = 0; i < shares.length; i += SHARE_WORDS) {
      const stack = String(core.paths.stackId[shares[i]]);
      byStack.set(stack, (byStack.get(stack) ?? 0) + shares[i + 2]);
      byGroup[shares[i + 1]] += shares[i + 2];
    }
    expect(byGroup).toEqual(groups.map((group) => group.held));
    for (const [stack, count] of expected) expect(byStack.get(stack)).toBeGreaterThanOrEqual(count);
    expect(core.paths.kind[shares[0]]).toBeGreaterThanOrEqual(KMALLOC);
  });

  it('every page has come from an alloc and gone with a free, seen or not', () => {
    const sample = core.pageBalance.lastVmstat;
    if (sample === null) throw new Error('no sample');
    expect(sample.allocs - (sample.frees - sample.orphans) - sample.missed).toBe(sample.held);
    expect(sample.held).toBe(core.paths.totalLive(PAGE));
  });

  it('survive a checkpoint, and JSON', () => {
    const saved = saveCore(core);
    if (saved === null) throw new Error('not saved');
    const restored = restoreCore(saved, core.dictionary);
    expect(restored.slabBalance.snapshot()).toEqual(core.slabBalance.snapshot());
    expect(restored.pageBalance).toEqual(core.pageBalance);
    restored.fact({ type: 'counters', timeNs: core.nowNs + 1, source: 'slabinfo', text });
    core.fact({ type: 'counters', timeNs: core.nowNs + 1, source: 'slabinfo', text });
    expect(restored.slabBalance.snapshot()).toEqual(core.slabBalance.snapshot());
  });
});

it('what is no snapshot is refused', () => {
  const good = pairText('0 alloc a 64 x').core;
  good.fact({ type: 'counters', timeNs: 0, source: 'slabinfo', text: START });
  const snapshot = good.slabBalance.snapshot();
  expect(SlabBalance.restore(structuredClone(snapshot))).not.toBeNull();
  const bad = [
    null,
    {},
    { ...snapshot, groups: [] },
    { ...snapshot, groups: [{}] },
    { ...snapshot, shares: [1, 2] },
    { ...snapshot, shares: [1, 99, 1] },
    { ...snapshot, shares: [1, 0, -1] },
    { ...snapshot, samples: 'x' },
    { ...snapshot, unmatchedNames: [1] },
  ];
  for (const data of bad) expect(SlabBalance.restore(data)).toBeNull();
  expect(PageBalance.restore({ firstVmstat: null, lastVmstat: {}, firstFree: null, lastFree: null })).toBeNull();
  expect(PageBalance.restore(7)).toBeNull();
});

/** One kmem_cache_alloc without a cache name, as before Linux 6.0. */
function unnamed(size: number): { batch: EventBatch; core: PairingCore } {
  const batch = new EventBatch(1);
  batch.length = 1;
  batch.kind[0] = KMEM_CACHE_ALLOC;
  batch.addrLo[0] = 4096;
  batch.size[0] = size;
  return { batch, core: new PairingCore(randomDictionary()) };
}
