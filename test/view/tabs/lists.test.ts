/** The lines of Processes and Caches, and how they are sorted. */
import { describe, expect, test } from 'vitest';
import { byProcessName, type ProcessNameRow } from '../../../src/rank/breakdown/process-names.js';
import { narrowLine } from '../../../src/view/lines/narrow-line.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { cachesBody } from '../../../src/view/tabs/caches-lines.js';
import { processesBody } from '../../../src/view/tabs/processes-lines.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureReport } from '../../helpers/report-fixture.js';
import {
  answer,
  BALANCE,
  CACHES,
  cache,
  PROCESSES,
  press,
  process,
  slabOf,
  start,
  withCaches,
  withProcesses,
} from '../fixtures/lists.js';

describe('processes by cgroup', () => {
  const account = { current: 900 * 2 ** 20, max: 2 ** 30, peak: 2 ** 30 };
  const rows = [
    {
      ...process('', 0, 6_881_280),
      pid: null,
      pids: 3,
      state: { growth: 3 * 2 ** 20, verdict: 'growing', reliability: 'confirmed', paths: [] },
      cgroup: { path: `/docker/${'3f'.repeat(32)}`, name: 'docker 3f3f3f3f3f3f', removedNs: null, account },
    },
    { ...process('', 0, 131_072), pid: null, cgroup: { path: '/ci/1', name: '/ci/1', removedNs: 7, account: null } },
    {
      ...process('', 0, 65_536),
      pid: null,
      cgroup: { path: '/', name: '/', removedNs: null, account: { current: 2 ** 30, max: null, peak: null } },
    },
    { ...process('', 0, 4096), pid: null, cgroup: { path: '', name: '', removedNs: null, account: null } },
  ] satisfies ProcessNameRow[];
  const byCgroup = (columns: number): ViewState => {
    const asked = press(start(columns), '3', 'v', 'v');
    expect(asked.requests.at(-1)).toEqual({ name: 'show', view: { kind: 'processes', by: 'cgroup', sort: 'bytes' } });
    return answer(asked, {
      kind: 'processes',
      by: 'cgroup',
      sort: 'bytes',
      rows,
      total: { rows: 4, bytes: 7_081_984 },
    });
  };

  test('as lines, beside what the kernel counts', () => {
    const narrow = processesBody(byCgroup(80)).lines.map((line) => lineText(line).trimEnd());
    expect(narrow.slice(0, 5)).toEqual([
      '  #    HELD▾   GROWTH/h  CURRENT      MAX     PEAK PROCS CGROUP',
      '  1 6.56 MiB  +3.00 MiB  900 MiB 1.00 GiB 1.00 GiB     3 docker 3f3f3f3f3f3f',
      '  2  128 KiB          -        -        -        -     1 (removed) /ci/1',
      '  3 64.0 KiB          - 1.00 GiB     none        -     1 /',
      '  4 4.00 KiB          -        -        -        -     1 (unknown)',
    ]);
    expect(lineText(processesBody(byCgroup(160)).lines.at(-1) ?? [])).toBe('4 cgroups, 6.75 MiB');
    expect(lineText(processesBody(byCgroup(160)).lines[0])).toMatch(/STATE .*NO LINE .*SHMEM .*SLAB .*CGROUP/);
  });

  test('Enter shows the call paths of that cgroup alone, and says where', () => {
    const inside = press(byCgroup(80), 'enter');
    expect([inside.view, inside.selection.cgroup]).toEqual(['stacks', `/docker/${'3f'.repeat(32)}/.`]);
    const shown = answer(inside, { kind: 'diff', since: null });
    expect(lineText(narrowLine(shown))).toContain('only: docker 3f3f3f3f3f3f ');
    expect(press(byCgroup(80), 'down', 'down', 'enter').selection.cgroup).toBe('/.');
    expect(press(byCgroup(80), 'G', 'enter').selection.cgroup).toBeNull();
    expect(press(byCgroup(80), 'v').requests).toEqual([
      { name: 'show', view: { kind: 'processes', by: 'all', sort: 'rss' } },
    ]);
  });

  test('are not sorted by what processes alone have', () => {
    const byRss: ViewState = { ...press(start(160), '3', 'v'), processesSort: 'rss' };
    expect(press(byRss, 'v').processesSort).toBe('bytes');
    const sorts = [byCgroup(160)];
    for (let step = 0; step < 11; step++) sorts.push(press(sorts[step], 's'));
    const seen = new Set(sorts.map((state) => state.processesSort));
    expect([...seen]).toEqual(['bytes', 'growth', 'pages', 'slab', 'vmalloc', 'allocs', 'paths', 'oldest']);
  });
});

describe('processes', () => {
  test('are told by pid, or by name alone', () => {
    const state = withProcesses(start());
    expect(press(state, 'v').requests).toEqual([
      { name: 'show', view: { kind: 'processes', by: 'name', sort: 'bytes' } },
    ]);
    const named = byProcessName(PROCESSES.map((row) => ({ ...row, pid: row.pid ?? 0 })));
    expect(named.map((row) => [row.comm, row.pids, row.pid, row.bytes])).toEqual([
      ['pipe-hog', 1, 4711, 6_881_280],
      ['sshd', 2, null, 196_608],
    ]);
    const total = { rows: 2, bytes: 7_077_888 };
    const shown = answer(press(state, 'v'), { kind: 'processes', by: 'name', sort: 'bytes', rows: named, total });
    expect(press(shown, 'down', 'enter').selection).toMatchObject({ comm: 'sshd', pid: null });
    // Processes of one name may share call paths, so only a lower bound of their number is known.
    const [head, ...rows] = processesBody({ ...shown, columns: 160 }).lines.map(lineText);
    const end = head.indexOf('PATHS') + 5;
    expect(rows.slice(0, 2).map((row) => row.slice(end - 6, end))).toEqual(['     3', '    ≥3']);
  });

  test('as lines: growth, state, in no line of meminfo, and the numbers of findings', () => {
    const of = start();
    const [first, second, third] = of.report?.stacks ?? [];
    const states = [
      { growth: 3 * 2 ** 20, verdict: 'growing', reliability: 'confirmed', paths: [second.stackId, 999_999] },
      { growth: null, verdict: 'steady', reliability: 'plausible', paths: [third.stackId, first.stackId] },
      { growth: null, verdict: null, reliability: 'plausible', paths: [] },
    ] as const;
    const rows = PROCESSES.map((row, index) => ({
      ...row,
      state: { ...states[index], paths: [...states[index].paths] },
    }));
    const { lines, selected } = processesBody(press(withProcesses(of, rows), 'down'));
    expect(selected).toBe(2);
    expect(lines.slice(0, 4).map((line) => lineText(line).trimEnd())).toEqual([
      '  #    HELD▾   GROWTH/h STATE      NO LINE     PID PROCESS         FINDINGS',
      '  1 6.56 MiB  +3.00 MiB growing ✓ 6.31 MiB    4711 pipe-hog        2',
      '  2  128 KiB          - level            -     812 sshd            3, 1',
      '  3 64.0 KiB          - too early        -     813 sshd',
    ]);
    expect(lineText(lines.at(-1) ?? [])).toBe('… 9 more processes, 1.25 MiB');
  });
});

test('both can be sorted by another column, with s or from the menu', () => {
  const paged = press(withProcesses(start()), 's');
  expect(paged.requests).toEqual([{ name: 'show', view: { kind: 'processes', by: 'pid', sort: 'growth' } }]);
  expect(paged.selection.sort).toBe('bytes');
  const grown = press(withCaches(start()), 'S', 'j', 'j', 'j', 'j', 'j', 'enter');
  expect(grown.requests).toEqual([{ name: 'show', view: { kind: 'caches', sort: 'grew' } }]);
  const shown = answer(grown, { kind: 'caches', sort: 'grew', rows: [...CACHES], total: { rows: 3, bytes: 1 } });
  expect(lineText(cachesBody(shown).lines[0])).toContain(' GREW▾');
});

describe('caches', () => {
  test('as lines, beside what slabinfo says', () => {
    const { lines } = cachesBody(withCaches(start(130)));
    expect(lines.slice(0, 4).map((line) => lineText(line).trimEnd())).toEqual([
      'CACHE                      BYTES▾  OBJECTS    ACTIVE      GREW     TOTAL  USE     SIZE   SLABS  PER SLAB  CACHE SIZE SLABINFO',
      'dentry                    107 KiB      570   188,584      +584   188,587  99%    192 B   9,043        21    35.3 MiB agrees',
      'maple_node               18.2 KiB       97   187,958       -42   187,961  99%    192 B   9,043        21    35.3 MiB contradicted by 1,249',
      '(large kmalloc)             384 B        2         -         -         -    -    192 B       -         -           - not known',
    ]);
    expect(lineText(lines.at(-1) ?? [])).toBe('3 caches, 125 KiB');
  });

  test('of a merged cache name the row with its figures, and all names where there is room', () => {
    const name = 'UNIX or UNIX-STREAM (merged with signal_cache)';
    const rows = [
      cache(name, 570, { balance: BALANCE, slab: slabOf('signal_cache', 188_584, 584) }),
      cache('signal_cache (merged with UNIX, 1 more)', 97, { balanceIn: name }),
    ];
    const { lines } = cachesBody(withCaches(start(160), rows));
    expect(lines.slice(1, 3).map((line) => lineText(line).trimEnd())).toEqual([
      'UNIX or UNIX-STREAM (merged with signal_cache)  107 KiB      570   188,584  188,000      +584   188,587  99%    192 B   9,043        21    35.3 MiB agrees',
      'signal_cache (merged with UNIX, 1 more)        18.2 KiB       97         -        -         -         -    -    192 B       -         -           - in UNIX or UNIX-STREAM',
    ]);
  });

  test('in which nothing is held have their figures alone; their objects may be counted in another row', () => {
    const rows = [
      cache('kmalloc-1024', 97, { balance: BALANCE, slab: slabOf('kmalloc-1k', 400, 10) }),
      cache('kmalloc-cg-1k', 0, { slab: slabOf('kmalloc-cg-1k', 200, null), heldIn: 'kmalloc-1024', stacks: 0 }),
      cache('\u001b[31mred\nline', 0, { slab: slabOf('x', 7, 0), stacks: 0 }),
    ];
    const { lines } = cachesBody(withCaches(start(80), rows));
    expect(lines.slice(0, 4).map((line) => lineText(line).trimEnd())).toEqual([
      'CACHE                   BYTES▾    ACTIVE      GREW  USE  CACHE SIZE SLABINFO',
      'kmalloc-1k            18.2 KiB       400       +10  99%    35.3 MiB agrees',
      'kmalloc-cg-1k                -       200         -  98%    35.3 MiB held in kmalloc-1024',
      '␛[31mred␊line                -         7         0  70%    35.3 MiB',
    ]);
    const opened = press(withCaches(start(80), rows), 'down', 'enter');
    expect(opened.selection.cache).toBe('kmalloc-1024');
  });

  test("can be sorted by slabtop's letters in the menu; the column in force is there at every width", () => {
    for (const [letter, sort, title] of [
      ['a', 'active', 'ACTIVE▾'],
      ['b', 'per-slab', 'PER SLAB▾'],
      ['c', 'cache-size', 'CACHE SIZE▾'],
      ['l', 'slabs', 'SLABS▾'],
      ['v', 'active-slabs', 'ACTIVE SLABS▾'],
      ['n', 'name', 'CACHE▾'],
      ['o', 'total', 'TOTAL▾'],
      ['p', 'pages-per-slab', 'PAGES▾'],
      ['s', 'object-size', 'SIZE▾'],
      ['u', 'use', 'USE▾'],
    ] as const) {
      const chosen = press(withCaches(start(80)), 'S', letter);
      expect([chosen.place, chosen.requests]).toEqual(['list', [{ name: 'show', view: { kind: 'caches', sort } }]]);
      const shown = answer(chosen, { kind: 'caches', sort, rows: [...CACHES], total: { rows: 3, bytes: 1 } });
      expect(lineText(cachesBody(shown).lines[0])).toContain(title);
    }
    const other = press(start(), 'B', 'c');
    expect([other.place, other.requests]).toEqual(['menu', []]);
  });

  test('keep their bytes where it is narrow, and say what rules hide', () => {
    const rule = { pattern: 'x', reason: 'known', stacks: 39, bytes: 99_000, count: 40 };
    const state = withCaches(start(60));
    const report = fixtureReport({ selection: state.selection });
    const { lines } = cachesBody({ ...state, report: { ...report, suppressed: [rule] } });
    expect(lineText(lines.at(-1) ?? [])).toBe('3 caches, 125 KiB   hidden by rules: 39 call paths, 96.7 KiB');
    expect(lineText(cachesBody(withCaches(start(40))).lines[1])).toBe('dentry            107 KiB agrees');
  });
});

test('hostile names stay in their cells in every list', () => {
  const processes = HOSTILE_NAMES.map((name, pid) => process(name, pid, 4096));
  const caches = HOSTILE_NAMES.map((name) => cache(name, 3, { balance: BALANCE }));
  for (const columns of [40, 80, 250]) {
    for (const state of [withProcesses(start(columns), processes), withCaches(start(columns), caches)]) {
      const { lines } = viewOf(state).body(state);
      for (const line of lines) {
        expect(lineText(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(lineWidth(line), lineText(line)).toBeLessThanOrEqual(columns);
      }
      // The cell after the name begins at the same column for any name.
      const rows = lines.slice(1, 6).map(lineWidth);
      expect(new Set(rows).size, String(rows)).toBe(1);
    }
  }
});
