/** The page "every page" of Memory, exact to the column, and the page over a class. */
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../../src/base/safe-text.js';
import type { CensusReport } from '../../../../src/census/report.js';
import { NO_VIEW, type ViewData } from '../../../../src/session/view-data.js';
import type { TriageReport } from '../../../../src/triage/report.js';
import { layoutOf } from '../../../../src/view/head/layout.js';
import { lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../../helpers/hostile-text.js';
import { fixtureSelection } from '../../../helpers/report-fixture.js';
import { firstCensus, shownCensus } from '../../fixtures/census.js';
import { firstLook } from '../../fixtures/first-look.js';
import { grownReport } from '../../fixtures/grown.js';
import { press } from '../../fixtures/lists.js';

interface Opened {
  columns?: number;
  rows?: number;
  mode?: 'live' | 'replay';
  census?: CensusReport | null;
  triage?: TriageReport | null;
}

function opened({ columns = 120, rows = 24, mode = 'live', census, triage }: Opened = {}): ViewState {
  const snapshot = {
    report: grownReport(),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    triage: triage === undefined ? firstLook() : triage,
    status: fixtureStatus(),
  };
  const state = initialViewState({ mode, columns, rows, snapshot, selection: fixtureSelection() });
  const asked = press(state, '5', 'v', 'v');
  const view: ViewData = { kind: 'census', census: census === undefined ? shownCensus() : census };
  return viewReducer(asked, { type: 'snapshot', snapshot: { ...snapshot, view, viewRequest: asked.asked } });
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

function pageOf(state: ViewState): string[] {
  return (viewOf(state).page?.(state)?.lines ?? []).map((line) => lineText(line).trimEnd());
}

/** The class in the row with this number, opened. */
function pageAt(state: ViewState, row: number): ViewState {
  return press(state, ...Array.from({ length: row }, () => 'down'), 'enter');
}

const WIDE = `\
CLASS                 PAGES      NOW    CHANGE HELD BY, AS FAR AS FOUND                                       FINDING
not in meminfo    3,672,300 14.0 GiB        ±0 3,670,016 in rings of packet sockets of suricata 2211; 284 by…    T1
anon, unmapped       16,000 62.5 MiB        ±0 pages of files or processes that were moved into pipes of pyt…
free              2,000,000 7.63 GiB        ±0
slab                150,909  589 MiB +1.17 MiB 1,240 objects that nothing found refers to (in 3 looks); 3,30…
shmem                10,240 40.0 MiB        ±0 /system.slice/web.service, removed: 40.0 MiB still charged to…    T2
vmalloc               9,000 35.2 MiB        ±0 bpf_map_area_alloc 35.2 MiB
unmarked              4,096 16.0 MiB        ±0 of a block without marks, or not yet given out`;

const NARROW = `\
CLASS                  NOW    CHANGE HELD BY, AS FAR AS FOUND
not in meminfo    14.0 GiB        ±0 suricata 2211: rings of packet sockets; 28…
anon, unmapped    62.5 MiB        ±0 python3 411: pages of files or processes t…
free              7.63 GiB        ±0
slab               589 MiB +1.17 MiB 1,240 objects that nothing found refers to…
shmem             40.0 MiB        ±0 /system.slice/web.service, removed: 40.0 M…
vmalloc           35.2 MiB        ±0 bpf_map_area_alloc 35.2 MiB
unmarked          16.0 MiB        ±0 of a block without marks, or not yet given…`;

describe('every page', () => {
  test('at 120 columns: what no line of meminfo counts, then by size; who holds it; what of it the first look found', () => {
    const lines = linesOf(opened());
    expect(lines.slice(0, 8).join('\n')).toBe(WIDE);
    expect(lines.at(-2)).toBe('census of 14:15:41 UTC, counted in 35.0ms; changes since the first, 18.0s before');
    expect(lines.at(-1)).toBe(
      'not in meminfo: 3,670,016 in rings of packet sockets of suricata 2211; 284 by kmalloc-96{uf_work} [leaky]; 2,000 unknown',
    );
  });

  test('at 80 columns numbers leave before names do', () => {
    expect(
      linesOf(opened({ columns: 80 }))
        .slice(0, 8)
        .join('\n'),
    ).toBe(NARROW);
  });

  test('one census alone shows no change', () => {
    const lines = linesOf(opened({ census: firstCensus() }));
    expect(lines[4].slice(37, 46)).toBe('       ±0');
    expect(lines.at(-2)).toBe('census of 14:15:23 UTC, counted in 35.0ms');
  });

  test('a check that differs, and a stage that did not run, are said', () => {
    const census = {
      ...firstCensus(),
      checks: [
        { what: 'pages', ours: 1, theirs: 2, unit: 'pages', ok: false },
        { what: 'objects', ours: 1, theirs: 1, unit: 'objects', ok: true },
      ],
      missing: [{ stage: 'owners', what: 'a field' }],
    };
    expect(linesOf(opened({ census })).at(-2)).toBe(
      'census of 14:15:23 UTC, counted in 35.0ms; not counted: owners; 1 of 2 checks differ',
    );
  });

  test('a time that no clock shows is left out', () => {
    const lines = linesOf(opened({ census: { ...firstCensus(), timeMs: 1e300 } }));
    expect(lines.at(-2)).toBe('census counted in 35.0ms');
  });

  test('without one it says how to get one', () => {
    expect(linesOf(opened({ columns: 80, census: null })).slice(1, 3)).toEqual([
      '  No census has been taken. C takes one: every page of this machine by what it',
      '  is and who holds it.',
    ]);
    expect(linesOf(opened({ mode: 'replay', census: null }))[1]).toContain('unfreed record --census');
    expect(viewOf(opened({ census: null })).rowCount(opened({ census: null }))).toBe(0);
    expect(press(opened({ census: null }), 'enter').place).toBe('list');
  });
});

describe('the page over a class', () => {
  test('has holders with processes, chains and objects, and what triage says of it', () => {
    expect(pageOf(pageAt(opened(), 0))).toEqual([
      '3,672,300 pages, 14.0 GiB, 58% of all pages, ±0 since the first census',
      '',
      '     PAGES    BYTES    CHANGE  HELD BY',
      ' 3,670,016 14.0 GiB        ±0  rings of packet sockets',
      '                               112 packet sockets of suricata (pid 2211): 3,670,016 pages',
      '                               kmalloc-1k < kmalloc-2k{sock_def_readable}',
      '                               from 112 objects',
      '     2,000 7.81 MiB        ±0  nothing was found that refers to them',
      '       284 1.11 MiB        ±0  kmalloc-96{uf_work} [leaky]',
      '                               from 284 objects',
      '',
      'ABNORMAL  5.00 GiB (31%) are in no line of /proc/meminfo. It is explained by packet rings of 2211 suricata (4.75 GiB).',
      '  (R3)',
    ]);
  });

  test('of slab has types, what nothing refers to, and cgroups', () => {
    expect(pageOf(pageAt(opened({ triage: null }), 3))).toEqual([
      '150,909 pages, 589 MiB, 2.4% of all pages, +1.17 MiB since the first census',
      '',
      '3,310 of the 3,400 objects of kmalloc-256, 256 B each, are in use.',
      '   OBJECTS    BYTES  SHARE    CHANGE               WHAT THEY ARE',
      '     3,300  825 KiB  99.7%      +300  ████████████ kmalloc-256{timerfd_tmrproc}',
      '        10 2.50 KiB   0.3%        ±0  ▏            plain data: nothing in them tells what they are',
      '',
      '   OBJECTS    BYTES  NOTHING WAS FOUND THAT REFERS TO THEM, IN 3 LOOKS',
      '     1,240  116 KiB  kmalloc-96',
      '',
      '     BYTES  STATE    CHARGED TO',
      '  7.50 KiB  removed  /system.slice/web.service, 40 objects, most of dentry',
    ]);
  });

  test('has sums that are complete: pages of no open file, of more processes, and of no cgroup', () => {
    const census = shownCensus();
    const { classes, owners } = census;
    const holders = (census.holders ?? []).map((row, i) =>
      i > 0 ? row : { ...row, pages: 3_670_116, unownedPages: 40 },
    );
    const shown = pageOf(pageAt(opened({ census: { ...census, holders } }), 0));
    expect(shown).toContain(`${' '.repeat(31)}112 packet sockets of suricata (pid 2211): 3,670,016 pages`);
    expect(shown).toContain(`${' '.repeat(31)}open files of others: 60 pages`);
    expect(shown).toContain(`${' '.repeat(31)}no open file: 40 pages`);
    const bytes = (classes.find((row) => row.class === 'shmem')?.bytes ?? 0) - (1 << 20);
    const part = { class: 'shmem', cache: '', bytes, pages: bytes / 4096, objects: 0 };
    const charged = { ...census, owners: [{ ...owners[0], dying: false, path: '/a', parts: [part] }] };
    expect(pageOf(pageAt(opened({ census: charged, triage: null }), 4)).slice(-2)).toEqual([
      '  39.0 MiB           /a',
      '  1.00 MiB           to no cgroup that is listed',
    ]);
  });

  test('of vmalloc has callers, and of a class that no figure of meminfo counts its meaning', () => {
    expect(pageOf(pageAt(opened(), 5)).slice(2)).toEqual([
      '     PAGES    BYTES     AREAS  CALLER',
      '     9,000 35.2 MiB        12  bpf_map_area_alloc',
    ]);
    expect(pageOf(pageAt(opened(), 6))).toEqual([
      '4,096 pages, 16.0 MiB, 0.07% of all pages, ±0 since the first census',
      'of a block without marks, or not yet given out',
    ]);
  });

  test('scrolls, goes back, and Enter goes on to the findings of the trace in it', () => {
    const page = pageAt(opened({ rows: 12 }), 0);
    expect(press(page, 'down', 'j', 'k').detailTop).toBe(1);
    expect(press(page, 'escape')).toMatchObject({ place: 'list', memoryPage: 'census' });
    expect(press(pageAt(opened(), 3), 'enter')).toMatchObject({ view: 'stacks', selection: { categories: ['slab'] } });
    // No call path is of such pages.
    expect(press(pageAt(opened(), 6), 'enter').view).toBe('memory');
  });
});

describe('keys', () => {
  test('C takes a census, and turns the tab to it', () => {
    const state = press(opened({ census: null }), 'v', 'v', 'C');
    expect(state.memoryPage).toBe('census');
    expect(state.requests).toContainEqual({ name: 'act', action: { name: 'census', caches: [] } });
    expect(press(opened(), 'v', '1', 'C', '5')).toMatchObject({
      view: 'memory',
      memoryPage: 'census',
      selectedIndex: 0,
    });
    expect(press(opened(), '1', 'C').requests).toEqual([{ name: 'act', action: { name: 'census', caches: [] } }]);
  });

  test('a recording has what it has', () => {
    expect(press(opened({ mode: 'replay' }), 'C').requests).toEqual([]);
  });
});

describe('hostile names', () => {
  test.each([40, 80, 120, 160])('stay on their line at %i columns', (columns) => {
    for (const name of HOSTILE_NAMES) {
      const census = shownCensus({ process: name, cgroup: `/${name}`, cache: name, symbol: name });
      const state = opened({ columns, census });
      const all = [
        viewOf(state).body(state).lines,
        ...[0, 1, 2, 3, 4, 5, 6].map((row) => viewOf(state).page?.(pageAt(state, row))?.lines ?? []),
      ];
      for (const line of all.flat()) {
        // oxlint-disable-next-line no-control-regex
        expect(lineText(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(textWidth(lineText(line))).toBeLessThanOrEqual(columns);
      }
      expect(viewOf(state).body(state).lines).toHaveLength(layoutOf(state).bodyRows);
    }
  });
});
