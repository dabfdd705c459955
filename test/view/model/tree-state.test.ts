/** The Tree view: how its keys open and close functions, and its lines. */
import { describe, expect, test } from 'vitest';
import type { CallTree, TreeNode } from '../../../src/rank/breakdown/tree.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../src/view/reducer/state.js';
import { treeBody } from '../../../src/view/tabs/tree-lines.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureReport, fixtureSelection } from '../../helpers/report-fixture.js';

function node(key: number, depth: number, symbol: string, changes: Partial<TreeNode> = {}): TreeNode {
  return {
    key,
    depth,
    kind: 'frame',
    symbol,
    module: null,
    bytes: 4096,
    count: 1,
    stacks: 1,
    growth: null,
    ownBytes: 0,
    children: 0,
    open: false,
    ...changes,
  };
}

const NODES: readonly TreeNode[] = [
  node(1, 0, 'entry_SYSCALL_64', {
    bytes: 7_340_032,
    count: 1792,
    stacks: 40,
    children: 2,
    open: true,
    growth: 11 * 2 ** 20,
  }),
  node(2, 1, 'sys_write', { bytes: 6_291_456, count: 1536, stacks: 12, children: 1, open: true, growth: 10 * 2 ** 20 }),
  node(3, 2, 'pipe_write', { bytes: 6_291_456, count: 1536, stacks: 12, ownBytes: 6_291_456, growth: 10 * 2 ** 20 }),
  node(4, 1, 'sys_open', { bytes: 1_048_576, count: 256, stacks: 28, children: 3, growth: 2 ** 20 }),
  node(5, 0, 'drv_poll', { module: 'drv', bytes: 524_288, count: 128, stacks: 2, children: 1 }),
  node(6, 0, '', { kind: 'more', children: 12, bytes: 4096, stacks: 12 }),
];

const TREE: CallTree = {
  direction: 'root',
  bytes: 7_868_416,
  count: 1921,
  stacks: 54,
  backingBytes: 65_536,
  nodes: [...NODES],
};

function start(tree: CallTree = TREE, columns = 80, rows = 24): ViewState {
  const snapshot = {
    report: fixtureReport(),
    detail: null,
    view: { kind: 'tree', tree } as const,
    viewRequest: { kind: 'tree', direction: 'root', open: [], deep: [], closed: [], entries: false } as const,
    status: fixtureStatus(),
  };
  const state = initialViewState({
    mode: 'replay',
    columns,
    rows,
    snapshot: { ...snapshot, viewRequest: { ...snapshot.viewRequest, open: [], deep: [], closed: [] } },
    selection: fixtureSelection(),
  });
  return press(state, '2');
}

function press(state: ViewState, ...names: string[]): ViewState {
  let next = state;
  for (const name of names) {
    next = viewReducer(next, { type: 'key', key: { name, text: name.length === 1 ? name : '' } });
  }
  return next;
}

describe('keys', () => {
  test('the tree is asked for, and again whenever something is opened or closed', () => {
    const state = start();
    expect(state.requests).toEqual([
      { name: 'show', view: { kind: 'tree', direction: 'root', open: [], deep: [], closed: [], entries: false } },
    ]);
    const opened = press(state, 'down', 'down', 'down', 'enter');
    expect(opened.requests).toEqual([
      { name: 'show', view: { kind: 'tree', direction: 'root', open: [4], deep: [], closed: [], entries: false } },
    ]);
    expect(press(opened, 'down').requests).toEqual([]);
  });

  test('the greatest function is open once the first tree is there, and only then', () => {
    const nodes = [node(7, 0, 'entry', { children: 2 }), node(8, 0, 'other', { children: 2 })];
    const view = { kind: 'tree', tree: { ...TREE, nodes } } as const;
    const before = start({ ...TREE, nodes: [] });
    const first = viewReducer(before, { type: 'snapshot', snapshot: { ...before.snapshot, view } });
    expect(first.requests).toEqual([
      { name: 'show', view: { kind: 'tree', direction: 'root', open: [7], deep: [], closed: [], entries: false } },
    ]);
    const closed = press({ ...first, data: view }, 'h');
    const later = viewReducer(closed, { type: 'snapshot', snapshot: { ...before.snapshot, view } });
    expect([later.requests, later.tree.open]).toEqual([[], [7]]);
  });

  test('enter opens what is closed and closes what is open, whyever it is', () => {
    expect(press(start(), 'enter').tree).toMatchObject({ open: [], closed: [1] });
    expect(press(start(), 'G', 'up', 'enter').tree).toMatchObject({ open: [5], closed: [] });
  });

  test('l opens and goes in, h closes and goes out, + and - alike', () => {
    expect(press(start(), 'l').selectedIndex).toBe(1);
    expect(press(start(), 'down', 'down', 'h').selectedIndex).toBe(1);
    expect(press(start(), 'down', '-').tree.closed).toEqual([2]);
    expect(press(start(), 'down', 'down', 'down', '+').tree.open).toEqual([4]);
    // A node without callees does not open, and one at the top does not close.
    expect(press(start(), 'down', 'down', 'l').tree).toEqual(start().tree);
    expect(press(start(), 'G', 'h').selectedIndex).toBe(5);
  });

  test('* opens all below, and what was closed there', () => {
    const closed = press(start(), 'down', '-');
    const deep = press(closed, 'up', '*');
    expect(deep.tree).toMatchObject({ deep: [1], closed: [] });
    expect(press(deep, 'enter').tree).toMatchObject({ deep: [], closed: [1] });
  });

  test('v turns it over and begins at the top', () => {
    const turned = press(start(), 'down', 'down', 'v');
    expect(turned.tree.direction).toBe('leaf');
    expect([turned.selected, turned.selectedIndex]).toEqual([null, 0]);
    // The old answer must not be shown as the new one.
    expect(lineText(treeBody(turned).lines[1])).toBe('  working out the tree');
  });

  test('f shows the call paths through the function, and escape comes back to it', () => {
    const paths = press(start(), 'down', 'down', 'f');
    expect([paths.view, paths.selection.grep, paths.filterText]).toEqual(['stacks', '^pipe_write$', '/^pipe_write$']);
    const back = press(paths, 'escape');
    expect([back.view, back.selection.grep, back.filterText, back.selectedIndex]).toEqual(['tree', null, '', 2]);
  });

  test('enter on a function that nothing is below shows its call paths; the rest of a level does nothing', () => {
    expect(press(start(), 'down', 'down', 'enter').view).toBe('stacks');
    const rest = press(start(), 'G', 'enter', 'f', '*', 'l');
    expect([rest.view, rest.tree]).toEqual(['tree', start().tree]);
  });
});

describe('lines', () => {
  test('E also shows the functions of kernel entry, from the first row on', () => {
    const shown = press(start(), 'down', 'E');
    expect(shown).toMatchObject({ selected: null, selectedIndex: 0, tree: { entries: true } });
    expect(shown.requests).toMatchObject([{ name: 'show', view: { kind: 'tree', entries: true } }]);
    expect(press(shown, 'E').tree.entries).toBe(false);
  });

  test('bytes, share, bar and growth before the functions, indented', () => {
    const { lines, selected } = treeBody(press(start(), 'down', 'down'));
    expect(selected).toBe(3);
    expect(lines.slice(0, 8).map((line) => lineText(line).trimEnd())).toEqual([
      '    HELD  SHARE              GROWTH/h CALLED FROM THE ROOT DOWN',
      '7.00 MiB    93% █████████▍  +11.0 MiB - entry_SYSCALL_64',
      '6.00 MiB    80% ████████    +10.0 MiB   - sys_write',
      '6.00 MiB    80% ████████    +10.0 MiB       pipe_write',
      '1.00 MiB    13% █▍          +1.00 MiB   + sys_open',
      ' 512 KiB   6.7% ▋                   - + drv_poll [drv]',
      '4.00 KiB  0.05% ▏                   - … and 12 more',
      '',
    ]);
    expect(lineText(lines.at(-2) ?? [])).toBe('7.50 MiB in 54 call paths, 64.0 KiB backing left out');
    expect(lineText(lines.at(-1) ?? []).trimEnd()).toBe('pipe_write < sys_write < entry_SYSCALL_64');
  });

  test('never wider than the screen, whatever the names and however deep', () => {
    const nodes = Array.from({ length: 60 }, (_, depth) =>
      node(depth, depth, HOSTILE_NAMES[depth % HOSTILE_NAMES.length], {
        module: HOSTILE_NAMES[(depth + 3) % HOSTILE_NAMES.length],
        children: 1,
        open: true,
      }),
    );
    for (const columns of [40, 80, 250]) {
      const { lines } = treeBody(press(start({ ...TREE, nodes }, columns, 50), 'G'));
      // The line with the sum below them is cut only when it is drawn.
      for (const line of lines.slice(0, 40)) {
        expect(lineText(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
        expect(lineWidth(line), lineText(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});
