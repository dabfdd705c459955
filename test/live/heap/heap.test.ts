/**
 * The heaps of running programs, traced in each way that this kernel has: every block that they hold, to the byte, and each
 * call path as another walk of the same stack finds it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireRoot } from '../../helpers/live.js';
import { HeapTests, type Way } from './tracer.js';

const tests = new HeapTests();
beforeAll(() => {
  requireRoot();
  tests.build();
}, 120_000);
afterAll(() => tests.remove());

const LOADS = [
  'plain',
  'failed-realloc',
  'failed-memalign',
  'chains',
  'sizes',
  'threads',
  'jumps',
  'handlers',
  'recursion',
  'handing',
  'churning',
  'confined',
];
/** What a way of attaching may get wrong: returns that are not there, threads, and two calls at once. */
const LOADS_OF_OTHERS = ['failed-realloc', 'threads', 'jumps', 'handlers', 'handing'];
const WAYS: [Way, string[]][] = [
  ['session', LOADS],
  ['multi', LOADS_OF_OTHERS],
  ['perf', LOADS_OF_OTHERS],
];

describe.each(WAYS)('attached by %s', (way, loads) => {
  it.each(loads)('%s: what it holds is what it says', async (name) => {
    const traced = await tests.trace({ way, command: [tests.path('load'), name] });
    expect(traced.way).toBe(way);
    expect(traced.truth).toMatch(/^held \d+ \d+$/);
    expect(traced.held).toBe(traced.truth);
    const { counts } = traced;
    expect(['mismatches', 'pathless', 'without path', 'missed'].map((each) => counts.get(each))).toEqual([0, 0, 0, 0]);
    expect(counts.get('allocs')).toBeGreaterThan(0);
  });
});

describe('other programs', () => {
  beforeAll(() => tests.buildMore(), 60_000);

  it.each(['cxx', 'cxx-static'])(
    '%s: operators of C++ count once, and exceptions find their way through',
    async (name) => {
      const traced = await tests.trace({ command: [tests.path(name)] });
      expect(traced.truth).toMatch(/^held 400 \d+$/);
      expect(traced.held).toBe(traced.truth);
      expect(['mismatches', 'failed'].map((each) => traced.counts.get(each))).toEqual([0, 100]);
    },
  );

  it.each(['chains', 'handing', 'churning', 'failed-realloc'])(
    '%s, by an allocator that calls that of the C library: each call counts once',
    async (name) => {
      const environment = { LD_PRELOAD: tests.path('wrapper.so') };
      const command = [tests.path('load'), name];
      const { truth, held, counts } = await tests.trace({ environment, command });
      const alone = await tests.trace({ command });
      expect(held).toBe(truth);
      expect(counts.get('nested')).toBeGreaterThan(0);
      const both = ['allocs', 'frees', 'failed', 'orphans'];
      expect(both.map((each) => counts.get(each))).toEqual(both.map((each) => alone.counts.get(each)));
    },
  );

  it('libraries that take turns at one address: each path is of the one that was there', async () => {
    const environment = { UNFREED_PLUGINS: [tests.path('one.so'), tests.path('two.so'), 'one', 'two'].join(':') };
    const { lines, counts } = await tests.trace({
      mode: 'paths',
      audit: 1,
      environment,
      command: [tests.path('load'), 'plugins'],
    });
    const blocks = (name: string): number =>
      lines
        .filter((line) => line.includes(` malloc < deeper < deeper < deeper < deeper < ${name} < plugins < main < `))
        .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    expect([blocks('one'), blocks('two'), counts.get('mismatches')]).toEqual([120, 120, 0]);
  });

  it.each(['sizes', 'threads', 'jumps', 'handlers'])('%s, linked statically', async (name) => {
    const traced = await tests.trace({ command: [tests.path('load-static'), name] });
    expect(traced.held).toBe(traced.truth);
    expect(traced.counts.get('mismatches')).toBe(0);
  });
});

describe('call paths', () => {
  it('of a path that the programs walk by themselves: its functions, from the allocator to the start', async () => {
    const { lines, counts } = await tests.trace({ mode: 'paths', command: [tests.path('load'), 'churning'] });
    expect(lines.filter((line) => / malloc < churn < /.test(line)).length).toBeGreaterThan(0);
    expect(counts.get('fast')).toBeGreaterThan(70_000);
    expect(counts.get('audited')).toBeGreaterThan(20_000);
  });

  it('of a signal handler: through it, to what it interrupted', async () => {
    const { lines } = await tests.trace({ mode: 'paths', command: [tests.path('load'), 'handlers'] });
    const whole = lines.filter((line) => /^path .* malloc < on_signal < .* handlers < main < .*_start$/.test(line));
    expect(whole.length).toBeGreaterThan(0);
  });

  it('deeper than can be told: the 127 frames next to the allocator', async () => {
    const { lines } = await tests.trace({ mode: 'paths', command: [tests.path('load'), 'recursion'] });
    const depths = lines.filter((line) => line.startsWith('path')).map((line) => line.split(' < ').length);
    expect(Math.max(...depths)).toBe(127);
    expect(new Set(depths).size).toBeGreaterThan(100);
  });
});

/** Sums of one line "lost cause CAUSE kind KIND: COUNT". */
function lost(lines: readonly string[], cause: number, kind: number): number {
  const found = lines.map((line) => new RegExp(`^lost cause ${cause} kind ${kind}: (\\d+)$`).exec(line)?.[1] ?? '0');
  return found.reduce((sum, count) => sum + Number(count), 0);
}

describe('a ring that is too small', () => {
  it.each([4096, 65_536])('%i bytes: what was not sent is counted, by kind', async (ringBytes) => {
    const { lines, counts } = await tests.trace({ ringBytes, command: [tests.path('load'), 'churning'] });
    expect(lost(lines, 1, 6)).toBeGreaterThan(0);
    // The load allocates so often; what ends its threads frees, too.
    expect((counts.get('allocs') ?? 0) + lost(lines, 1, 6)).toBe(80_000);
    expect((counts.get('frees') ?? 0) + lost(lines, 1, 22)).toBeGreaterThanOrEqual(80_000);
  });
});

describe('before it is traced', () => {
  it('its calls are counted, and what they will cost', async () => {
    const line = await tests.countLoad('churning');
    const [, allocs, releases, functions] =
      /^counted (\d+) (\d+) a second, (\d+) functions, [\d.]+ of a CPU$/.exec(line) ?? [];
    expect(Number(functions)).toBeGreaterThan(5);
    expect(Number(allocs)).toBeGreaterThan(30_000);
    expect(Number(releases)).toBeGreaterThan(30_000);
  });

  it('of a process that is not there: a sentence', async () => {
    expect(await tests.count(2 ** 22 - 1)).toMatch(/^not counted: /);
  });
});
