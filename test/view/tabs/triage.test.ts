/** The first look: its list, its pages, its keys, and the terms of MemTotal. */
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { NO_VIEW } from '../../../src/session/view-data.js';
import type { TriageReport } from '../../../src/triage/report.js';
import { layoutOf } from '../../../src/view/head/layout.js';
import { lineText } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState } from '../../../src/view/reducer/state.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { fixtureReport, fixtureSelection } from '../../helpers/report-fixture.js';
import { firstLook, quietLook } from '../fixtures/first-look.js';
import { press } from '../fixtures/lists.js';

function shown(triage: TriageReport | null, columns = 80, rows = 24, mode: 'live' | 'replay' = 'live'): ViewState {
  const report = fixtureReport({ extra: 60 });
  const snapshot = { report, detail: null, view: null, viewRequest: NO_VIEW, status: fixtureStatus(), triage };
  return press(initialViewState({ mode, columns, rows, snapshot, selection: fixtureSelection() }), 'T');
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

function pageOf(state: ViewState): string[] {
  const page = viewOf(state).page?.(state);
  if (page === undefined || page === null) throw new Error('no page is open');
  return [page.title, ...page.lines].map((line) => lineText(line).trimEnd());
}

describe('the list of findings', () => {
  test('has number, word, rule and text of each, and below it the selected one in sentences', () => {
    const lines = linesOf(shown(firstLook()));
    expect(lines.slice(0, 10)).toEqual([
      ' # WORD     RULE FINDING',
      '   FINE     R1   No shortage: 5.59 GiB of 16.0 GiB (35%) are available.',
      ' 1 ABNORMAL R3   5.00 GiB (31%) are in no line of /proc/meminfo. It is explaine…',
      ' 2 LARGE    R11  Shared memory and tmpfs files are 2.50 GiB (16%). /dev/shm hol…',
      '',
      '5.00 GiB (31%) are in no line of /proc/meminfo. It is explained by packet rings',
      'of 2211 suricata (4.75 GiB).',
      'held by: packet rings of 2211 suricata 4.75 GiB',
      'next:',
      'ss -0 -e -p',
    ]);
    expect(lines.at(-1)).toBe('2 findings; 1 source not read');
    expect(lines.join('\n')).toContain('not read, root only: /proc/vmallocinfo');
  });

  test('has bytes and growth too where there is room', () => {
    const lines = linesOf(shown(firstLook(), 120, 35));
    expect(lines[0]).toBe(' # WORD        BYTES   GROWTH/h  RULE FINDING');
    expect(lines[2]).toMatch(/^ 1 ABNORMAL 5\.00 GiB {10}- {2}R3 {3}5\.00 GiB \(31%\)/);
  });

  test('says that nothing is abnormal where nothing is', () => {
    const lines = linesOf(shown(quietLook()));
    expect(lines[1]).toMatch(/^ {3}FINE {5}R1 {3}No shortage/);
    expect(lines.at(-1)).toBe('nothing abnormal');
  });

  test('says why it is empty before there is a look, and in a recording without one', () => {
    expect(linesOf(shown(null))[1]).toBe('  this machine has not been looked at yet');
    expect(linesOf(shown(null, 80, 24, 'replay'))[1]).toBe('  this recording has no look at the machine before it');
    const reading = shown(null, 80, 24, 'replay');
    const status = fixtureStatus({ state: 'reading', readShare: 0.2 });
    expect(linesOf({ ...reading, snapshot: { ...reading.snapshot, status } })[1]).toMatch(/has been read so far$/);
    expect(press(shown(null), 'enter').page).toBeNull();
  });

  test.each([
    [40, 8],
    [40, 10],
    [80, 24],
    [120, 35],
    [160, 50],
  ])('at %ix%i its body is as high as its place and no line is too wide, on all its pages', (columns, rows) => {
    const state = shown(firstLook('x'.repeat(300)), columns, rows);
    for (const each of [state, press(state, 'G'), press(state, 'v')]) {
      expect(linesOf(each)).toHaveLength(layoutOf(each).bodyRows);
      expect(layoutOf(each).bodyRows).toBeGreaterThan(2);
    }
    const pages = [pageOf(press(state, 'enter')), pageOf(press(state, 'v', 'down', 'enter'))];
    for (const text of pages.flatMap(([, ...lines]) => lines)) {
      expect(textWidth(text), text).toBeLessThanOrEqual(columns);
    }
  });
});

describe('the page of a finding', () => {
  test('has who holds it with bytes, what was ruled out, and whole commands that begin in the first column', () => {
    expect(pageOf(press(shown(firstLook()), 'enter'))).toEqual([
      'First look › 1 ABNORMAL memory in no line of /proc/meminfo  rule R3',
      '5.00 GiB (31%) are in no line of /proc/meminfo. It is explained by packet rings',
      'of 2211 suricata (4.75 GiB).',
      '',
      '    BYTES  SHARE  KIND    HELD BY',
      ' 4.75 GiB    95%  socket  packet rings of 2211 suricata',
      '',
      'NEXT',
      'ss -0 -e -p',
      'unfreed record -o db-17.unfreed --allocator page --min-age 5s --max-overhead \\',
      '  3% --duration 1h',
    ]);
  });

  test('goes when the finding goes, and stays while figures change', () => {
    const state = press(shown(firstLook()), 'enter');
    const later = (triage: TriageReport): ViewState => ({ ...state, snapshot: { ...state.snapshot, triage } });
    expect(pageOf(later(firstLook('snort')))[2]).toBe('of 2211 snort (4.75 GiB).');
    expect(viewOf(state).page?.(later(quietLook()))).toBeNull();
  });

  test('lets no name act on the terminal', () => {
    const state = shown(firstLook('a\x1b[2Jb\u202e\n'), 160, 50);
    const pages = [
      linesOf(state),
      pageOf(press(state, 'enter')),
      pageOf(press(state, 'v', ...Array.from({ length: 5 }, () => 'down'), 'enter')),
    ];
    for (const lines of pages) {
      const text = lines.join('');
      expect(text).toContain('2211 a');
      expect(text).not.toMatch(/[\x00-\x1f\x7f\u202e]/);
    }
  });
});

describe('the terms of MemTotal', () => {
  test('have their source, all of them, and their sum', () => {
    const state = press(shown(firstLook(), 160, 50), 'v');
    const lines = linesOf(state);
    const { equation } = firstLook();
    for (const { term, source } of equation) {
      const line = lines.find((each) => each.slice(2).startsWith(`${term} `));
      expect(line, term).toContain(source.slice(0, 60));
    }
    expect(lines.at(-1)).toBe('the terms add up to 16.0 GiB, MemTotal of /proc/meminfo');
    expect(viewOf(state).rowCount(state)).toBe(equation.length);
  });

  test('say what the machine has beside them', () => {
    const beside = { ...firstLook(), outside: [{ term: 'kept at boot', bytes: 2 ** 30, source: '' }] };
    const lines = linesOf(press(shown(beside, 160, 50), 'v'));
    expect(lines.at(-1)).toBe(
      'the terms add up to 16.0 GiB, MemTotal of /proc/meminfo; beside it: kept at boot 1.00 GiB',
    );
  });

  test('open to who holds them', () => {
    const state = press(shown(firstLook()), 'v', 'down', 'down', 'down', 'down', 'enter');
    expect(pageOf(state)).toEqual([
      'First look › Shmem',
      'at the first look 2.50 GiB (16% of RAM), Shmem of /proc/meminfo',
      '',
      '    BYTES  SHARE  KIND    HELD BEFORE THE TRACE BY',
      ' 2.25 GiB    90%  mount   /dev/shm',
      '  200 MiB   7.8%  segment memfd of 991 java',
      ' 8.00 MiB   0.3%  mount   /run',
      '',
      'LARGE  Shared memory and tmpfs files are 2.50 GiB (16%). /dev/shm holds 2.25 GiB',
      '  of it. (R11)',
    ]);
  });

  test('say so where the holders were not read', () => {
    expect(pageOf(press(shown(firstLook()), 'v', 'enter')).at(-1)).toBe(
      'Who held it before the trace was not read, or cannot be told.',
    );
  });

  test('are the last page of Memory too', () => {
    const memory = press(shown(firstLook()), '5', 'v', 'v', 'v');
    expect([memory.view, memory.memoryPage]).toEqual(['memory', 'equation']);
    expect(linesOf(memory)).toEqual(linesOf(press(shown(firstLook()), 'v')));
    expect(pageOf(press(memory, 'enter'))[0]).toBe('Memory › MemFree');
    expect(linesOf(press(shown(null), '5', 'v', 'v', 'v'))[1]).toBe('  this machine has not been looked at yet');
  });
});

describe('keys', () => {
  test('T comes from any tab and goes back to it, as Esc does', () => {
    const state = press(shown(firstLook()), '4', 'T');
    expect(state.view).toBe('triage');
    expect(press(state, 'T').view).toBe('caches');
    expect(press(state, 'escape').view).toBe('caches');
    expect(press(state, 'enter', 'escape', 'escape').view).toBe('caches');
    expect([press(state, 'tab').view, press(state, 'shift-tab').view]).toEqual(['memory', 'processes']);
  });

  test('a tab closes the page, and the list is as it was on coming back', () => {
    const state = press(shown(firstLook()), 'enter', '2');
    expect([state.view, state.place, state.page]).toEqual(['tree', 'list', null]);
    expect(press(state, 'T').selectedIndex).toBe(1);
  });

  test('nothing asks the session for another ranking', () => {
    let state = shown(firstLook());
    for (const key of ['down', 'enter', 'escape', 'v', 'enter', 'escape', 'v', 'T']) {
      state = press(state, key);
      expect(state.requests).toEqual([]);
    }
  });

  test('help comes back to the page', () => {
    const state = press(shown(firstLook()), 'enter', '?', '?');
    expect([state.place, state.page?.kind]).toEqual(['page', 'finding']);
  });

  test('what narrows the ranking stays, and does not narrow this', () => {
    const state = press(press(shown(firstLook()), '1', '/', 'p', 'enter'), 'T');
    expect(layoutOf(state).narrowRows).toBe(0);
    expect(press(state, 'escape').selection.grep).not.toBeNull();
  });
});
