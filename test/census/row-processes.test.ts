import { describe, expect, it } from 'vitest';
import { shortHolderText } from '../../src/census/holder-text.js';
import { judgeCensus } from '../../src/census/judge-census.js';
import { parseCensus } from '../../src/census/parse-census.js';
import type { Possession } from '../../src/census/possessions.js';
import type { CensusHolder } from '../../src/census/report.js';
import { holder, link, rawCensus } from '../helpers/raw-census.js';

const FULL = [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')];
const FULL_BELOW = [link('slab', 'kmalloc-cg-1k', ''), link('slab', 'filp', 'anon_pipe_buf_release')];
const UNKNOWN = [link('slab', 'kmalloc-96', 'uf_work', 'leaky')];

function row(holders: object[], possessions: Possession[] = []): CensusHolder {
  const census = parseCensus(rawCensus({ holders }));
  const report = census && judgeCensus({ source: '', timeMs: null, census, possessions });
  if (report?.holders?.[0] === undefined) throw new Error('no row');
  return report.holders[0];
}

const of = (pid: number, comm: string, objects: number, pages: number) => ({ pid, comm, objects, pages });
const empties: Possession[] = [{ kind: 'pipes', pid: 9, comm: 'empties', count: 3001, bytes: null }];

describe('processes of a row', () => {
  it('are those that the collector found, not those with most open', () => {
    const full = {
      ...holder('unaccounted', 14_420, FULL, 901),
      processes: [of(7, 'full', 901, 14_416)],
      unownedPages: 4,
    };
    expect(row([full], empties).processes).toEqual([
      { pid: 7, comm: 'full', count: 901, what: 'pipes', pages: 14_416 },
    ]);
  });

  it('are nobody where the collector found that it is nobody', () => {
    const inFlight = { ...holder('unaccounted', 16, FULL, 1), processes: [], unownedPages: 16 };
    expect(row([inFlight], empties).processes).toEqual([]);
  });

  it('are those that have such things open where the collector could not find out, without pages', () => {
    expect(row([holder('unaccounted', 16, FULL, 1)], empties).processes).toEqual([
      { pid: 9, comm: 'empties', count: 3001, what: 'pipes', pages: null },
    ]);
    expect(row([holder('unaccounted', 16, UNKNOWN, 1)], empties).processes).toEqual([]);
  });

  it('of several chains of one meaning are summed by pages; a pipe in two chains is one pipe', () => {
    const rows = [
      { ...holder('unaccounted', 300, FULL, 20), processes: [of(7, 'one', 10, 160), of(8, 'other', 9, 140)] },
      { ...holder('unaccounted', 50, FULL_BELOW, 3), processes: [of(8, 'other', 3, 48)] },
    ];
    expect(row(rows).processes.map(({ pid, count, pages }) => [pid, count, pages])).toEqual([
      [8, 9, 188],
      [7, 10, 160],
    ]);
  });

  it('have open files where no rule knows what it is', () => {
    const rows = [
      { ...holder('unaccounted', 300, UNKNOWN, 2), processes: [of(7, 'one', 1, 200), of(8, 'two', 2, 100)] },
    ];
    expect(row(rows).processes.map(({ count, what }) => `${count} ${what}`)).toEqual(['1 open file', '2 open files']);
  });

  it('and the pages of no open file are all pages, with those of more processes', () => {
    const few = { ...holder('unaccounted', 100, FULL, 9), processes: [of(7, 'full', 4, 64)], unownedPages: 36 };
    const more = { ...holder('unaccounted', 50, FULL_BELOW, 3), processes: [of(8, 'other', 3, 48)], unownedPages: 2 };
    const { pages, processes, unownedPages } = row([few, more]);
    expect(unownedPages).toBe(38);
    expect(processes.reduce((sum, each) => sum + (each.pages ?? 0), 38)).toBe(pages);
    expect(shortHolderText(row([few, more]))).toBe(
      'full pipes: 4 pipes of full (pid 7), 3 pipes of other (pid 8), 38 pages of no open file',
    );
    const nobody = { ...holder('unaccounted', 16, FULL, 1), processes: [], unownedPages: 16 };
    expect(shortHolderText(row([nobody]))).toBe('full pipes: 16 pages of no open file');
    // Whose those are that only follow a held page is not known.
    const behind = { ...nobody, pages: 20, behindPages: 4, unownedPages: 20 };
    expect(shortHolderText(row([behind]))).toBe('full pipes: 16 pages of no open file');
    // What no process can have open has no such pages to name.
    const kernel = { ...holder('unaccounted', 16, UNKNOWN, 1), processes: [], unownedPages: 16 };
    expect(shortHolderText(row([kernel]))).toBe('kmalloc-96{uf_work}');
    expect(row([holder('unaccounted', 16, FULL, 1)], empties).unownedPages).toBeNull();
  });

  it('are within bounds, whatever a file says', () => {
    const many = Array.from({ length: 1000 }, (_, pid) => of(pid, 'x', 1, 1));
    const rows = [{ ...holder('unaccounted', 300, FULL, 2), processes: [...many, 3, null, { pid: -1, pages: 'x' }] }];
    expect(row(rows).processes).toHaveLength(8);
    expect(row([{ ...holder('unaccounted', 3, FULL, 2), processes: 'x' }]).processes).toEqual([]);
  });
});
