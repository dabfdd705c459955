import { expect, it } from 'vitest';
import { judgeCensus } from '../../src/census/judge-census.js';
import { parseCensus } from '../../src/census/parse-census.js';
import type { CensusReport } from '../../src/census/report.js';
import { subtractCensus } from '../../src/census/subtract-census.js';
import { holder, link, RAW_CENSUS, rawCensus } from '../helpers/raw-census.js';

function reportOf(timeMs: number, parts: Record<string, unknown> = {}): CensusReport {
  const census = parseCensus(rawCensus(parts));
  if (census === null) throw new Error('no census');
  return judgeCensus({ source: 'this machine', timeMs, census, possessions: [] });
}

const pipes = [link('slab', 'kmalloc-cg-1k', 'anon_pipe_buf_release')];
const rings = [link('slab', 'kmalloc-1k', ''), link('slab', 'kmalloc-2k', 'packet_rcv')];

it('gives each row what it grew by, and keeps a row that is gone', () => {
  const earlier = reportOf(1000, {
    holders: [holder('unaccounted', 100, pipes, 1), holder('unaccounted', 50, rings, 1)],
  });
  const later = reportOf(61_000, {
    holders: [holder('unaccounted', 900, pipes, 9)],
    classes: [...RAW_CENSUS.classes, { node: 0, class: 'file', pages: 5 }],
  });
  const { sinceSeconds, holders, classes } = subtractCensus(later, earlier);
  expect(sinceSeconds).toBe(60);
  expect(holders?.map(({ text, pages, deltaPages }) => [text, pages, deltaPages])).toEqual([
    ['full pipes', 900, 800],
    ['rings of packet sockets', 0, -50],
  ]);
  expect(classes.find((row) => row.class === 'file')?.deltaPages).toBe(5);
  expect(classes.find((row) => row.class === 'free')?.deltaPages).toBe(0);
});

it('takes a second cgroup with the id of an earlier one for another, if its path is another', () => {
  const owner = { dying: false, charged: 'user', class: 'anon', pages: 10, objects: 0, bytes: 0, cache: '' };
  const earlier = reportOf(0, { owners: [{ ...owner, path: '/a', id: 5 }] });
  const later = reportOf(1, { owners: [{ ...owner, path: '/b', id: 5 }] });
  expect(subtractCensus(later, earlier).owners.map(({ path, deltaBytes }) => [path, deltaBytes])).toEqual([
    ['/b', 40_960],
    ['/a', -40_960],
  ]);
});

it('subtracts itself to nothing, and a stage that one lacks stays as it is', () => {
  const report = reportOf(5);
  const none = subtractCensus(report, report);
  for (const rows of [none.classes, none.areas, none.holders ?? []]) {
    expect(rows.every(({ deltaPages }) => deltaPages === 0)).toBe(true);
  }
  expect(none.types?.[0].rows.every(({ deltaObjects }) => deltaObjects === 0)).toBe(true);
  expect(subtractCensus(report, { ...report, holders: null }).holders?.[0].deltaPages).toBeNull();
});
