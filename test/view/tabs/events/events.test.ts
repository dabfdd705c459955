/** The tab Events: its list, what Enter does live and in a replay, its filter, and the keys from event to event. */
import { describe, expect, test } from 'vitest';
import type { MarksView, SessionStatus } from '../../../../src/session/trace-session.js';
import { NO_VIEW } from '../../../../src/session/view-data.js';
import { chromeOf } from '../../../../src/view/chrome.js';
import { linePainter, lineText, lineWidth } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../../helpers/hostile-text.js';
import { fullMark, KINDS } from '../../../helpers/marks.js';
import { fixtureReport, fixtureSelection } from '../../../helpers/report-fixture.js';
import { eventMark, marksOf, shownMarks } from '../../fixtures/events.js';
import { press } from '../../fixtures/lists.js';

function opened(
  mode: 'live' | 'replay',
  status: Partial<SessionStatus> = {},
  { marks = shownMarks(), columns = 80, rows = 24 }: { marks?: MarksView; columns?: number; rows?: number } = {},
): ViewState {
  const replay = mode === 'replay' ? { durationNs: 1200e9, state: 'paused' as const } : {};
  const snapshot = {
    report: fixtureReport({ extra: 60 }),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    status: fixtureStatus({ positionNs: 1200e9, ...replay, ...status }),
    marks,
  };
  return press(initialViewState({ mode, columns, rows, snapshot, selection: fixtureSelection() }), '7');
}

function typed(state: ViewState, text: string): ViewState {
  return press(state, '/', ...Array.from(text), 'enter');
}

function bodyOf(state: ViewState): string[] {
  return viewOf(state).body(state).lines.map(lineText);
}

function selectedRow(state: ViewState): string {
  const { lines, selected } = viewOf(state).body(state);
  return lineText(lines[selected] ?? []);
}

/** Returns the state once the session has reached the requested time. */
function arrived(state: ViewState): ViewState {
  const positionNs = state.seek?.timeNs ?? 0;
  const status = { ...state.snapshot.status, positionNs };
  return viewReducer(state, { type: 'snapshot', snapshot: { ...state.snapshot, status } });
}

function seeks(state: ViewState): unknown[] {
  return state.requests.filter(({ name }) => name === 'seek');
}

describe('the list', () => {
  test('has the newest event first, and says how many were left out', () => {
    const lines = bodyOf(opened('live', {}, { columns: 120, rows: 60 }));
    expect(lines[0]).toMatch(/^ +TIME WHAT +WHO +HOW MUCH *$/);
    expect(lines[1]).toMatch(/^c {2}00:19:50 cgroup removed: \/shop\/web-0 \(id 4711\) +systemd 1 *$/);
    expect(lines[2]).toMatch(/^h {2}00:18:20 shmget: .* postgres 11 +1\.00 MiB *$/);
    expect(lines.find((line) => line.startsWith('K'))).toMatch(/ OOM kill of python3 \(1886\).* 9\.00 MiB anon/);
    expect(lines.at(-2)).toBe('35 events   left out, as they are many: 9,000 memcg-reclaim');
  });

  test('below it stands the selected event in full, where it has no room in its columns', () => {
    const state = typed(opened('replay'), 'oom');
    expect(bodyOf(state).at(-1)).toContain(
      'OOM kill of python3 (1886): limit of cgroup /shop/web-0; 9.00 MiB anon, 0 B file',
    );
  });

  test('fits any screen, with every kind of event and names that would harm', () => {
    const marks = marksOf([
      ...KINDS.map((kind, at) => ({ timeNs: at * 1e9, mark: fullMark(kind) })),
      ...HOSTILE_NAMES.map((name, at) => ({
        timeNs: (at + 100) * 1e9,
        mark: eventMark('user', { text: name }, { pid: at, comm: name }),
      })),
    ]);
    for (const columns of [40, 60, 80, 160]) {
      const state = opened('replay', {}, { marks, columns, rows: 50 });
      for (let index = 0; index < viewOf(state).rowCount(state); index++) {
        const at = { ...state, selectedIndex: index, selected: viewOf(state).rowKey(state, index) };
        const page = press(at, 'l');
        expect(page.place).toBe('page');
        const lines = [...viewOf(at).body(at).lines.slice(0, -1), ...(viewOf(page).page?.(page)?.lines ?? [])];
        for (const line of lines) expect(lineWidth(line), lineText(line)).toBeLessThanOrEqual(columns);
        // oxlint-disable-next-line no-control-regex
        expect(lines.map(lineText).join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }
    }
  });

  test('without events says what would come', () => {
    expect(bodyOf(opened('live', {}, { marks: marksOf([]) })).join('\n')).toContain('nothing has happened yet');
    expect(bodyOf(opened('replay', {}, { marks: marksOf([]) })).join('\n')).toContain('tells of no events');
    const reading = opened('replay', { readShare: 0.2 }, { marks: marksOf([]) });
    expect(bodyOf(reading).join('\n')).toContain('no event so far');
  });

  test('of a replay opens on the last event up to the position', () => {
    expect(selectedRow(opened('replay', { positionNs: 960e9 }))).toContain('caches dropped');
    expect(selectedRow(opened('replay', { positionNs: 0 }))).toContain('cgroup removed');
    const last = opened('replay', { positionNs: 1200e9 });
    expect([last.selected, selectedRow(last)]).toEqual([null, expect.stringContaining('cgroup removed') as string]);
    // Whoever has chosen another one finds it again.
    const chosen = press(opened('replay', { positionNs: 960e9 }), 'down', '1', '7');
    expect(selectedRow(chosen)).toContain('exit: signal 9');
  });

  test('says what this kernel does not tell of', () => {
    const note = 'the time line lacks swapon: this kernel does not tell of it';
    for (const marks of [shownMarks(), marksOf([])]) {
      const state = opened('replay', {}, { marks, columns: 160 });
      const { report } = state;
      if (report === null) throw new Error('the fixture has a report');
      const notes = ['another note', note];
      const text = bodyOf({ ...state, report: { ...report, source: { ...report.source, notes } } }).join('\n');
      expect(text).toContain(note);
      expect(text).not.toContain('another note');
    }
  });

  test('is held while the display is paused', () => {
    const held = press(opened('live'), 'space');
    const more = marksOf([...shownMarks().marks, { timeNs: 1199e9, mark: eventMark('user', { text: 'new' }) }]);
    const later = viewReducer(held, { type: 'snapshot', snapshot: { ...held.snapshot, marks: more } });
    expect(bodyOf(later)[1]).not.toContain('mark "new"');
    expect(bodyOf(press(later, 'space'))[1]).toContain('mark "new"');
  });
});

describe('the filter', () => {
  test('narrows the events alone, and Esc clears it', () => {
    const state = typed(opened('live'), 'stall');
    expect(viewOf(state).rowCount(state)).toBe(25);
    expect([state.filterText, state.selection.grep, state.requests]).toEqual(['', null, []]);
    expect(bodyOf(state).at(-2)).toContain('25 of 35 events');
    expect(chromeOf(state, linePainter(false)).panel.join('')).toContain('filter ');
    const other = press(state, '1');
    expect(chromeOf(other, linePainter(false)).panel).toEqual([]);
    const cleared = press(press(other, '7'), 'escape');
    expect([cleared.view, viewOf(cleared).rowCount(cleared)]).toEqual(['events', 35]);
  });

  test('a filter of call paths is none of events', () => {
    const state = press(opened('live'), '1', '/', 'p', 'i', 'p', 'e', 'enter', '7');
    expect(viewOf(state).rowCount(state)).toBe(35);
    expect(press(state, 'escape').filterText).toBe('pipe');
  });

  test('a bad expression says so, and the last good one stays', () => {
    const state = press(typed(opened('live'), 'oom'), '/', 'backspace', 'backspace', 'backspace', '/', '(');
    expect(state.eventFilter.error).toMatch(/^not a regular expression/);
    expect(chromeOf(state, linePainter(false)).panel.join('')).toContain('not a regular expression');
  });
});

describe('Enter', () => {
  test('in a replay goes to the moment, stops there, and shows who held what; Esc comes back', () => {
    const playing = typed(opened('replay', { state: 'playing' }), 'oom');
    const there = press(playing, 'enter');
    expect(there.requests.map(({ name }) => name)).toEqual(['pause', 'select', 'seek']);
    expect(there.requests.at(-1)).toEqual({ name: 'seek', timeNs: 905e9 });
    expect(there.view).toBe('stacks');
    const back = press(arrived(there), 'escape');
    expect([back.view, selectedRow(back)]).toEqual(['events', expect.stringContaining('OOM kill') as string]);
  });

  test('live shows all that the event tells; so does l in a replay, and Enter there goes to the moment', () => {
    const live = press(typed(opened('live', {}, { rows: 50 }), 'oom'), 'enter');
    const text = viewOf(live).page?.(live)?.lines.map(lineText).join('\n') ?? '';
    expect(text).toContain('time                  905.000000 s since the start');
    expect(text).toContain('limited cgroup        /shop/web-0');
    expect(text).toContain('shmem                 503 MiB (527,433,728 bytes)');
    expect(text).toContain('scope                 cgroup');
    expect(press(live, 'enter').place).toBe('list');
    const replay = press(typed(opened('replay'), 'oom'), 'l');
    expect([replay.place, replay.page?.kind]).toEqual(['page', 'event']);
    const there = press(replay, 'enter');
    expect([there.view, there.page, there.requests.at(-1)]).toEqual(['stacks', null, { name: 'seek', timeNs: 905e9 }]);
  });

  test('does nothing on an empty list', () => {
    const state = opened('replay', {}, { marks: marksOf([]) });
    expect(press(state, 'enter', 'l', '{', '}').requests).toEqual([]);
  });
});

describe('{ and }', () => {
  test('go to the event before and after the position, from any view', () => {
    const state = press(opened('replay', { positionNs: 905e9 }), '1');
    expect(seeks(press(state, '}'))).toEqual([{ name: 'seek', timeNs: 905.2e9 }]);
    // The stalls before the kill are one burst.
    expect(seeks(press(state, '{'))).toEqual([{ name: 'seek', timeNs: 780e9 }]);
    // The next one counts from where the first one leads.
    expect(seeks(press(press(state, '{'), '{'))).toEqual([{ name: 'seek', timeNs: 400e9 }]);
  });

  test('there is nothing before the first and after the last', () => {
    expect(press(opened('replay', { positionNs: 60e9 }), '{').requests).toEqual([]);
    expect(press(opened('replay', { positionNs: 1190e9 }), '}').requests).toEqual([]);
  });

  test('take the cursor of the tab along, and walk along what its filter lets through', () => {
    const state = press(opened('replay'), '{', '{');
    expect(selectedRow(state)).toContain('shmget');
    const filtered = press(typed(opened('replay'), 'mark "'), '1', '{');
    expect(seeks(filtered)).toEqual([{ name: 'seek', timeNs: 400e9 }]);
  });

  test('live they move the cursor, in the tab', () => {
    const state = press(opened('live'), '1', '{');
    expect([state.view, selectedRow(state)]).toEqual(['events', expect.stringContaining('cgroup removed') as string]);
    const before = press(state, '{', 'l');
    expect(viewOf(before).page?.(before)?.lines.map(lineText)[0]).toContain('shmget');
    const page = press(before, '}');
    expect(viewOf(page).page?.(page)?.lines.map(lineText)[0]).toContain('cgroup removed');
  });
});
