/** Damaged files, maps, perf maps and stacks: no read past an end, no endless loop, bounded memory. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../../helpers/host-program.js';
import { hasCompiler, PROCESS_FILES, Programs } from './programs.js';

const program = new HostProgram('process/hostile.c', PROCESS_FILES);
const programs = new Programs();
beforeAll(() => {
  program.build();
  programs.build('moments', 'moments.c', '-pthread');
  if (hasCompiler('c++')) programs.build('exceptions', 'exceptions.cc');
});
afterAll(() => {
  program.remove();
  programs.remove();
});

/** How many inputs were taken for good, and how many bytes their tables took at most. */
function feed(what: string, path: string, seed: number, times: number): [taken: number, bytes: number] {
  const [taken, bytes] = program
    .lines([what, path, String(seed), String(times)])[0]
    .split(' ')
    .map(Number);
  return [taken, bytes];
}

describe.skipIf(process.arch !== 'x64')('damaged', () => {
  it.each([1, 2, 3])('programs in C, seed %i', (seed) => {
    const path = programs.path('moments');
    const [taken, bytes] = feed('elf', path, seed, 3000);
    // Most of the damage leaves rows that can be read; the tables are no larger than what they are made from.
    expect(taken).toBeGreaterThan(500);
    expect(bytes).toBeLessThan(32 * statSync(path).size);
  });

  it.skipIf(!hasCompiler('c++')).each([4, 5])('programs in C++, seed %i', (seed) => {
    expect(feed('elf', programs.path('exceptions'), seed, 1000)[0]).toBeGreaterThan(200);
  });

  it.each([6, 7])('stacks, seed %i', (seed) => {
    expect(feed('walk', programs.path('moments'), seed, 20_000)[0]).toBeGreaterThan(300);
  });

  it.each([8, 9])('maps, seed %i', (seed) => {
    writeFileSync(programs.path('maps'), readFileSync('/proc/self/maps').subarray(0, 20_000));
    expect(feed('maps', programs.path('maps'), seed, 300)[0]).toBeGreaterThan(1000);
  });

  it.each([10, 11])('perf maps, seed %i', (seed) => {
    const lines = Array.from(
      { length: 200 },
      (_, i) => `${(i * 0x100).toString(16)} ${(80 + i).toString(16)} f ${i}\n`,
    );
    writeFileSync(programs.path('perf'), lines.join(''));
    expect(feed('perf', programs.path('perf'), seed, 100)[0]).toBeGreaterThan(1000);
  });
});
