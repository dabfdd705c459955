import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { judgeCensus } from '../../../src/census/judge-census.js';
import { parseCensus } from '../../../src/census/parse-census.js';
import type { CensusReport } from '../../../src/census/report.js';
import { subtractCensus } from '../../../src/census/subtract-census.js';
import { censusCsv } from '../../../src/export/census/census-csv.js';
import { censusHtml } from '../../../src/export/census/census-html.js';
import { censusJson } from '../../../src/export/census/census-json.js';
import { censusMarkdown } from '../../../src/export/census/census-markdown.js';
import { censusText } from '../../../src/export/census/census-text.js';
import { holder, link, RAW_CENSUS, rawCensus } from '../../helpers/raw-census.js';

const HOSTILE = '\x1b[2J\u202e=cmd|evil\n```\n</script><img src=x>';

function reportOf(parts: Record<string, unknown> = {}): CensusReport {
  const [pipes, ...others] = RAW_CENSUS.holders;
  const processes = [{ pid: 4711, comm: 'leak.py', objects: 2500, pages: 40_000 }];
  const census = parseCensus(rawCensus({ holders: [{ ...pipes, processes }, ...others], ...parts }));
  if (census === null) throw new Error('no census');
  return judgeCensus({ source: 'this machine', timeMs: 1000, census, possessions: [] });
}

const hostileReport = (): CensusReport => {
  const report = reportOf({
    kernel: HOSTILE,
    owners: [
      { path: HOSTILE, id: 1, dying: true, charged: 'user', class: HOSTILE, pages: 3, objects: 0, bytes: 0, cache: '' },
    ],
    areas: [{ caller: HOSTILE, module: HOSTILE, kind: HOSTILE, areas: 1, pages: 1 }],
    holders: [holder(HOSTILE, 5, [link(HOSTILE, HOSTILE, HOSTILE, HOSTILE)], 1)],
    missing: [{ stage: HOSTILE, what: HOSTILE }],
  });
  report.holders?.[0]?.processes.push({ pid: 1, comm: HOSTILE, count: 2, what: 'pipes', pages: null });
  return report;
};

describe('the text of a census', () => {
  it('begins with what no line counts, who holds most of it, and removed cgroups', () => {
    const text = censusText(reportOf(), { columns: 100, verbose: false });
    expect(text.split('\n').slice(0, 8)).toEqual([
      'census of this machine, Linux 6.12.0-test, 781 MiB in pages of 4.00 KiB, counted in 35.0ms',
      '273 MiB (35%) are in pages that no line of /proc/meminfo counts.',
      'Most that one thing holds of it: 156 MiB, full pipes: 2,500 pipes of leak.py (pid 4711);',
      '  kmalloc-cg-1k{anon_pipe_buf_release}.',
      '1 removed cgroup keeps 1.96 MiB, most of it tmpfs and shared memory.',
      'Nothing was found that refers to 28.1 KiB of objects.',
      'not counted, owners: a field',
      '',
    ]);
    expect(text).not.toContain('CHECKS');
    expect(censusText(reportOf(), { columns: 100, verbose: true })).toContain('CHECKS');
  });

  it('says which check fails without being asked', () => {
    const text = censusText(reportOf({ checks: [{ what: 'slab', ours: 3, theirs: 9, unit: 'pages', ok: false }] }), {
      columns: 100,
      verbose: false,
    });
    expect(text).toContain('CHECK differs: slab: counted 3, elsewhere 9 pages');
  });

  it.each([60, 80, 120])('keeps to %d columns, and lets no name act', (columns) => {
    for (const report of [reportOf(), hostileReport(), subtractCensus(reportOf(), reportOf({ holders: [] }))]) {
      const text = censusText(report, { columns, verbose: true });
      for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(text).not.toContain('\x1b');
      expect(text).not.toContain('\u202e');
    }
  });
});

it('JSON fits its schema, with and without an earlier census and every stage', () => {
  const path = join(import.meta.dirname, '../../../src/export/census/census.schema.json');
  const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(path, 'utf8')));
  const bare = reportOf({ holders: undefined, types: undefined, orphans: undefined });
  for (const report of [reportOf(), bare, hostileReport(), subtractCensus(reportOf(), reportOf({ areas: [] }))]) {
    expect(validate(JSON.parse(censusJson(report))), JSON.stringify(validate.errors)).toBe(true);
  }
  expect(censusJson(hostileReport())).not.toContain('\u202e');
});

it('CSV has one line a row, the same number of fields in each, and no formula', () => {
  const lines = censusCsv(hostileReport()).trimEnd().split('\r\n');
  expect(lines[0]).toBe(
    'table,class,name,text,module,pages,bytes,objects,change,change_unit,removed,processes,unowned_pages,change_bytes',
  );
  const { classes, nodes, owners, areas, holders, types, orphans } = hostileReport();
  const rows = [
    classes,
    nodes,
    owners,
    owners.flatMap(({ parts }) => parts),
    areas,
    holders ?? [],
    orphans?.rows ?? [],
  ];
  expect(lines).toHaveLength(1 + rows.flat().length + (types ?? []).flatMap((cache) => cache.rows).length);
  expect(lines.every((line) => !/(^|,)"?=/.test(line))).toBe(true);
});

it('CSV of two censuses has what each row of every table grew by, cgroups too, in one unit', () => {
  const grown = subtractCensus(reportOf(), reportOf({ owners: [], holders: [], areas: [] }));
  const rows = censusCsv(grown)
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','));
  const has = (table: string, name: string): string[] =>
    rows.find((fields) => fields[0] === table && fields[2] === name) ?? [];
  const web = grown.owners.find(({ path }) => path === '/web');
  expect([has('cgroup', '/web')[8], has('cgroup', '/web')[9], has('cgroup', '/web')[13]]).toEqual([
    String(web?.bytes),
    'bytes',
    String(web?.bytes),
  ]);
  const held = has('holder', 'kmalloc-cg-1k{anon_pipe_buf_release}');
  expect(Number(held.at(-1))).toBe(Number(held[8]) * 4096);
  expect(rows.filter(([table, , , , , , , , change, unit]) => table === 'owner' && `${change}${unit}` !== '')).toEqual(
    [],
  );
  // One census alone has none.
  expect(
    censusCsv(reportOf())
      .split('\r\n')
      .slice(1, -1)
      .every((line) => line.endsWith(',')),
  ).toBe(true);
});

it('an area without a caller says why, in every form', () => {
  const areas = [{ caller: '', module: '', kind: 'vmalloc', areas: 2, pages: 40 }];
  const freed = reportOf({ areas, missing: [] });
  for (const text of [
    censusText(freed, { columns: 120, verbose: false }),
    censusCsv(freed),
    censusMarkdown(freed),
    censusHtml(freed),
  ]) {
    expect(text).toContain('no caller: freed and not unmapped yet, or of a module that is gone');
  }
  const hidden = reportOf({ areas, missing: [{ stage: 'areas', what: 'hidden' }] });
  expect(censusText(hidden, { columns: 120, verbose: false })).toContain('callers are not known');
});

it('HTML runs nothing, loads nothing, and escapes every name', () => {
  const page = censusHtml(hostileReport());
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<img');
  expect(page).toContain("default-src 'none'");
  expect(censusHtml(reportOf())).toContain('2,500 pipes of leak.py (pid 4711)');
});

it('Markdown keeps names in a fence that none of them can close', () => {
  const text = censusMarkdown(hostileReport());
  const [, fence] = /\n(`{3,})text\n/.exec(text) ?? [];
  expect(text.split('\n').filter((line) => line.startsWith(fence ?? '?'))).toHaveLength(2);
});
