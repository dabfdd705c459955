/** What the objects of a cache are, over the tab Caches. */
import { expect, test } from 'vitest';
import { textWidth } from '../../../../src/base/safe-text.js';
import type { CensusType } from '../../../../src/census/report.js';
import { lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { HOSTILE_NAMES } from '../../../helpers/hostile-text.js';
import { shownCensus, TAME } from '../../fixtures/census.js';
import { answer, cache, press, slabOf, start } from '../../fixtures/lists.js';

const ROWS = [
  cache('UNIX or UNIX-STREAM (merged with kmalloc-256)', 9, { slab: slabOf('kmalloc-256', 3310, 12) }),
  cache('dentry', 5, { slab: slabOf('dentry', 90, 0) }),
  cache('(large kmalloc)', 2),
];

function opened(types: CensusType[] = shownCensus().types ?? [], columns = 80): ViewState {
  const total = { rows: ROWS.length, bytes: 5000 };
  return answer(press(start(columns, 24), '4'), { kind: 'caches', sort: 'bytes', rows: ROWS, total, types });
}

function pageOf(state: ViewState): string[] {
  const page = viewOf(state).page?.(state);
  return page === null || page === undefined ? [] : [page.title, ...page.lines].map((line) => lineText(line).trimEnd());
}

test('Enter shows what its objects are where a census knows, and then its call paths', () => {
  const page = press(opened(), 'enter');
  expect(pageOf(page)).toEqual([
    'Caches › kmalloc-256  Enter: its call paths',
    '3,310 of the 3,400 objects of kmalloc-256, 256 B each, are in use.',
    '   OBJECTS    BYTES  SHARE    CHANGE  WHAT THEY ARE',
    '     3,300  825 KiB  99.7%      +300  kmalloc-256{timerfd_tmrproc}',
    '        10 2.50 KiB   0.3%        ±0  plain data: nothing in them tells what th…',
  ]);
  const paths = press(page, 'enter');
  expect([paths.view, paths.selection.cache]).toEqual(['stacks', 'UNIX or UNIX-STREAM (merged with kmalloc-256)']);
  expect(press(page, 'escape')).toMatchObject({ view: 'caches', place: 'list', page: null });
});

test('without a census of it Enter shows its call paths at once', () => {
  for (const state of [opened([]), press(opened(), 'down')]) {
    expect(press(state, 'enter').view).toBe('stacks');
  }
});

const asked = (state: ViewState): unknown => press(state, 'C').requests;
const act = (caches: string[]) => [{ name: 'act', action: { name: 'census', caches } }];

test('C takes a census of the selected cache, by its name in slabinfo', () => {
  expect(asked(opened())).toEqual(act(['kmalloc-256']));
  expect(asked(press(opened(), 'enter'))).toEqual(act(['kmalloc-256']));
  expect(asked(press(opened(), 'down'))).toEqual(act(['dentry']));
  expect(asked(press(opened(), 'G'))).toEqual(act([]));
});

test.each([40, 80, 160])('hostile names stay on their line at %i columns', (columns) => {
  for (const name of HOSTILE_NAMES) {
    const [type] = shownCensus({ ...TAME, symbol: name }).types ?? [];
    const rows = type.rows.map((row) => ({ ...row, text: name, module: name, holder: `${name}<` }));
    const state = opened([{ ...type, rows }], columns);
    for (const line of pageOf(press(state, 'enter')).slice(1)) {
      // oxlint-disable-next-line no-control-regex
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
  }
});
