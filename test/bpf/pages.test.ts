/** The walk over all struct pages, without a kernel: poisoned pages inside blocks, and lists of free pages. */
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

function walk(pages: readonly string[], callBytes = 256 << 10, corrupted = 0): string[] {
  const input = pages.map((page) => `${page}\n`).join('');
  return program.lines([program.file('types.o'), String(callBytes), String(corrupted)], input);
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
      'hwpoison: 3',
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
    expect(lines).toEqual(['percpu-free 512-514', 'tail-unknown 515-517', 'hwpoison: 0']);
  });
});
