/**
 * The walk over all struct pages, without a kernel: poisoned pages inside blocks, lists of free pages, and blocks that are
 * copied side by side, of which a part is left out.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('pages.c', [
  'memory/fields.c',
  'memory/missing.c',
  'memory/read.c',
  'census/page-marks.c',
  'census/decide.c',
  'census/classes.c',
  'census/blocks.c',
  'census/pages.c',
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

function walk(pages: readonly string[], callBytes = 256 << 10, corrupted = 0, blocks = 0): string[] {
  const input = pages.map((page) => `${page}\n`).join('');
  return program.lines([program.file('types.o'), String(callBytes), String(corrupted), String(blocks)], input);
}

const page = (pfn: number): bigint => 0xffffea0000000000n + BigInt(pfn) * 64n;
const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** A slab of 2^order pages at `pfn`; the pages of `poisoned` are. */
function slab(pfn: number, order: number, poisoned: readonly number[]): string[] {
  return Array.from({ length: 1 << order }, (_, i) => {
    const flags = i === 0 ? 'PG_head' : i === 1 ? String(order) : '0';
    const kind = i === 0 ? 'PAGE_TYPE=0xf5000000' : `PAGE_COMPOUND=${hex(page(pfn) + 1n)}`;
    return `PAGE_FLAGS=${flags}${poisoned.includes(i) ? '|PG_hwpoison' : ''} ${kind}`;
  });
}

/** A page on a list between two others, by the addresses of their lru. */
const listed = (next: bigint, before: bigint): string => `PAGE_LRU=${hex(next)} LRU_PREV=${hex(before)}`;
const lru = (pfn: number): bigint => page(pfn) + 8n;

describe('poisoned pages inside a block', () => {
  it.each([
    ['in one call', 256 << 10],
    ['in calls that end inside the block', 4096],
  ])('are told apart, %s', (_, callBytes) => {
    const pages = [...slab(512, 10, [3, 700, 1023]), ...slab(1536, 2, [])];
    expect(walk(pages, callBytes, 3 * 4096)).toEqual([
      'slab 512-514',
      'hwpoison 515-515',
      'slab 516-1211',
      'hwpoison 1212-1212',
      'slab 1213-1534',
      'hwpoison 1535-1535',
      'slab 1536-1539',
      'hwpoison: 3, steps 0',
    ]);
  });
});

describe('a page without a reference', () => {
  const elsewhere = 0xffff888000001000n;

  it('is on a list if its neighbour names it, and no word is followed that leads anywhere else', () => {
    const lines = walk([
      listed(lru(513), elsewhere),
      listed(lru(514), lru(512)),
      listed(elsewhere, lru(513)),
      // A list of its own; a neighbour that does not name it; words that are no list.
      listed(elsewhere, elsewhere),
      listed(lru(512), elsewhere),
      'PAGE_LRU=0xffffc90000001000',
    ]);
    expect(lines).toEqual(['percpu-free 512-514', 'tail-unknown 515-517', 'hwpoison: 0, steps 0']);
  });
});

/** The first of 2^order free pages, and the others, which have no reference. */
function free(order: number): string[] {
  return Array.from({ length: 1 << order }, (_, i) => (i === 0 ? `PAGE_TYPE=0xf0000000 PAGE_PRIVATE=${order}` : ''));
}

/** A folio of 2^order pages; a member of it lies in the second of them. */
function folio(pfn: number, order: number, mapping: number, mapped = false): string[] {
  return Array.from({ length: 1 << order }, (_, i) => {
    const tail = `PAGE_COMPOUND=${hex(page(pfn) + 1n)}`;
    if (i > 0) return i === 1 ? `PAGE_FLAGS=${order} ${tail}` : tail;
    const count = `FOLIO_LARGE_MAPCOUNT=${mapped ? 0 : 0xffffffff}`;
    return `PAGE_FLAGS=PG_head|PG_lru PAGE_REFCOUNT=1 PAGE_MAPPING=${0x100 + mapping} ${count}`;
  });
}
const alone = (nr: number, rest = 'PAGE_MAPPING=0x100'): string[] =>
  Array.from({ length: nr }, () => `PAGE_FLAGS=PG_lru PAGE_REFCOUNT=1 ${rest}`);
const hole = (nr: number): string[] => Array.from({ length: nr }, () => '?');

/** The classes, with and without copying side by side; the latter has no steps. Fails where they differ. */
function walkBoth(pages: readonly string[], corrupted = 0): { classes: string[]; steps: number } {
  const bySteps = walk(pages, 256 << 10, corrupted, 8);
  const classes = bySteps.slice(0, -1);
  expect(walk(pages, 256 << 10, corrupted, 0).slice(0, -1)).toEqual(classes);
  expect(walk(pages, 256 << 10, corrupted, 1)).toEqual(bySteps);
  return { classes, steps: Number(/steps (?<steps>\d+)$/.exec(bySteps.at(-1) ?? '')?.groups?.['steps']) };
}

describe('blocks that are copied side by side', () => {
  it('what lies behind a page that speaks for more than a step is left out, and only that', () => {
    // Steps of 16 pages: 1 of 2 of the order 5, 1 of 16 of the order 8, all 4 of four of order 4, the rest alone.
    const pages = [
      ...free(8),
      ...free(5),
      ...free(4),
      ...free(4),
      ...alone(192),
      ...free(8),
      ...free(7),
      ...alone(128),
    ];
    expect(walkBoth(pages)).toEqual({
      classes: ['free 512-831', 'file 832-1023', 'free 1024-1407', 'file 1408-1535'],
      steps: 1 + 1 + 2 + 12 + 1 + 1 + 8,
    });
  });

  it('huge pages and folios, of which two struct pages say all', () => {
    const pages = [...folio(512, 9, 0), ...folio(1024, 9, 1), ...folio(1536, 9, 1, true), ...folio(2048, 6, 0)];
    pages.push(...alone(1536 - 64, 'PAGE_MAPPING=0x101 PAGE_MAPCOUNT=0'));
    expect(walkBoth(pages)).toEqual({
      classes: ['file 512-1023', 'anon-held 1024-1535', 'anon 1536-2047', 'file 2048-2111', 'anon 2112-3583'],
      steps: 3 + 1 + (1536 - 64) / 16,
    });
  });

  it('a free block of two of these, and one that claims to be and is not at a multiple of its size', () => {
    const pages = [...alone(512), ...free(10), ...alone(16), ...free(5), ...alone(464)];
    expect(walkBoth(pages)).toEqual({
      // The one at 16 is 1 page: those behind it have no reference.
      classes: [
        'file 512-1023',
        'free 1024-2047',
        'file 2048-2063',
        'free 2064-2064',
        'tail-unknown 2065-2095',
        'file 2096-2559',
      ],
      steps: 32 + 32,
    });
  });

  it('a head whose next page is none of its tails: what was left out is looked at after all', () => {
    const torn = [...folio(512, 6, 0).slice(0, 1), 'PAGE_FLAGS=6 PAGE_REFCOUNT=1 PAGE_MAPPING=0x101', ...alone(62)];
    expect(walkBoth([...torn, ...alone(448)])).toEqual({
      classes: ['file 512-512', 'anon-held 513-513', 'file 514-1023'],
      steps: 1 + 28,
    });
  });

  it('a block of which a part cannot be read', () => {
    const pages = [...alone(512), ...alone(128), ...hole(64), ...alone(320), ...hole(512), ...alone(512)];
    expect(walkBoth(pages).classes).toEqual([
      'file 512-1151',
      'hole 1152-1215',
      'file 1216-1535',
      'hole 1536-2047',
      'file 2048-2559',
    ]);
  });

  it('poisoned pages: then nothing is left out', () => {
    const pages = [...slab(512, 9, [3, 500]), ...free(8), ...alone(256)];
    expect(walkBoth(pages, 4096)).toEqual({
      classes: [
        'slab 512-514',
        'hwpoison 515-515',
        'slab 516-1011',
        'hwpoison 1012-1012',
        'slab 1013-1023',
        'free 1024-1279',
        'file 1280-1535',
      ],
      steps: 64,
    });
  });
});

describe('neighbours that look alike', () => {
  // Each is another class, or charged to another, though all but one thing is the same.
  it.each([
    [
      'a page of a process that is mapped',
      'PAGE_MAPPING=0x101',
      'PAGE_MAPPING=0x101 PAGE_MAPCOUNT=0',
      'anon-held',
      'anon',
    ],
    ['shared memory', 'PAGE_MAPPING=0x100', 'PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0x100', 'file', 'shmem'],
    ['no mapping', 'PAGE_MAPPING=0x100', 'PAGE_MAPPING=0', 'file', 'lru-no-mapping'],
    ['no reference', 'PAGE_MAPPING=0x100', 'PAGE_REFCOUNT=0', 'file', 'tail-unknown'],
    ['reserved', 'PAGE_MAPPING=0x100', 'PAGE_FLAGS=PG_lru|PG_reserved', 'file', 'reserved'],
    ['in use, of a reserved page', 'PAGE_FLAGS=PG_reserved PAGE_MAPPING=0', 'PAGE_FLAGS=0', 'reserved', 'unaccounted'],
    ['a page table', 'PAGE_MAPPING=0x100', 'PAGE_TYPE=0xf2000000', 'file', 'pagetable'],
    ['poisoned', 'PAGE_MAPPING=0x100', 'PAGE_FLAGS=PG_lru|PG_hwpoison', 'file', 'hwpoison'],
    ['free', 'PAGE_MAPPING=0x100', 'PAGE_TYPE=0xf0000000', 'file', 'free'],
  ])('but one is not: %s', (_, usual, other, first, second) => {
    const pages = [...alone(40, usual), ...alone(1, `${usual} ${other}`), ...alone(471, usual)];
    expect(walkBoth(pages, second === 'hwpoison' ? 4096 : 0).classes).toEqual([
      `${first} 512-551`,
      `${second} 552-552`,
      `${first} 553-1023`,
    ]);
  });
});
