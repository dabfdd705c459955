import { describe, expect, it } from 'vitest';
import { type CacheRow, cachesOf } from '../../../src/rank/breakdown/slab-caches.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { slabinfoText } from '../../helpers/counter-texts.js';
import { replayed } from '../../helpers/replayed.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

const TRACE = `
  1 alloc a 64 kmalloc < x
  2 alloc b 64 kmalloc < y
  3 alloc c 192 cache=dentry d_alloc
  4 alloc d 192 cache=dentry d_alloc
  5 alloc e 64 cache=kmalloc-cg-64 z
  6 alloc f 16384 kmalloc < x
  7 alloc gone 32 kmalloc < x
  8 free gone
  9 palloc 32 order 1 new_slab
  20 clock`;

function rowsOf({ core, symbols }: PairedText, selection: Partial<Selection> = {}): CacheRow[] {
  return cachesOf({ core, symbols }, { ...defaultSelection(1), ...selection });
}

const brief = (selection: Partial<Selection>): unknown[] =>
  rowsOf(pairText(TRACE), selection).map((row) => [row.cache, row.objects]);

const sample = (active: number): string =>
  slabinfoText({ dentry: [active, 192, 21], 'kmalloc-64': [active, 64, 64], 'kmalloc-cg-64': [5, 64, 64] });

describe('slab caches', () => {
  it("are what is outstanding by cache, kmalloc's by size", () => {
    expect(rowsOf(pairText(TRACE))).toEqual([
      {
        cache: '(large kmalloc)',
        objects: 1,
        bytes: 16384,
        stacks: 1,
        oldestAgeNs: 14,
        balance: null,
        balanceIn: null,
      },
      { cache: 'dentry', objects: 2, bytes: 384, stacks: 1, oldestAgeNs: 17, balance: null, balanceIn: null },
      { cache: 'kmalloc-64', objects: 3, bytes: 192, stacks: 3, oldestAgeNs: 19, balance: null, balanceIn: null },
    ]);
  });

  it('obey the selection as the ranking does', () => {
    expect(brief({ cache: 'dentry' })).toEqual([['dentry', 2]]);
    expect(brief({ grep: '^x$' })).toEqual([
      ['(large kmalloc)', 1],
      ['kmalloc-64', 1],
    ]);
    expect(brief({ allocators: ['page'] })).toEqual([]);
  });

  it("stand beside slabinfo's own figures", () => {
    const paired = pairText('0 clock', { host: { cpus: 1 } });
    paired.core.fact({ type: 'counters', timeNs: 0, source: 'slabinfo', text: sample(10) });
    const traced = pairText(TRACE, { host: { cpus: 1 } });
    traced.core.slabBalance = paired.core.slabBalance;
    traced.core.fact({ type: 'counters', timeNs: 20, source: 'slabinfo', text: sample(13) });
    const [large, dentry, kmalloc] = rowsOf(traced);
    expect(large.balance).toBeNull();
    expect(dentry.balance).toMatchObject({ cache: 'dentry', activeAtStart: 10, active: 13, held: 2, excess: -1 });
    expect(kmalloc.balance).toMatchObject({ slabCaches: 2, activeAtStart: 15, active: 18, held: 3, excess: 0 });
  });

  it("of a merged cache are a row a name, with slabinfo's figures in the one that holds most", () => {
    const host = { cpus: 1, mergedCaches: [['UNIX', 'signal_cache']] };
    const trace = pairText(
      `
      1 alloc a 1000 cache=signal_cache kmem_cache_alloc < unix_create1 < x
      2 alloc b 1000 cache=signal_cache kmem_cache_alloc < unix_create1 < y
      3 alloc c 1000 cache=signal_cache kmem_cache_alloc < copy_signal < copy_process
      4 alloc d 192 cache=dentry d_alloc
      20 clock`,
      { host },
    );
    const counters = (timeNs: number, active: number): void =>
      trace.core.fact({
        type: 'counters',
        timeNs,
        source: 'slabinfo',
        text: slabinfoText({ signal_cache: [active, 1000, 16], dentry: [active, 192, 21] }),
      });
    counters(21, 10);
    counters(22, 13);
    expect(rowsOf(trace)).toMatchObject([
      { cache: 'UNIX (merged with signal_cache)', objects: 2, balance: { active: 13 }, balanceIn: null },
      {
        cache: 'signal_cache (merged with UNIX)',
        objects: 1,
        balance: null,
        balanceIn: 'UNIX (merged with signal_cache)',
      },
      { cache: 'dentry', objects: 1, balance: { active: 13 }, balanceIn: null },
    ]);
  });

  it('of a real trace add up to its outstanding slab memory', async () => {
    const { core, symbols } = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
    const rows = cachesOf({ core, symbols }, { ...defaultSelection(1), includeSelf: true });
    const of = (name: string): CacheRow | undefined => rows.find((row) => row.cache === name);
    expect(rows.reduce((sum, row) => sum + row.bytes, 0)).toBe(core.paths.totalLive(1));
    // socketpair() allocates its two sockets in two places.
    expect(of('sock_inode_cache')).toMatchObject({ objects: 46, stacks: 2 });
    expect(of('sock_inode_cache')?.balance?.held).toBeGreaterThan(0);
  });
});
