import { expect, it } from 'vitest';
import { readDump } from '../../helpers/dump-text.js';

const FILE = `allocinfo - version: 1.0
#     <size>  <calls> <tag info>
           0        0 init/main.c:1323 func:do_initcalls
    45409728   236509 fs/dcache.c:1681 func:__d_alloc
  1105125376   139252 drivers/net/ice/ice_txrx.c:681 [ice] func:ice_alloc_mapped_page
   444076032    33790 mm/slub.c:2450 func:alloc_slab_page
       -4096        3 my/odd.c:1 func:my_odd
`;

it('takes whole pages for pages and the rest for objects, a line of code each', () => {
  const { rows, host, summary, report } = readDump(FILE);
  expect(rows).toEqual([
    'slab 45409728 bytes in 236509 < __d_alloc < fs/dcache.c:1681',
    'page 269806 pages < ice_alloc_mapped_page [ice] < drivers/net/ice/ice_txrx.c:681',
    'page 108417 pages < alloc_slab_page < mm/slub.c:2450',
  ]);
  expect(host).toMatchObject({ collector: 'allocinfo', allocators: ['page', 'slab'] });
  expect(summary.notes).toContain('lines with sizes that cannot be, left out: 1');
  const { stacks, outstanding, before, conclusions } = report();
  expect(stacks.map(({ category, bytes }) => [category, bytes])).toEqual([
    ['unaccounted', 1105125376],
    ['slab', 45409728],
    ['backing', 444076032],
  ]);
  // The pages of slabs hold objects that other lines count.
  expect(outstanding.distinct.bytes).toBe(1105125376 + 45409728);
  expect(before?.bytes).toBe(1105125376 + 45409728);
  expect(conclusions[0].text).toMatch(/^Module ice held 1\.03 GiB/);
  expect(conclusions[0].detail).toContain('unless vmalloc or a large kmalloc took it');
});

it('counts pages of slabs where the dump has no objects', () => {
  const { report } = readDump(FILE.replace(/.*__d_alloc\n/, ''));
  expect(report().stacks.map(({ category }) => category)).toEqual(['unaccounted', 'slab']);
});

it('reads version 2, sorted tails and rounded figures', () => {
  const marked = FILE.replace('1.0', '2.0').replace('func:__d_alloc', 'func:__d_alloc accurate:no');
  expect(readDump(marked).summary.notes).toContain('lines that count too little, as the text says: 1');
  const { rows, summary } = readDump(
    '  22M    5632 mm/memory.c:3190 func:folio_prealloc\n  1.5K     12 a/b.c:3 func:my_objects\n',
  );
  expect(rows).toEqual([
    'page 5632 pages < folio_prealloc < mm/memory.c:3190',
    'slab 1536 bytes in 12 < my_objects < a/b.c:3',
  ]);
  expect(summary.notes).toContain('rounded figures, as the text has them: 2 lines');
});

it('reads the list in a log of the OOM killer, from among other lines', () => {
  const { rows, summary } = readDump(
    `[   30.988535] Mem-Info:
[   30.988535] 18876 pages reserved
[   30.988535] Memory allocations (profiling is currently turned on):
[   30.988535]     38.4 MiB     5505 mm/slub.c:3075 func:alloc_slab_page
[   30.988535]     33.0 MiB     8448 drivers/block/xen-blkfront.c:322 [xen_blkfront] func:fill_grant_buffer
[   30.988999] Tasks state (memory values in pages):
`,
  );
  expect(rows).toEqual([
    'page 9830 pages < alloc_slab_page < mm/slub.c:3075',
    'page 8448 pages < fill_grant_buffer [xen_blkfront] < drivers/block/xen-blkfront.c:322',
  ]);
  expect(summary.problems).toEqual([]);
});

it('survives figures that no machine has', () => {
  const { rows, summary } = readDump(
    `${'9'.repeat(400)} 1 a.c:1 func:f\n4096 ${'9'.repeat(400)} a.c:2 func:g\n1.2.3 1 a.c:3 func:h\n4096 1 a.c:4 func:\u0007x\n`,
  );
  expect(rows).toEqual(['page 1 pages < \u0007x < a.c:4']);
  expect(summary.notes).toContain('lines with sizes that cannot be, left out: 3');
});
