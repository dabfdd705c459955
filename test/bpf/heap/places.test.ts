/** Which functions of a file are probed: those of the C library, and of libraries that are written here. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { PROCESS_FILES } from '../process/programs.js';

const HEAP = ['places', 'names', 'instruction', 'probe-place'].map((name) => `heap/${name}.c`);
const program = new HostProgram('heap/places.c', [...HEAP, ...PROCESS_FILES]);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** The roles, by number (bpf/abi/heap-records.h). */
const ROLES = ['size', 'product', 'aligned', 'out', 'resize', 'resize many', 'release', 'loads'];

interface Place {
  name: string;
  role: string;
  moved: number;
  offset: number;
}

function placesOf(path: string, prefix = ''): Place[] {
  return program
    .lines([path, prefix])
    .filter((line) => !line.startsWith('end'))
    .map((line) => {
      const [name, role, moved, , offset] = line.split(' ');
      return { name, role: ROLES[Number(role)], moved: Number(moved), offset: parseInt(offset, 16) };
    });
}

/** Builds a library of functions in assembly; each has a size, as a compiler's have. */
function library(name: string, functions: Record<string, string>): string {
  const text = Object.entries(functions).map(
    ([symbol, code]) =>
      `.globl ${symbol}\n.type ${symbol},@function\n${symbol}:\n${code}\n.size ${symbol}, .-${symbol}\n`,
  );
  writeFileSync(program.file(`${name}.s`), text.join(''));
  const path = program.file(`${name}.so`);
  execFileSync('cc', ['-shared', '-nostdlib', '-Wl,-Bsymbolic', '-o', path, program.file(`${name}.s`)], {
    stdio: 'pipe',
  });
  return path;
}

const named = (places: Place[]): string[] => places.map(({ name, role }) => `${name}: ${role}`).toSorted();
const BODY = 'push %rbx\nnop\npop %rbx\nret';

describe.skipIf(process.arch !== 'x64')('places', () => {
  it('of the C library: all of its allocator, each once', () => {
    const places = placesOf('libc.so.6');
    const base = places.map(({ name, role }) => `${name.replace(/^(?:__libc_|__)/, '').replace(/@.*/, '')}: ${role}`);
    expect(base.map((each) => each.replace('cfree', 'free').replace('memalign: aligned', 'aligned'))).toEqual(
      expect.arrayContaining(['malloc: size', 'calloc: product', 'realloc: resize', 'free: release', 'aligned']),
    );
    expect(base).toContain('posix_memalign: out');
    expect(new Set(places.map(({ offset }) => offset)).size).toBe(places.length);
  });

  it('of an allocator: its operators too, unless they only jump to what is probed', () => {
    const path = library('whole', {
      malloc: BODY,
      free: `test %rdi,%rdi\nje 1f\nnop\n1: ret`,
      _Znwm: BODY,
      _ZnamRKSt9nothrow_t: BODY,
      _ZdlPv: 'jmp free',
      _ZdlPvm: `endbr64\njmp free`,
      _ZdaPv: BODY,
    });
    const places = placesOf(path);
    expect(named(places)).toEqual(['_ZdaPv: release', '_ZnamRKSt9nothrow_t: size', 'free: release', 'malloc: size']);
    expect(places.find(({ name }) => name === 'free')?.moved).toBe(3);
  });

  it('of what may throw: none, and those are told of that call no allocator', () => {
    const path = library('throwing', {
      malloc: BODY,
      free: BODY,
      _Znwm: 'push %rbx\ncall malloc\npop %rbx\nret',
      _Znam: 'jmp _Znwm',
      _ZnwmSt11align_val_t: BODY,
      tc_newarray: BODY,
      tc_new_nothrow: BODY,
    });
    expect(named(placesOf(path))).toEqual(['free: release', 'malloc: size', 'tc_new_nothrow: size']);
    expect(program.lines([path, '']).at(-1)).toBe('end 2');
  });

  it('of operators alone: none, for they call an allocator', () => {
    expect(placesOf(library('operators', { _Znwm: BODY, _ZdlPv: BODY, _ZdlPvm: BODY }))).toEqual([]);
  });

  it('of placement new and delete: none', () => {
    const path = library('placement', { malloc: BODY, free: BODY, _ZnwmPv: BODY, _ZdlPvS_: BODY });
    expect(named(placesOf(path))).toEqual(['free: release', 'malloc: size']);
  });

  it('of functions with a prefix: those that are known, and the one that was given', () => {
    const path = library('prefixes', {
      je_malloc: BODY,
      mi_free: BODY,
      tc_newarray_nothrow: BODY,
      my_calloc: BODY,
      my_new_nothrow: BODY,
    });
    expect(named(placesOf(path))).toEqual(['je_malloc: size', 'mi_free: release', 'tc_newarray_nothrow: size']);
    expect(named(placesOf(path, 'my_'))).toHaveLength(5);
  });

  it('of one function with two names: one', () => {
    const path = library('aliases', { memalign: `.globl aligned_alloc\n.set aligned_alloc, memalign\n${BODY}` });
    expect(placesOf(path)).toHaveLength(1);
  });
});

describe('names', () => {
  it.each([
    ['malloc', 0],
    ['free@@GLIBC_2.2.5', 6],
    ['__libc_calloc', 1],
    ['_ZnwmSt11align_val_tRKSt9nothrow_t', 0],
    ['_ZdaPvmSt11align_val_t', 6],
    ['_ZdlPvj', -1],
    ['je_sdallocx', 6],
    ['new', -1],
    ['tc_new', 0],
    ['__new', -1],
    ['xmalloc', -1],
    ['malloc_usable_size', -1],
    ['mi_', -1],
    ['', -1],
    ['reallocf', -1],
  ])('%s', (name, role) => {
    expect(Number(program.lines(['names', ''], `${name}\n`)[0].split(' ')[0])).toBe(role);
  });
});
