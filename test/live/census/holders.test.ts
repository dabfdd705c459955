/**
 * Known memory is taken before anybody looks; then the collector says who holds the pages that no counter
 * knows. The row with the right holder must have grown by 98 % of them.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chainText, pagesOf, type RawCensus, takeCensus } from '../../helpers/census.js';
import { buildLoads, Load, type LoadName, requireRoot } from '../../helpers/live.js';

const RIGHT = 0.98;
const PAGE = 4096;

interface Plant {
  what: string;
  load: [LoadName, ...string[]];
  class: string;
  /** Of the right chain. */
  holder: RegExp;
  /** Pages that were taken; null: as many as the class has grown by. */
  pages: ((bytes: number) => number) | null;
}

const bytes = (taken: number): number => taken / PAGE;

const PLANTS: readonly Plant[] = [
  {
    what: 'pipes',
    load: ['hold-pipes', '4000'],
    class: 'unaccounted',
    holder: /^kmalloc-[^ ]*\{anon_pipe_buf_release\}$/,
    pages: () => 64_000,
  },
  {
    what: 'rings of packet sockets',
    load: ['plant', 'packet', '512'],
    class: 'unaccounted',
    holder: /^\S+ < \S+\{sock_def_readable\}$/,
    pages: bytes,
  },
  {
    what: 'pages in pipes that their process has unmapped',
    load: ['hold-unmapped', '64'],
    class: 'anon-held',
    holder: /\{page_cache_pipe_buf_release\}$/,
    pages: bytes,
  },
  {
    what: 'fixed buffers of an io_uring, unmapped',
    load: ['hold-unmapped', '64', '--by', 'io_uring'],
    class: 'anon-held',
    holder: /\{io_release_ubuf\}$/,
    pages: bytes,
  },
  {
    // 64 pages of submissions, and the two rings in a block of 64.
    what: 'rings of io_uring',
    load: ['hold-objects', 'rings', '40'],
    class: 'unaccounted',
    holder: /\{io_\w+\}$/,
    pages: () => 40 * 128,
  },
  {
    what: 'queues of TCP sockets',
    load: ['plant', 'tcp', '256'],
    class: 'unaccounted',
    holder: /^skbuff_small_head/,
    pages: null,
  },
  {
    what: 'queues of unix sockets',
    load: ['hold-objects', 'unix', '128'],
    class: 'unaccounted',
    holder: /< skbuff_head_cache\{unix_wfree\}$/,
    pages: null,
  },
];

let load: Load | null = null;
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
});

const look = (): RawCensus => takeCensus('--stages', 'holders');

/** Pages of a class that a chain like this holds. */
function heldBy({ holders }: RawCensus, name: string, holder: RegExp): number {
  const rows = holders?.filter(({ class: of, chain }) => of === name && holder.test(chainText(chain))) ?? [];
  return rows.reduce((sum, { pages }) => sum + pages, 0);
}

// Others work on the machine, too: hence the retries.
describe('who holds pages that no counter knows', () => {
  it.each(PLANTS)('$what', { retry: 3 }, async ({ load: [program, ...args], class: name, holder, pages }) => {
    const before = look();
    load = await Load.start(program, ...args);
    const { objects, truth } = await load.hold();
    const after = look();
    const grown = pagesOf(after, name) - pagesOf(before, name);
    const taken = pages?.(objects?.[0].bytes ?? truth?.[0].bytes ?? 0) ?? grown;
    const held = heldBy(after, name, holder) - heldBy(before, name, holder);
    expect(taken).toBeGreaterThan(5000);
    expect(held / taken, `${held} of ${taken}`).toBeGreaterThan(RIGHT);
    expect(held / taken, `${held} of ${taken}`).toBeLessThan(2 - RIGHT);
    expect(after.missing).toEqual([]);
  });

  it('all pages have a row, and of nobody are less than 1 %', { retry: 5 }, () => {
    const census = look();
    const rows = census.holders?.filter(({ class: name }) => name === 'unaccounted') ?? [];
    const sum = (those: typeof rows): number => those.reduce((all, { pages }) => all + pages, 0);
    expect(sum(rows)).toBe(pagesOf(census, 'unaccounted'));
    expect(sum(rows.filter(({ chain }) => chain.length === 0)) / sum(rows)).toBeLessThan(0.01);
    expect(rows.every(({ behindPages, pages }) => behindPages <= pages)).toBe(true);
  });

  it('the pages alone have none of it', () => {
    const census = takeCensus();
    expect(census.holders ?? census.types ?? census.caches).toBe(undefined);
  });
});
