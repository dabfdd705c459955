import { expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { PAGE, PAGE_ALLOC, PAGE_FREE, SLAB } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { HeldRow } from '../../src/event/trace-sink.js';
import { restoreCore, saveCore } from '../../src/pair/checkpoint/checkpoint.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { rank } from '../../src/rank/rank.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { SymbolTable } from '../../src/symbols/symbol-table.js';

const ROW: HeldRow = {
  stackId: 1,
  allocator: PAGE,
  size: 8,
  count: 8,
  pfn: 512,
  ageNs: 9e9,
  pid: 7,
  commId: 1,
  use: 0,
};

function startedCore(rows: HeldRow[]): PairingCore {
  const dictionary = new TraceDictionary();
  for (const lo of [0x10, 0x20]) dictionary.stacks.intern(Uint32Array.of(dictionary.stacks.frames.intern(1, lo)), 1);
  dictionary.comms.intern('sh');
  const core = new PairingCore(dictionary);
  core.fact({ type: 'held', timeNs: 0, rows });
  return core;
}

function pageEvent(core: PairingCore, event: { timeNs: number; kind: number; pfn: number; pages: number }): void {
  const batch = new EventBatch(1);
  batch.timeNs[0] = event.timeNs;
  batch.kind[0] = event.kind;
  batch.addrLo[0] = event.pfn;
  batch.size[0] = event.pages;
  batch.stackId[0] = event.kind === PAGE_ALLOC ? 1 : 0;
  batch.length = 1;
  core.events(batch);
}

function rowsOf(core: PairingCore): unknown[] {
  const symbols = new SymbolTable();
  const { stacks } = rank({ core, symbols }, defaultSelection(10), { kind: 'live', facts: core.hostFacts });
  return stacks
    .toSorted((a, b) => a.stackId - b.stackId)
    .map(({ baseline, bytes, allocCount, freeCount, oldestAgeNs }) => ({
      baseline,
      bytes,
      allocCount,
      freeCount,
      oldestAgeNs,
    }));
}

it('keeps what was held before apart from what the same path allocates, and finds its frees', () => {
  const core = startedCore([ROW]);
  pageEvent(core, { timeNs: 1e9, kind: PAGE_ALLOC, pfn: 1024, pages: 1 });
  pageEvent(core, { timeNs: 2e9, kind: PAGE_FREE, pfn: 514, pages: 2 });
  core.checkInvariants();
  expect(core).toMatchObject({ eventCount: 2, allocEvents: 1, freeEvents: 1, orphanFrees: 0 });
  expect(rowsOf(core)).toEqual([
    { baseline: false, bytes: 4096, allocCount: 1, freeCount: 0, oldestAgeNs: 1e9 },
    { baseline: true, bytes: 6 * 4096, allocCount: 0, freeCount: 2, oldestAgeNs: 11e9 },
  ]);
});

it('counts sums without an address, of any size, and gives them no age', () => {
  const core = startedCore([
    { ...ROW, pfn: -1, ageNs: -1, size: 2 ** 33, count: 2 ** 33 },
    { ...ROW, stackId: 2, allocator: SLAB, pfn: -1, ageNs: -1, size: 2 ** 40, count: 5 },
  ]);
  core.checkInvariants();
  expect(core.paths.totalLive(PAGE)).toBe(2 ** 33);
  expect(core.paths.totalLive(SLAB)).toBe(2 ** 40);
  expect(rowsOf(core)).toEqual([
    { baseline: true, bytes: 2 ** 45, allocCount: 0, freeCount: 0, oldestAgeNs: 0 },
    { baseline: true, bytes: 2 ** 40, allocCount: 0, freeCount: 0, oldestAgeNs: 0 },
  ]);
});

it('takes impossible rows for bad events and stays whole', () => {
  const bad: Partial<HeldRow>[] = [
    { size: 0, count: 0 },
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 52, count: 2 ** 52, pfn: -1 },
    { count: 7 },
    { pfn: 2 ** 36 },
    { allocator: SLAB },
    { size: 2 ** 21, count: 2 ** 21 },
  ];
  const core = startedCore(bad.map((part) => ({ ...ROW, ...part })));
  core.checkInvariants();
  expect(core.badEvents).toBe(bad.length);
  expect(core.paths.totalLive(PAGE)).toBe(0);
});

it('is the same after a checkpoint', () => {
  const core = startedCore([ROW, { ...ROW, pfn: -1, ageNs: -1, use: 2 }, { ...ROW, stackId: 99, pfn: 2048 }]);
  pageEvent(core, { timeNs: 1e9, kind: PAGE_ALLOC, pfn: 4096, pages: 4 });
  const bytes = saveCore(core);
  const restored = restoreCore(bytes ?? new Uint8Array(), core.dictionary);
  for (const each of [core, restored]) pageEvent(each, { timeNs: 2e9, kind: PAGE_FREE, pfn: 512, pages: 8 });
  restored.checkInvariants();
  expect(rowsOf(restored)).toEqual(rowsOf(core));
  expect([...restored.before]).toEqual([...core.before]);
});
