/**
 * Two processes have the same kind of thing open, and only one of them, or each so much, holds pages by it. The
 * collector must say whose the pages are, not who has most files.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pagesOf, type RawCensus, type RawHolder, takeCensus } from '../../helpers/census.js';
import { buildLoads, Load, type LoadName, requireRoot } from '../../helpers/live.js';

/** What others on the machine may take or give back meanwhile. */
const WITHIN = 0.02;
const EXACT = 0.01;
/** What the buffers of a full pipe have. */
const FULL = 'anon_pipe_buf_release';

const loads: Load[] = [];
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  for (const load of loads.splice(0)) await load.end();
});

async function held(program: LoadName, ...args: string[]): Promise<Load> {
  const load = await Load.start(program, ...args);
  loads.push(load);
  await load.hold();
  return load;
}

const look = (): RawCensus => takeCensus('--stages', 'holders');

function sumOf({ holders }: RawCensus, pid: number): { pages: number; objects: number; comms: string[] } {
  const rows = (holders ?? []).flatMap(({ processes }) => processes ?? []).filter((row) => row.pid === pid);
  return {
    pages: rows.reduce((sum, { pages }) => sum + pages, 0),
    objects: Math.max(0, ...rows.map(({ objects }) => objects)),
    comms: [...new Set(rows.map(({ comm }) => comm))],
  };
}

/** Rows of full pipes. */
function full({ holders }: RawCensus): RawHolder[] {
  return (holders ?? []).filter(({ chain }) => chain[0]?.hint === FULL);
}

function unowned(census: RawCensus): number {
  return full(census).reduce((sum, row) => sum + (row.unownedPages ?? Number.NaN), 0);
}

describe('which process has the pages', () => {
  it('of 2,000 empty pipes and 300 full ones: the full ones', async () => {
    const empty = await held('hold-pipes', '2000', '--empty');
    const filled = await held('hold-pipes', '300');
    const census = look();
    const { pages, objects, comms } = sumOf(census, filled.pid);
    expect(Math.abs(pages - 300 * 16) / (300 * 16), `${pages} pages`).toBeLessThan(EXACT);
    expect(objects).toBe(300);
    expect(comms).toEqual(['hold-pipes']);
    expect(sumOf(census, empty.pid)).toEqual({ pages: 0, objects: 0, comms: [] });
    expect(census.missing).toEqual([]);
  });

  it('two with full pipes: each its own', async () => {
    const one = await held('hold-pipes', '100');
    const other = await held('hold-pipes', '250');
    const census = look();
    expect(sumOf(census, one.pid)).toMatchObject({ objects: 100 });
    expect(sumOf(census, other.pid)).toMatchObject({ objects: 250 });
    expect(Math.abs(sumOf(census, one.pid).pages - 1600)).toBeLessThanOrEqual(16);
    expect(Math.abs(sumOf(census, other.pid).pages - 4000)).toBeLessThanOrEqual(40);
  });

  it.each([
    ['that a child has open, too', '--inherited'],
    ['with high descriptors', '--at', '18000'],
  ])('of pipes %s: the one that made them', async (_what, ...how) => {
    const load = await held('hold-pipes', '60', ...how);
    const { pages, objects } = sumOf(look(), load.pid);
    expect(objects).toBe(60);
    expect(Math.abs(pages - 60 * 16) / (60 * 16), `${pages} pages`).toBeLessThan(EXACT);
  });

  it('of pipes on their way in a message: nobody', async () => {
    const before = unowned(look());
    const load = await held('hold-pipes', '60', '--sent');
    const census = look();
    const { pages } = sumOf({ ...census, holders: full(census) }, load.pid);
    // An old word may lead from the socket to a pipe that is on its way.
    expect(pages / (60 * 16)).toBeLessThan(0.2);
    expect((unowned(census) - before) / (60 * 16)).toBeGreaterThan(0.8);
  });

  // Bytes in queues take more pages than they fill: those are counted by what their class grows by.
  it.each<[string, LoadName, string, number, number, ((amount: number) => number) | null]>([
    ['rings of packet sockets', 'plant', 'packet', 64, 32, (mib) => mib * 256],
    ['rings of io_uring', 'hold-objects', 'rings', 100, 50, (rings) => rings * 128],
    ['queues of TCP sockets', 'plant', 'tcp', 256, 256, null],
    ['queues of unix sockets', 'hold-objects', 'unix', 256, 256, null],
  ])('%s: each its own', { retry: 3 }, async (_what, program, kind, much, little, truth) => {
    const before = look();
    const large = await held(program, kind, `${much}`);
    const between = look();
    const small = await held(program, kind, `${little}`);
    const after = look();
    const grown = pagesOf(between, 'unaccounted') - pagesOf(before, 'unaccounted');
    const more = pagesOf(after, 'unaccounted') - pagesOf(between, 'unaccounted');
    const found = [sumOf(between, large.pid).pages, sumOf(after, large.pid).pages, sumOf(after, small.pid).pages];
    const right = [truth?.(much) ?? grown, truth?.(much) ?? grown, truth?.(little) ?? more];
    expect(Math.min(...right)).toBeGreaterThan(5000);
    const off = found.map((pages, i) => Math.abs(pages - right[i]) / right[i]);
    expect(Math.max(...off), `${found.join(', ')} of ${right.join(', ')}`).toBeLessThan(WITHIN);
  });

  it('pages and processes of each row fit together', () => {
    for (const { pages, processes, unownedPages } of look().holders ?? []) {
      const named = (processes ?? []).reduce((sum, row) => sum + row.pages, 0);
      expect(processes?.length).toBeLessThanOrEqual(16);
      expect(named + (unownedPages ?? Number.NaN)).toBeLessThanOrEqual(pages);
      if (processes !== undefined && processes.length < 16) expect(named + (unownedPages ?? 0)).toBe(pages);
    }
  });
});
