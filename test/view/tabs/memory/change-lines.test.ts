/** The page of changes, exact to the column. */
import { describe, expect, test } from 'vitest';
import { plainText } from '../../../../src/base/plain-text.js';
import { textWidth } from '../../../../src/base/safe-text.js';
import type { Report } from '../../../../src/rank/report/report.js';
import { NO_VIEW } from '../../../../src/session/view-data.js';
import { layoutOf } from '../../../../src/view/head/layout.js';
import { linePainter, lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { initialViewState } from '../../../../src/view/reducer/state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../../helpers/fake-session.js';
import { fixtureSelection } from '../../../helpers/report-fixture.js';
import { firstLook } from '../../fixtures/first-look.js';
import { grownReport, MIB } from '../../fixtures/grown.js';
import { press } from '../../fixtures/lists.js';

function opened(columns: number, rows: number, report: Report = grownReport()): ViewState {
  const status = fixtureStatus({ positionNs: 18e9 });
  const snapshot = { report, detail: null, view: null, viewRequest: NO_VIEW, status };
  return press(initialViewState({ mode: 'live', columns, rows, snapshot, selection: fixtureSelection() }), '5');
}

/** The same with a first look. */
function looked(): ViewState {
  const state = opened(120, 35);
  return { ...state, snapshot: { ...state.snapshot, triage: firstLook() } };
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

const WIDE = `\
                     START      NOW    CHANGE  shrank                  0                    grew  FINDING
not in meminfo    98.0 MiB  120 MiB +22.1 MiB                          ┃███████████▉              1
Shmem             13.1 MiB 57.9 MiB +44.8 MiB                          ┃████████████████████████  2
Cached less Shmem 3.82 GiB 3.83 GiB +14.4 MiB                          ┃███████▊
AnonPages          247 MiB  236 MiB -11.2 MiB                    ██████┃                          3
PageTables        11.7 MiB 8.97 MiB -2.74 MiB                        ▐█┃                          4
Slab               508 MiB  509 MiB  +768 KiB                          ┃▍
4 more lines      93.6 MiB 93.6 MiB +32.0 KiB                          ┃▏
free              18.8 GiB 18.7 GiB -68.1 MiB  444 MiB of it on per-CPU lists. Findings explain 68.0 of the 68.1 MiB.`;

const NARROW = `\
                     START      NOW    CHANGE  shrank     0       grew  FINDING
not in meminfo    98.0 MiB  120 MiB +22.1 MiB             ┃█████▍       1
Shmem             13.1 MiB 57.9 MiB +44.8 MiB             ┃███████████  2
Cached less Shmem 3.82 GiB 3.83 GiB +14.4 MiB             ┃███▌
AnonPages          247 MiB  236 MiB -11.2 MiB          ▐██┃             3
PageTables        11.7 MiB 8.97 MiB -2.74 MiB            ▐┃             4
Slab               508 MiB  509 MiB  +768 KiB             ┃▏
4 more lines      93.6 MiB 93.6 MiB +32.0 KiB             ┃▏
free              18.8 GiB 18.7 GiB -68.1 MiB  444 MiB of it on per-CPU lists.
Findings explain 68.0 of the 68.1 MiB.`;

const PLAIN = `\
                     START      NOW    CHANGE  shrank     0       grew  FINDING
not in meminfo    98.0 MiB  120 MiB +22.1 MiB             |#####        1
Shmem             13.1 MiB 57.9 MiB +44.8 MiB             |###########  2
Cached less Shmem 3.82 GiB 3.83 GiB +14.4 MiB             |####
AnonPages          247 MiB  236 MiB -11.2 MiB          ###|             3
PageTables        11.7 MiB 8.97 MiB -2.74 MiB            #|             4
Slab               508 MiB  509 MiB  +768 KiB             |
4 more lines      93.6 MiB 93.6 MiB +32.0 KiB             |
free              18.8 GiB 18.7 GiB -68.1 MiB  444 MiB of it on per-CPU lists.
Findings explain 68.0 of the 68.1 MiB.`;

test('at 120x29, without curves', () => {
  expect(linesOf(opened(120, 29)).join('\n').trimEnd()).toBe(WIDE);
});

test('at 80x24; free memory takes two lines', () => {
  expect(linesOf(opened(80, 24)).join('\n').trimEnd()).toBe(NARROW);
});

test('in plain characters, which a zero line does not mistake for an axis', () => {
  const lines = viewOf(opened(80, 24)).body(opened(80, 24)).lines;
  const paint = linePainter(true);
  for (const painted of [lines.map(lineText), lines.map((line) => paint(line, 80).replaceAll(/\x1b\[[\d;]*m/g, ''))]) {
    const plain = painted.map((line) => plainText(line).trimEnd());
    expect(plain.join('\n').trimEnd()).toBe(PLAIN);
  }
  // Styles stand between the pieces of a line; the characters are the same.
  const styled = lines.map((line) =>
    plainText(paint(line, 80))
      .replaceAll(/\x1b\[[\d;]*m/g, '')
      .trimEnd(),
  );
  expect(styled.join('\n').trimEnd()).toBe(PLAIN);
});

test('at 160 columns the greatest finding of a line has its noun and its holder', () => {
  const [, gap, , , , tables] = linesOf(opened(160, 50));
  expect(gap).toMatch(/┃█+▉ {14}1 pipe buffers \(2\), python3 18875$/);
  expect(tables).toMatch(/4 page tables, node$/);
});

test('where names have control characters none gets to the screen', () => {
  const report = grownReport();
  const findings = report.findings.map((each) => ({
    ...each,
    noun: 'a\x1b[2Jb',
    holder: { ...each.holder, name: '\x07\n' },
  }));
  const text = linesOf(opened(160, 50, { ...report, findings })).join('');
  expect(text).toContain('a');
  expect(text).not.toMatch(/[\x00-\x1f\x7f]/);
});

describe('from 30 lines up', () => {
  test('the two parts that changed most over time are below, as changes since the start', () => {
    const lines = linesOf(opened(120, 35));
    const [above, last] = lines.filter((line) => line !== '').slice(-2);
    const at = lines.findIndex((line) => line.startsWith('Shmem  +44.8 MiB'));
    expect(at).toBe(10);
    expect(lines[at]).toBe(
      `Shmem  +44.8 MiB since the start${' '.repeat(29)}not in meminfo  +22.1 MiB since the start`,
    );
    expect(lines[at + 1]).toMatch(/^ \+44\.8 MiB▏ .*[█▁] {4}\+22\.1 MiB▏ .*[█▁]$/);
    expect(last).toMatch(/^ {11}500ms +17\.5s {14}500ms +17\.5s$/);
    expect(above).toMatch(/^ {8}±0▏/);
  });

  test('a line that shrank falls below where it began', () => {
    const report = grownReport();
    const parts = report.memory?.parts.filter(({ name }) => name === 'anon') ?? [];
    const lines = linesOf(opened(120, 35, { ...report, memory: { timesNs: report.memory?.timesNs ?? [], parts } }));
    const at = lines.findIndex((line) => line.startsWith('AnonPages  -11.2 MiB'));
    expect(lines[at + 1]).toMatch(/^ {8}±0▏█/);
    expect(lines.find((line) => line.startsWith(' -11.2 MiB▏'))).toMatch(/█$|▁$| $|▏/);
  });

  test('not without a series, nor where nothing changed', () => {
    const report = grownReport();
    const still = { timesNs: [1e9, 2e9], parts: [{ name: 'slab', bytes: [MIB, MIB + 100] }] };
    for (const memory of [null, still]) {
      expect(
        linesOf(opened(120, 35, { ...report, memory }))
          .join('\n')
          .trimEnd(),
      ).toBe(WIDE);
    }
  });
});

test.each([
  [40, 8],
  [47, 12],
  [57, 10],
  [60, 24],
  [66, 14],
  [80, 9],
  [100, 30],
  [119, 31],
  [200, 60],
])('at %ix%i no line is wider than the screen, and the body is as high as its place', (columns, rows) => {
  const state = opened(columns, rows);
  const { lines } = viewOf(state).body(state);
  expect(lines).toHaveLength(layoutOf(state).bodyRows);
  if (columns >= 47) for (const line of lines) expect(textWidth(lineText(line).trimEnd())).toBeLessThanOrEqual(columns);
  expect(lineText(lines[1])).toContain('not in meminfo');
});

test('without a sample of the counters it says so', () => {
  const state = opened(80, 24, { ...grownReport(), meminfo: null });
  expect(linesOf(state)[1]).toBe('  no sample of /proc/meminfo so far');
  const status = fixtureStatus({ state: 'ended' });
  expect(linesOf({ ...state, snapshot: { ...state.snapshot, status } })[1]).toBe(
    '  no sample of /proc/meminfo is in this trace',
  );
  expect(viewOf(state).rowCount(state)).toBe(0);
  expect(press(state, 'enter').view).toBe('memory');
});

describe('keys', () => {
  test('v goes to memory over time, to every page, to the terms, limits, paging, and back, and asks for what that needs', () => {
    const there = press(opened(120, 35), 'v');
    expect([there.memoryPage, there.requests]).toEqual(['now', [{ name: 'show', view: { kind: 'memory' } }]]);
    expect(viewOf(there).rowCount(there)).toBe(0);
    const census = press(there, 'v');
    expect([census.memoryPage, census.requests]).toEqual(['census', [{ name: 'show', view: { kind: 'census' } }]]);
    expect(press(census, 'v').memoryPage).toBe('equation');
    const back = press(census, 'v', 'v', 'v', 'v');
    expect(back.memoryPage).toBe('change');
    expect(press(opened(120, 35), '1', 'v').memoryPage).toBe('change');
  });

  test('enter shows what the selected line counts, and Esc comes back to it', () => {
    const inside = press(opened(120, 35), 'down', 'enter');
    expect([inside.view, inside.selection.categories]).toEqual(['stacks', ['shmem']]);
    const back = press(inside, 'escape');
    expect([back.view, back.selection.categories, back.selectedIndex]).toEqual(['memory', [], 1]);
    expect(press(opened(120, 35), 'enter').selection.categories).toEqual(['unaccounted', 'held by a reference']);
  });

  test('a sum of lines, and a line that counts no call path, have none', () => {
    const last = press(opened(120, 35), 'G');
    expect(last.selectedIndex).toBe(6);
    expect(press(last, 'enter').view).toBe('memory');
  });

  describe('where the first look says who holds the lines', () => {
    test('enter shows the findings of the trace in the line beside those who held it before', () => {
      const state = press(looked(), 'down', 'enter');
      expect([state.view, state.place]).toEqual(['memory', 'page']);
      const page = viewOf(state).page?.(state);
      expect([page?.title ?? [], ...(page?.lines ?? [])].map((line) => lineText(line).trimEnd()).slice(0, 10)).toEqual([
        'Memory › Shmem',
        'since the start 13.1 MiB, now 57.9 MiB, +44.8 MiB',
        'at the first look 2.50 GiB (16% of RAM), Shmem of /proc/meminfo',
        '',
        '  #     HELD  FINDINGS OF THE TRACE IN IT',
        expect.stringMatching(/^ {2}2 +[\d.]+ MiB {2}tmpfs files/),
        '',
        expect.stringMatching(/^ {4}BYTES {2}SHARE {2}KIND {4}HELD BEFORE THE TRACE BY$/),
        expect.stringMatching(/^ 2\.25 GiB {4}90% {2}mount {3}\/dev\/shm +█+$/),
        expect.stringMatching(/^ {2}200 MiB {3}7\.8% {2}segment memfd of 991 java/),
      ]);
    });

    test('Enter goes on to the findings, Esc back to the line', () => {
      const state = press(looked(), 'down', 'enter');
      const inside = press(state, 'enter');
      expect([inside.view, inside.place, inside.selection.categories]).toEqual(['stacks', 'list', ['shmem']]);
      const back = press(inside, 'escape');
      expect([back.view, back.place, back.selectedIndex]).toEqual(['memory', 'list', 1]);
      expect(press(state, 'escape').selectedIndex).toBe(1);
    });

    test('a line whose holders are not known opens its findings at once', () => {
      const state = press(looked(), 'down', 'down', 'enter');
      expect([state.view, state.selection.categories]).toEqual(['stacks', ['page cache']]);
    });

    test('the gap is both that nobody counts and that a reference holds', () => {
      const state = press(looked(), 'enter');
      const text = (viewOf(state).page?.(state)?.lines ?? []).map(lineText).join('\n');
      expect(text).toContain('at the first look held by a reference: 0 B');
      expect(text).toContain('at the first look not in meminfo: 5.00 GiB');
      expect(text).toContain('packet rings of 2211 suricata');
      expect(text).toContain('ABNORMAL  5.00 GiB (31%)');
    });
  });

  test('the selection stays with its line when others come before it', () => {
    const state = press(opened(120, 35), 'down', 'down', 'down');
    expect(state.selected).toBe('AnonPages');
  });
});
