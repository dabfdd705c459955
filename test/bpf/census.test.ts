import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('census.c', [
  'memory/fields.c',
  'memory/missing.c',
  'census/page-marks.c',
  'census/decide.c',
]);
const TYPES = new URL('census-types.h', import.meta.url).pathname;

/** The kernels whose types are tried, and the page_type of their page tables. */
const KERNELS = [
  [510, 'fffffbff'],
  [601, 'fffffdff'],
  [703, 'f2000000'],
] as const;
type Kernel = (typeof KERNELS)[number][0];

beforeAll(() => {
  program.build();
  for (const [kernel] of KERNELS) compile(`${kernel}`, [`-DKERNEL=${kernel}`], '');
});
afterAll(() => program.remove());

/** Makes the BTF `name` from census-types.h and some text. */
function compile(name: string, flags: readonly string[], text: string): string {
  const source = program.file(`${name}.c`);
  const out = program.file(`${name}.o`);
  const uses = 'struct page a; struct slab *b; struct folio *c; enum pageflags d;';
  const more = flags.includes('-DKERNEL=703')
    ? 'enum pagetype e; struct slab f; struct folio g;'
    : 'enum compound_dtor_id e;';
  const slab = flags.includes('-DKERNEL=601') ? 'struct slab f;' : '';
  writeFileSync(source, `#include "${TYPES}"\n${text}\n${uses}\n${more}\n${slab}\n`);
  execFileSync('clang', ['-target', 'bpf', '-g', '-O2', ...flags, '-c', source, '-o', out]);
  return out;
}

/** What the pages are, one after the other: "class" or "class x NR". */
function decide(kernel: Kernel, ...pages: string[]): string[] {
  const table = KERNELS.find(([which]) => which === kernel)?.[1] ?? '';
  const lines = program.lines([program.file(`${kernel}.o`), table], pages.map((page) => `${page}\n`).join(''));
  return lines.map((line) => {
    const [, name, nr] = line.split(' ');
    return nr === '1' ? name : `${name} x ${nr}`;
  });
}

const USED = 'PAGE_REFCOUNT=1';
const LIST = 'PAGE_LRU=0xffff888000000000';

describe.each(KERNELS.map(([kernel]) => kernel))('what a page is by its struct page, types of %i', (kernel) => {
  const one = (page: string): string => decide(kernel, page)[0];

  it.each([
    ['anon', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000001 PAGE_MAPCOUNT=0`],
    // Not mapped, and not in swap: something else holds it.
    ['anon-held', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000001`],
    ['anon', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked|PG_swapcache PAGE_MAPPING=0xffff888000000001`],
    // KSM.
    ['anon', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000003 PAGE_MAPCOUNT=0`],
    ['shmem', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000000`],
    ['file', `${USED} PAGE_FLAGS=PG_lru PAGE_MAPPING=0xffff888000000000`],
    ['lru-no-mapping', `${USED} PAGE_FLAGS=PG_lru ${LIST}`],
    ['movable', `${USED} PAGE_MAPPING=0xffff888000000002`],
    ['page-pool', `${USED} PAGE_PP_MAGIC=0xdead000000000040`],
    // Since 6.15 with an index.
    ['page-pool', `${USED} PAGE_PP_MAGIC=0xdead000000012340`],
    // LIST_POISON1: a page that was taken off a list.
    ['unaccounted', `${USED} PAGE_LRU=0xdead000000000100`],
    ['unaccounted', USED],
    ['reserved', `${USED} PAGE_FLAGS=PG_reserved`],
    ['tail-unknown', LIST],
    ['tail-unknown', ''],
    // Before all else.
    ['hwpoison', `${USED} PAGE_FLAGS=PG_hwpoison|PG_lru PAGE_MAPPING=0xffff888000000001`],
  ])('%s: %s', (expected, page) => {
    expect(one(page)).toBe(expected);
  });

  it('marks: a table, a free block of its order, a guard', () => {
    const type = {
      510: [0xfffffbff, 0xffffff7f, 0xfffff7ff],
      601: [0xfffffdff, 0xffffff7f, 0xfffffbff],
      703: [0xf2 << 24, 0xf0 << 24, 0xf3 << 24],
    }[kernel];
    expect(one(`${USED} PAGE_TYPE=${type[0] >>> 0}`)).toBe('pagetable');
    expect(one(`PAGE_TYPE=${type[1] >>> 0} PAGE_PRIVATE=4`)).toBe('free x 16');
    expect(one(`PAGE_TYPE=${type[2] >>> 0}`)).toBe('guard');
    // pfn 16 has no block of 32 pages; nor is there one of 2^60.
    expect(one(`PAGE_TYPE=${type[1] >>> 0} PAGE_PRIVATE=5`)).toBe('free');
    expect(one(`PAGE_TYPE=${type[1] >>> 0} PAGE_PRIVATE=60`)).toBe('free');
  });

  it('a head speaks for its block, if the tail behind it agrees; a tail has the class of its head', () => {
    const head = `${USED} PAGE_FLAGS=PG_head`;
    const order = kernel === 703 ? 'PAGE_FLAGS=2' : 'PAGE_COMPOUND_ORDER=2';
    const tail = 'PAGE_COMPOUND=0xffffea0000000401';
    expect(decide(kernel, head, `${tail} ${order}`, tail, tail)).toEqual([
      'unaccounted x 4',
      ...Array<string>(3).fill('unaccounted'),
    ]);
    // The block's pages have been split: the order is of no use any more.
    expect(decide(kernel, head, order)[0]).toBe('unaccounted');
    // A tail whose head is none.
    expect(decide(kernel, USED, tail)).toEqual(['unaccounted', 'unaccounted']);
    expect(decide(kernel, tail)).toEqual(['tail-unknown']);
    // A head that lies behind, or outside of all zones.
    expect(decide(kernel, 'PAGE_COMPOUND=0xffffea0000000441', USED)[0]).toBe('tail-unknown');
    expect(decide(kernel, 'PAGE_COMPOUND=0xffffffffffffffff')[0]).toBe('tail-unknown');
  });
});

/** The page behind the first of a block. */
const second = (count: string): string => `PAGE_COMPOUND=0xffffea0000000401 ${count}`;

describe('what differs by kernel', () => {
  it('slab: a flag, or a type', () => {
    expect(decide(510, `${USED} PAGE_FLAGS=PG_slab`)).toEqual(['slab']);
    expect(decide(601, `${USED} PAGE_FLAGS=PG_slab`)).toEqual(['slab']);
    expect(decide(703, 'PAGE_TYPE=0xf5000000')).toEqual(['slab']);
    expect(decide(703, `${USED} PAGE_TYPE=0xf8000000`)).toEqual(['large-kmalloc']);
  });

  it('hugetlb: a destructor, or a type; also in the pool, where nobody refers to it', () => {
    const tail = 'PAGE_COMPOUND=0xffffea0000000401';
    expect(decide(510, 'PAGE_FLAGS=PG_head', `${tail} PAGE_COMPOUND_ORDER=2 PAGE_COMPOUND_DTOR=2`)[0]).toBe(
      'hugetlb x 4',
    );
    expect(decide(601, 'PAGE_FLAGS=PG_head', `${tail} PAGE_COMPOUND_ORDER=2 PAGE_COMPOUND_DTOR=1`)[0]).toBe(
      'tail-unknown x 4',
    );
    expect(decide(703, 'PAGE_FLAGS=PG_head PAGE_TYPE=0xf4000000', `${tail} PAGE_FLAGS=2`)[0]).toBe('hugetlb x 4');
  });

  it('a tail may have a mask instead of its head', () => {
    // Of 4 struct pages of 64 bytes: all bits but the lowest eight, and bit 0.
    const tail = 'PAGE_COMPOUND=0xffffffffffffff01';
    expect(decide(703, `${USED} PAGE_FLAGS=PG_head`, `${tail} PAGE_FLAGS=2`, tail, tail)).toEqual([
      'unaccounted x 4',
      ...Array<string>(3).fill('unaccounted'),
    ]);
  });

  it('a large anonymous block that no process maps', () => {
    const anon = `${USED} PAGE_FLAGS=PG_head|PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000001`;
    expect(decide(510, anon, second('PAGE_COMPOUND_ORDER=1 PAGE_COMPOUND_MAPCOUNT=0xffffffff'))[0]).toBe(
      'anon-held x 2',
    );
    expect(decide(510, anon, second('PAGE_COMPOUND_ORDER=1 PAGE_COMPOUND_MAPCOUNT=0'))[0]).toBe('anon x 2');
    expect(
      decide(510, anon, second('PAGE_COMPOUND_ORDER=1 PAGE_COMPOUND_MAPCOUNT=0xffffffff PAGE_MAPCOUNT=0'))[0],
    ).toBe('anon x 2');
  });

  it("a page table's mark that is not known, or flags that are not there, stop the walk by name", () => {
    expect(program.lines([program.file('601.o'), 'ffffefff'])).toEqual([
      'missing pages: the mark 0xffffefff of a page table is not known',
    ]);
    const lacking = compile('lacking', ['-DKERNEL=703', '-DPG_head=PG_other_head'], '');
    expect(program.lines([lacking, 'f2000000'])).toEqual([
      "missing pages: enum pageflags of this kernel's BTF lacks PG_head, PG_reserved, PG_lru or PG_swapbacked",
    ]);
  });
});
