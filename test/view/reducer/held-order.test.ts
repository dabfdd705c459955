/** The rows of the lists stay where they are while a key was pressed, and change places rarely. */
import { describe, expect, test } from 'vitest';
import type { TreeNode } from '../../../src/rank/breakdown/tree.js';
import type { FindingPath, ReportStack } from '../../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import type { ViewData } from '../../../src/session/view-data.js';
import { NO_VIEW } from '../../../src/session/view-data.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { orderDueMs } from '../../../src/view/reducer/held-lists.js';
import { initialViewState, viewReducer } from '../../../src/view/reducer/state.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { fixtureReport } from '../../helpers/report-fixture.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';
import { process } from '../fixtures/lists.js';

const SELECTION: Selection = { ...defaultSelection(100), group: 'finding' };
const [TEMPLATE] = fixtureReport({ extra: 0 }).stacks;

/** A row as text: its name, its suspicion, and its verdict, e.g. 'pipes 100 growing'. */
function stackOf(text: string, index: number): ReportStack {
  const [label, value, verdict = ''] = text.split(' ');
  return {
    ...TEMPLATE,
    rank: index + 1,
    stackId: idOf(label),
    category: 'slab',
    bytes: Number(value),
    suspicion: Number(value),
    verdict: verdict === '' ? null : (verdict as ReportStack['verdict']),
    merged: { label, stacks: 1, allocators: ['slab'], others: { stacks: 0, bytes: 0, count: 0 }, paths: [] },
  };
}

function idOf(label: string): number {
  return Array.from(label).reduce((id, letter) => id * 31 + letter.charCodeAt(0), 7);
}

function start(rows: readonly string[], selection = SELECTION): ViewState {
  const snapshot = { report: null, detail: null, view: null, viewRequest: NO_VIEW, status: fixtureStatus() };
  const state = initialViewState({ mode: 'live', columns: 80, rows: 24, snapshot, selection });
  return at(state, 0, rows);
}

/** A report with these rows arrives. */
function at(state: ViewState, nowMs: number, rows: readonly string[], view: ViewData | null = null): ViewState {
  return arrive(state, nowMs, rows.map(stackOf), view);
}

function arrive(state: ViewState, nowMs: number, stacks: ReportStack[], view: ViewData | null = null): ViewState {
  const report = { ...fixtureReport({ extra: 0, selection: state.selection }), stacks };
  const snapshot = { ...state.snapshot, report, view, viewRequest: state.asked };
  return viewReducer(state, { type: 'snapshot', snapshot, nowMs });
}

function press(state: ViewState, nowMs: number, name: string): ViewState {
  return viewReducer(state, { type: 'key', key: { name, text: name.length === 1 ? name : '' }, nowMs });
}

/** The names of the rows, `>` before the selected one. */
function shown(state: ViewState): string {
  const names = state.report?.stacks.map(({ merged }) => merged?.label ?? '') ?? [];
  return names.map((name, index) => (index === state.selectedIndex ? `>${name}` : name)).join(' ');
}

/** The column of places of the first three rows. */
function places(state: ViewState): string[] {
  const { lines } = viewOf(state).body(state);
  return lines.slice(1, 4).map((line) => line[0]?.[0] ?? '');
}

function pathOf(stackId: number): FindingPath {
  return { ...TEMPLATE, stackId };
}

/** A finding of call paths, the greatest first. */
function finding(ids: readonly number[]): ReportStack {
  const stack = stackOf('pipes 90', 1);
  return {
    ...stack,
    stackId: ids[0],
    merged: stack.merged && { ...stack.merged, stacks: ids.length, paths: ids.map(pathOf) },
  };
}

function node(key: number, depth: number, bytes: number, open = true): TreeNode {
  const figures = { bytes, count: 1, stacks: 1, growth: null, ownBytes: 0, children: 2 };
  return { key, depth, kind: 'frame', symbol: `f${key}`, module: null, ...figures, open };
}

function treeOf(nodes: TreeNode[]): ViewData {
  return { kind: 'tree', tree: { direction: 'root', bytes: 1, count: 1, stacks: 1, backingBytes: 0, nodes } };
}

function nodeKeys({ data }: ViewState): string {
  return data?.kind === 'tree' ? data.tree.nodes.map(({ key }) => key).join(' ') : '';
}

/** The line and the key of the selected row. */
function selectedRow(state: ViewState): string {
  return `${state.selectedIndex - state.listTop} ${viewOf(state).rowKey(state, state.selectedIndex)}`;
}

describe('without keys', () => {
  test('a list is ranked anew every two seconds', () => {
    let state = start(['a 100', 'b 90', 'c 80']);
    state = at(state, 1000, ['c 300', 'a 100', 'b 90']);
    expect(shown(state)).toBe('>a b c');
    state = at(state, 1999, ['c 300', 'a 100', 'b 90']);
    expect(shown(state)).toBe('>a b c');
    state = at(state, 2000, ['c 300', 'a 100', 'b 90']);
    expect(shown(state)).toBe('>c a b');
    expect(state.report?.stacks.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  });

  test('figures go on all the time', () => {
    const state = at(start(['a 100', 'b 90']), 500, ['b 140', 'a 101']);
    expect(state.report?.stacks.map(({ bytes }) => bytes)).toEqual([101, 140]);
  });

  test('a row passes its neighbour with a lead of a tenth', () => {
    const state = start(['a 100', 'b 90']);
    expect(shown(at(state, 2000, ['b 109', 'a 100']))).toBe('>a b');
    expect(shown(at(state, 2000, ['b 111', 'a 100']))).toBe('>b a');
  });

  test('a row passes all that it leads clearly, not those that it is close to', () => {
    const state = start(['a 200', 'b 100', 'c 90', 'd 10']);
    expect(shown(at(state, 2000, ['d 205', 'a 200', 'b 100', 'c 90']))).toBe('>a d b c');
  });

  test('a row whose state has changed passes at once', () => {
    const state = start(['a 100 steady', 'b 90 steady']);
    expect(shown(at(state, 2000, ['b 101 growing', 'a 100 steady']))).toBe('>b a');
  });

  test('what the counters contradict sinks below, whatever it holds', () => {
    const state = start(['a 100', 'b 90']);
    expect(shown(at(state, 2000, ['b 90', 'a 500 unreliable']))).toBe('>b a');
  });

  test('a new row comes last, and into its place when the list is ranked anew', () => {
    let state = at(start(['a 100', 'b 90']), 500, ['n 1000', 'a 100', 'b 90']);
    expect(shown(state)).toBe('>a b n');
    state = at(state, 2000, ['n 1000', 'a 100', 'b 90']);
    expect(shown(state)).toBe('>n a b');
  });

  test('a tick ranks the list anew when no report comes any more', () => {
    const state = at(start(['a 100', 'b 90']), 500, ['b 900', 'a 100']);
    expect(orderDueMs(state)).toBe(2000);
    const ranked = viewReducer(state, { type: 'tick', nowMs: 2000 });
    expect(shown(ranked)).toBe('>b a');
    expect(orderDueMs(ranked)).toBeNull();
  });
});

describe('after a key', () => {
  test('the order is held for three seconds', () => {
    let state = press(start(['a 100', 'b 90', 'c 80']), 1500, 'down');
    expect(shown(state)).toBe('a >b c');
    for (const ms of [2000, 3000, 4499]) {
      state = at(state, ms, ['c 300', 'b 200', 'a 100']);
      expect(shown(state), String(ms)).toBe('a >b c');
    }
    expect(shown(at(state, 4500, ['c 300', 'b 200', 'a 100']))).toBe('c >b a');
  });

  test('each key holds it on', () => {
    let state = press(start(['a 100', 'b 90']), 1500, 'down');
    state = press(at(state, 3000, ['b 300', 'a 100']), 4000, 'up');
    state = at(state, 6900, ['b 300', 'a 100']);
    expect(shown(state)).toBe('>a b');
    expect(orderDueMs(state)).toBe(7000);
  });

  test('a key that does not concern the list holds nothing', () => {
    const state = press(start(['a 100', 'b 90']), 1500, 'x');
    expect(shown(at(state, 2000, ['b 300', 'a 100']))).toBe('>b a');
  });

  test('what is gone keeps its line and its last figures until the order is free', () => {
    let state = press(start(['a 100', 'b 90', 'c 80']), 0, 'down');
    state = at(press(state, 100, 'down'), 2500, ['c 81']);
    expect(shown(state)).toBe('a b >c');
    expect(state.report?.stacks.map(({ bytes }) => bytes)).toEqual([100, 90, 81]);
    expect(shown(at(state, 3200, ['c 81']))).toBe('>c');
  });

  test('another sort takes the rows as they come', () => {
    let state = press(start(['a 100', 'b 90', 'c 80']), 1500, 'down');
    state = press(state, 1600, 's');
    expect(state.selection.sort).not.toBe('suspect');
    state = at(state, 1700, ['c 80', 'b 90', 'a 100']);
    expect(shown(state)).toBe('c >b a');
  });
});

test('a pause holds the order altogether', () => {
  let state = press(start(['a 100', 'b 90']), 100, 'space');
  for (const ms of [5000, 50_000]) {
    state = at(state, ms, ['b 900', 'a 100']);
    expect(shown(state)).toBe('>a b');
    expect(orderDueMs(state)).toBeNull();
  }
  expect(shown(press(state, 60_000, 'space'))).toBe('>b a');
});

test('without times rows are taken as they come', () => {
  const state = start(['a 100', 'b 90']);
  const report = { ...fixtureReport({ extra: 0, selection: SELECTION }), stacks: ['b 91', 'a 90'].map(stackOf) };
  expect(shown(viewReducer(state, { type: 'snapshot', snapshot: { ...state.snapshot, report } }))).toBe('>b a');
});

describe('a new row', () => {
  test('bears a star for five seconds', () => {
    let state = at(start(['a 100', 'b 90']), 6000, ['a 100', 'b 90', 'n 5']);
    expect(places(state)).toEqual(['  1', '  2', ' *3']);
    state = at(state, 10_900, ['a 100', 'b 90', 'n 5']);
    expect(places(state)).toEqual(['  1', '  2', ' *3']);
    expect(orderDueMs(state)).toBe(11_000);
    expect(places(viewReducer(state, { type: 'tick', nowMs: 11_000 }))).toEqual(['  1', '  2', '  3']);
  });

  test('has none in the first seconds, nor when it comes back', () => {
    let state = at(start(['a 100', 'b 90']), 4000, ['a 100', 'b 90', 'n 5']);
    expect(places(state)).toEqual(['  1', '  2', '  3']);
    state = at(at(state, 8000, ['a 100', 'b 90']), 12_000, ['a 100', 'b 90', 'n 5']);
    expect(places(state)).toEqual(['  1', '  2', '  3']);
  });
});

test('the cursor follows a finding whose greatest call path is another one now', () => {
  const others = ['a 100'].map(stackOf);
  let state = arrive(start([]), 100, [...others, finding([11, 12])]);
  state = press(press(arrive(state, 3000, [...others, finding([11, 12])]), 3100, 'down'), 3200, '+');
  expect(state.openFindings).toEqual(['finding pipes 11']);
  state = arrive(
    state,
    9000,
    [finding([12, 11]), ...others].map((stack) => ({ ...stack })),
  );
  expect(shown(state)).toBe('a >pipes');
  expect(state.openFindings).toEqual(['finding pipes 12']);
  expect(state.report?.stacks).toHaveLength(2);
  state = press(state, 9100, 'down');
  expect(state.selected).toBe('finding pipes 12 path 12');
});

describe('the tree', () => {
  const first = [node(1, 0, 100), node(2, 1, 60, false), node(3, 1, 40, false), node(4, 0, 50, false)];
  const begun = at(press(start([]), 0, '2'), 0, [], treeOf(first));

  test('holds its levels, and lets new nodes wait', () => {
    const turned = [
      node(4, 0, 500, false),
      node(1, 0, 100),
      node(9, 1, 90, false),
      node(3, 1, 80, false),
      node(2, 1, 60, false),
    ];
    const held = at(press(begun, 100, 'down'), 2500, [], treeOf(turned));
    expect(nodeKeys(held)).toBe('1 2 3 4');
    expect(nodeKeys(at(held, 4000, [], treeOf(turned)))).toBe('4 1 9 3 2');
  });

  test('shows what a key opens at once', () => {
    const opened = [...first.slice(0, 3), node(4, 0, 50), node(7, 1, 30, false), node(8, 1, 20, false)];
    expect(nodeKeys(at(press(begun, 100, 'bottom'), 200, [], treeOf(opened)))).toBe('1 2 3 4 7 8');
    expect(nodeKeys(at(press(begun, 100, 'bottom'), 200, [], treeOf([node(1, 0, 100, false), first[3]])))).toBe('1 4');
  });
});

describe('the row under the cursor never changes its line while the order is held', () => {
  test.each(seeds(20, 300))('findings, seed %i', (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
    const names = Array.from({ length: 40 }, (_, index) => `row${index}`);
    const report = (): string[] =>
      names
        .filter(() => random() < 0.8)
        .map(
          (name) => `${name} ${Math.floor(random() * 1000)} ${pick(['growing', 'steady', 'churning', 'unreliable'])}`,
        )
        .toSorted((a, b) => Number(b.split(' ')[1]) - Number(a.split(' ')[1]));
    let state = start(report());
    let nowMs = 0;
    for (let step = 0; step < 40; step++) {
      nowMs += Math.floor(random() * 4000);
      state = at(state, nowMs, report());
      state = press(state, nowMs, pick(['down', 'up', 'pagedown', 'pageup', 'down']));
      const before = selectedRow(state);
      const untilMs = nowMs + 2999;
      while (nowMs < untilMs) {
        nowMs = Math.min(untilMs, nowMs + 1 + Math.floor(random() * 900));
        state = random() < 0.2 ? viewReducer(state, { type: 'tick', nowMs }) : at(state, nowMs, report());
        expect(selectedRow(state), `seed ${seed}, step ${step}`).toBe(before);
      }
    }
  });

  test.each(seeds(10, 100))('processes, seed %i', (seed) => {
    const random = seededRandom(seed);
    const view = (): ViewData => {
      const rows = Array.from({ length: 30 }, (_, pid) => process('node', pid, Math.floor(random() * 1e6)))
        .filter(() => random() < 0.7)
        .toSorted((a, b) => b.bytes - a.bytes);
      return { kind: 'processes', by: 'pid', sort: 'bytes', rows, total: { rows: rows.length, bytes: 1 } };
    };
    let state = at(press(start([]), 0, '3'), 0, [], view());
    for (let nowMs = 0, step = 0; step < 30; step++) {
      nowMs += 3000;
      state = press(at(state, nowMs, [], view()), nowMs, random() < 0.7 ? 'down' : 'up');
      const before = selectedRow(state);
      for (let more = 500; more < 3000; more += 500) {
        state = at(state, nowMs + more, [], view());
        expect(selectedRow(state), `seed ${seed}, step ${step}`).toBe(before);
      }
    }
  });
});
