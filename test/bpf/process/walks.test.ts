/**
 * Each path that user-walk.c finds within a real program is compared with that of libgcc's unwinder in the same moment
 * (audit.c, preloaded).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCompiler, Programs } from './programs.js';

const programs = new Programs();
let audit = '';
/** What it compiles is for x86-64 alone. */
const canBuild = process.arch === 'x64';
beforeAll(() => {
  if (canBuild) audit = programs.buildAudit();
});
afterAll(() => programs.remove());

interface Counts {
  equal: number;
  longer: number;
  shorter: number;
  different: number;
  /** Paths that the copy of the stack did not hold whole. */
  ends: number;
  /** Paths with a step by frame pointer. */
  guessed: number;
  deep: number;
  /** The first paths that are shorter or different. */
  wrong: string[];
}

/** Compares one in `every` paths of a program. */
function compare(every: number, command: string, ...args: string[]): Counts {
  const out = programs.path('counts');
  rmSync(out, { force: true });
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: programs.directory,
    env: { ...process.env, LD_PRELOAD: audit, AUDIT_OUT: out, AUDIT_EVERY: String(every) },
  });
  if (status !== 0 || !existsSync(out)) throw new Error(`${command}: exit status ${status}: ${stderr}`);
  const [first, ...wrong] = readFileSync(out, 'utf8').trimEnd().split('\n');
  const count = (name: string): number => Number(new RegExp(`\\b${name} (\\d+)`).exec(first)?.[1]);
  return {
    equal: count('equal'),
    longer: count('longer'),
    shorter: count('shorter'),
    different: count('different'),
    ends: count('ends'),
    guessed: count('guessed'),
    deep: count('deep'),
    wrong,
  };
}

/** All paths are equal, and there are enough of them. */
function expectEqual(counts: Counts, least: number): void {
  expect(counts.wrong).toEqual([]);
  expect(counts).toMatchObject({ longer: 0, shorter: 0, different: 0 });
  expect(counts.equal).toBeGreaterThan(least);
}

describe.skipIf(!canBuild)('a path by our own steps is the one of libgcc', () => {
  it('in recursion, realigned and unknown frames, callbacks, signal handlers, threads, and the loader', () => {
    programs.build('moments', 'moments.c', '-pthread');
    const counts = compare(1, programs.path('moments'), 'calls');
    expectEqual(counts, 80);
    expect(counts).toMatchObject({ guessed: 0, deep: 0 });
    // The frame of 200,000 bytes is larger than the copy: its caller's words are read one by one.
    expect(counts.ends).toBeGreaterThan(0);
  });

  it('with other compiler flags: frame pointers, no optimisation, a static PLT', () => {
    for (const flags of [
      ['-fno-omit-frame-pointer'],
      ['-O0'],
      ['-O3', '-fno-plt'],
      ['-Os', '-no-pie', '-Wl,-z,lazy'],
      ['-Wl,-z,noseparate-code'],
      ['-Wl,-z,max-page-size=0x200000'],
    ]) {
      programs.build('moments', 'moments.c', '-pthread', ...flags);
      expectEqual(compare(1, programs.path('moments'), 'calls'), 80);
    }
  });

  it('where a signal came, at any instruction', () => {
    for (const flags of [['-Wl,-z,lazy'], ['-O1', '-fcf-protection=full', '-Wl,-z,lazy']]) {
      programs.build('moments', 'moments.c', '-pthread', ...flags);
      expectEqual(compare(1, programs.path('moments'), 'signals'), 2500);
    }
  });

  it('up to 127 frames of a deeper one', () => {
    programs.build('moments', 'moments.c', '-pthread');
    const counts = compare(1, programs.path('moments'), 'deep');
    expectEqual(counts, 40);
    expect(counts.deep).toBeGreaterThan(20);
  });

  it.skipIf(!hasCompiler('c++'))('in a C++ program that throws', () => {
    programs.build('exceptions', 'exceptions.cc');
    expectEqual(compare(1, programs.path('exceptions')), 5000);
  });

  it('in the C compiler', () => {
    const source = programs.path('program.i');
    const moments = new URL('moments.c', import.meta.url).pathname;
    writeFileSync(source, spawnSync('cc', ['-E', '-D_GNU_SOURCE', moments], { encoding: 'utf8' }).stdout);
    const { stdout } = spawnSync('cc', ['-print-prog-name=cc1'], { encoding: 'utf8' });
    const options = ['-fpreprocessed', '-O1', '-quiet', source, '-o', programs.path('out.s')];
    expectEqual(compare(20, stdout.trim(), ...options), 500);
  });

  it.skipIf(!existsSync('/usr/bin/python3'))('in python', () => {
    const script = 'import json, re\nfor i in range(50): json.loads(json.dumps({"a": [1, "x" * i] * 9}))';
    expectEqual(compare(2, '/usr/bin/python3', '-S', '-c', script), 500);
  });

  it('in node; where code has no unwind data libgcc may stop, and ours goes on by frame pointers', () => {
    const script = 'for (let i = 0; i < 500; i++) JSON.parse(JSON.stringify({ a: [Buffer.allocUnsafeSlow(9000)] }))';
    const counts = compare(20, process.execPath, '-e', script);
    expect(counts.wrong).toEqual([]);
    expect(counts).toMatchObject({ shorter: 0, different: 0 });
    expect(counts.equal).toBeGreaterThan(500);
    expect(counts.longer).toBeLessThanOrEqual(counts.guessed);
  });
});
