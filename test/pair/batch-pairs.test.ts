import { describe, expect, it } from 'vitest';
import type { EventBatch } from '../../src/event/event-batch.js';
import { EventBatch as Batch } from '../../src/event/event-batch.js';
import {
  FREE_BIT,
  KFREE,
  KIND_MASK,
  KMALLOC,
  PAGE_ALLOC,
  PAGE_FREE,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../src/event/kinds.js';
import { BatchPairs } from '../../src/pair/batch-pairs.js';
import { busyTrace, randomTrace } from '../helpers/random-trace.js';

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const EVENTS = 2000;

/** One row: kind, address or pfn, pages. */
type Row = [kind: number, address: number, pages?: number];

function batchOf(rows: Row[]): EventBatch {
  const batch = new Batch(rows.length);
  for (const [row, [kind, address, pages]] of rows.entries()) {
    batch.kind[row] = kind;
    batch.addrHi[row] = Math.floor(address / 2 ** 32);
    batch.addrLo[row] = address % 2 ** 32;
    batch.size[row] = pages ?? ((kind & 15) === PAGE_ALLOC ? 1 : 0);
    batch.timeNs[row] = row;
  }
  batch.length = rows.length;
  return batch;
}

function partnersOf(rows: Row[]): number[] {
  const pairs = new BatchPairs();
  expect(pairs.find(batchOf(rows))).toBe(true);
  return [...pairs.partner].map((partner) => Math.max(partner, -1));
}

describe('partners', () => {
  it('are an alloc of what was freed before, and its free', () => {
    expect(
      partnersOf([
        [KFREE, 64],
        [KMALLOC, 64],
        [KFREE, 64],
        [KMALLOC, 64],
        [KFREE, 64],
      ]),
    ).toEqual([-1, 2, 1, 4, 3]);
    expect(
      partnersOf([
        [PAGE_FREE, 7],
        [PAGE_ALLOC, 7],
        [PAGE_FREE, 7],
      ]),
    ).toEqual([-1, 2, 1]);
  });

  it('are not where the address may still be held: its alloc would close that one as a missed free', () => {
    expect(
      partnersOf([
        [KMALLOC, 64],
        [KFREE, 64],
      ]),
    ).toEqual([-1, -1]);
    expect(
      partnersOf([
        [KFREE, 64],
        [KMALLOC, 64],
        [KMALLOC, 64],
        [KFREE, 64],
      ]),
    ).toEqual([-1, -1, -1, -1]);
  });

  it('are one alloc and one free: a second free has none', () => {
    expect(
      partnersOf([
        [KFREE, 64],
        [KMALLOC, 64],
        [KFREE, 64],
        [KFREE, 64],
      ]),
    ).toEqual([-1, 2, 1, -1]);
  });

  it('are not where an event of several pages comes before or in between', () => {
    for (const range of [
      [PAGE_ALLOC, 0, 8],
      [PAGE_FREE, 4, 4],
      [PAGE_ALLOC, 0, 2 ** 20],
      [PAGE_ALLOC, 500, 16],
    ] as Row[]) {
      const page = range[1] + 3;
      expect(partnersOf([[PAGE_FREE, page], range, [PAGE_ALLOC, page], [PAGE_FREE, page]])).toEqual([-1, -1, -1, -1]);
      expect(partnersOf([[PAGE_FREE, page], [PAGE_ALLOC, page], range, [PAGE_FREE, page]])).toEqual([-1, -1, -1, -1]);
      expect(partnersOf([range, [PAGE_FREE, page], [PAGE_ALLOC, page], [PAGE_FREE, page]])).toEqual([-1, -1, 3, 2]);
    }
    // Page 512 lies in another region than the range's first page.
    const range: Row = [PAGE_ALLOC, 500, 16];
    expect(partnersOf([[PAGE_FREE, 512], range, [PAGE_ALLOC, 512], [PAGE_FREE, 512]])).toEqual([-1, -1, -1, -1]);
  });

  it('are not hidden by an event of no pages, which touches no region', () => {
    const none: Row = [PAGE_ALLOC, 512, 0];
    const rows: Row[] = [
      [PAGE_FREE, 512],
      ...Array.from({ length: 8000 }, () => none),
      [PAGE_ALLOC, 512],
      [PAGE_FREE, 512],
    ];
    // With a region for each of 2^32 pages this would take a minute.
    expect(partnersOf(rows).slice(-2)).toEqual([8002, 8001]);
  });

  it('are of one address space, and only objects and single pages', () => {
    expect(
      partnersOf([
        [KFREE, 64],
        [PAGE_ALLOC, 64],
        [KFREE, 64],
      ]),
    ).toEqual([-1, -1, -1]);
    expect(
      partnersOf([
        [VMALLOC_FREE, 4096],
        [VMALLOC_ALLOC, 4096, 2],
        [VMALLOC_FREE, 4096],
      ]),
    ).toEqual([-1, -1, -1]);
    expect(
      partnersOf([
        [KFREE, 16],
        [KMALLOC, 16],
        [KFREE, 16],
      ]),
    ).toEqual([-1, -1, -1]);
  });

  it('are not of an earlier batch', () => {
    const pairs = new BatchPairs();
    const rows: Row[] = [
      [KFREE, 64],
      [KMALLOC, 64],
      [KFREE, 64],
    ];
    pairs.find(batchOf(rows));
    pairs.find(batchOf(rows.slice(1)));
    expect([...pairs.partner].slice(0, 2).every((partner) => partner < 0)).toBe(true);
  });
});

it('it rests for 16 batches where there are few', () => {
  const pairs = new BatchPairs();
  const rows: Row[] = [
    [KMALLOC, 64],
    [KFREE, 64],
  ];
  const looked = Array.from({ length: 35 }, () => pairs.find(batchOf(rows)));
  expect(looked.flatMap((did, i) => (did ? [i] : []))).toEqual([0, 17, 34]);
});

describe.each(SEEDS)('seed %i', (seed) => {
  it('finds what the definition says, and nothing else', () => {
    let found = 0;
    let defined = 0;
    for (const trace of [busyTrace(seed, EVENTS), randomTrace(seed, EVENTS)]) {
      const pairs = new BatchPairs();
      pairs.find(trace);
      const expected = definedPartners(trace);
      for (let row = 0; row < trace.length; row++) {
        defined += expected[row] >= 0 ? 1 : 0;
        if (pairs.partner[row] < 0) continue;
        expect([row, pairs.partner[row]]).toEqual([row, expected[row]]);
        found++;
      }
    }
    expect(defined).toBeGreaterThan(EVENTS * 0.3);
    // BatchPairs distinguishes regions, but not the pages in them: an event of several pages hides
    // partners beside it.
    expect(found).toBeGreaterThan(defined * 0.5);
  });
});

/** Finds partners by the definition, with a Map entry for each page and each object. */
function definedPartners(batch: EventBatch): number[] {
  const partners = Array.from({ length: batch.length }, () => -1);
  const last = new Map<string, number>();
  const fresh = new Set<number>();
  for (let row = 0; row < batch.length; row++) {
    const kind = batch.kind[row] & KIND_MASK;
    const isPage = kind === PAGE_ALLOC || kind === PAGE_FREE;
    const address = (batch.addrHi[row] | 0) * 2 ** 32 + batch.addrLo[row];
    if (!isPage && (![1, 2, 17, 18].includes(kind) || (address >= 0 && address <= 16))) continue;
    if (!(batch.timeNs[row] >= 0)) continue;
    const pages = isPage ? batch.size[row] : 1;
    if (isPage && (pages === 0 || pages > 2 ** 20 || address < 0 || address + pages > 2 ** 36)) continue;
    const isFree = (kind & FREE_BIT) !== 0;
    if (pages === 1) {
      const key = `${isPage}${address}`;
      const before = last.get(key) ?? -1;
      const wasFree = before >= 0 && (batch.kind[before] & FREE_BIT) !== 0;
      if (before >= 0 && (!isPage || batch.size[before] === 1)) {
        if (!isFree && wasFree) fresh.add(row);
        if (isFree && fresh.has(before)) {
          partners[row] = before;
          partners[before] = row;
        }
      }
      last.set(key, row);
    } else {
      for (let page = address; page < address + pages; page++) last.set(`true${page}`, row);
    }
  }
  return partners;
}
