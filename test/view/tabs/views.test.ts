/** Moves from view to view, into a row and back; and the menus. */
import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../../src/view/head/layout.js';
import { lineText } from '../../../src/view/lines/styled-line.js';
import { VIEW_NAMES } from '../../../src/view/model/view-names.js';
import { viewReducer } from '../../../src/view/reducer/state.js';
import { processesBody } from '../../../src/view/tabs/processes-lines.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { fixtureReport, fixtureSelection } from '../../helpers/report-fixture.js';
import { answer, CACHES, press, start, withCaches, withProcesses } from '../fixtures/lists.js';

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
    expect(press(state, 'shift-tab').view).toBe('events');
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
    const state = viewReducer(start(163), {
      type: 'snapshot',
      snapshot: { ...start().snapshot, report: { ...report, stacks } },
    });
    const row = viewOf(state).body(state).lines[2];
    expect(lineText(row)).toContain('sshd  nvme_tcp_alloc_request');
    expect(lineText(row).trimEnd()).toMatch(/ and 48\.0 KiB from 3 more$/);
    const inside = press({ ...state, selection: report.selection }, 'down', 'enter');
    expect([inside.selection.comm, inside.selection.group]).toEqual(['sshd', 'stack']);
    expect(press(inside, 'escape').selection).toMatchObject({ comm: null, group: 'comm' });
    // The row with the same name stays selected, even if another call path comes first in it.
    const selected = press(state, 'down');
    // The core kernel is the row of call paths without a module.
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
