import { expect, it } from 'vitest';
import { DUMP_FORMATS } from '../../../src/decode/dump/dump-format.js';
import { isImported, unknownHost } from '../../../src/event/host-facts.js';
import { diffReports } from '../../../src/rank/diff/diff.js';
import { readDump } from '../../helpers/dump-text.js';

const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
dentry            100000 120000    192   21    1 : tunables    0    0    0 : slabdata   5715   5715      0
kmalloc-64       4000000 4000000     64   64    1 : tunables    0    0    0 : slabdata  62500  62500      0
empty                  0      0    312   13    1 : tunables    0    0    0 : slabdata      0      0      0
`;
const VMALLOCINFO = `0x0000000000000001-0x0000000000000002 1052672 nv_alloc+0x12/0x90 [nvidia] pages=256 vmalloc N0=256
0x0000000000000003-0x0000000000000004 1052672 nv_alloc+0x12/0x90 [nvidia] pages=256 vmalloc N0=256
0x0000000000000005-0x0000000000000006    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0xa0000 ioremap
`;

it('makes a row of each slab cache, by its objects in use', () => {
  const { rows, host, summary, report } = readDump(SLABINFO);
  expect(rows).toEqual(['slab 19200000 bytes in 100000 < dentry', 'slab 256000000 bytes in 4000000 < kmalloc-64']);
  expect(host).toMatchObject({ collector: 'slabinfo', allocators: ['slab'], coverage: [] });
  expect(summary.notes).toContain('a row is a slab cache: slabinfo has no callers, no processes and no times');
  const { stacks, before, conclusions } = report();
  expect(stacks.map(({ baseline, verdict, category }) => [baseline, verdict, category])).toEqual([
    [true, null, 'slab'],
    [true, null, 'slab'],
  ]);
  expect(before).toEqual({ source: 'slabinfo', bytes: 275_200_000, stacks: 2 });
  expect(conclusions[0]).toMatchObject({ next: 'unfreed live --cache kmalloc-64' });
});

it('makes a row of each function that called vmalloc(), by the pages that its areas own', () => {
  const { rows, host, report } = readDump(VMALLOCINFO);
  expect(rows).toEqual(['vmalloc 512 pages < nv_alloc [nvidia]']);
  expect(host).toMatchObject({ collector: 'vmallocinfo', allocators: ['vmalloc'] });
  const { stacks, conclusions } = report();
  expect(stacks.map(({ bytes, category }) => [bytes, category])).toEqual([[512 * 4096, 'vmalloc']]);
  expect(conclusions[0]).toMatchObject({ next: 'unfreed live --allocator vmalloc' });
});

it('shows what grew by cache and by caller between two of them', () => {
  const later = SLABINFO.replace('4000000 4000000', '5000000 5000000');
  const [before, after] = [SLABINFO, later].map((text) => ({
    name: '',
    report: readDump(text).report(),
    processes: null,
  }));
  const { stacks } = diffReports(before, after, { sameTrace: false, sort: 'bytes', limit: 10 });
  expect(stacks.map(({ change, differenceBytes }) => [change, differenceBytes])).toEqual([['grown', 64e6]]);
});

it('reads parts of them, and the last of several', () => {
  expect(readDump(SLABINFO.split('\n').slice(2).join('\n')).rows).toHaveLength(2);
  expect(readDump(SLABINFO.slice(0, -30)).rows).toHaveLength(2);
  const twice = readDump(`${SLABINFO}${SLABINFO.replace('100000 120000', '100 120000')}`);
  expect(twice.rows[0]).toBe('slab 19200 bytes in 100 < dentry');
  expect(twice.summary.notes).toContain('several tables, of which the last was taken: 2');
});

it('offers no command with a name that a shell would not take for a word', () => {
  const { report } = readDump(SLABINFO.replaceAll('kmalloc-64', 'x;rm(1)'));
  expect(report().conclusions[0].next).toBeNull();
});

it.each(DUMP_FORMATS)('is a text of another tool, as every dump is: %s', (collector) => {
  expect(isImported({ ...unknownHost(), collector })).toBe(true);
});
