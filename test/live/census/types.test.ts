/**
 * What the objects of slab caches are: objects of one kind are made, and the row that names them has grown
 * by their number. And the objects in use are those of slabinfo, which asks the allocator itself.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chainText, type RawCensus, takeCensus } from '../../helpers/census.js';
import { buildLoads, Load, requireRoot } from '../../helpers/live.js';

const OBJECTS = 3000;
const WITHIN = 0.01;

let load: Load | null = null;
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
});

const look = (...caches: string[]): RawCensus =>
  takeCensus('--stages', 'types', ...caches.flatMap((name) => ['--cache', name]));

/** Objects with a chain like this. */
function objectsOf({ types }: RawCensus, chain: RegExp): number {
  const rows = types?.flatMap(({ rows: each }) => each) ?? [];
  return rows.reduce((sum, row) => sum + (chain.test(chainText(row.chain)) ? row.objects : 0), 0);
}

// Others work on the machine, too: hence the retries.
describe('what objects are', () => {
  it.each([
    ['timerfd', /^kmalloc-\S+\{timerfd_tmrproc\}$/],
    ['eventpoll', /^kmalloc-\S+ < filp\{ep_eventpoll_poll\}$/],
    ['eventfd', /^kmalloc-\S+ < filp\{eventfd_write\}$/],
  ])('%s', { retry: 3 }, async (kind, chain) => {
    const before = objectsOf(look(), chain);
    load = await Load.start('hold-objects', kind, String(OBJECTS));
    await load.hold();
    const grown = objectsOf(look(), chain) - before;
    expect(Math.abs(grown / OBJECTS - 1), `${grown} of ${OBJECTS}`).toBeLessThan(WITHIN);
  });

  it('rows of a cache are all its objects in use; --cache leaves out the others', { retry: 3 }, () => {
    const all = look();
    expect(all.types?.length).toBeGreaterThan(50);
    for (const { live, total, rows } of all.types ?? []) {
      expect(rows.reduce((sum, { objects }) => sum + objects, 0)).toBe(live);
      expect(live).toBeLessThanOrEqual(total);
    }
    expect(new Set(look('kmalloc-64', 'filp').types?.map(({ cache }) => cache))).toEqual(
      new Set(['kmalloc-64', 'filp']),
    );
    expect(look('no such cache').types).toEqual([]);
  });
});

/** By cache: objects, and those in use. */
function slabinfo(): Map<string, { active: number; objects: number }> {
  const lines = readFileSync('/proc/slabinfo', 'utf8').split('\n').slice(2);
  return new Map(
    lines
      .map((line) => line.split(/\s+/))
      .map(([name, active, objects]) => [name, { active: Number(active), objects: Number(objects) }]),
  );
}

it('objects, and those in use, are those of slabinfo', { retry: 5 }, () => {
  // Names and inodes of files, in case the machine has given them back.
  spawnSync('find', ['/usr', '-size', '+1'], { stdio: 'ignore' });
  const before = slabinfo();
  const { caches } = look();
  const after = slabinfo();
  const large = caches?.filter(({ objects }) => objects > 20_000) ?? [];
  expect(large.length).toBeGreaterThan(4);
  /** How far a count is from what slabinfo had before and after. */
  const off = (cache: string, count: number, field: 'active' | 'objects'): number => {
    const seen = [before, after].map((rows) => rows.get(cache)?.[field] ?? 0);
    const nearest = Math.min(Math.max(count, Math.min(...seen)), Math.max(...seen));
    return Math.abs(count / nearest - 1);
  };
  for (const { cache, live, objects } of large) {
    expect(off(cache, objects, 'objects'), cache).toBeLessThan(WITHIN);
    // slabinfo takes what is free in the slabs of CPUs for used.
    expect(off(cache, live, 'active'), cache).toBeLessThan(WITHIN);
  }
});
