import { describe, expect, it, test } from 'vitest';
import { readDump } from '../../helpers/dump-text.js';

/** As Linux 5.18 prints them. */
const RAW = `Page allocated via order 0, mask 0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), pid 812, tgid 810 (nginx), ts 5000000000 ns, free_ts 4000000000 ns
PFN 4096 type Movable Block 8 type Movable Flags 0x17ffffc0080034(uptodate|lru|active|swapbacked|node=0|zone=2)
 prep_new_page+0xa6/0x100
 get_page_from_freelist+0x4bf/0x1210
 do_anonymous_page+0x18f/0x6d0
Charged to memcg system.slice

Page allocated via order 3, mask 0xcc0(GFP_KERNEL), pid 9, tgid 9 (kworker/0:1), ts 1000000000 ns, free_ts 0 ns
PFN 65536 type Unmovable Block 128 type Unmovable Flags 0x17ffffc0000000(node=0|zone=2)
 post_alloc_hook+0x177/0x1a0
 nic_ring+0x10/0x80 [my_nic]
Page has been migrated, last migrate reason: compaction

`;

describe('the raw file', () => {
  it('gives each allocation its page number, age, process and use', () => {
    const { rows, host, summary, report } = readDump(RAW);
    expect(rows).toEqual([
      'page 1 pages at 4096, 0s old, pid 810 nginx, anon < prep_new_page < get_page_from_freelist < do_anonymous_page',
      'page 8 pages at 65536, 4s old, pid 9 kworker/0:1 < post_alloc_hook < nic_ring [my_nic]',
    ]);
    expect(host).toMatchObject({ collector: 'page_owner', pageSize: 4096, coverage: [], notes: [] });
    expect(summary).toMatchObject({ format: 'page_owner', firstBadLine: '', problems: [] });
    const { events, stacks, before } = report();
    expect(events).toEqual({ total: 0, allocs: 0, frees: 0 });
    expect(before).toEqual({ source: 'page_owner', bytes: 9 * 4096, stacks: 2 });
    expect(
      stacks.map(({ bytes, category, baseline, oldestAgeNs }) => [bytes, category, baseline, oldestAgeNs]),
    ).toEqual([
      [32768, 'unaccounted', true, 4e9],
      [4096, 'anon', true, 0],
    ]);
  });

  it.each([1, 7, 100])('reads it in pieces of %i bytes', (chunkBytes) => {
    expect(readDump(RAW, { chunkBytes }).rows).toEqual(readDump(RAW).rows);
  });

  test.each([
    [9, 4096],
    [11, 16384],
    [13, 65536],
  ])('finds the size of a page by blocks of 2^%i pages: %i bytes', (order, pageSize) => {
    const text = RAW.replace(
      'PFN 65536 type Unmovable Block 128',
      `PFN ${2 ** order * 100 + 8} type Unmovable Block 100`,
    );
    expect(readDump(text).host.pageSize).toBe(pageSize);
    expect(readDump(text, { pageSize: 8192 }).host.pageSize).toBe(8192);
  });

  it('reads page numbers in hex, records without times, and those of Linux 4.2', () => {
    const { rows, report } = readDump(
      'Page allocated via order 1, mask 0x10200da\nPFN 0x1f2 Block 0 type 2 Fallback Flags   LRU      \n' +
        ' [<ffffffff8116147e>] __alloc_pages_nodemask+0x1de/0xb00\n [<ffffffffa01228cd>] my_write+0xbd/0x580 [my_fs]\n\n',
    );
    expect(rows).toEqual(['page 2 pages at 498 < __alloc_pages_nodemask < my_write [my_fs]']);
    const [stack] = report().stacks;
    expect(stack).toMatchObject({
      oldestAgeNs: 0,
      medianAgeNs: 0,
      growth: null,
      verdict: null,
      growthBytesPerSecond: null,
    });
    expect(stack.frames.map(({ address }) => address)).toEqual(['0xffffffff8116147e', '0xffffffffa01228cd']);
  });

  it('reads records of the mode that prints handles: they have no call path', () => {
    const { rows, summary } = readDump(
      'Page allocated via order 0, mask 0xcc0(GFP_KERNEL), pid 1, tgid 1 (init), ts 7 ns\n' +
        'PFN 0x1000 type Unmovable Block 8 type Unmovable Flags 0x0(node=0)\nhandle: 17\n\n',
    );
    expect(rows).toEqual(['page 1 pages at 4096, 0s old, pid 1 init']);
    expect(summary.firstBadLine).toBe('');
  });

  it('takes names of processes for nothing else', () => {
    const name = (comm: string): string =>
      readDump(RAW.replace('(nginx)', `(${comm})`)).rows[0].replace(/.*pid 810 (.*), anon.*/s, '$1');
    expect(name('a), ts 1 ns')).toBe('a), ts 1 ns');
    expect(name('(sd-pam)')).toBe('(sd-pam)');
    expect(name('x\u0007')).toBe('x\u0007');
    // prctl() lets a name have a line end.
    expect(readDump(RAW.replace('(nginx)', '(a\nPFN 1 )')).rows[0]).toContain('at 4096, 0s old, pid 810 a, anon');
  });

  it('leaves out a record that is cut, and says so', () => {
    const { rows, summary } = readDump(RAW.slice(0, RAW.indexOf('nic_ring') + 4));
    expect(rows).toHaveLength(1);
    expect(summary.notes).toContain('records that are cut, left out: 1');
    expect(readDump(RAW.trimEnd().replace(/\nPage has .*/, '\n')).rows).toHaveLength(2);
  });

  it('leaves out figures that cannot be', () => {
    const { rows, summary } = readDump(
      RAW.replace('order 3', 'order 64').replace('PFN 4096 ', 'PFN 99999999999999999999 '),
    );
    expect(rows).toEqual([]);
    expect(summary.notes).toContain('records with figures that cannot be, left out: 2');
    expect(summary.problems).toHaveLength(1);
  });

  it('counts each page once where two records have it', () => {
    const { report } = readDump(RAW + RAW);
    expect(report().outstanding.page).toMatchObject({ bytes: 9 * 4096, count: 9, meaning: 'before' });
  });
});

describe('the output of page_owner_sort', () => {
  it('reads blocks of all its ages, with their pages', () => {
    const { rows, host } = readDump(
      `450000 times:
Page allocated via order 0, mask 0x202d0
  [<ffffffffa0427d72>] ttm_dma_populate+0x502/0x900 [ttm]

300 times:
Page allocated via order 3, mask 0x2a4050
  [<ffffffff811ad53b>] my_alloc+0x33b/0x5b0

2 times, 8 pages:
Page allocated via order 2, mask 0xcc0(GFP_KERNEL), pid 5, tgid 4 (sh), ts 12 ns, free_ts 0 ns
 my_two+0x1/0x2

16 times, 16 pages, PID 3, TGID 2, task_comm_name: a: b, allocated by SLAB :
 my_three+0x1/0x2

7 times, 7 pages, allocated by OTHERS :
Page allocated via order 0, mask 0xcc0(GFP_KERNEL), pid 1, tgid 1 (init), ts 12 ns
 my_four+0x1/0x2
`,
    );
    expect(rows).toEqual([
      'page 450000 pages < ttm_dma_populate [ttm]',
      'page 2400 pages < my_alloc',
      'page 8 pages, pid 4 sh < my_two',
      'page 16 pages, pid 2 a: b, slab < my_three',
      'page 7 pages, pid 1 init < my_four',
    ]);
    expect(host.collector).toBe('page_owner_sort');
  });

  it('is quick with a line made to try many ways', () => {
    const line = `9 times, 9 pages${', task_comm_name: x, allocated by '.repeat(1000)}`;
    expect(readDump(`${line}\n my_one+0x1/0x2\n\n`).rows).toEqual([expect.stringContaining('9 pages')]);
  });
});

describe('show_stacks', () => {
  const STACKS = ` post_alloc_hook+0x177/0x1a0
 allocate_slab+0xbc/0x3f0
 sk_prot_alloc+0x58/0x1a0
nr_base_pages: 16

 nr_alloc+0x1/0x2
 my_dma_ring+0x18c/0x1000 [my_nic 0123456789abcdef0123456789abcdef01234567]
handle: 42
nr_base_pages: 20824

 my_old+0x1/0x2
stack_count: 3

`;

  it('reads paths and the pages below them, with handles or without', () => {
    const { rows, report } = readDump(STACKS);
    expect(rows).toEqual([
      'page 16 pages < post_alloc_hook < allocate_slab < sk_prot_alloc',
      'page 20824 pages < nr_alloc < my_dma_ring [my_nic]',
      'page 3 pages < my_old',
    ]);
    expect(report().stacks.map(({ category }) => category)).toEqual(['unaccounted', 'slab', 'unaccounted']);
  });

  it('says that the size of a page is assumed, unless the user gives it', () => {
    expect(readDump(STACKS).host.coverage.map(({ cause }) => cause)).toEqual(['page-size']);
    const { host, report } = readDump(STACKS, { pageSize: 65536 });
    expect(host.coverage).toEqual([]);
    expect(report().outstanding.page.bytes).toBe(20843 * 65536);
  });

  it('has rows of a process, a module and a category too, and no count twice', () => {
    const { report } = readDump(STACKS);
    for (const group of ['finding', 'path', 'site', 'module', 'comm', 'cache', 'category'] as const) {
      const { stacks } = report({ group });
      expect(stacks.reduce((sum, { count }) => sum + count, 0)).toBe(20843);
      expect(stacks.every(({ baseline, meaning }) => baseline && meaning === 'before')).toBe(true);
    }
  });
});

it('takes off what a mail and a log have put before the lines', () => {
  const quoted = RAW.replaceAll(/^/gm, '> ');
  expect(readDump(quoted).rows).toEqual(readDump(RAW).rows);
});
