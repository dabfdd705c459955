/**
 * Programs whose heap is known exactly, run with the library preloaded. What they hold at their end is compared block by
 * block; no free may be of a block that is not held, and no block may be given twice.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { held, Programs, type Trace, truths, unbuildable } from './traced.js';

const reason = unbuildable();
if (reason !== null) console.warn(`test/bpf/preload: skipped: ${reason}`);
const programs = new Programs();
beforeAll(() => {
  if (reason === null) programs.buildAll();
}, 120_000);
afterAll(() => programs.remove());

/** Runs one load, and compares; returns the trace. */
function expectTruth(options: string[], ...command: string[]): Trace {
  const { trace, stderr } = programs.trace(options, command);
  const said = truths(stderr);
  expect(said.size).toBeGreaterThan(0);
  for (const [name, all] of said) {
    const wanted = all.filter(({ blocks }) => blocks > 0);
    expect({ name, held: held(trace, name) }).toEqual({ name, held: wanted });
  }
  expect(trace.processes.map(({ orphans, repeated }) => orphans + repeated)).toEqual(trace.processes.map(() => 0));
  expect({ lost: trace.lost, pathsLost: trace.pathsLost, notes: trace.notes }).toEqual({
    lost: 0,
    pathsLost: 0,
    notes: [],
  });
  return trace;
}

const load = (...args: string[]): string[] => [programs.path('loads'), ...args];

describe.skipIf(reason !== null)('what a program holds', () => {
  it.each(['chains', 'large', 'others', 'deep', 'coroutines'])('%s', (name) => {
    expectTruth([], ...load(name));
  });

  it('failing: what realloc() cannot grow is held as before, and posix_memalign() leaves what it was given', () => {
    const [{ failed, undone }] = expectTruth([], ...load('failing')).processes;
    // Of each round: one realloc() is undone; posix_memalign(), malloc() and two calloc() fail.
    expect(undone).toBe(100);
    expect(failed).toBe(400);
  });

  it('C++: new, containers, exceptions', () => {
    expectTruth([], programs.path('loads-cc'));
  });

  it('threads: 8 that keep 50 blocks of 300 bytes', () => {
    expectTruth([], ...load('threads', '8'));
  });

  it('500 threads one after the other, with small stacks', () => {
    expectTruth([], ...load('churn', '500'));
  });

  it('more threads at once than there are rings: what some of them do is lost, and counted', () => {
    const nr = 2200;
    const { trace } = programs.trace([], load('crowd', String(nr)));
    const blocks = held(trace, 'load_keep')[0]?.blocks ?? 0;
    expect(blocks).toBeGreaterThan(2000 * 20);
    expect(blocks).toBeLessThan(nr * 20);
    expect(trace.lost).toBeGreaterThanOrEqual(nr * 20 - blocks - (nr - 2000));
  });

  it('blocks that one thread allocates and another frees come in their true order', () => {
    const trace = expectTruth([], ...load('exchange', '4'));
    expect(trace.records).toBeGreaterThan(2_000_000);
  });

  it('libraries that are unloaded, and others that are loaded where they were', () => {
    expectTruth([], ...load('plugins', programs.path('a.so'), programs.path('b.so')));
  });
});

describe.skipIf(reason !== null)('an allocator that is preloaded, with an operator new of its own', () => {
  it.each(['chains', 'threads'])('%s', (name) => {
    const { processes } = expectTruth(['--with', programs.path('allocator.so')], ...load(name, '4'));
    expect(processes[0].allocs).toBeGreaterThan(1000);
  });

  it('C++: each block once, whether new calls one of its kin or not', () => {
    expectTruth(['--with', programs.path('allocator.so')], programs.path('loads-cc'));
  });

  it('C++ with another library preloaded, where new calls malloc()', () => {
    expectTruth(['--with', programs.path('a.so')], programs.path('loads-cc'));
  });
});

describe.skipIf(reason !== null)('a program with a malloc() of its own', () => {
  it('is noticed: no library can come before it', () => {
    const own = programs.build('own', 'loads.cc', new URL('allocator.cc', import.meta.url).pathname);
    const { trace } = programs.trace([], [own]);
    expect(trace.notes.join()).toMatch(/has a malloc\(\) of its own/);
    expect(trace.processes.map(({ allocs }) => allocs)).toEqual([0]);
  });
});

describe.skipIf(reason !== null)('processes', () => {
  it.each(['1', '20'])('a fork has what its parent held at that moment: %s children that free some of it', (nr) => {
    const trace = expectTruth([], ...load('forks', nr));
    expect(trace.processes.map(({ why }) => why)).toEqual([1, ...Array.from({ length: Number(nr) }, () => 2)]);
  });

  it('an exec begins anew, under the same pid', () => {
    const { processes } = programs.trace([], load('exec')).trace;
    expect(processes.map(({ why, parent }) => [why, parent])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    expect(processes[1].pid).toBe(processes[0].pid);
    expectTruth([], ...load('exec'));
  });

  it('a program that another one spawns', () => {
    expectTruth([], ...load('spawn'));
  });

  it('a shell with pipes: each process is known, and nothing is freed that it does not hold', () => {
    const { trace } = programs.trace([], ['sh', '-c', 'ls / | sort | wc -l; ls / >/dev/null']);
    const names = trace.processes.map(({ exe }) => exe.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['ls', 'sort', 'wc']));
    expect(trace.processes.reduce((sum, { orphans, repeated }) => sum + orphans + repeated, 0)).toBe(0);
  });

  it('one that is killed while it allocates has left all that it did before', () => {
    const trace = expectTruth(['--kill-after', '300'], ...load('killed'));
    expect(trace.status).toBe(9);
    expect(trace.records).toBeGreaterThan(100_000);
  });
});

describe.skipIf(reason !== null)('signal handlers that allocate', () => {
  it.each(['signals', 'altstack', 'longjmp'])('%s: wherever they interrupt', (name) => {
    expectTruth([], ...load(name));
  });
});

describe.skipIf(reason !== null)('a collector that is killed', () => {
  it('does not hold up what it has traced', async () => {
    // 20 million pairs fill the ring at once; traced, they take several seconds.
    const said = await programs.untraced(300, [programs.path('loads'), 'pairs', '20000000']);
    expect(said).toContain('load_pairs 0 0');
  }, 30_000);
});

describe.skipIf(reason !== null)('a process that means harm', () => {
  it('may ask anything', () => {
    const { trace } = programs.trace([], [programs.path('hostile'), 'asks']);
    expect(trace.status).toBe(0);
  });

  it('may write anything into the memory that it shares, and cannot cut it', () => {
    const { trace } = programs.trace([], [programs.path('hostile'), 'writes']);
    expect(trace.status).toBe(0);
    expect(trace.records).toBeGreaterThan(1000);
    expect(trace.lost).toBeGreaterThan(0);
  });
});
