/** What is read of the kernel's memory, and what is looked at right before it: no page that is poisoned is ever read. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('safe.c', [
  'memory/fields.c',
  'memory/missing.c',
  'memory/read.c',
  'memory/bases.c',
  'memory/machine.c',
  'census/page-marks.c',
  'census/decide.c',
  'census/safe.c',
  'census/mapped.c',
  'references/contents.c',
  'references/objects.c',
  'base/log.c',
]);
const TYPES = new URL('census-types.h', import.meta.url).pathname;

beforeAll(() => {
  program.build();
  const source = program.file('types.c');
  const uses = 'struct page a; struct slab b; struct folio c; enum pageflags d; enum pagetype e;';
  writeFileSync(source, `#include "${TYPES}"\n${uses}\n`);
  execFileSync('clang', ['-target', 'bpf', '-g', '-O2', '-DKERNEL=703', '-c', source, '-o', program.file('types.o')]);
});
afterAll(() => program.remove());

/** Pages from 16 on, each "CLASS FIELD=..."; what happens. */
function run(pages: readonly string[], ...asked: (string | number)[]): string[] {
  return program.lines([program.file('types.o'), ...asked.map(String)], pages.map((page) => `${page}\n`).join(''));
}
/** The pages whose content is read. */
const reads = (lines: string[]): string[] =>
  lines.filter((line) => line.startsWith('reads')).map((line) => line.slice(6));

const HEAD = 'slab PAGE_FLAGS=PG_head PAGE_TYPE=0xf5000000 SLAB_CACHE=0xffff888000000040';
/** A tail of page 16. */
const TAIL = 'PAGE_COMPOUND=0xffffea0000000401';
/** The first tail says the order of its block. */
const slab = (...tails: string[]): string[] => [
  HEAD,
  ...tails.map((tail, i) => `slab ${TAIL} PAGE_FLAGS=${i === 0 ? '2' : '0'}${tail}`),
];
const POISON = '|PG_hwpoison';
const LARGE = 'large-kmalloc PAGE_FLAGS=PG_head PAGE_TYPE=0xf8000000 PAGE_REFCOUNT=1';
const large = (...tails: string[]): string[] => [LARGE, ...slab(...tails).slice(1)];
const AREA_PAGE = 'vmalloc PAGE_REFCOUNT=1';

describe('a poisoned page is not read', () => {
  it.each([
    ['the first of a block', ['', '', ''], 16],
    ['a tail', ['', POISON, ''], 18],
  ])('%s: not it, by whatever way', (_, tails, poisoned) => {
    const pages = slab(...tails);
    if (poisoned === 16) pages[0] = pages[0].replace('PG_head', 'PG_head|PG_hwpoison');
    expect(run(pages, 'read', poisoned, 8)).toContain('no');
    expect(reads(run(pages, 'add', poisoned, 8, 'run'))).toEqual([]);
    // A read of all of the block.
    expect(reads(run(pages, 'add', 16, 16384, 'run'))).toEqual([]);
    expect(run(pages, 'read', 16, 16384)).toContain('no');
    expect(reads(run(pages, 'slabs', '16,2'))).toEqual([]);
    const others = pages.map((page) => page.replace(/^slab/, 'large-kmalloc').replace('0xf5', '0xf8'));
    expect(reads(run(others, 'blocks', '16,2'))).toEqual([]);
  });

  it('without one the block is read, and its struct pages right before', () => {
    expect(run(slab('', '', ''), 'slabs', '16,2')).toEqual([
      'looks at 16-19',
      'looks at 16',
      'reads 16-19',
      'got object 0 of 16',
      'rests',
    ]);
    expect(run(large('', '', ''), 'blocks', '16,2')).toEqual(['looks at 16-19', 'reads 16-19', 'got 0 16384', 'rests']);
    expect(run(slab('', '', ''), 'add', 17, 8192, 'run')).toEqual([
      'looks at 17-18',
      'looks at 16',
      'reads 17-18',
      'got 11 8192',
      'rests',
    ]);
  });

  it('reserved memory is read around it', () => {
    const page = 'reserved PAGE_FLAGS=PG_reserved PAGE_REFCOUNT=1';
    const pages = [page, page, page.replace('PG_reserved', 'PG_reserved|PG_hwpoison'), page];
    expect(reads(run(pages, 'pages', 16, 20))).toEqual(['16-17', '19']);
  });

  it('an area is read around it: it stays mapped', () => {
    const pages = [AREA_PAGE, `${AREA_PAGE} PAGE_FLAGS=PG_hwpoison`, AREA_PAGE, AREA_PAGE];
    const lines = run(pages, 'map', '16,17,18,19', 'area', 0, 16384);
    expect(reads(lines)).toEqual(['16', '18-19']);
    expect(lines.filter((line) => line.startsWith('got'))).toEqual(['got 0 4096', 'got 2000 8192']);
  });
});

describe('an area of the kernel', () => {
  it('is read by the pages that its page tables name, from the byte on that was asked for', () => {
    const pages = Array<string>(4).fill(AREA_PAGE);
    const lines = run(pages, 'map', '18,0,16,17,19', 'area', 8, 3 * 4096);
    expect(reads(lines)).toEqual(['18', '16-17']);
    expect(lines.filter((line) => line.startsWith('got'))).toEqual(['got 0 4088', 'got 1ff8 4104']);
  });

  it('nothing is read of a page of another class, nor outside of RAM', () => {
    const pages = [
      AREA_PAGE,
      'anon PAGE_REFCOUNT=1',
      'offline PAGE_TYPE=0xf1000000',
      `${AREA_PAGE} PAGE_TYPE=0xf1000000`,
    ];
    expect(reads(run(pages, 'map', '16,17,18,19,0x10000', 'area', 0, 5 * 4096))).toEqual(['16']);
  });

  it('nothing is read through a page table that is poisoned', () => {
    const area = ['map', '16', 'area', 0, 4096];
    expect(reads(run([AREA_PAGE], ...area))).toEqual(['16']);
    for (const what of [
      ['poison', 3],
      ['poisoned', 2],
      ['poisoned', 1],
    ]) {
      expect(reads(run([AREA_PAGE], ...what, ...area))).toEqual([]);
    }
  });
});

describe('a tail', () => {
  it('is not read if its block is not the kernel’s any more', () => {
    const now = [
      // A block of a process, of a file, free, or none.
      'slab PAGE_FLAGS=PG_head|PG_lru|PG_swapbacked PAGE_REFCOUNT=1 PAGE_MAPPING=0xffff888000000001',
      'slab PAGE_FLAGS=PG_head|PG_lru PAGE_REFCOUNT=1 PAGE_MAPPING=0xffff888000000000',
      'slab PAGE_TYPE=0xf0000000 PAGE_PRIVATE=2',
      'slab PAGE_FLAGS=PG_head PAGE_TYPE=0xf4000000 PAGE_REFCOUNT=1',
    ];
    for (const head of now) {
      const pages = [head, ...slab('', '', '').slice(1)];
      expect(reads(run(pages, 'add', 17, 8, 'add', 18, 8, 'run'))).toEqual([]);
      expect(run(pages, 'read', 17, 8)).toContain('no');
    }
    expect(reads(run(slab('', '', ''), 'add', 17, 8, 'add', 18, 8, 'run'))).toEqual(['17', '18']);
    expect(run(slab('', '', ''), 'read', 17, 8)).toContain('got it');
  });

  it('is not read with pages of two blocks, or with a head that is none', () => {
    const pages = [...slab('', ''), 'slab PAGE_COMPOUND=0xffffea0000000501'];
    expect(reads(run(pages, 'add', 17, 12288, 'run'))).toEqual([]);
    expect(reads(run([HEAD, `slab PAGE_COMPOUND=0xffffea0000000441`], 'add', 17, 8, 'run'))).toEqual([]);
  });
});

/** The longest way from a look to the content that it was for: content that was read since, in pages. */
function pagesBetween(lines: string[]): number {
  let pages = 0;
  let most = 0;
  for (const line of lines) {
    const [first, last] = line
      .replace(/^\w+( at)? /, '')
      .split('-')
      .map(Number);
    if (line === 'rests') pages = 0;
    if (line.startsWith('reads')) pages += (last ?? first) - first + 1;
    most = Math.max(most, pages);
  }
  return most;
}
/** True if content is read that was not looked at since the last pause. */
function isSplit(lines: string[]): boolean {
  let seen = new Set<number>();
  for (const line of lines) {
    if (line === 'rests') seen = new Set();
    const [first, last] = line
      .replace(/^\w+( at)? /, '')
      .split('-')
      .map(Number);
    for (let pfn = first; pfn <= (last ?? first); pfn++) {
      if (line.startsWith('looks')) seen.add(pfn);
      if (line.startsWith('reads') && !seen.has(pfn)) return true;
    }
  }
  return false;
}

describe('pauses', () => {
  const SLABS = 1000;
  const slabs = Array.from({ length: SLABS }, (_, i) => {
    const head = (0xffffea0000000000n + BigInt(16 + 4 * i) * 64n + 1n).toString(16);
    return slab('', '', '').map((page) => page.replace('ffffea0000000401', head));
  }).flat();

  it('are never between a look and its read, and there are some in between, after 4 MiB at the latest', () => {
    const first = Array.from({ length: 60 }, (_, i) => 16 + 64 * i);
    const ways = [
      ['slabs', ...first.map((pfn) => `${pfn},2`)],
      ['blocks', ...first.map((pfn) => `${pfn},2`)],
      ['pages', 16, 16 + 4 * SLABS],
      [...first.flatMap((pfn) => ['add', pfn, 16384]), 'run'],
      [...Array.from({ length: SLABS }, (_, i) => ['add', 16 + 4 * i, 16384]).flat(), 'run'],
      ['read', 16, 16384],
    ];
    for (const way of ways) {
      const lines = run(way[0] === 'pages' ? slabs.map(() => 'reserved PAGE_FLAGS=PG_reserved') : slabs, ...way);
      expect(reads(lines).length).toBeGreaterThan(0);
      expect(isSplit(lines)).toBe(false);
      expect(pagesBetween(lines)).toBeLessThanOrEqual(1024);
      expect(lines).toContain('rests');
    }
  });

  it('this test finds one that is', () => {
    expect(isSplit(['looks at 16-19', 'reads 17'])).toBe(false);
    expect(isSplit(['looks at 16-19', 'rests', 'reads 17'])).toBe(true);
  });
});
