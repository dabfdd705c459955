import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { ALLOCATOR_COUNT, KMALLOC, PAGE_ALLOC, PAGE_FREE, VMALLOC_ALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { formatReport, pairText } from '../helpers/text-trace.js';

function outcome(text: string): string[] {
  return formatReport(pairText(text).report());
}

describe('objects', () => {
  it('an object that is not freed is outstanding on its call path', () => {
    expect(outcome('0 alloc a 64 kmalloc < foo < sys_bar; 1 alloc b 32 kmalloc < qux; 5 free b')).toEqual([
      'slab 64 B in 1 of 1 allocated, 0 freed, 0 missed: kmalloc < foo < sys_bar',
    ]);
  });

  it('kfree frees an object of kmem_cache_alloc, and kmem_cache_free one of kmalloc', () => {
    expect(outcome('0 alloc a 64 cache=dentry x; 1 free a; 2 alloc b 8 y; 3 cfree b')).toEqual([]);
  });

  it('an address that is allocated again without a free leaves one object, and a missed free on the old call path', () => {
    expect(outcome('0 alloc a 64 old; 1 alloc a 32 new')).toEqual([
      'slab 32 B in 1 of 1 allocated, 0 freed, 0 missed: new',
      'missedFrees 1',
    ]);
    expect(outcome('0 alloc a 64 old; 1 alloc b 8 old; 2 alloc a 32 new')).toEqual([
      'slab 32 B in 1 of 1 allocated, 0 freed, 0 missed: new',
      'slab 8 B in 1 of 2 allocated, 0 freed, 1 missed: old',
      'missedFrees 1',
    ]);
  });

  it('NULL and ZERO_SIZE_PTR are neither allocated nor freed, and counted', () => {
    const text =
      '0 free 0; 1 free 0x10; 2 alloc 0 64 x; 3 alloc 0x10 64 x; 4 palloc -1 order 3 x; 5 cfree 0; 6 vfree 0';
    expect(outcome(text)).toEqual(['failedAllocs 3', 'nullFrees 4']);
  });

  it('a free of what was not seen allocated is an orphan', () => {
    expect(outcome('0 free a; 1 pfree 8 order 1; 2 pcfree p')).toEqual(['orphanFrees 4']);
  });

  it('the same number is another thing in another address space', () => {
    expect(outcome('0 palloc 4096 order 0 x; 1 alloc 4096 64 y; 2 free 4096; 3 percpu 4096 8 z; 4 vfree 4096')).toEqual(
      [
        'page 4096 B in 1 of 1 allocated, 0 freed, 0 missed: x',
        'percpu 8 B in 1 of 1 allocated, 0 freed, 0 missed: z',
        'orphanFrees 1',
      ],
    );
  });

  it('two call paths are kept apart whatever their hashes, an event without one has a row of its own', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `${i} alloc o${i} 64 leaf < f${i % 1500} < root`);
    const { core } = pairText([...texts, '9999 alloc last 16'].join('\n'));
    expect(core.paths.size).toBe(1501);
    for (let row = 1; row <= 1500; row++) expect(core.paths.liveCount(row)).toBe(2);
    expect(core.stackMisses).toBe(1);
  });

  it("the tracer's own memory is hidden unless asked for, and counted either way", () => {
    const { report } = pairText(
      '0 alloc a 64 self x; 1 alloc b 32 x; 2 palloc 7 order 0 self y; 3 alloc c 8 self x; 4 free c',
    );
    expect(formatReport(report())).toEqual(['slab 32 B in 1 of 3 allocated, 1 freed, 0 missed: x']);
    expect(report({ includeSelf: true }).matching).toEqual({ stacks: 2, rows: 2, bytes: 4192, count: 3 });
    expect(report().self).toEqual({ bytes: 4160, count: 2 });
    expect(report().outstanding.slab.bytes).toBe(96);
  });

  it('vmalloc counts pages', () => {
    expect(outcome('0 valloc v 16 x; 1 valloc w 4 x; 2 vfree w')).toEqual([
      'vmalloc 65536 B in 16 of 20 allocated, 4 freed, 0 missed: x',
    ]);
  });
});

describe('pages by range', () => {
  it('a block of 8 pages is gone after eight frees of single pages in any order', () => {
    expect(
      outcome(
        `0 palloc 64 order 3 x
         1 pfree 66 order 0; 2 pfree 71 order 0; 3 pfree 64 order 0; 4 pfree 65 order 0
         5 pfree 70 order 0; 6 pfree 69 order 0; 7 pfree 68 order 0; 8 pfree 67 order 0`,
      ),
    ).toEqual([]);
  });

  it('a free of the third page of eight leaves seven on the call path', () => {
    const { report, core } = pairText('0 palloc 64 order 3 x; 5 pfree 66 order 0');
    expect(formatReport(report())).toEqual(['page 28672 B in 7 of 8 allocated, 1 freed, 0 missed: x']);
    expect(core.pages.blocks.size).toBe(1);
  });

  it('a free that spans several blocks releases all of them, and what nobody held is an orphan', () => {
    expect(outcome('0 palloc 64 order 0 x; 1 palloc 66 order 1 y; 2 pfree 64 order 2')).toEqual(['orphanFrees 1']);
    expect(outcome('0 palloc 512 order 9 x; 1 pfree 0 order 11')).toEqual(['orphanFrees 1536']);
  });

  it('a page that is freed twice is an orphan the second time', () => {
    expect(outcome('0 palloc 8 order 0 x; 1 pfree 8 order 0; 2 pfree 8 order 0')).toEqual(['orphanFrees 1']);
  });

  it('an alloc over held pages takes them from their old call path as missed frees', () => {
    expect(outcome('0 palloc 64 order 3 old; 1 palloc 66 order 1 new; 2 pfree 66 order 0')).toEqual([
      'page 24576 B in 6 of 8 allocated, 0 freed, 2 missed: old',
      'page 4096 B in 1 of 2 allocated, 1 freed, 0 missed: new',
      'missedFrees 2',
    ]);
  });

  it('a smaller block that begins where a split one began has its own pages', () => {
    expect(
      outcome(
        `0 palloc 64 order 3 old
         1 pfree 64 order 1
         2 palloc 64 order 1 new
         3 pfree 68 order 2; 4 pfree 65 order 0`,
      ),
    ).toEqual([
      'page 8192 B in 2 of 8 allocated, 6 freed, 0 missed: old',
      'page 4096 B in 1 of 2 allocated, 1 freed, 0 missed: new',
    ]);
  });

  it('blocks of 4 MiB and more cross the regions that pages are kept in', () => {
    const { core, report } = pairText('0 palloc 4096 order 12 x; 1 pfree 5120 order 10; 2 pfree 4099 order 0');
    expect(formatReport(report())).toEqual([
      `page ${3071 * 4096} B in 3071 of 4096 allocated, 1025 freed, 0 missed: x`,
    ]);
    core.checkInvariants();
  });

  it('pfns at the end of what a pfn may be are pages, beyond it they are bad events', () => {
    const core = new PairingCore(new TraceDictionary());
    core.events(
      events([
        { kind: PAGE_ALLOC, hi: 15, lo: 0xffffffff, size: 1 },
        { kind: PAGE_ALLOC, hi: 15, lo: 0xfffffffe, size: 2 },
        { kind: PAGE_ALLOC, hi: 15, lo: 0xffffffff, size: 2 },
        { kind: PAGE_ALLOC, hi: 16, lo: 0, size: 1 },
      ]),
    );
    expect([core.paths.totalLive(0), core.missedFrees, core.badEvents]).toEqual([2, 1, 2]);
    core.checkInvariants();
  });
});

describe('what cannot be', () => {
  it('bad kinds, sizes and times are counted and skipped', () => {
    const core = new PairingCore(new TraceDictionary());
    core.events(
      events([
        { kind: 0, hi: 1, lo: 1, size: 1 },
        { kind: 32, hi: 1, lo: 1, size: 1 },
        { kind: 127, hi: 1, lo: 1, size: 1 },
        { kind: PAGE_ALLOC, hi: 0, lo: 1, size: 0 },
        { kind: PAGE_FREE, hi: 0, lo: 1, size: 0 },
        { kind: PAGE_ALLOC, hi: 0, lo: 1, size: 2 ** 20 + 1 },
        { kind: PAGE_FREE, hi: 0, lo: 1, size: 0xffffffff },
        { kind: VMALLOC_ALLOC, hi: 1, lo: 1, size: 0 },
        { kind: KMALLOC, hi: 1, lo: 1, size: 1, time: Number.NaN },
        { kind: KMALLOC, hi: 1, lo: 1, size: 1, time: -1 },
        { kind: KMALLOC, hi: 1, lo: 1, size: 1, time: 1e300 },
      ]),
    );
    expect([core.badEvents, core.eventCount, core.allocEvents, core.freeEvents, core.nowNs]).toEqual([11, 11, 0, 0, 7]);
  });

  it('random bytes never throw and keep every invariant', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 20; round++) {
      const core = new PairingCore(new TraceDictionary());
      const batch = new EventBatch(500);
      batch.length = 500;
      for (let i = 0; i < 500; i++) {
        batch.kind[i] = random() * 256;
        batch.timeNs[i] = random() < 0.02 ? Number.POSITIVE_INFINITY : (random() - 0.05) * 2 ** 54;
        batch.addrHi[i] = random() < 0.7 ? random() * 20 : random() * 2 ** 32;
        batch.addrLo[i] = random() < 0.5 ? random() * 64 : random() * 2 ** 32;
        batch.size[i] = random() < 0.9 ? 1 << (random() * 12) : random() * 2 ** 32;
        batch.stackId[i] = random() * 2 ** 32;
        batch.pid[i] = random() * 2 ** 32;
        batch.commId[i] = random() * 2 ** 32;
        batch.cacheId[i] = random() * 2 ** 32;
      }
      core.events(batch);
      core.checkInvariants();
      expect(core.paths.size).toBeLessThanOrEqual(ALLOCATOR_COUNT);
    }
  });

  it('blocks as large as an event may name do not take memory for each page', () => {
    const core = new PairingCore(new TraceDictionary());
    core.events(
      events(Array.from({ length: 8 }, (_, i) => ({ kind: PAGE_ALLOC, hi: 0, lo: i * 2 ** 20, size: 2 ** 20 }))),
    );
    expect(core.paths.totalLive(0)).toBe(8 * 2 ** 20);
    expect(core.liveByteLength).toBeLessThan(8e6);
  });
});

describe('memory', () => {
  it('stays within 64 bytes an outstanding allocation, and does not grow with the number of events', () => {
    const core = new PairingCore(new TraceDictionary());
    const batch = new EventBatch(4000);
    const fill = (kind: number, round: number): void => {
      batch.length = 4000;
      for (let i = 0; i < 4000; i++) {
        batch.kind[i] = kind;
        batch.addrLo[i] = round * 4000 + i + 100;
        batch.size[i] = 1;
      }
      core.events(batch);
    };
    for (let round = 0; round < 25; round++) fill(PAGE_ALLOC, round);
    for (let round = 0; round < 25; round++) fill(KMALLOC, round);
    const bytes = core.liveByteLength;
    expect(bytes / 200_000).toBeLessThanOrEqual(64);
    for (let round = 25; round < 300; round++) {
      fill(PAGE_FREE, round - 25);
      fill(PAGE_ALLOC, round);
    }
    expect(core.paths.totalLive(0)).toBe(100_000);
    expect(core.liveByteLength).toBeLessThanOrEqual(bytes * 1.1);
    core.checkInvariants();
  });
});

function events(rows: { kind: number; hi: number; lo: number; size: number; time?: number }[]): EventBatch {
  const batch = new EventBatch(rows.length);
  for (const row of rows) {
    const i = batch.length++;
    batch.timeNs[i] = row.time ?? i;
    batch.kind[i] = row.kind;
    batch.addrHi[i] = row.hi;
    batch.addrLo[i] = row.lo;
    batch.size[i] = row.size;
  }
  return batch;
}
