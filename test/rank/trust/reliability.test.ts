import { describe, expect, it } from 'vitest';
import { encodeText } from '../../../src/export/text.js';
import type { Report } from '../../../src/rank/report/report.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { Reliability } from '../../../src/rank/trust/reliability.js';
import { meminfoText, slabinfoText, vmstatText } from '../../helpers/counter-texts.js';
import { importedText, replayed } from '../../helpers/replayed.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

type Caches = Parameters<typeof slabinfoText>[0];

/** Pairs a trace with a slabinfo at its start and one at its end. */
function withSlabinfo(trace: string, before: Caches, after: Caches): PairedText {
  const start = pairText('0 clock', { host: { cpus: 2 } }).core;
  start.fact({ type: 'counters', timeNs: 0, source: 'slabinfo', text: slabinfoText(before) });
  const paired = pairText(trace, { host: { cpus: 2 } });
  paired.core.slabBalance = start.slabBalance;
  paired.core.fact({ type: 'counters', timeNs: paired.core.nowNs, source: 'slabinfo', text: slabinfoText(after) });
  return paired;
}

function allocs(prefix: string, count: number, rest: string): string {
  return Array.from({ length: count }, (_, i) => `${i} alloc ${prefix}${i} ${rest}`).join('\n');
}

/** Returns leaf, state and worst case of each row. */
function states(report: Report): (string | number | null)[][] {
  return report.stacks.map((stack) => [stack.frames[0].symbol, stack.reliability, stack.evidence.doubtful]);
}

/** Returns the states of the call paths through a function. */
function statesThrough(report: Report, symbol: string): string[] {
  const through = report.stacks.filter((stack) => stack.frames.some((frame) => frame.symbol === symbol));
  return [...new Set(through.map((stack) => stack.reliability))];
}

function expectConfirmedFirst(report: Report): void {
  const listed = report.stacks.filter((stack) => stack.category !== 'backing').map((stack) => stack.reliability);
  const firstUnreliable = listed.includes('unreliable') ? listed.indexOf('unreliable') : listed.length;
  expect(listed.lastIndexOf('confirmed')).toBeLessThan(firstUnreliable);
}

/**
 * Returns the head of the report as text, for a vmstat with `unseen` frees and allocs that grew by
 * `grown`.
 */
function head(unseen: number, grown: number): string {
  const { core, report } = pairText('0 palloc 0 order 8 x; 1 lost mm_page_free 3; 2 alloc a 64 y; 3 alloc a 64 y');
  const { core: start } = pairText('0 clock');
  start.fact({ type: 'counters', timeNs: 0, source: 'vmstat', text: vmstatText(0, 0) });
  core.pageBalance = start.pageBalance;
  core.fact({ type: 'counters', timeNs: 9, source: 'vmstat', text: vmstatText(256 + grown, unseen) });
  return encodeText(report(), { columns: 200, frames: false });
}

/** Two blocks, seven pages whose allocs were not seen, and `unseen` frees of which one was seen. */
function twoBlocks(unseen: number): Report {
  const { core, report } = pairText('0 palloc 0 order 10 x; 1 palloc 4096 order 2 y; 2 pfree 9999 order 0');
  const { core: start } = pairText('0 clock');
  start.fact({ type: 'counters', timeNs: 0, source: 'vmstat', text: vmstatText(5000, 4000) });
  core.pageBalance = start.pageBalance;
  core.fact({ type: 'counters', timeNs: 9, source: 'vmstat', text: vmstatText(5000 + 1028 + 7, 4000 + 1 + unseen) });
  return report();
}

describe('a call path is', () => {
  it('confirmed where its cache grew by what it holds, whatever its missed frees', () => {
    const { report } = withSlabinfo(
      `${allocs('a', 900, '192 cache=dentry leak')}\n${allocs('b', 300, '192 cache=dentry small')}`,
      { dentry: [5000, 192, 21] },
      { dentry: [6200, 192, 21] },
    );
    // There is no excess; up to 1,122 pages may hide on the CPUs.
    expect(states(report())).toEqual([
      ['leak', 'plausible', 900],
      ['small', 'plausible', 300],
    ]);
    const large = withSlabinfo(
      `${allocs('a', 300, '4096 big')}\n${allocs('a', 900, '4096 big')}`,
      { 'kmalloc-4k': [50, 4096, 8], 'kmalloc-cg-4k': [9, 4096, 8] },
      { 'kmalloc-4k': [900, 4096, 8], 'kmalloc-cg-4k': [109, 4096, 8] },
    );
    // 2 CPUs * (8 + 12) + 10 sheaves of 3, less the 50 more objects in slabinfo.
    expect(states(large.report())).toEqual([['big', 'confirmed', 20]]);
    expect(large.report().stacks[0]).toMatchObject({
      verdict: null,
      missedFrees: 300,
      evidence: {
        missedShare: 1,
        compared: 900,
        reason: "the kernel's counters bear it out: at most 20 of 900 objects may have been freed unseen",
      },
    });
  });

  it('unreliable where many of its frees went unseen', () => {
    const { report } = pairText(
      '0 alloc a 64 mas_x; 1 alloc a 64 mas_x; 2 alloc a 64 mas_x; 3 alloc a 64 mas_x; 4 alloc b 8 y',
    );
    expect(states(report())).toEqual([
      ['y', 'plausible', null],
      ['mas_x', 'unreliable', null],
    ]);
    expect(report().stacks[1]).toMatchObject({
      verdict: 'unreliable',
      evidence: { missedShare: 1, reason: '100 % of its frees were not seen' },
    });
  });

  it('not unreliable for a few unseen frees among very many that were not freed', () => {
    const three = '0 alloc x 64 f; 1 alloc x 64 f; 2 alloc x 64 f; 3 alloc x 64 f\n';
    expect(pairText(three + allocs('a', 290, '64 f')).report().stacks[0].reliability).toBe('unreliable');
    expect(pairText(three + allocs('a', 310, '64 f')).report().stacks[0].reliability).toBe('plausible');
  });

  it('unreliable where slabinfo has fewer objects than it seems to hold, even if all from before were freed', () => {
    const { report, core } = withSlabinfo(
      `${allocs('a', 2000, '4096 cache=silent leak')}\n${allocs('b', 20, '64 cache=other y')}`,
      { silent: [100, 4096, 8], other: [10, 64, 64] },
      { silent: [110, 4096, 8], other: [30, 64, 64] },
    );
    expect(states(report())).toEqual([
      ['y', 'plausible', 20],
      ['leak', 'unreliable', 2000],
    ]);
    const slab = report().reconciliation?.slab;
    expect(slab?.caches[0]).toMatchObject({ cache: 'silent', held: 2000, excess: 1990, state: 'contradicted' });
    expect(new Reliability(core, () => true).evidence(1).reason).toMatch(/^slabinfo contradicts/);
  });

  it('plausible where as many were freed of those from before the trace', () => {
    const orphans = Array.from({ length: 2000 }, (_, i) => `3000 free old${i}`).join('\n');
    const { report } = withSlabinfo(
      `${allocs('a', 2000, '4096 cache=busy x')}\n${orphans}`,
      { busy: [5000, 4096, 8] },
      { busy: [5000, 4096, 8] },
    );
    expect(report().stacks[0].reliability).toBe('plausible');
    expect(report().anomalies.orphanFrees).toBe(2000);
  });

  it('of pages, confirmed by what vmstat counts of frees', () => {
    expect(states(twoBlocks(1))).toEqual([
      ['x', 'confirmed', 1],
      ['y', 'confirmed', 1],
    ]);
    expect(states(twoBlocks(3))).toEqual([
      ['x', 'confirmed', 3],
      ['y', 'plausible', 3],
    ]);
    expect(twoBlocks(3).reconciliation?.pages).toMatchObject({
      source: 'vmstat',
      grownBytes: (1035 - 4) * 4096,
      explainedBytes: 1028 * 4096,
      unexplainedBytes: 3 * 4096,
      unseenAllocBytes: 7 * 4096,
      unseenFreeBytes: 3 * 4096,
    });
  });

  it('of pages without vmstat, by the fall of MemFree', () => {
    const { core, report } = pairText('1 palloc 0 order 8 x');
    const { core: start } = pairText('0 clock');
    start.fact({ type: 'counters', timeNs: 0, source: 'meminfo', text: meminfoText(9000, 8000) });
    core.pageBalance = start.pageBalance;
    expect(report().reconciliation).toBeNull();
    core.fact({ type: 'counters', timeNs: 9, source: 'meminfo', text: meminfoText(9000, 8000 - 1000) });
    expect(states(report())).toEqual([['x', 'confirmed', 6]]);
    expect(report().reconciliation?.pages).toMatchObject({
      source: 'MemFree',
      grownBytes: 1000 * 1024,
      explainedBytes: 1000 * 1024,
      excessBytes: 24 * 1024,
    });
  });
});

describe('the order', () => {
  const TRACE = `0 alloc a 4000 mas; 1 alloc a 4000 mas; 2 alloc a 4000 mas; 3 alloc a 4000 mas; 4 alloc b 8 y
    5 palloc 8 order 3 new_slab < z`;
  const leaves = (sort: 'bytes' | 'growth' | 'count' | 'age' | 'peak' | 'allocs' | 'missed'): string =>
    pairText(TRACE)
      .report({ sort })
      .stacks.map((stack) => stack.frames[0].symbol)
      .join(' ');

  it.each(['bytes', 'growth', 'count', 'age', 'peak'] as const)(
    'by %s has unreliable rows below all others',
    (sort) => {
      expect(leaves(sort)).toBe('y mas new_slab');
    },
  );

  it.each(['allocs', 'missed'] as const)('by %s is about events, not about what is held', (sort) => {
    expect(leaves(sort)).toBe('mas y new_slab');
  });
});

describe('reconciling real recordings', () => {
  it('finds frees without events on 7.2 unreliable, and the planted leaks of 6.1 not', () => {
    const bulk = importedText('perf-script/7.2-bulk_rcu/perf-script.txt.gz').report(defaultSelection(1000));
    // Freed by RCU and in bulk, without an event: all memory that seems held was freed.
    for (const planted of ['br_rcu_alloc', 'br_kbulk_alloc', 'br_rcu_slab_alloc']) {
      const objects = bulk.stacks.filter(
        (stack) => stack.allocator === 'slab' && stack.frames.some((frame) => frame.symbol === planted),
      );
      expect(objects.map((stack) => stack.reliability)).toEqual(['unreliable']);
    }
    const leak = importedText('perf-script/6.1-leak_kmalloc/perf-script.txt.gz').report(defaultSelection(1000));
    expect(statesThrough(leak, 'lk_work700')).toEqual(['plausible']);
  });

  it('confirms the pipes that the bundled recording holds', async () => {
    const report = (await replayed('bpf/6.18-held-pipes/held-pipes.unfreed')).report(defaultSelection(10));
    expect(report.stacks[0]).toMatchObject({ reliability: 'confirmed', count: 1618, category: 'unaccounted' });
    // Memory in use shrank during the trace: by the frees of older memory less the memory held, to
    // within 1 %.
    const pages = report.reconciliation?.pages;
    expect(pages?.source).toBe('vmstat');
    const net = (pages?.heldBytes ?? 0) - (pages?.freedFromBeforeBytes ?? 0);
    expect(net / (pages?.grownBytes ?? 0)).toBeCloseTo(1, 2);
  });
});

it('no random trace has an unreliable row above a confirmed one', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { report } = withSlabinfo(
      Array.from({ length: 400 }, (_, i) => {
        const k = (i * 7919 * seed) % 97;
        return `${i} alloc o${k} ${64 << (k % 5)} cache=c${k % 5} fn${k % 11}`;
      }).join('\n'),
      Object.fromEntries([0, 1, 2, 3, 4].map((c) => [`c${c}`, [seed * c, 64 << c, 8] as const])) as unknown as Caches,
      Object.fromEntries(
        [0, 1, 2, 3, 4].map((c) => [`c${c}`, [seed * c + 20, 64 << c, 8] as const]),
      ) as unknown as Caches,
    );
    for (const sort of ['bytes', 'count', 'age'] as const) expectConfirmedFirst(report({ sort }));
  }
});

describe('as text', () => {
  it('the head says how much the counters grew, what explains it, and what losses can have done', () => {
    expect(head(3, 256)).toContain(
      'kernel  memory in use grew by 1.99 MiB: 1.00 MiB (50%) explained by what is held, 1012 KiB not\n' +
        '3 events were lost; up to 1.00 MiB of what is outstanding may have been freed\n',
    );
    expect(head(512, 0)).toContain('kernel  memory in use shrank by 1.00 MiB: 1.00 MiB held, 0 B freed from before\n');
  });

  it('a row says when all of it may be lost frees, unless the counters bear it out', () => {
    expect(head(200, 0)).toContain('  may be lost frees  ');
    expect(head(3, 0)).toMatch(/ 1\.00 MiB .* confirmed /);
    expect(head(3, 0)).not.toContain('  may be lost frees  ');
  });
});

/** 1,024 pages of a call path with one frame; the kernel moved `moves` pages, and `followed` moves were seen. */
function movedReport(symbol: string, moves: number, followed = 0): Report {
  const seen = Array.from({ length: followed }, (_, i) => `5 pfrom ${5000 + i} order 0; 5 pto ${9000 + i} order 0`);
  const { core, report } = pairText(['0 palloc 0 order 10 ' + symbol, ...seen].join('\n'));
  const { core: start } = pairText('0 clock');
  start.fact({ type: 'counters', timeNs: 0, source: 'vmstat', text: vmstatText(5000, 4000, 70) });
  core.pageBalance = start.pageBalance;
  core.fact({ type: 'counters', timeNs: 9, source: 'vmstat', text: vmstatText(6024, 4000, 70 + moves) });
  return report();
}

describe('pages that the kernel moves', () => {
  it('leave no row confirmed whose pages may be among those moved unseen, and bound it', () => {
    const report = movedReport('do_anonymous_page', 500);
    expect(report.moves).toEqual({ pages: 500, followedPages: 0, unseenPages: 500 });
    expect(report.stacks[0]).toMatchObject({
      category: 'anon',
      reliability: 'plausible',
      evidence: { movedUnseen: 500, reason: 'the kernel moved 500 pages unseen: up to as many more may be held' },
    });
    expect(encodeText(report, { columns: 200, frames: false })).toContain(
      'kernel  500 pages (1.95 MiB) were moved by the kernel, 500 of them unseen (1.95 MiB): up to as much more than shown may be held',
    );
  });

  it('do no harm where each move was followed, or only those under way were not', () => {
    for (const followed of [500, 440]) {
      const report = movedReport('do_anonymous_page', 500, followed);
      expect(report.moves).toEqual({ pages: 500, followedPages: followed, unseenPages: 500 - followed });
      expect(report.stacks[0]).toMatchObject({ reliability: 'confirmed', evidence: { movedUnseen: 0 } });
    }
  });

  it('are none of a page table or of a driver', () => {
    for (const symbol of ['pte_alloc_one', 'my_ring_alloc']) {
      expect(movedReport(symbol, 500).stacks[0]).toMatchObject({
        reliability: 'confirmed',
        evidence: { movedUnseen: 0 },
      });
    }
  });
});
