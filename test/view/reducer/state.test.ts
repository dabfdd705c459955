import { describe, expect, test } from 'vitest';
import { SORT_KEYS } from '../../../src/rank/report/selection.js';
import type { SessionStatus } from '../../../src/session/trace-session.js';
import { NO_VIEW } from '../../../src/session/view-data.js';
import { layoutOf } from '../../../src/view/head/layout.js';
import type { SessionRequest, ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../src/view/reducer/state.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { type FixtureOptions, fixtureDetail, fixtureReport, fixtureSelection } from '../../helpers/report-fixture.js';

function start(mode: 'live' | 'replay' = 'live', status: Partial<SessionStatus> = {}): ViewState {
  const snapshot = {
    report: fixtureReport({ extra: 60 }),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    status: fixtureStatus(status),
  };
  return initialViewState({ mode, columns: 80, rows: 24, snapshot, selection: fixtureSelection() });
}

function replay(status: Partial<SessionStatus> = {}): ViewState {
  return start('replay', { state: 'playing', durationNs: 2000e9, positionNs: 1000e9, ...status });
}

/** Presses keys by their names; several characters are typed one by one. */
function press(state: ViewState, ...names: string[]): ViewState {
  let next = state;
  for (const name of names) {
    next = viewReducer(next, {
      type: 'key',
      key: { name, text: name === 'space' ? ' ' : name.length === 1 ? name : '' },
    });
  }
  return next;
}

function type(state: ViewState, text: string): ViewState {
  return press(state, ...Array.from(text, (letter) => (letter === ' ' ? 'space' : letter)));
}

function arrive(state: ViewState, options: FixtureOptions = {}, status: Partial<SessionStatus> = {}): ViewState {
  const report = fixtureReport({ extra: 60, selection: state.selection, ...options });
  const detail = state.opened === null ? null : fixtureDetail(report, state.opened.stackId);
  return viewReducer(state, {
    type: 'snapshot',
    snapshot: { ...state.snapshot, report, detail, status: { ...state.snapshot.status, ...status } },
  });
}

function selectedId(state: ViewState): number | undefined {
  return state.report?.stacks[state.selectedIndex]?.stackId;
}

function requests(state: ViewState): readonly SessionRequest[] {
  return state.requests;
}

describe('the selected row', () => {
  test('stays selected when the order changes', () => {
    const before = press(start(), 'down', 'down');
    const id = selectedId(before);
    const after = arrive(press(before, 's'));
    expect(after.report?.selection.sort).toBe('count');
    expect(selectedId(after)).toBe(id);
    expect(after.selectedIndex).not.toBe(2);
  });

  test('is the first row, whichever that is, until the user moves', () => {
    const after = arrive(press(start(), 's', 's', 's'));
    expect(after.selectedIndex).toBe(0);
    const back = press(press(after, 'down', 'down'), 'g');
    expect(back.selected).toBeNull();
  });

  test('gives its place to the next when it is gone', () => {
    const before = press(start(), 'down', 'down', 'down');
    const gone = selectedId(before);
    const report = fixtureReport({ extra: 60 });
    const stacks = report.stacks.filter((stack) => stack.stackId !== gone);
    const after = viewReducer(before, {
      type: 'snapshot',
      snapshot: { ...before.snapshot, report: { ...report, stacks } },
    });
    expect(after.selectedIndex).toBe(3);
  });

  test('is always in view', () => {
    let state = start();
    const { listRows } = layoutOf(state);
    state = press(state, 'G');
    expect(state.selectedIndex).toBe(67);
    expect(state.listTop).toBe(68 - listRows);
    state = press(state, 'pageup');
    expect(state.selectedIndex).toBe(67 - (listRows - 1));
    state = press(state, 'g', 'k', 'up');
    expect([state.selectedIndex, state.listTop]).toEqual([0, 0]);
    state = viewReducer(press(state, 'pagedown'), { type: 'resize', columns: 80, rows: 12 });
    const small = layoutOf(state).listRows;
    expect(state.selectedIndex).toBeGreaterThanOrEqual(state.listTop);
    expect(state.selectedIndex).toBeLessThan(state.listTop + small);
  });
});

describe('the filter', () => {
  test('is sent as it is typed, matched literally', () => {
    const state = type(press(start(), '/'), 'a.b');
    expect(state.filterText).toBe('a.b');
    expect(requests(state)).toEqual([{ name: 'select', selection: { ...fixtureSelection(), grep: 'a\\.b' } }]);
  });

  test('a bad expression says so and keeps the last good one', () => {
    const good = type(press(start(), '/'), '/pipe');
    const bad = type(good, '(');
    expect(bad.filterError).toContain('not a regular expression');
    expect(bad.selection.grep).toBe('pipe');
    expect(requests(bad)).toEqual([]);
    expect(press(bad, 'backspace').filterError).toBeNull();
  });

  test('enter keeps it, escape clears it, there and in the list', () => {
    const kept = press(type(press(start(), '/'), 'pipe'), 'enter');
    expect([kept.place, kept.selection.grep]).toEqual(['list', 'pipe']);
    const cleared = press(kept, 'escape');
    expect([cleared.filterText, cleared.selection.grep]).toEqual(['', null]);
    const left = press(type(press(start(), '/'), 'pipe'), 'escape');
    expect([left.place, left.selection.grep]).toEqual(['list', null]);
  });

  test('words and the line can be erased, and q types a q', () => {
    const state = type(press(start(), '/'), 'pipe q');
    expect(state.ended).toBe(false);
    expect(press(state, 'ctrl-w').filterText).toBe('pipe ');
    expect(press(state, 'ctrl-u').filterText).toBe('');
  });

  test('a paste is one line', () => {
    const open = press(start(), '/');
    const state = viewReducer(open, { type: 'key', key: { name: 'paste', text: 'vfs\r\n\x1b[Awrite' } });
    expect(state.filterText).toBe('vfs [Awrite');
    expect(viewReducer(start(), { type: 'key', key: { name: 'paste', text: 'q' } }).ended).toBe(false);
  });
});

describe('sort, allocator and own memory', () => {
  test('s goes through all columns and comes back', () => {
    let state = start();
    const seen: string[] = [];
    for (const _ of SORT_KEYS) {
      seen.push(state.selection.sort);
      state = press(state, 's');
    }
    expect(seen).toEqual([
      ...SORT_KEYS.slice(SORT_KEYS.indexOf('bytes')),
      ...SORT_KEYS.slice(0, SORT_KEYS.indexOf('bytes')),
    ]);
    expect(state.selection.sort).toBe('bytes');
  });

  test('the menu begins at the present column and chooses', () => {
    const state = press(start(), 'S', 'down', 'down', 'enter');
    expect([state.place, state.selection.sort]).toEqual(['list', 'growth']);
    expect(press(start(), 'S', 'down', 'escape').selection.sort).toBe('bytes');
    expect(press(start(), 'S', ...SORT_KEYS.map(() => 'up')).menuIndex).toBe(0);
  });

  test('a goes through the traced allocators and back to all', () => {
    let state = start();
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      state = press(state, 'a');
      seen.push(state.selection.allocators.join());
    }
    expect(seen).toEqual(['page', 'slab', 'percpu', 'vmalloc', '']);
  });

  test('i shows and hides our own memory', () => {
    expect(press(start(), 'i').selection.includeSelf).toBe(true);
    expect(press(start(), 'i', 'i').selection.includeSelf).toBe(false);
  });
});

describe('one call path', () => {
  test('enter opens the selected one, escape goes back', () => {
    const opened = press(start(), 'down', 'enter');
    expect(requests(opened)).toEqual([{ name: 'open', stackId: 101 }]);
    expect([opened.place, opened.opened?.stackId]).toEqual(['detail', 101]);
    const back = press(arrive(opened), 'escape');
    expect(requests(back)).toEqual([{ name: 'open', stackId: null }]);
    expect([back.place, back.opened, back.selectedIndex]).toEqual(['list', null, 1]);
  });

  test('scrolls within its lines', () => {
    const opened = arrive(press(start(), 'enter'));
    expect(press(opened, 'up').detailTop).toBe(0);
    const end = press(opened, 'G');
    expect(end.detailTop).toBeGreaterThan(0);
    expect(press(end, 'down').detailTop).toBe(end.detailTop);
    expect(press(end, 'g').detailTop).toBe(0);
  });

  test('nothing opens in an empty list', () => {
    const empty = arrive(type(press(start(), '/'), 'no such function'));
    expect(empty.report?.stacks).toEqual([]);
    const state = press(empty, 'enter', 'enter', 'down', 'G');
    expect([state.place, state.selectedIndex]).toEqual(['list', 0]);
  });
});

describe('pause, live', () => {
  test('the list keeps still, the header goes on', () => {
    const paused = press(start(), 'space');
    const later = arrive(paused, { time: 1300 });
    expect(later.report).toBe(paused.report);
    expect(later.snapshot.report?.durationNs).toBe(1300e9);
    expect(requests(paused)).toEqual([]);
    expect(press(later, 'space').report?.durationNs).toBe(1300e9);
  });

  test('a new order is obeyed once and then keeps still', () => {
    const paused = press(press(start(), 'space'), 's');
    const first = arrive(paused, { time: 1300 });
    expect(first.report?.selection.sort).toBe('count');
    expect(arrive(first, { time: 1400 }).report).toBe(first.report);
  });

  test('a call path that is opened is filled once', () => {
    const opened = press(press(start(), 'space'), 'enter');
    const first = arrive(opened, { time: 1300 });
    expect(first.detail?.stack.stackId).toBe(100);
    expect(arrive(first, { time: 1400 }).detail).toBe(first.detail);
  });
});

describe('time, in a replay', () => {
  test('space pauses and plays', () => {
    expect(requests(press(replay(), 'space'))).toEqual([{ name: 'pause' }]);
    expect(requests(press(replay({ state: 'paused' }), 'space'))).toEqual([{ name: 'play' }]);
    expect(press(replay(), 'space').frozen).toBe(false);
  });

  test('seeks add up before the session has followed, and stay within the recording', () => {
    const twice = press(replay(), 'right', 'right');
    expect(requests(twice)).toEqual([{ name: 'seek', timeNs: 1200e9 }]);
    const arrived = arrive(twice, {}, { positionNs: 1200e9 });
    expect(arrived.seek).toBeNull();
    expect(requests(press(arrived, 'left'))).toEqual([{ name: 'seek', timeNs: 1100e9 }]);
    expect(requests(press(replay(), 'end'))).toEqual([{ name: 'seek', timeNs: 2000e9 }]);
    expect(requests(press(replay({ positionNs: 10e9 }), 'left'))).toEqual([{ name: 'seek', timeNs: 0 }]);
    expect(requests(press(replay({ durationNs: 0 }), 'right'))).toEqual([]);
  });

  test('the next seek counts from the target of the last one, also when the session is just before it', () => {
    const sought = press(replay({ positionNs: 100e9 }), ']');
    const almost = arrive(sought, {}, { positionNs: 100.9e9 });
    expect(almost.seek).toBeNull();
    expect(requests(press(almost, ']'))).toEqual([{ name: 'seek', timeNs: 102e9 }]);
    const there = arrive(almost, {}, { positionNs: 103e9 });
    expect(requests(press(there, ']'))).toEqual([{ name: 'seek', timeNs: 104e9 }]);
  });

  test('a seek that never arrives is forgotten', () => {
    let state = press(replay(), 'right');
    for (let i = 0; i < 8; i++) state = arrive(state, {}, { positionNs: 500e9 });
    expect(state.seek).toBeNull();
  });

  test('speeds go up to as fast as it can be read, and down', () => {
    const faster = press(replay(), '>', '>');
    expect(requests(faster)).toEqual([{ name: 'speed', speed: 5 }]);
    expect(requests(press(replay({ speed: 100 }), '>', '>'))).toEqual([{ name: 'speed', speed: 0 }]);
    expect(requests(press(replay({ speed: 0 }), '<'))).toEqual([{ name: 'speed', speed: 100 }]);
  });
});

describe('help and quit', () => {
  test('help comes back to where it was asked for', () => {
    const opened = press(start(), 'enter', '?');
    expect(opened.place).toBe('help');
    expect(press(opened, '?').place).toBe('detail');
    expect(press(start(), '?', 'G').helpTop).toBeGreaterThan(0);
  });

  test('q and ctrl-c end it, ctrl-z asks to suspend', () => {
    expect(press(start(), 'q').ended).toBe(true);
    expect(press(start(), '/', 'ctrl-c').ended).toBe(true);
    expect(press(start(), 'ctrl-z').suspending).toBe(true);
  });
});

test('keys are obeyed before the first report', () => {
  const state = initialViewState({
    mode: 'live',
    columns: 80,
    rows: 24,
    snapshot: {
      report: null,
      detail: null,
      view: null,
      viewRequest: NO_VIEW,
      status: fixtureStatus({ state: 'starting' }),
    },
    selection: fixtureSelection(),
  });
  const names = ['down', 'G', 'enter', 's', 'a', 'space', '?', 'G', '?', 'S', 'down', 'enter', '/', 'x', 'enter'];
  expect(press(state, ...names).selection).toMatchObject({ grep: 'x', allocators: ['page'] });
});
