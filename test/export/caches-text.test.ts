import { describe, expect, it } from 'vitest';
import { type CachesTextOptions, encodeCaches } from '../../src/export/caches-text.js';
import { parseSlabRows } from '../../src/proc/machine/slab-rows.js';
import { CACHE_SORTS, sortedCaches } from '../../src/rank/breakdown/cache-order.js';
import { type CacheTableRow, cacheTableOf, cacheTableWithoutTrace } from '../../src/rank/breakdown/cache-table.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { slabinfoText } from '../helpers/counter-texts.js';
import { HOSTILE_NAMES } from '../helpers/hostile-text.js';
import { replayed } from '../helpers/replayed.js';

/** Six lines of a real machine, as cat prints them. */
const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
ext4_inode_cache  286340 287000   1168   14    4 : tunables    0    0    0 : slabdata  20500  20500      0
dentry            614402 616665    192   21    1 : tunables    0    0    0 : slabdata  29365  29365      0
kmalloc-1k           752    752   1024   16    4 : tunables    0    0    0 : slabdata     47     47      0
kmalloc-cg-1k        128    160   1024   16    4 : tunables    0    0    0 : slabdata     10     10      0
kvm_vcpu               2      2  51488    1   16 : tunables    0    0    0 : slabdata      2      2      0
dma-kmalloc-8k         0      0   8192    4    8 : tunables    0    0    0 : slabdata      0      0      0
`;
const NOW: CachesTextOptions = { of: 'this machine vm', number: 10, columns: 80, sort: 'cache-size', isTraced: false };

function textOf(slabinfo: string, options: Partial<CachesTextOptions> = {}): string[] {
  const all = { ...NOW, ...options };
  const texts = { first: null, last: parseSlabRows(slabinfo) ?? [], pageSize: 4096 };
  return encodeCaches(sortedCaches(cacheTableWithoutTrace(texts, defaultSelection(1)), all.sort), all).split('\n');
}

describe('the caches as text', () => {
  it('are a slabinfo in, the columns of slabtop out', () => {
    expect(textOf(SLABINFO)).toEqual([
      'this machine vm; by cache-size',
      '6 caches, 5 with objects; in use 901,624 of 904,579 objects (99.7%), 432 MiB of',
      '  434 MiB (99.7%); 49,924 slabs take 436 MiB',
      '',
      '   ACTIVE     TOTAL  USE     SIZE   SLABS PER SLAB CACHE SIZE  CACHE',
      '  286,340   287,000  99% 1.14 KiB  20,500       14    320 MiB  ext4_inode_cache',
      '  614,402   616,665  99%    192 B  29,365       21    115 MiB  dentry',
      '      752       752 100% 1.00 KiB      47       16    752 KiB  kmalloc-1k',
      '      128       160  80% 1.00 KiB      10       16    160 KiB  kmalloc-cg-1k',
      '        2         2 100% 50.3 KiB       2        1    128 KiB  kvm_vcpu',
      '        0         0   0% 8.00 KiB       0        4        0 B  dma-kmalloc-8k',
      '',
    ]);
  });

  it('show the first, and say what the others are', () => {
    const lines = textOf(SLABINFO, { number: 1, sort: 'name' });
    expect(lines.slice(5)).toEqual([
      '  614,402   616,665  99%    192 B  29,365       21    115 MiB  dentry',
      '… 5 more caches, 321 MiB',
      '',
    ]);
    expect(textOf(SLABINFO, { number: 0 }).at(-2)).toBe('… 6 more caches, 436 MiB');
  });

  it.each(CACHE_SORTS)('have the column of the order %s, at every width', async (sort) => {
    const { core, symbols } = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
    const rows = sortedCaches(cacheTableOf({ core, symbols }, defaultSelection(1)), sort);
    const titles = new Set<string>();
    for (const columns of [40, 60, 80, 120, 160, 300]) {
      const lines = encodeCaches(rows, { ...NOW, columns, sort, isTraced: true }).split('\n');
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
      const head = lines[lines.indexOf('') + 1];
      const [title] = TITLES[sort] ?? ['CACHE'];
      expect(head).toContain(title);
      titles.add(head);
    }
    expect(titles.size).toBeGreaterThan(3);
  });

  it('say what is held beside the figures, and which stand elsewhere', () => {
    const texts = { first: null, last: parseSlabRows(SLABINFO) ?? [], pageSize: 4096 };
    const [, dentry, , cg] = cacheTableWithoutTrace(texts, defaultSelection(1));
    const held: CacheTableRow = { ...dentry, bytes: 1920, objects: 10, stacks: 2 };
    const merged: CacheTableRow = { ...held, cache: 'x (merged with dentry)', slab: null, balanceIn: 'dentry' };
    const rows = [held, merged, { ...cg, heldIn: 'kmalloc-1024' }];
    const lines = encodeCaches(rows, { ...NOW, columns: 200, sort: 'bytes', isTraced: true }).split('\n');
    expect(lines.slice(3, 7)).toEqual([
      '     HELD   OBJECTS    ACTIVE  AT START      GREW     TOTAL  USE     SIZE   SLABS PER SLAB CACHE SIZE     SLABINFO  CACHE',
      ' 1.88 KiB        10   614,402         -         -   616,665  99%    192 B  29,365       21    115 MiB            -  dentry',
      ' 1.88 KiB        10         -         -         -         -    -        -       -        -          -            -  x (merged with dentry) (figures in dentry)',
      '        -         -       128         -         -       160  80% 1.00 KiB      10       16    160 KiB            -  kmalloc-cg-1k (held in kmalloc-1024)',
    ]);
    const none = encodeCaches([{ ...held, slab: null }], { ...NOW, sort: 'bytes', isTraced: true });
    expect(none.split('\n')[1]).toBe('1.88 KiB held; slabinfo was not sampled, so there are no figures of it');
  });

  it('hold no line, escape or column that a name makes', () => {
    const names = HOSTILE_NAMES.map((name) => name.replaceAll(/\s/g, '') || 'x');
    const text = slabinfoText(Object.fromEntries(names.map((name) => [name, [1, 192, 21]])));
    const lines = textOf(text, { number: 1000, of: HOSTILE_NAMES.join(''), columns: 10_000 });
    expect(lines).toHaveLength(names.length + 5 - (names.length - (parseSlabRows(text) ?? []).length));
    for (const line of lines) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    expect((parseSlabRows(text) ?? []).length).toBeGreaterThan(5);
  });
});

const TITLES: Readonly<Partial<Record<string, string[]>>> = {
  bytes: ['HELD'],
  objects: ['OBJECTS'],
  paths: ['PATHS'],
  oldest: ['OLDEST'],
  active: ['ACTIVE'],
  grew: ['GREW'],
  total: ['TOTAL'],
  use: ['USE'],
  'object-size': ['SIZE'],
  slabs: ['SLABS'],
  'active-slabs': ['ACTIVE SLABS'],
  'per-slab': ['PER SLAB'],
  'pages-per-slab': ['PAGES'],
  'cache-size': ['CACHE SIZE'],
};
