/** After any keys, on a screen of any size, the body is whole, no line is too wide, and a row is selected. */
import { beforeAll, expect, test } from 'vitest';
import { cacheTableOf } from '../../../src/rank/breakdown/cache-table.js';
import { byProcessName } from '../../../src/rank/breakdown/process-names.js';
import { processesOf } from '../../../src/rank/breakdown/processes.js';
import { callTree } from '../../../src/rank/breakdown/tree.js';
import type { Selection } from '../../../src/rank/report/selection.js';
import type { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import type { MarksView } from '../../../src/session/trace-session.js';
import { NO_VIEW, type ViewData, type ViewRequest } from '../../../src/session/view-data.js';
import { chromeOf } from '../../../src/view/chrome.js';
import { layoutOf } from '../../../src/view/head/layout.js';
import { linePainter } from '../../../src/view/lines/styled-line.js';
import { KEY_TABLE } from '../../../src/view/model/keys.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../src/view/reducer/state.js';
import { paintRegions } from '../../../src/view/regions.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { replayed } from '../../helpers/replayed.js';
import { fixtureSelection } from '../../helpers/report-fixture.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';
import { shownMarks } from '../fixtures/events.js';
import { firstLook } from '../fixtures/first-look.js';

const SIZES = [
  [80, 24],
  [160, 50],
  [40, 8],
  [20, 5],
  [100, 16],
  [250, 60],
] as const;
const LEAVING = ['quit', 'suspend'];
const KEYS = [
  ...new Set(KEY_TABLE.filter(({ command }) => !LEAVING.includes(command)).flatMap((binding) => binding.keys)),
].filter((key) => key !== 'q');

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
});

/** Returns the session's answer for a view; null for views that need more than the pipeline. */
function answer(selection: Selection, request: ViewRequest): ViewData | null {
  const { core, symbols } = pipeline;
  switch (request.kind) {
    case 'tree':
      return { kind: 'tree', tree: callTree({ core, symbols }, selection, request) };
    case 'processes': {
      const rows = byProcessName(processesOf({ core, symbols }, selection));
      return { kind: 'processes', by: request.by, sort: request.sort, rows, total: { rows: rows.length, bytes: 1 } };
    }
    case 'caches': {
      const rows = cacheTableOf({ core, symbols }, selection);
      return { kind: 'caches', sort: request.sort, rows, total: { rows: rows.length, bytes: 1 } };
    }
    default:
      return null;
  }
}

/** The events of the fixtures, in a shorter trace. */
function eventsWithin(durationNs: number): MarksView {
  const view = shownMarks();
  return { ...view, marks: view.marks.map((each) => ({ ...each, timeNs: (each.timeNs / 1200e9) * durationNs })) };
}

// Even seeds show a live trace, odd ones a replay.
test.each(seeds(4, 8))('seed %i', (seed) => {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const status = fixtureStatus({ durationNs: 7e9, positionNs: 7e9, state: 'ended' });
  let [columns, rows] = [80, 24];
  let opened: number | null = null;
  let shown: ViewRequest = NO_VIEW;
  let selection = fixtureSelection();
  const triage = seed % 4 < 2 ? firstLook() : null;
  const marks = seed % 3 === 0 ? undefined : eventsWithin(7e9);
  const snapshot = {
    report: pipeline.report(selection),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    status,
    triage,
    marks,
  };
  const mode = seed % 2 === 0 ? 'live' : 'replay';
  let state: ViewState = initialViewState({ mode, columns, rows, snapshot, selection });
  const seen = new Set<string>();
  for (let press = 0; press < 150; press++) {
    // A line in which something is typed that is no time is left by Escape alone.
    const name = random() < 0.05 ? 'escape' : pick(KEYS);
    state = viewReducer(state, { type: 'key', key: { name, text: Array.from(name).length === 1 ? name : '' } });
    for (const request of state.requests) {
      if (request.name === 'select') ({ selection } = request);
      if (request.name === 'open') opened = request.stackId;
      if (request.name === 'show') shown = request.view;
    }
    if (random() < 0.7) {
      const report = pipeline.report(selection);
      const detail = opened === null ? null : pipeline.detail(selection, opened);
      const view = answer(selection, shown);
      state = viewReducer(state, {
        type: 'snapshot',
        snapshot: { report, detail, view, viewRequest: shown, status, triage, marks },
      });
    }
    if (random() < 0.05) {
      [columns, rows] = pick(SIZES);
      state = viewReducer(state, { type: 'resize', columns, rows });
    }
    expectDrawn(state, `seed ${seed}, press ${press}, ${name}`);
    seen.add(`${state.view} ${state.place}`);
  }
  expect(state.ended).toBe(false);
  expect(seen.size).toBeGreaterThan(4);
});

/** Expects that each line fits as it is drawn, after the painter has cut it. */
function expectDrawn(state: ViewState, when: string): void {
  const layout = layoutOf(state);
  const widths: number[] = [];
  const paint = linePainter(false);
  const regions = new Map<string, { top: number; lines: readonly string[] }>();
  paintRegions(
    {
      setRegion: (id, top, lines) => void regions.set(id, { top, lines }),
      clearRegion: (id) => void regions.delete(id),
    },
    state,
    (line, width, selected) => {
      widths.push(width);
      return paint(line, width, selected);
    },
  );
  const chrome = chromeOf(state, paint);
  expect(chrome.panel.length, when).toBeLessThanOrEqual(Math.max(0, layout.panelRows));
  if (state.place === 'menu' && layout.panelRows > 1) {
    expect(
      chrome.panel.some((line) => line.startsWith('\x1b[7m')),
      when,
    ).toBe(true);
  }
  if (layout.tooSmall) return;
  expect(new Set(widths), when).toEqual(new Set([state.columns]));
  const body = regions.get('body');
  if (state.place !== 'help') {
    expect(body?.lines, when).toHaveLength(layout.bodyRows);
    // The line that narrows the list is inverse too.
    const rows = body?.lines.filter((line) => !line.startsWith('\x1b[7monly: ')) ?? [];
    const isList = state.opened === null && state.page === null;
    expect((body?.lines.length ?? 0) - rows.length, when).toBe(isList ? layout.narrowRows : 0);
    const marked = rows.filter((line) => line.startsWith('\x1b[7m')).length;
    const count = viewOf(state).rowCount(state);
    if (isList) expect(marked, when).toBe(count === 0 ? 0 : 1);
  }
  expect((regions.get('header')?.lines.length ?? 0) + layout.bodyRows + layout.panelRows + 1, when).toBe(state.rows);
}
