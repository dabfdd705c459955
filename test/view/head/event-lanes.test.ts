/** Events on the line of time: signs on the track, lanes, and the event next to the position. */
import { describe, expect, test } from 'vitest';
import type { LoggedMark } from '../../../src/event/marks/marks.js';
import type { MarksView, SessionStatus } from '../../../src/session/trace-session.js';
import { NO_VIEW } from '../../../src/session/view-data.js';
import { eventLanes, groupsOf, presentEventLine, putEventSigns } from '../../../src/view/head/event-lanes.js';
import { headerLines } from '../../../src/view/head/header-lines.js';
import type { Sign } from '../../../src/view/lines/event-signs.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState } from '../../../src/view/reducer/state.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureReport, fixtureSelection } from '../../helpers/report-fixture.js';
import { eventMark, marksOf, shownMarks, TIMELINE } from '../fixtures/events.js';

const DURATION = 100e9;
const SCALE = { durationNs: DURATION, width: 20 };

function stateOf(
  marks: MarksView | undefined,
  {
    columns = 80,
    rows = 24,
    mode = 'replay',
    ...status
  }: Partial<SessionStatus> & { columns?: number; rows?: number; mode?: 'live' | 'replay' } = {},
): ViewState {
  const snapshot = {
    report: fixtureReport({}),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    status: fixtureStatus({ state: 'paused', durationNs: DURATION, positionNs: DURATION, ...status }),
    marks,
  };
  return initialViewState({ mode, columns, rows, snapshot, selection: fixtureSelection() });
}

function at(seconds: number, mark: LoggedMark['mark']): LoggedMark {
  return { timeNs: seconds * 1e9, mark };
}

function trackOf(marks: MarksView): string {
  const signs = Array.from({ length: SCALE.width }, (): Sign => ({ text: '-', tone: 'dim' }));
  putEventSigns(signs, { marks }, SCALE);
  return signs.map(({ text }) => text).join('');
}

function stall(seconds: number, ms: number): LoggedMark {
  return at(seconds, eventMark('reclaim', { durationNs: ms * 1e6 }));
}

function lanes(marks: MarksView, most: number): string[] {
  return eventLanes({ marks }, SCALE, { most, titleWidth: 9 }).map(lineText);
}

/** The head of a live trace. */
function headOf(positionNs: number, marks: MarksView | undefined): string {
  const state = stateOf(marks, { mode: 'live', durationNs: 0, positionNs, state: 'tracing' });
  return headerLines(state).map(lineText).join('\n');
}

describe('the track', () => {
  test('has a sign at the column of each event, of several the most important', () => {
    const marks = [
      at(0, eventMark('cgroup-made')),
      stall(50, 1),
      at(51, eventMark('oom-kill')),
      stall(52, 1),
      at(60, eventMark('user')),
      stall(100, 1),
    ];
    expect(trackOf(marksOf(marks))).toBe('c---------K-u------s');
  });

  test('is as before without events', () => {
    expect(trackOf(marksOf([]))).toBe('-'.repeat(20));
    const texts = headerLines(stateOf(undefined)).map(lineText);
    expect(headerLines(stateOf(marksOf([]))).map(lineText)).toEqual(texts);
    expect(texts.join('\n')).not.toContain('{ }');
  });
});

describe('lanes', () => {
  test('there is one for each group that has something, and no other', () => {
    const marks = marksOf([
      at(10, eventMark('cgroup-made')),
      at(20, eventMark('cgroup-removed')),
      at(21, eventMark('cgroup-made')),
      at(30, eventMark('oom-kill')),
    ]);
    expect(lanes(marks, 9)).toEqual([
      '     OOM       K              1, last at 30.0s',
      ' cgroups   + c                3, last at 21.0s',
    ]);
    expect(lanes(marksOf([]), 9)).toEqual([]);
  });

  test('what has no room shares the last one; without any there is none', () => {
    const marks = shownMarks();
    expect(groupsOf({ marks })).toHaveLength(9);
    const titles = (most: number): string[] => lanes(marks, most).map((line) => line.slice(0, 9).trim());
    expect(titles(9)).toHaveLength(9);
    expect(titles(3)).toEqual(['OOM', 'marks', 'others']);
    expect(titles(1)).toEqual(['others']);
    expect(titles(0)).toEqual([]);
  });

  test('stalls are drawn by the time that they took, the least too', () => {
    const [line] = lanes(marksOf([stall(0, 400), stall(1, 240), stall(50, 320), stall(99, 1)]), 1);
    expect(line).toBe('  stalls █         ▅        ▁ most 640ms at 0s');
  });

  test('those that were left out are counted', () => {
    const marks = marksOf([at(1, eventMark('exec'))], { exec: 8999 });
    expect(lanes(marks, 1)[0]).toMatch(/ 9,000, last at 1\.00s$/);
  });
});

describe('in the head of a replay', () => {
  const marks = shownMarks();
  const long = { durationNs: 1200e9, timeline: TIMELINE };

  test('a small screen has signs on the track, a large one lanes in place of them', () => {
    const small = headerLines(stateOf(marks, { ...long, positionNs: 1200e9 })).map(lineText);
    expect(small.find((line) => line.includes(' of 00:20:00'))).toMatch(/e.*x.*u.*s+K/);
    const large = headerLines(stateOf(marks, { ...long, positionNs: 1200e9, columns: 160, rows: 50 })).map(lineText);
    const track = large.find((line) => line.includes(' of 00:20:00')) ?? '';
    expect(track).toMatch(/x/);
    expect(track).not.toMatch(/[Ku]/);
    expect(large.filter((line) => / last at |most .* at /.test(line))).toHaveLength(9);
  });

  test('a sign under the position is a capital', () => {
    const state = stateOf(marks, { ...long, positionNs: 400e9 });
    expect(
      headerLines(state)
        .map(lineText)
        .find((line) => line.includes(' of 00:20:00')),
    ).toContain('U');
  });

  test('the event next to the position is said: the last that has begun, before all the first', () => {
    const line = (positionNs: number, columns = 120): string =>
      lineText(presentEventLine(stateOf(marks, { ...long, positionNs, columns })) ?? []);
    expect(line(0)).toMatch(/^c 00:01:00 next: cgroup made: \/shop\/web-0 .* 1 of 11 {2}\{ \}$/);
    expect(line(399e9)).toMatch(/^e 00:01:01 exec: \/usr\/bin\/python3; python3 1886 .* 2 of 11 {2}\{ \}$/);
    expect(line(400e9)).toMatch(/^u 00:06:40 mark "deploy 42" .* 3 of 11/);
    expect(line(904e9)).toMatch(/^s 00:13:00 25 in 2m 00s: reclaim stall at a cgroup's limit; python3 1886 .* 4 of 11/);
    expect(line(905e9)).toMatch(
      /^K 00:15:05 OOM kill of python3 \(1886\): limit of cgroup \/shop\/web-0; 9\.00 MiB anon/,
    );
    for (const columns of [40, 60, 80, 250]) {
      expect(lineWidth(presentEventLine(stateOf(marks, { ...long, columns })) ?? [])).toBeLessThanOrEqual(columns);
    }
    expect(presentEventLine(stateOf(marksOf([])))).toBeNull();
  });

  test('names can do nothing to the terminal', () => {
    for (const name of HOSTILE_NAMES) {
      const mark = eventMark('oom-kill', { victimComm: name, limitedCgroup: name, scope: 4 }, { pid: 5, comm: name });
      for (const mode of ['live', 'replay'] as const) {
        const state = stateOf(marksOf([at(99, mark)]), { mode, columns: 160, rows: 50 });
        // oxlint-disable-next-line no-control-regex
        expect(headerLines(state).map(lineText).join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }
    }
  });
});

test('an OOM kill stays in the head of a live trace for five minutes', () => {
  const marks = shownMarks();
  expect(headOf(906e9, marks)).toMatch(/K 00:15:05 OOM kill of python3 .* 7\n/);
  expect(headOf(1300e9, marks)).not.toContain('OOM kill');
  expect(headOf(906e9, undefined)).not.toContain('OOM kill');
});
