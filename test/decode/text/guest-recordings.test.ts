import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE, pairText, recordedText, SLAB } from '../../helpers/recorded-text.js';

interface Truth {
  functions: {
    fn: string;
    kind: 'page' | 'kmalloc' | 'slab';
    actual: number;
    allocs: number;
    live: number;
    live_bytes: number;
  }[];
}

function truthOf(name: string): Truth {
  return JSON.parse(
    readFileSync(new URL(`../../../recordings/perf-script/${name}/truth.json`, import.meta.url), 'utf8'),
  ) as Truth;
}

describe('recordings of kernel modules with planted leaks', () => {
  it.each(['5.10-leak_pages', '6.12-leak_pages', '6.1-page_split', '6.1-leak_kmalloc', '6.12-one_time'])(
    'gives every function of %s exactly what its module counted',
    (name) => {
      const paired = pairText('perf-script', recordedText(`perf-script/${name}/perf-script.txt.gz`));
      for (const { fn, kind, actual, allocs, live, live_bytes } of truthOf(name).functions) {
        const isPage = kind === 'page';
        const count = isPage ? live_bytes / 4096 : live;
        expect({ fn, ...paired.through(isPage ? PAGE : SLAB, fn) }).toEqual({
          fn,
          allocs,
          count,
          bytes: live * actual,
        });
        expect(live * actual).toBe(live_bytes);
      }
      expect(paired.stats).toMatchObject({
        badLines: 0,
        longLines: 0,
        lostEvents: 0,
        hashedPointers: false,
        sawStack: true,
      });
      expect(paired.core.stackMisses).toBe(0);
      expect(paired.core.badEvents).toBe(0);
    },
  );

  it('sees the allocs of bulk_rcu, but only those of its frees that have events: without hooks the rest is false', () => {
    const { through, stats } = pairText('perf-script', recordedText('perf-script/7.2-bulk_rcu/perf-script.txt.gz'));
    const outcome = truthOf('7.2-bulk_rcu').functions.map(({ fn, allocs }) => [
      fn,
      allocs,
      through(SLAB, fn).allocs,
      through(SLAB, fn).count,
    ]);
    // Function, true allocs, allocs seen, objects that seem outstanding. The true number of the
    // last column is always 0.
    expect(outcome).toEqual([
      // kfree_rcu: no event at all, and few addresses are allocated again so soon.
      ['br_rcu_alloc', 78, 78, 74],
      // kmem_cache_alloc_bulk and free_bulk: no event in either direction.
      ['br_bulk_alloc', 1248, 0, 0],
      ['br_cross_alloc', 78, 78, 0],
      // kfree_bulk: the addresses are soon allocated again, which shows that they were free.
      ['br_kbulk_alloc', 616, 616, 39],
      // A krealloc that moves is one more alloc and one more free.
      ['br_realloc', 77, 154, 0],
      ['br_rcu_slab_alloc', 77, 77, 51],
      ['br_call_rcu_alloc', 77, 77, 0],
    ]);
    expect(stats.badLines).toBe(0);
  });
});
