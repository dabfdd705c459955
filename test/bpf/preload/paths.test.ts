/**
 * Each call path that the library finds within a real program is compared with that of backtrace(3), which is libgcc's
 * unwinder, in the same moment.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { held, Programs, type Trace, unbuildable } from './traced.js';

const reason = unbuildable();
if (reason !== null) console.warn(`test/bpf/preload: skipped: ${reason}`);
const programs = new Programs();
beforeAll(() => {
  if (reason === null) programs.buildAll();
}, 120_000);
afterAll(() => programs.remove());

/** None differs, and at least `least` were compared; `longer` go on where backtrace() stops. */
function expectEqual(least: number, ...command: string[]): Trace {
  const { trace } = programs.trace(['--audit'], command);
  expect(trace.firstDifferent).toBe('');
  expect(trace).toMatchObject({ different: 0, lost: 0 });
  expect(trace.audited).toBeGreaterThanOrEqual(least);
  return trace;
}

const has = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

describe.skipIf(reason !== null)('each path is that of the second unwinder', () => {
  it.each([
    ['chains', 2000],
    ['threads', 10_000],
    ['coroutines', 400],
    ['deep', 200],
    ['forks', 100],
  ])('%s', (name, least) => {
    expect(expectEqual(least, programs.path('loads'), name, '2').longer).toBe(0);
  });

  it('C++ with exceptions', () => {
    expect(expectEqual(3000, programs.path('loads-cc')).longer).toBe(0);
  });

  it('libraries that are unloaded, and others that are loaded where they were', () => {
    expect(
      expectEqual(200, programs.path('loads'), 'plugins', programs.path('a.so'), programs.path('b.so')).longer,
    ).toBe(0);
  });

  it.skipIf(!has('gcc'))('a compiler', () => {
    writeFileSync(programs.path('one.c'), 'int one(int x) { return x > 3 ? one(x - 1) * x : 7; }\n');
    expect(expectEqual(5000, 'gcc', '-O2', '-c', 'one.c', '-o', 'one.o').longer).toBe(0);
  });

  it.skipIf(!has('python3'))('python3', () => {
    const text = 'import json\nfor i in range(20): json.loads(json.dumps({str(k): [k] * 9 for k in range(300)}))';
    expect(expectEqual(3000, 'python3', '-c', text).longer).toBe(0);
  });

  it('node, whose own code backtrace() does not pass', () => {
    const text = 'const a = []; for (let i = 0; i < 3000; i++) a.push(Buffer.alloc(i % 5000));';
    expectEqual(100_000, process.execPath, '-e', text);
  }, 60_000);
});

describe.skipIf(reason !== null)('a sample by bytes', () => {
  it.each([
    ['20000', '100'],
    ['3000', '70000'],
  ])('stands for what is held: %s blocks of %s bytes', (nr, bytes) => {
    const apart = 65536;
    const { trace } = programs.trace(['--sample', String(apart)], [programs.path('loads'), 'sampled', nr, bytes]);
    const blocks = held(trace, 'load_sampled')[0]?.blocks ?? 0;
    // A block is in the sample with this chance; each one that is stands for 1 / chance.
    const chance = 1 - Math.exp(-Number(bytes) / apart);
    const expected = Number(nr) * chance;
    expect(Math.abs(blocks - expected)).toBeLessThan(5 * Math.sqrt(expected * (1 - chance)));
    // The bytes are those that the sample stands for.
    const sum = held(trace, 'load_sampled')[0]?.bytes ?? 0;
    const deviation = Number(bytes) * Math.sqrt((Number(nr) * (1 - chance)) / chance);
    expect(Math.abs(sum - Number(nr) * Number(bytes))).toBeLessThan(5 * deviation);
    // Half of all blocks are freed: no free of one that is not in the sample is told.
    expect(trace.processes.map(({ orphans, repeated }) => orphans + repeated)).toEqual([0]);
    expect(trace.records).toBeLessThan(expected * 4);
  });

  it('frees by other threads and by realloc() find the sample too', () => {
    for (const load of [['exchange', '4'], ['chains'], ['forks', '5']]) {
      const { trace } = programs.trace(['--sample', '2000'], [programs.path('loads'), ...load]);
      expect(trace.processes.reduce((sum, { orphans, repeated }) => sum + orphans + repeated, 0)).toBe(0);
    }
  });
});

describe.skipIf(reason !== null)('programs that cannot be traced so', () => {
  it('a static one is refused with a sentence', () => {
    const path = programs.build('static', 'loads.c', '-static');
    expect(programs.trace([], [path, 'keep', '1']).trace.refused).toMatch(/linked statically/);
  });

  it('one of another machine is refused', () => {
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x01\x01\x01', 'latin1');
    writeFileSync(programs.path('other'), header, { mode: 0o755 });
    expect(programs.trace([], [programs.path('other')]).trace.refused).toMatch(/not a 64-bit x86 program/);
  });

  it.skipIf(process.getuid?.() !== 0)('one that takes the rights of another user is refused', () => {
    copyFileSync(programs.path('loads'), programs.path('setuid'));
    chownSync(programs.path('setuid'), 65534, 65534);
    chmodSync(programs.path('setuid'), 0o4755);
    expect(programs.trace([], [programs.path('setuid'), 'keep', '1']).trace.refused).toMatch(/set-user-ID/);
  });

  it('what runs with a clean environment is not traced, its caller is', () => {
    const { trace } = programs.trace([], ['sh', '-c', `exec env -i ${programs.path('loads')} keep 3`]);
    const names = trace.processes.map(({ exe }) => exe.split('/').at(-1));
    expect(names).toContain('env');
    expect(names).not.toContain('loads');
  });

  it('a program without the library is noticed at the end', () => {
    // A script that is no program of its own: its interpreter is static, which nobody has looked at.
    writeFileSync(programs.path('script'), `#!${programs.path('static')}\n`, { mode: 0o755 });
    const { trace } = programs.trace([], [programs.path('script')]);
    expect(trace.processes).toEqual([]);
    expect(trace.notes.join()).toMatch(/no process of the command has loaded unfreed-heap\.so/);
  });
});
