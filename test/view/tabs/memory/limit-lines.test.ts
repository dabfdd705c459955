/** The page of limits, exact to the column, and with a hostile name. */
import { expect, test } from 'vitest';
import { textWidth } from '../../../../src/base/safe-text.js';
import { type LimitsNow, NO_VIEW } from '../../../../src/session/view-data.js';
import type { Gauge } from '../../../../src/triage/report.js';
import { layoutOf } from '../../../../src/view/head/layout.js';
import { lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { initialViewState } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../../helpers/hostile-text.js';
import { fixtureSelection } from '../../../helpers/report-fixture.js';
import { grownReport, MIB } from '../../fixtures/grown.js';
import { press } from '../../fixtures/lists.js';

function gauge(name: string, used: number, limit: number, changes: Partial<Gauge> = {}): Gauge {
  const share = used / limit;
  return {
    name,
    of: '',
    used,
    limit,
    unit: 'bytes',
    share,
    near: share >= 0.8,
    reclaimable: null,
    holder: '',
    readMs: null,
    ...changes,
  };
}

const GAUGES: readonly Gauge[] = [
  gauge('memory.max', 97 * MIB, 100 * MIB, { of: '/kubepods/pod1', reclaimable: 30 * MIB }),
  gauge('max_map_count', 40_000, 65_530, { unit: 'mappings', holder: '7 java' }),
];

function opened(columns: number, rows: number, limits: LimitsNow | null, mode: 'live' | 'replay' = 'live'): ViewState {
  const status = fixtureStatus({ positionNs: 18e9, state: mode === 'live' ? 'tracing' : 'ended' });
  const snapshot = { report: grownReport(), detail: null, view: null, viewRequest: NO_VIEW, status };
  const state = initialViewState({ mode, columns, rows, snapshot, selection: fixtureSelection() });
  const at = press(state, '5', 'v', 'v', 'v', 'v');
  expect([at.memoryPage, at.requests.at(-1)]).toEqual(['limits', { name: 'show', view: { kind: 'limits' } }]);
  return { ...at, data: { kind: 'limits', limits } };
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

const NOW: LimitsNow = { timeMs: Date.UTC(2026, 10, 30, 15, 46, 13), isNow: true, gauges: [...GAUGES], more: 2 };

test('at 80x24 those near their limit are marked, and the time of the figures is told', () => {
  const lines = linesOf(opened(80, 24, NOW));
  expect(lines.slice(0, 4)).toEqual([
    '   SHARE              USED OF LIMIT              LIMIT',
    '▲    97% ███████████▋ 97.0 MiB of 100 MiB        memory.max of /kubepods/pod1',
    '     61% ███████▍     40,000 of 65,530 mappings  max_map_count',
    '',
  ]);
  expect(lines.filter((line) => line !== '').at(-2)).toBe(
    '2 of cgroups and mounts are not listed; ▲ 1 near the limit; as of 15:46:13 UTC',
  );
  expect(lines.at(-1)).toBe('memory.max of /kubepods/pod1: 97.0 MiB of 100 MiB, 30.0 MiB of it file cache');
});

test('at 160 columns who uses most, and what can be given back, stands behind', () => {
  const [, first, second] = linesOf(opened(160, 50, NOW));
  expect(first).toMatch(/memory\.max of \/kubepods\/pod1 +30\.0 MiB of it file cache$/);
  expect(second).toMatch(/max_map_count +most by 7 java$/);
});

test('in a replay the date of the look stands below, for the figures are not of the position', () => {
  const lines = linesOf(opened(80, 24, { ...NOW, isNow: false, more: 0 }, 'replay'));
  expect(lines.filter((line) => line !== '').at(-2)).toBe('▲ 1 near the limit; of the look of 2026-11-30 15:46:13 UTC');
  expect(linesOf(opened(80, 24, null, 'replay'))[1]).toBe('  this recording has no look at the machine before it');
  expect(linesOf(opened(80, 24, null))[1]).toBe('  reading the limits of this machine');
  expect(linesOf({ ...opened(80, 24, null), data: null })[1]).toBe('  waiting for the limits');
});

test.each([40, 80, 120, 160])(
  'no name leaves its cell at %i columns, and no control character gets to the screen',
  (columns) => {
    const gauges = HOSTILE_NAMES.map((name) => gauge('memory.max', 9, 10, { of: `/${name.repeat(30)}`, holder: name }));
    const state = opened(columns, 24, { ...NOW, gauges });
    const { lines } = viewOf(state).body(state);
    expect(lines).toHaveLength(layoutOf(state).bodyRows);
    for (const line of lines.map(lineText)) {
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e\u2066]/);
      if (columns >= 80) expect(textWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
    }
    expect(viewOf(state).rowCount(state)).toBe(HOSTILE_NAMES.length);
  },
);
