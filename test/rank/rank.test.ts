import { describe, expect, it } from 'vitest';
import { KFREE } from '../../src/event/kinds.js';
import { LOSS_RING_FULL } from '../../src/event/losses.js';
import { openStack } from '../../src/rank/rank.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { distinctBytes } from '../../src/rank/rows/outstanding.js';
import { compileSelection } from '../../src/rank/select/compiled-selection.js';
import { pairText } from '../helpers/text-trace.js';

describe('a report', () => {
  it('ranks by bytes, ties by the id of the call path, and says what it left out', () => {
    const { report } = pairText('0 alloc a 64 x; 1 alloc b 64 y; 2 alloc c 128 z; 3 alloc d 32 w');
    const top = report({ limit: 3, sort: 'bytes' });
    expect(top.stacks.map((s) => [s.rank, s.frames[0].symbol])).toEqual([
      [1, 'z'],
      [2, 'x'],
      [3, 'y'],
    ]);
    expect(top.matching).toEqual({ stacks: 4, rows: 4, bytes: 288, count: 4 });
  });

  it('gives ages at its own instant, and growth since the beginning', () => {
    const { report } = pairText('1000 alloc a 500 x; 2000 alloc b 500 x; 5000 alloc c 500 x; 2000000000 clock');
    expect(report().durationNs).toBe(2e9);
    expect(report().stacks[0]).toMatchObject({
      oldestAgeNs: 2e9 - 1000,
      medianAgeNs: 2e9 - 2000,
      growthBytesPerSecond: 750,
    });
  });

  it('keeps what a call path held at the high-water mark of its allocator', () => {
    const { report } = pairText(
      `0 alloc a 100 x; 1 alloc b 50 y; 2 free a; 3 alloc c 20 x; 4 free b; 5 alloc d 10 y; 6 alloc e 1 x; 7 alloc n 1 new`,
    );
    expect(report().stacks.map((s) => [s.bytes, s.bytesAtHighWaterMark])).toEqual([
      [21, 100],
      [10, 50],
      [1, 0],
    ]);
    expect(report().outstanding.slab).toMatchObject({ bytes: 32, count: 4, peakBytes: 150, peakNs: 1 });
  });

  it('names processes and caches, and the kind of the first alloc', () => {
    const { report } = pairText(
      `0 alloc a 10 comm=ls cache=dentry x; 1 alloc b 30 comm=cat cache=inode x; 2 alloc c 5 comm=ls x`,
    );
    expect(report().stacks[0]).toMatchObject({
      kind: 'kmem_cache_alloc',
      caches: ['dentry', 'inode'],
      comms: [
        { comm: 'cat', bytes: 30, count: 1 },
        { comm: 'ls', bytes: 15, count: 2 },
      ],
    });
  });

  it('has findings that are made once as long as the core takes nothing, whatever the rows are', () => {
    const { core, report } = pairText('0 alloc a 64 x; 1 alloc b 50 y; 9 clock');
    const { findings } = report({ group: 'finding' });
    expect(findings).toHaveLength(2);
    for (const group of ['stack', 'module', 'comm', 'finding'] as const) {
      expect(report({ group }).findings).toBe(findings);
      expect(report({ group, grep: 'y', olderNs: 4, limit: 0 }).findings).toBe(findings);
    }
    // At the same time, and without an event.
    core.fact({
      type: 'losses',
      timeNs: 9,
      rows: [{ cause: LOSS_RING_FULL, kind: KFREE, cpu: -1, count: 1, bytes: 20, countWithBytes: 1 }],
    });
    expect(report().findings).not.toBe(findings);
    expect(report().findings.map(({ lostFreeBytes }) => lostFreeBytes)).not.toEqual(
      findings.map(({ lostFreeBytes }) => lostFreeBytes),
    );
  });

  it('is the same object text whether or not reports were made on the way', () => {
    const text = '0 alloc a 64 x; 1 palloc 8 order 3 y; 2 free a; 3 palloc 8 order 0 z; 4 alloc b 1 x';
    const once = pairText(text);
    const often = pairText(text);
    for (let i = 0; i < 3; i++) often.report({ grep: 'x', olderNs: 1 });
    expect(JSON.stringify(often.report())).toBe(JSON.stringify(once.report()));
  });

  it('has the bytes that count once without the rest', () => {
    const { core, symbols, report } = pairText(
      '0 alloc a 64 x; 1 palloc 8 order 3 new_slab < y; 2 palloc 99 order 0 z',
    );
    expect(distinctBytes({ core, symbols })).toBe(report().outstanding.distinct.bytes);
    expect(distinctBytes({ core, symbols })).toBe(64 + 4096);
  });
});

describe('lost frees', () => {
  it('bound what could be theirs: known bytes, and the largest allocations for the unknown', () => {
    expect(lost('')).toBe(0);
    expect(lost('5 lost kfree 3 96')).toBe(96);
    expect(lost('5 lost kmem_cache_free 1')).toBe(4096);
    expect(lost('5 lost kfree 2')).toBe(4096 + 64);
    expect(lost('5 lost kfree 1; 6 lost kfree 1 10')).toBe(4106);
    expect(lost('5 lost kfree 100')).toBe(4192);
    expect(lost('5 lost mm_page_free 100')).toBe(0);
    expect(lost('5 lost kmalloc 100')).toBe(0);
  });

  it('of an unknown kind count for every allocator', () => {
    const { report } = pairText('0 alloc a 100 x; 1 palloc 8 order 3 x; 2 palloc 32 order 0 x; 3 lost ? 1');
    const { slab, page, percpu } = report().outstanding;
    expect([slab.lostFreeBytes, page.lostFreeBytes, percpu.lostFreeBytes]).toEqual([100, 32768, 0]);
    expect(report().anomalies.lostEvents).toBe(1);
    expect(report().losses).toEqual([{ cause: 'ring-full', kind: null, cpu: 0, count: 1, bytes: 0 }]);
  });
});

describe('selecting', () => {
  const TRACE = `
    0   alloc a 64 comm=ls x < foo[usb_storage]
    10  alloc b 32 comm=cat cache=dentry y < bar
    20  palloc 8 order 1 comm=cat z < bar`;

  it.each([
    ['grep over symbols', { grep: '^FOO' }, ['x']],
    ['grep over modules', { grep: 'foo \\[usb' }, ['x']],
    ['grep over process names', { grep: '^cat$' }, ['z', 'y']],
    ['grep over caches', { grep: 'dentr' }, ['y']],
    ['hide', { hide: 'bar' }, ['x']],
    ['module', { module: 'usb_storage' }, ['x']],
    ['cache', { cache: 'dentry' }, ['y']],
    ['comm', { comm: 'ls' }, ['x']],
    ['older', { olderNs: 10 }, ['x', 'y']],
    ['allocator', { allocators: ['page' as const] }, ['z']],
    ['an empty text is no selection', { grep: '', hide: '' }, ['z', 'x', 'y']],
  ])('%s', (_name, selection, leaves) => {
    expect(
      pairText(TRACE)
        .report(selection)
        .stacks.map((stack) => stack.frames[0].symbol),
    ).toEqual(leaves);
  });

  it('what is no regular expression is an error text, not a throw', () => {
    expect(compileSelection({ ...defaultSelection(5), grep: 'a(' })).toEqual({
      ok: null,
      error: 'grep is not a regular expression: /a(/i: Unterminated group',
    });
    expect(compileSelection({ ...defaultSelection(5), hide: '[' }).error).toContain('hide is not');
    expect(compileSelection(defaultSelection(5)).error).toBeNull();
  });

  it('a compiled selection ranks as the plain one does', () => {
    const { core, symbols, report } = pairText(TRACE);
    const { ok } = compileSelection({ ...defaultSelection(100), grep: 'bar' });
    if (ok === null) throw new Error('not compiled');
    expect(openStack({ core, symbols }, ok, report({ grep: 'bar' }).stacks[0].stackId)?.stack.rank).toBe(1);
  });
});

describe('an opened call path', () => {
  it('shows sizes, ages, lifetimes, processes and the oldest addresses', () => {
    const { core, symbols, report } = pairText(
      `0 alloc 0xffff888000001000 64 comm=ls pid=7 x; 100 alloc a 100 comm=cat pid=8 x; 600 free a
       900 alloc 0x2000 2048 comm=cat pid=8 x; 1000 clock`,
    );
    const detail = openStack({ core, symbols }, defaultSelection(10), report().stacks[0].stackId);
    expect(detail).toMatchObject({
      pids: [
        { pid: 8, comm: 'cat', bytes: 2048, count: 1 },
        { pid: 7, comm: 'ls', bytes: 64, count: 1 },
      ],
      ages: [
        { from: 64, to: 128, count: 1 },
        { from: 128, to: 256, count: 0 },
        { from: 256, to: 512, count: 0 },
        { from: 512, to: 1024, count: 1 },
      ],
      lifetimes: [{ from: 256, to: 512, count: 1 }],
      addresses: [
        { address: '0xffff888000001000', bytes: 64, ageNs: 1000, pid: 7, comm: 'ls' },
        { address: '0x0000000000002000', bytes: 2048, ageNs: 100, pid: 8, comm: 'cat' },
      ],
    });
    expect(detail?.sizes.map((bar) => bar.count)).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it('shows page frame numbers for pages, without the order that the key holds', () => {
    const { core, symbols, report } = pairText('0 palloc 4096 order 3 x');
    const detail = openStack({ core, symbols }, defaultSelection(10), report().stacks[0].stackId);
    expect(detail?.addresses[0]).toMatchObject({ address: '0x1000', bytes: 32768 });
  });

  it('stays open when the selection leaves it out, and is null if there never was one', () => {
    const { core, symbols, report } = pairText('0 alloc a 64 x');
    const { stackId } = report().stacks[0];
    const detail = openStack({ core, symbols }, { ...defaultSelection(10), grep: 'nothing' }, stackId);
    expect(detail?.stack.rank).toBe(0);
    expect(openStack({ core, symbols }, defaultSelection(10), stackId + 1)).toBeNull();
    expect(openStack({ core, symbols }, defaultSelection(10), 123456)).toBeNull();
  });
});

/** Returns lostFreeBytes for three objects of 4096, 64 and 32 bytes, after losses. */
function lost(losses: string): number {
  return pairText(`0 alloc a 4096 x; 1 alloc b 64 x; 2 alloc c 32 x; ${losses}`).report().outstanding.slab
    .lostFreeBytes;
}
