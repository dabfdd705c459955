/** Names of things are read without a walk over all pages; what may be read stays the same: the kernel's own data alone. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('names-see.c', [
  'memory/fields.c',
  'memory/missing.c',
  'memory/read.c',
  'memory/bases.c',
  'memory/machine.c',
  'census/page-marks.c',
  'census/decide.c',
  'census/classes.c',
  'census/safe.c',
  'names/name-fields.c',
  'names/see.c',
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

/** Pages from 16 on; what happens. */
function run(pages: readonly string[], ...asked: (string | number)[]): string[] {
  return program.lines([program.file('types.o'), ...asked.map(String)], pages.map((page) => `${page}\n`).join(''));
}

const SLAB = 'PAGE_TYPE=0xf5000000';
const USED = 'PAGE_REFCOUNT=1';
const ANON = `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000001 PAGE_MAPCOUNT=0`;

describe('content', () => {
  it.each([
    ['a slab', SLAB],
    ['a large kmalloc', `PAGE_TYPE=0xf8000000 ${USED}`],
    ['the kernel’s image', `${USED} PAGE_FLAGS=PG_reserved`],
    ['what no mark explains, as vmalloc', USED],
  ])('of %s is read', (_, page) => {
    expect(run([page], 'see', 16, 64)).toEqual(['reads 10', 'got it']);
  });

  it.each([
    ['a process', ANON],
    ['a process, that nobody maps', ANON.replace(' PAGE_MAPCOUNT=0', '')],
    ['tmpfs', `${USED} PAGE_FLAGS=PG_lru|PG_swapbacked PAGE_MAPPING=0xffff888000000000`],
    ['a file', `${USED} PAGE_FLAGS=PG_lru PAGE_MAPPING=0xffff888000000000`],
    ['nobody: it is free', 'PAGE_TYPE=0xf0000000'],
    ['nothing: it is offline', `PAGE_TYPE=0xf1000000 ${USED}`],
    ['a slab that is poisoned', `${SLAB} PAGE_FLAGS=PG_hwpoison`],
    ['a page without a reference', 'PAGE_FLAGS=0'],
    ['a page pool', `${USED} PAGE_PP_MAGIC=0xdead000000000040`],
  ])('of %s is not', (_, page) => {
    expect(run([page], 'see', 16, 64)).toEqual(['no']);
  });

  it('is read by what the page is now, whatever it was', () => {
    expect(run([SLAB], 'see', 16, 64, 'now', 16, ANON, 'see', 16, 64)).toEqual(['reads 10', 'got it', 'no']);
    expect(run([ANON], 'see', 16, 64, 'now', 16, SLAB, 'see', 16, 64)).toEqual(['no', 'reads 10', 'got it']);
  });

  it('is not read if one of its pages may not be', () => {
    expect(run([SLAB, ANON], 'see', 16, 4097)).toEqual(['no']);
    expect(run([SLAB, SLAB], 'see', 16, 4097)).toEqual(['reads 10', 'got it']);
  });

  it('is not read outside of RAM, in a zone of a device, past the last page, or of a process', () => {
    expect(run([SLAB], 'ram', 0, 16, 'see', 16, 8)).toEqual(['no']);
    expect(run([SLAB], 'device', 16, 32, 'see', 16, 8)).toEqual(['no']);
    expect(run([SLAB], 'see', 5000, 8)).toEqual(['no']);
    expect(run([SLAB], 'at', '0x7fff00000000', 8)).toEqual(['no']);
    expect(run([SLAB], 'at', '0xfffffffffffffff0', 64)).toEqual(['no']);
    // Nothing is mapped there.
    expect(run([SLAB], 'at', '0xffffc90000000000', 8)).toEqual(['no']);
  });
});
