import { beforeAll, describe, expect, test } from 'vitest';
import { tableText } from '../../../src/proc/look-tables.js';
import { CACHE_VALUES, shownName } from '../../../src/rank/breakdown/cache-order.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import type { Driver } from '../../../src/session/driver.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { ReplayDriver } from '../../../src/session/replay/replay-driver.js';
import { answerView } from '../../../src/session/screen/answer-view.js';
import { CACHE_SORTS, PROCESS_SORTS, type ViewData, type ViewRequest } from '../../../src/session/view-data.js';
import { replayed } from '../../helpers/replayed.js';
import { pairText } from '../../helpers/text-trace.js';
import { shownCensus } from '../../view/fixtures/census.js';

const ALL = { ...defaultSelection(100), includeSelf: true };

let driver: Driver;

beforeAll(async () => {
  const pipeline: Pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
  driver = new ReplayDriver('not opened');
  Object.assign(driver, { pipeline });
});

function answered<Kind extends ViewData['kind']>(
  request: ViewRequest & { kind: Kind },
): Extract<ViewData, { kind: Kind }> {
  const data = answerView(driver, null, ALL, request);
  if (data?.kind !== request.kind) throw new Error(`answered ${data?.kind ?? 'nothing'}`);
  return data as Extract<ViewData, { kind: Kind }>;
}

function cgroupsWith(change: Partial<Driver>): unknown[] {
  const paired = pairText(
    '1 alloc a 64 comm=ls cgroup=8:/ci/1 kmalloc < y\n2 alloc b 16 comm=ls cgroup=9:/gone kmalloc < y\n3 removed 9:/gone',
    { host: { allocators: ['slab'] } },
  );
  const pipeline = new Pipeline('recording', { core: paired.core, dictionary: paired.core.dictionary });
  const text = tableText('table/cgroups', [
    ['/ci/1', 2, 100, 200, ...Array<null>(18).fill(null), 150],
    ['/gone', 2, 1, 1],
  ]);
  pipeline.takeLooks([{ unixMs: 7, texts: new Map([['table/cgroups', text]]), notRead: [] }]);
  const of = Object.assign(new ReplayDriver('not opened'), { pipeline }, change);
  const data = answerView(of, null, ALL, { kind: 'processes', by: 'cgroup', sort: 'bytes' });
  return data?.kind === 'processes' ? data.rows.map(({ bytes, cgroup }) => [cgroup?.path, bytes, cgroup?.account]) : [];
}

describe('cgroups', () => {
  test('have the accounts of the latest look in a replay, those of now in a live trace', () => {
    expect(cgroupsWith({})).toEqual([
      ['/ci/1', 64, { current: 100, max: 200, peak: 150 }],
      ['/gone', 16, { current: 1, max: 1, peak: null }],
    ]);
    const asked: string[][] = [];
    const cgroupAccounts: Driver['cgroupAccounts'] = (paths) => {
      asked.push([...paths]);
      return new Map(paths.map((path) => [path, { current: 9, max: null, peak: 10 }]));
    };
    expect(cgroupsWith({ cgroupAccounts })).toEqual([
      ['/ci/1', 64, { current: 9, max: null, peak: 10 }],
      ['/gone', 16, null],
    ]);
    expect(asked).toEqual([['/ci/1']]);
  });
});

test('the ranking needs nothing but the report', () => {
  expect(answerView(driver, null, ALL, { kind: 'stacks' })).toBeNull();
});

describe('processes', () => {
  test.each(PROCESS_SORTS)('by %s, the greatest first, whoever they are', (sort) => {
    const { rows, total } = answered({ kind: 'processes', by: 'pid', sort });
    const value = {
      bytes: (row: (typeof rows)[0]) => row.bytes,
      growth: (row: (typeof rows)[0]) => row.state?.growth ?? 0,
      pages: (row: (typeof rows)[0]) => row.pageBytes,
      slab: (row: (typeof rows)[0]) => row.slabBytes,
      vmalloc: (row: (typeof rows)[0]) => row.vmallocBytes,
      allocs: (row: (typeof rows)[0]) => row.allocations,
      paths: (row: (typeof rows)[0]) => row.stacks,
      oldest: (row: (typeof rows)[0]) => row.oldestAgeNs,
      rss: (row: (typeof rows)[0]) => row.resident?.rss ?? 0,
      vsz: (row: (typeof rows)[0]) => row.resident?.virtual ?? 0,
      swap: (row: (typeof rows)[0]) => row.resident?.swap ?? 0,
    }[sort];
    const values = rows.map(value);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(total).toEqual({ rows: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) });
  });

  test('of one name together hold what they hold apart', () => {
    const apart = answered({ kind: 'processes', by: 'pid', sort: 'bytes' });
    const together = answered({ kind: 'processes', by: 'name', sort: 'bytes' });
    expect(together.total.bytes).toBe(apart.total.bytes);
    expect(together.rows.reduce((sum, row) => sum + row.pids, 0)).toBe(apart.rows.length);
    expect(together.rows.length).toBeLessThan(apart.rows.length);
  });
});

describe('caches', () => {
  test.each(CACHE_SORTS.filter((sort) => sort !== 'name'))(
    'by %s; what slabinfo does not tell of comes last',
    (sort) => {
      const { rows } = answered({ kind: 'caches', sort });
      const values = rows.map(CACHE_VALUES[sort]);
      expect(values).toEqual(values.toSorted((a, b) => (a === b ? 0 : a < b ? 1 : -1)));
      expect(rows.length).toBeGreaterThan(100);
    },
  );

  test('by name', () => {
    const names = answered({ kind: 'caches', sort: 'name' }).rows.map(shownName);
    expect(names).toEqual(names.toSorted());
    expect(names).toContain('kmalloc-1k');
  });

  test('are the same rows that --cache selects', () => {
    const { rows } = answered({ kind: 'caches', sort: 'bytes' });
    for (const row of rows.filter(({ bytes }) => bytes > 0)) {
      const { matching } = driver.pipeline.report({ ...ALL, cache: row.cache });
      expect(matching, row.cache).toMatchObject({ bytes: row.bytes, count: row.objects, stacks: row.stacks });
    }
  });
});

test('the census, and what it knows of caches, are those of the trace', () => {
  expect(answered({ kind: 'census' }).census).toBeNull();
  expect(answered({ kind: 'caches', sort: 'bytes' }).types).toEqual([]);
  const before = driver.pipeline;
  const counted = new Pipeline('live');
  counted.takeCensus(shownCensus());
  Object.assign(driver, { pipeline: counted });
  expect(answered({ kind: 'census' }).census).toBe(counted.census);
  expect(answered({ kind: 'caches', sort: 'bytes' }).types?.map(({ cache }) => cache)).toEqual(['kmalloc-256']);
  Object.assign(driver, { pipeline: before });
});
