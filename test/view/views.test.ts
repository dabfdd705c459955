/** Going from view to view, into a row and back; the menus; and the lines of Processes and Caches. */
import { describe, expect, test } from 'vitest';
import type { ProcessNameRow } from '../../src/rank/process-names.js';
import { byProcessName } from '../../src/rank/process-names.js';
import type { CacheRow } from '../../src/rank/slab-caches.js';
import { NO_VIEW, type ViewData } from '../../src/session/view-data.js';
import { cachesBody } from '../../src/view/caches-lines.js';
import { layoutOf } from '../../src/view/layout.js';
import { processesBody } from '../../src/view/processes-lines.js';
import { initialViewState, type ViewState, viewReducer } from '../../src/view/state.js';
import { lineText, lineWidth } from '../../src/view/styled-line.js';
import { VIEW_NAMES } from '../../src/view/view-names.js';
import { viewOf } from '../../src/view/views.js';
import { fixtureStatus } from '../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../helpers/hostile-text.js';
import { fixtureReport, fixtureSelection } from '../helpers/report-fixture.js';

function process(
  comm: string,
  pid: number | null,
  bytes: number,
  changes: Partial<ProcessNameRow> = {},
): ProcessNameRow {
  return {
    comm,
    pid,
    pids: 1,
    bytes,
    count: 7,
    pageBytes: bytes,
    slabBytes: 0,
    percpuBytes: 0,
    vmallocBytes: 0,
    backingBytes: 0,
    allocations: 7,
    newAllocations: 7,
    stacks: 3,
    oldestAgeNs: 5e9,
    ...changes,
  };
}

const PROCESSES: readonly ProcessNameRow[] = [
  process('pipe-hog', 4711, 6_881_280, { slabBytes: 262_144, pageBytes: 6_619_136, allocations: 2539 }),
  process('sshd', 812, 131_072),
  process('sshd', 813, 65_536),
];

function cache(name: string, objects: number, changes: Partial<CacheRow> = {}): CacheRow {
  return { cache: name, objects, bytes: objects * 192, stacks: 4, oldestAgeNs: 3e9, balance: null, ...changes };
}

const BALANCE = {
  cache: 'dentry',
  slabCaches: 1,
  objectBytes: 192,
  activeAtStart: 188_000,
  active: 188_584,
  held: 571,
  excess: -13,
  uncertain: 60,
  state: 'agrees',
} as const;

const CACHES: readonly CacheRow[] = [
  cache('dentry', 570, { balance: BALANCE }),
  cache('maple_node', 97, {
    balance: { ...BALANCE, active: 187_958, held: 1207, excess: 1249, state: 'contradicted' },
  }),
  cache('(large kmalloc)', 2),
];

function start(columns = 80, rows = 24): ViewState {
  return initialViewState({
    mode: 'live',
    columns,
    rows,
    snapshot: {
      report: fixtureReport({ extra: 60 }),
      detail: null,
      view: null,
      viewRequest: NO_VIEW,
      status: fixtureStatus(),
    },
    selection: fixtureSelection(),
  });
}

function press(state: ViewState, ...names: string[]): ViewState {
  let next = state;
  for (const name of names) {
    next = viewReducer(next, { type: 'key', key: { name, text: name.length === 1 ? name : '' } });
  }
  return next;
}

/** The session answers what was asked for last. */
function answer(state: ViewState, view: ViewData): ViewState {
  const report = fixtureReport({ extra: 60, selection: state.selection });
  return viewReducer(state, {
    type: 'snapshot',
    snapshot: { ...state.snapshot, report, view, viewRequest: state.asked },
  });
}

function withProcesses(state: ViewState, rows: readonly ProcessNameRow[] = PROCESSES): ViewState {
  const total = { rows: rows.length + 9, bytes: 8_388_608 };
  return answer(press(state, '3'), { kind: 'processes', by: 'pid', sort: 'bytes', rows: [...rows], total });
}

function withCaches(state: ViewState, rows: readonly CacheRow[] = CACHES): ViewState {
  const total = { rows: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) };
  return answer(press(state, '4'), { kind: 'caches', sort: 'bytes', rows: [...rows], total });
}

describe('tabs', () => {
  test('have a digit each, and tab and shift-tab go round', () => {
    for (const [index, name] of VIEW_NAMES.entries()) expect(press(start(), String(index + 1)).view).toBe(name);
    let state = start();
    const seen: string[] = [];
    for (const _ of VIEW_NAMES) {
      seen.push(state.view);
      state = press(state, 'tab');
    }
    expect(seen).toEqual([...VIEW_NAMES]);
    expect(state.view).toBe('stacks');
    expect(press(state, 'shift-tab').view).toBe('diff');
  });

  test('keep their selected row and their place', () => {
    const deep = press(start(), 'G', 'k', 'k');
    const back = press(withProcesses(deep), 'down', '1');
    expect([back.selectedIndex, back.listTop, back.selected]).toEqual([
      deep.selectedIndex,
      deep.listTop,
      deep.selected,
    ]);
    expect(withProcesses(back).selectedIndex).toBe(1);
  });

  test('ask the session for what they need, and for nothing once that is the report', () => {
    expect(press(start(), '4').requests).toEqual([{ name: 'show', view: { kind: 'caches', sort: 'bytes' } }]);
    expect(press(start(), '4', '1').requests).toEqual([{ name: 'show', view: { kind: 'stacks' } }]);
    expect(press(start(), '1').requests).toEqual([]);
  });

  test('leave an open call path behind', () => {
    const left = press(start(), 'enter', '3');
    expect([left.place, left.opened]).toEqual(['list', null]);
    expect(left.requests.map((request) => request.name)).toEqual(['open', 'show']);
  });

  test('an answer to another question is not shown', () => {
    const state = answer(press(start(), '3'), {
      kind: 'caches',
      sort: 'bytes',
      rows: [...CACHES],
      total: { rows: 3, bytes: 1 },
    });
    expect(viewOf(state).rowCount(state)).toBe(0);
    expect(lineText(processesBody(state).lines[1])).toBe('  working out who holds what');
  });

  test('with the display held still take the first answer and keep it', () => {
    const first = withProcesses(press(start(), 'space'));
    expect(viewOf(first).rowCount(first)).toBe(3);
    const later = answer(first, {
      kind: 'processes',
      by: 'pid',
      sort: 'bytes',
      rows: [],
      total: { rows: 0, bytes: 0 },
    });
    expect(viewOf(later).rowCount(later)).toBe(3);
    expect(viewOf(withCaches(later)).rowCount(withCaches(later))).toBe(3);
  });
});

describe('into a row and back', () => {
  test('enter on a process shows its call paths, in its own list from the top', () => {
    const deep = press(start(), 'G');
    const inside = press(withProcesses(deep), 'down', 'enter');
    expect([inside.view, inside.selection.comm, inside.selection.pid]).toEqual(['stacks', 'sshd', 812]);
    expect([inside.selectedIndex, inside.selected]).toEqual([0, null]);
    const back = press(inside, 'backspace');
    expect([back.view, back.selection.comm, back.selection.pid]).toEqual(['processes', null, null]);
    expect(press(withProcesses(back), '1').selectedIndex).toBe(deep.selectedIndex);
  });

  test('enter on a cache shows its call paths, and other views then show that cache too', () => {
    const inside = press(withCaches(start()), 'enter');
    expect([inside.view, inside.selection.cache]).toEqual(['stacks', 'dentry']);
    const tree = press(inside, '2');
    expect([tree.view, tree.selection.cache]).toEqual(['tree', 'dentry']);
    expect(press(tree, 'escape')).toMatchObject({ view: 'caches', selection: { cache: null } });
  });

  test('a filter that is typed inside is cleared before the way back', () => {
    const inside = press(withCaches(start()), 'enter', '/', 'x', 'enter');
    const cleared = press(inside, 'escape');
    expect([cleared.view, cleared.filterText, cleared.selection.cache]).toEqual(['stacks', '', 'dentry']);
    expect(press(cleared, 'escape').view).toBe('caches');
  });

  test('a row that stands for several call paths opens into them', () => {
    const report = fixtureReport({ selection: { ...fixtureSelection(), group: 'comm' } });
    const merged = {
      label: 'sshd',
      stacks: 4,
      allocators: ['slab'] as ['slab'],
      others: { stacks: 3, bytes: 49_152, count: 48 },
    };
    const stacks = report.stacks.map((stack, index) => (index === 1 ? { ...stack, merged } : stack));
    const state = viewReducer(start(160), {
      type: 'snapshot',
      snapshot: { ...start().snapshot, report: { ...report, stacks } },
    });
    const row = viewOf(state).body(state).lines[2];
    expect(lineText(row)).toContain('sshd  nvme_tcp_alloc_request');
    expect(lineText(row).trimEnd()).toMatch(/ and 48\.0 KiB from 3 more$/);
    const inside = press({ ...state, selection: report.selection }, 'down', 'enter');
    expect([inside.selection.comm, inside.selection.group]).toEqual(['sshd', 'stack']);
    expect(press(inside, 'escape').selection).toMatchObject({ comm: null, group: 'comm' });
    // The same name is the same row, whichever call path comes first in it.
    const selected = press(state, 'down');
    // The core kernel is what no module has a part in.
    const kernel = { ...report, selection: { ...report.selection, group: 'module' as const }, stacks: [] };
    kernel.stacks.push({ ...stacks[2], merged: { ...merged, label: 'kernel' } } as never);
    const core = press({ ...state, report: kernel, selection: kernel.selection }, 'enter');
    expect(core.selection).toMatchObject({ group: 'stack', module: null, hide: ' \\[' });
    const other = { ...stacks[4], merged };
    const reordered = viewReducer(selected, {
      type: 'snapshot',
      snapshot: { ...selected.snapshot, report: { ...report, stacks: [stacks[0], stacks[2], stacks[3], other] } },
    });
    expect(reordered.selectedIndex).toBe(3);
  });
});

describe('menus and toggles', () => {
  test('what makes one row is chosen, or stepped through', () => {
    expect(press(start(), 'b').selection.group).toBe('path');
    expect(press(start(), 'B', 'down', 'down', 'enter')).toMatchObject({ place: 'list', selection: { group: 'site' } });
    expect(press(start(), 'B', 'down', 'backspace')).toMatchObject({ place: 'list', selection: { group: 'stack' } });
  });

  test('allocators are toggled one by one; all of them and none of them are all', () => {
    const menu = press(start(), 'A');
    expect(menu.place).toBe('menu');
    const slabOnly = press(menu, 'enter', 'down', 'down', 'enter', 'down', 'enter');
    expect([slabOnly.place, slabOnly.selection.allocators]).toEqual(['menu', ['slab']]);
    expect(press(slabOnly, 'up', 'up', 'enter').selection.allocators).toEqual([]);
    expect(press(menu, 'enter', 'enter').selection.allocators).toEqual([]);
  });

  test('u leaves only what no line of meminfo shows', () => {
    expect(press(start(), 'u').selection.hideAccounted).toBe(true);
    expect(press(start(), 'u', 'u').selection.hideAccounted).toBe(false);
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
    // Processes of one name may share call paths: how many there are is known from below only.
    const [head, ...rows] = processesBody(shown).lines.map(lineText);
    const end = head.indexOf('PATHS') + 5;
    expect(rows.slice(0, 2).map((row) => row.slice(end - 6, end))).toEqual(['     3', '    ≥3']);
  });

  test('as lines, with the share as a bar and what is not shown', () => {
    const { lines, selected } = processesBody(press(withProcesses(start()), 'down'));
    expect(selected).toBe(2);
    expect(lines.slice(0, 4).map((line) => lineText(line).trimEnd())).toEqual([
      '    PID PROCESS            BYTES▾  SHARE    PAGES     SLAB  PATHS  OLDEST',
      '   4711 pipe-hog         6.56 MiB    82% 6.31 MiB  256 KiB      3    5.0s ██████',
      '    812 sshd              128 KiB   1.6%  128 KiB        -      3    5.0s ▏',
      '    813 sshd             64.0 KiB   0.8% 64.0 KiB        -      3    5.0s ▏',
    ]);
    expect(lineText(lines.at(-1) ?? [])).toBe('… 9 more processes, 1.25 MiB');
  });
});

test('both can be sorted by another column, with s or from the menu', () => {
  const paged = press(withProcesses(start()), 's');
  expect(paged.requests).toEqual([{ name: 'show', view: { kind: 'processes', by: 'pid', sort: 'pages' } }]);
  expect(paged.selection.sort).toBe('bytes');
  const grown = press(withCaches(start()), 'S', 'G', 'enter');
  expect(grown.requests).toEqual([{ name: 'show', view: { kind: 'caches', sort: 'grew' } }]);
  const shown = answer(grown, { kind: 'caches', sort: 'grew', rows: [...CACHES], total: { rows: 3, bytes: 1 } });
  expect(lineText(cachesBody(shown).lines[0])).toContain(' GREW▾');
});

describe('caches', () => {
  test('as lines, beside what slabinfo says', () => {
    const { lines } = cachesBody(withCaches(start(130)));
    expect(lines.slice(0, 4).map((line) => lineText(line).trimEnd())).toEqual([
      'CACHE                      BYTES▾  SHARE   OBJECTS     EACH  PATHS  OLDEST    IN USE      GREW HELD THEN SLABINFO',
      'dentry                    107 KiB    85%       570    192 B      4    3.0s   188,584      +584       571 agrees',
      'maple_node               18.2 KiB    14%        97    192 B      4    3.0s   187,958       -42     1,207 contradicted by 1,249',
      '(large kmalloc)             384 B   0.3%         2    192 B      4    3.0s         -         -         - not known',
    ]);
    expect(lineText(lines.at(-1) ?? [])).toBe('3 caches, 125 KiB');
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
      // The cell after the name begins where it begins without one.
      const rows = lines.slice(1, 6).map(lineWidth);
      expect(new Set(rows).size, String(rows)).toBe(1);
    }
  }
});

test('every view draws exactly its body at any size, with data or without', () => {
  for (const [columns, rows] of [
    [40, 8],
    [80, 24],
    [160, 50],
    [250, 60],
  ] as const) {
    for (const name of VIEW_NAMES) {
      const state = press(start(columns, rows), String(VIEW_NAMES.indexOf(name) + 1));
      const { lines } = viewOf(state).body(state);
      expect(lines, `${name} at ${columns}x${rows}`).toHaveLength(layoutOf(state).bodyRows);
    }
  }
});
