import { describe, expect, it } from 'vitest';
import { parseSlabRows } from '../../../src/proc/machine/slab-rows.js';
import { cacheSortOf, shownName, sortedCaches, usePercent } from '../../../src/rank/breakdown/cache-order.js';
import {
  type CacheTableRow,
  cacheTableOf,
  cacheTableWithoutTrace,
  type SlabTexts,
} from '../../../src/rank/breakdown/cache-table.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

const HEAD = 'slabinfo - version: 2.1\n# name <active_objs> ...\n';

/** Name, active and all objects, bytes of one, objects and pages of a slab, slabs. */
function slabinfo(...lines: [string, number, number, number, number, number, number][]): string {
  const text = lines.map(([name, active, total, bytes, perSlab, pages, slabs]) => {
    return `${name} ${active} ${total} ${bytes} ${perSlab} ${pages} : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`;
  });
  return HEAD + text.join('');
}

const NOW = slabinfo(
  ['dentry', 1005, 1050, 192, 21, 1, 50],
  ['kmalloc-1k', 99, 100, 1024, 16, 4, 7],
  ['kmalloc-cg-1k', 10, 16, 1024, 16, 4, 1],
  ['inode', 30, 40, 600, 10, 2, 4],
  ['empty', 0, 0, 64, 64, 1, 0],
);
const START = slabinfo(['dentry', 1000, 1050, 192, 21, 1, 50], ['kmalloc-1k', 100, 100, 1024, 16, 4, 7]);

const TRACE = `
  1 alloc a 1024 kmalloc < x
  2 alloc b 192 cache=dentry d_alloc < y
  3 alloc c 192 cache=dentry d_alloc < y
  4 alloc d 40 cache=unlisted make < z
  20 clock`;

function traced(...samples: [timeNs: number, text: string][]): PairedText {
  const trace = pairText(TRACE, { host: { cpus: 1 } });
  for (const [timeNs, text] of samples) trace.core.fact({ type: 'counters', timeNs, source: 'slabinfo', text });
  return trace;
}

const textsOf = (text: string): SlabTexts => ({ first: null, last: parseSlabRows(text) ?? [], pageSize: 4096 });

const select = (changes: Partial<Selection> = {}): Selection => ({ ...defaultSelection(1), ...changes });

function rowsOf(trace: PairedText, changes: Partial<Selection> = {}): CacheTableRow[] {
  return cacheTableOf(trace, select(changes));
}

const brief = (rows: readonly CacheTableRow[]): unknown[] =>
  rows.map((row) => [shownName(row), row.objects, row.slab?.activeObjects ?? null, row.heldIn]);

describe('the table of caches', () => {
  it('has a row for each line of slabinfo, what is held first; the rest by size', () => {
    const rows = rowsOf(traced([21, START], [22, NOW]));
    expect(brief(rows)).toEqual([
      ['kmalloc-1k', 1, 99, null],
      ['dentry', 2, 1005, null],
      ['unlisted', 1, null, null],
      ['inode', 0, 30, null],
      ['kmalloc-cg-1k', 0, 10, 'kmalloc-1024'],
      ['empty', 0, 0, null],
    ]);
    expect(rows[1].slab).toEqual({
      name: 'dentry',
      activeObjects: 1005,
      objects: 1050,
      objectBytes: 192,
      objectsPerSlab: 21,
      pagesPerSlab: 1,
      activeSlabs: 50,
      slabs: 50,
      cacheBytes: 50 * 4096,
      atStart: { activeObjects: 1000, cacheBytes: 50 * 4096 },
    });
    // It came after the start.
    expect(rows[3].slab?.atStart).toEqual({ activeObjects: 0, cacheBytes: 0 });
    expect(rows[0].balance).toMatchObject({ cache: 'kmalloc-1024', slabCaches: 2, active: 109 });
  });

  it('knows no growth from one sample, and has no figures without one', () => {
    expect(rowsOf(traced([22, NOW])).map((row) => row.slab?.atStart ?? null)).toEqual(Array(6).fill(null));
    expect(brief(rowsOf(traced()))).toEqual([
      ['kmalloc-1024', 1, null, null],
      ['dentry', 2, null, null],
      ['unlisted', 1, null, null],
    ]);
  });

  it('takes a slabinfo from before the trace until there is one of it', () => {
    const before = textsOf(slabinfo(['dentry', 7, 21, 192, 21, 1, 1]));
    const [first, second] = cacheTableOf(traced(), select(), before);
    expect([first.slab, second.slab?.activeObjects]).toEqual([null, 7]);
    expect(cacheTableOf(traced([22, NOW]), select(), before)[1].slab?.activeObjects).toBe(1005);
  });

  it('has no use for the share of events that is traced', () => {
    const trace = pairText(TRACE, { host: { cpus: 1, sampleOneIn: 16 } });
    trace.core.fact({ type: 'counters', timeNs: 22, source: 'slabinfo', text: NOW });
    expect(rowsOf(trace).find(({ cache }) => cache === 'inode')?.slab?.slabs).toBe(4);
  });

  it('stands without a trace too', () => {
    expect(brief(cacheTableWithoutTrace(textsOf(NOW), select()))).toEqual([
      ['dentry', 0, 1005, null],
      ['kmalloc-1k', 0, 99, null],
      ['inode', 0, 30, null],
      ['kmalloc-cg-1k', 0, 10, null],
      ['empty', 0, 0, null],
    ]);
  });

  it('is narrowed by name; by what only a trace tells, to what is held', () => {
    const trace = traced([21, START], [22, NOW]);
    expect(brief(rowsOf(trace, { grep: '1k$' }))).toEqual([
      ['kmalloc-1k', 0, 99, null],
      ['kmalloc-cg-1k', 0, 10, null],
    ]);
    expect(brief(rowsOf(trace, { hide: 'node|empty|kmalloc' }))).toEqual([
      ['dentry', 2, 1005, null],
      ['unlisted', 1, null, null],
    ]);
    expect(brief(rowsOf(trace, { cache: 'kmalloc-1k' }))).toEqual([['kmalloc-1k', 0, 99, null]]);
    expect(brief(rowsOf(trace, { cache: 'dentry' }))).toEqual([['dentry', 2, 1005, null]]);
    for (const narrow of [{ pid: 5 }, { comm: 'x' }, { olderNs: 1e9 }, { hideAccounted: true }] as const) {
      expect(rowsOf(trace, narrow), JSON.stringify(narrow)).toEqual([]);
    }
    expect(() => rowsOf(trace, { grep: '(' })).toThrow(/regular expression/i);
  });

  it('counts figures of a merged cache once', () => {
    const trace = pairText(
      `
      1 alloc a 1000 cache=signal_cache kmem_cache_alloc < unix_create1 < x
      2 alloc b 1000 cache=signal_cache kmem_cache_alloc < unix_create1 < y
      3 alloc c 1000 cache=signal_cache kmem_cache_alloc < copy_signal < copy_process`,
      { host: { cpus: 1, mergedCaches: [['UNIX', 'signal_cache']] } },
    );
    const text = slabinfo(['signal_cache', 30, 32, 1000, 16, 4, 2]);
    trace.core.fact({ type: 'counters', timeNs: 22, source: 'slabinfo', text });
    expect(rowsOf(trace)).toMatchObject([
      { cache: 'UNIX (merged with signal_cache)', slab: { activeObjects: 30 }, balanceIn: null },
      { cache: 'signal_cache (merged with UNIX)', slab: null, balanceIn: 'UNIX (merged with signal_cache)' },
    ]);
  });

  it('of a real trace has the sums of its slabinfo, and what cachesOf() holds', async () => {
    const { core, symbols } = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
    const rows = cacheTableOf({ core, symbols }, select({ includeSelf: true }));
    const active = rows.reduce((sum, { slab }) => sum + (slab?.activeObjects ?? 0), 0);
    expect(active).toBe(core.slabSamples.last?.caches.reduce((sum, each) => sum + each.activeObjects, 0));
    expect(rows.reduce((sum, row) => sum + row.bytes, 0)).toBe(core.paths.totalLive(1));
    expect(new Set(rows.map(({ cache }) => cache)).size).toBe(rows.length);
    // The holder of pipes: its caches grew by what is held.
    expect(rows.find(({ cache }) => cache === 'sock_inode_cache')?.slab?.atStart).not.toBeNull();
  });
});

const rows = (): CacheTableRow[] => rowsOf(traced([21, START], [22, NOW]));

const by = (letter: string): string[] =>
  sortedCaches(rows(), cacheSortOf(letter) ?? 'bytes').map((row) => shownName(row));

describe('orders of the table', () => {
  it("are slabtop's, by its letters and by name", () => {
    expect(by('a').slice(0, 3)).toEqual(['dentry', 'kmalloc-1k', 'inode']);
    expect(by('b').slice(0, 2)).toEqual(['empty', 'dentry']);
    expect(by('s').slice(0, 3)).toEqual(['kmalloc-1k', 'kmalloc-cg-1k', 'inode']);
    expect(by('u').slice(0, 2)).toEqual(['kmalloc-1k', 'dentry']);
    expect(by('n')).toEqual(['dentry', 'empty', 'inode', 'kmalloc-1k', 'kmalloc-cg-1k', 'unlisted']);
    expect(by('cache-size').slice(0, 3)).toEqual(['dentry', 'kmalloc-1k', 'inode']);
    expect(by('grew').slice(0, 2)).toEqual(['inode', 'kmalloc-cg-1k']);
    expect(cacheSortOf('x')).toBeNull();
  });

  it('put what slabinfo does not list last', () => {
    for (const letter of 'abclopsuv') expect(by(letter).at(-1), letter).toBe('unlisted');
  });

  it('round use down, as slabtop does', () => {
    const use = rows().map(({ slab }) => (slab === null ? null : usePercent(slab)));
    expect(use).toEqual([99, 95, null, 75, 62, 0]);
  });
});
