import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../../src/event/event-batch.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { KMALLOC, PAGE, PAGE_ALLOC, SLAB } from '../../../src/event/kinds.js';
import { isSampled } from '../../../src/event/sampling.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import { rank } from '../../../src/rank/rank.js';
import type { Report } from '../../../src/rank/report/report.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { SymbolTable } from '../../../src/symbols/symbol-table.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { cases } from '../../helpers/seeds.js';
import { pairText } from '../../helpers/text-trace.js';

interface Alloc {
  allocator: typeof PAGE | typeof SLAB;
  hi: number;
  lo: number;
  size: number;
}

/** Returns the report on the allocs that are in a sample; null if none is. */
function sampleOf(allocs: Alloc[], oneIn: number, seed: number): Report | null {
  const dictionary = new TraceDictionary();
  const core = new PairingCore(dictionary);
  const facts = { ...unknownHost(), sampleOneIn: oneIn, sampleSeed: seed };
  core.fact({ type: 'host', facts });
  const stack = dictionary.stacks.intern(Uint32Array.of(dictionary.stacks.frames.intern(0xffffffff, 0x81000000)), 1);
  const batch = new EventBatch(allocs.length);
  for (const { allocator, hi, lo, size } of allocs) {
    if (!isSampled(allocator, hi, lo, oneIn, seed)) continue;
    const row = batch.length++;
    batch.timeNs[row] = row;
    batch.kind[row] = allocator === PAGE ? PAGE_ALLOC : KMALLOC;
    batch.addrHi[row] = hi;
    batch.addrLo[row] = lo;
    batch.size[row] = size;
    batch.stackId[row] = stack;
  }
  if (batch.length === 0) return null;
  core.events(batch);
  return rank({ core, symbols: new SymbolTable() }, defaultSelection(5), { kind: 'recording', facts });
}

/**
 * Takes many samples of the same memory; returns the share whose interval holds the truth, and the
 * mean of the estimates.
 */
function coverage(allocs: Alloc[], oneIn: number, samples = 400): { bytes: number; count: number; mean: number } {
  const unit = allocs[0].allocator === PAGE ? 4096 : 1;
  const bytes = allocs.reduce((sum, alloc) => sum + alloc.size * unit, 0);
  const count = allocs.reduce((sum, alloc) => sum + (alloc.allocator === PAGE ? alloc.size : 1), 0);
  const hits = { bytes: 0, count: 0, mean: 0 };
  for (let seed = 1; seed <= samples; seed++) {
    const estimate = sampleOf(allocs, oneIn, Math.imul(seed, 0x9e3779b1) >>> 0)?.stacks[0].estimate ?? null;
    if (estimate === null) continue;
    if (estimate.lowBytes <= bytes && bytes <= estimate.highBytes) hits.bytes++;
    if (estimate.lowCount <= count && count <= estimate.highCount) hits.count++;
    hits.mean += estimate.bytes / samples;
  }
  return { bytes: hits.bytes / samples, count: hits.count / samples, mean: hits.mean / bytes };
}

function objects(count: number, sizeOf: (i: number) => number): Alloc[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, i) => ({
    allocator: SLAB,
    hi: 0xffff8881,
    lo: (Math.floor(random() * 2 ** 26) * 64) >>> 0,
    size: sizeOf(i),
  }));
}

describe('the interval of an estimate holds the truth 19 times of 20', () => {
  it('for objects of one size', () => {
    for (const oneIn of [16, 4, 64].slice(0, cases(1, 3))) {
      const { bytes, count, mean } = coverage(
        objects(4000, () => 192),
        oneIn,
      );
      expect(bytes, `1/${oneIn}`).toBeGreaterThanOrEqual(0.93);
      expect(bytes, `1/${oneIn}`).toBeLessThanOrEqual(0.99);
      expect(count).toBe(bytes);
      expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    }
  });

  it('for objects of very different sizes', () => {
    const random = seededRandom(3);
    const { bytes, count, mean } = coverage(
      objects(4000, () => 2 ** Math.floor(5 + random() * 9)),
      16,
    );
    expect(bytes).toBeGreaterThanOrEqual(0.92);
    expect(bytes).toBeLessThanOrEqual(0.99);
    expect(count).toBeGreaterThanOrEqual(0.93);
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
  });

  it('for few objects: then the interval is wide, and errs on that side', () => {
    // A sample of 1/16 has three of 48 objects on average; one in 22 samples has none, and no such
    // row.
    const { bytes } = coverage(
      objects(48, () => 64),
      16,
    );
    expect(bytes).toBeGreaterThanOrEqual(0.93);
  });

  it('for pages, of which whole neighbourhoods are in the sample or not', () => {
    const random = seededRandom(11);
    const pages: Alloc[] = [];
    for (let block = 0; block < 600; block++) {
      const inBlock = 1 + Math.floor(random() * 200);
      for (let i = 0; i < inBlock; i++) pages.push({ allocator: PAGE, hi: 0, lo: block * 1024 + i, size: 1 });
    }
    const { bytes, count, mean } = coverage(pages, 16, cases(100, 400));
    expect(bytes).toBeGreaterThanOrEqual(0.92);
    expect(bytes).toBeLessThanOrEqual(0.99);
    expect(count).toBe(bytes);
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
  });
});

it('counts stay what was seen beside the estimate, which never begins below them', () => {
  const report = sampleOf(
    objects(2000, () => 128),
    16,
    5,
  );
  const [stack] = report?.stacks ?? [];
  expect(stack.bytes).toBe(stack.count * 128);
  expect(stack.estimate).toMatchObject({ bytes: stack.bytes * 16, count: stack.count * 16 });
  expect(stack.estimate?.lowBytes).toBeGreaterThanOrEqual(stack.bytes);
  expect(report?.outstanding.slab.bytes).toBe(stack.bytes);
  expect(report?.estimate?.slab).toEqual(stack.estimate);
});

it('where everything was traced there is nothing to estimate, and the counters are compared; in a sample they are not', () => {
  const trace = '0 alloc a 64 kmalloc < foo';
  expect(pairText(trace).report()).toMatchObject({ estimate: null, stacks: [{ estimate: null }] });
  const sampled = pairText(trace, { host: { sampleOneIn: 16 } });
  sampled.core.fact({ type: 'counters', timeNs: 5, source: 'vmstat', text: 'pgalloc_normal 10\npgfree 10\n' });
  sampled.core.fact({ type: 'counters', timeNs: 9, source: 'vmstat', text: 'pgalloc_normal 90\npgfree 10\n' });
  expect(sampled.report()).toMatchObject({
    reconciliation: null,
    stacks: [{ reliability: 'plausible', estimate: { count: 16 } }],
  });
});
