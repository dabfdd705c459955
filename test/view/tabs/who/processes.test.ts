/** What ps and pmap show: RSS and VSZ beside what is held, the list of every process, and the page over one. */
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../../src/base/safe-text.js';
import type { ProcessNameRow } from '../../../../src/rank/breakdown/process-names.js';
import type { MappingsNow, ProcessKey, ProcessSort, ViewData } from '../../../../src/session/view-data.js';
import { lineText } from '../../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../../src/view/model/view-state.js';
import { viewOf } from '../../../../src/view/tabs/views.js';
import { HOSTILE_NAMES } from '../../../helpers/hostile-text.js';
import { MIB } from '../../fixtures/grown.js';
import { answer, press, process, start } from '../../fixtures/lists.js';

const resident = (rss: number, virtual: number): ProcessNameRow['resident'] => ({
  rss,
  virtual,
  anon: rss - MIB,
  file: MIB,
  shmem: 0,
  swap: 0,
  pageTables: 4096,
  threads: 3,
});
const ROWS: readonly ProcessNameRow[] = [
  process('java', 7, 3 * MIB, { resident: resident(500 * MIB, 4096 * MIB) }),
  process('sshd', 8, 0, { resident: resident(5 * MIB, 20 * MIB) }),
];
const READ = { timeMs: Date.UTC(2026, 10, 30, 15, 46, 13), isNow: true };

function processes(by: ProcessKey, sort: ProcessSort, rows = ROWS, mappings?: MappingsNow | null): ViewData {
  const total = { rows: rows.length, bytes: 3 * MIB };
  return {
    kind: 'processes',
    by,
    sort,
    read: READ,
    rows: [...rows],
    total,
    ...(mappings === undefined ? {} : { mappings }),
  };
}

function linesOf(state: ViewState): string[] {
  return viewOf(state)
    .body(state)
    .lines.map((line) => lineText(line).trimEnd());
}

/** The list of every process. */
function every(columns = 80, rows = ROWS): ViewState {
  const turned = press(start(columns), '3', 'v', 'v', 'v');
  expect(turned.requests.at(-1)).toEqual({ name: 'show', view: { kind: 'processes', by: 'all', sort: 'rss' } });
  return answer(turned, processes('all', 'rss', rows));
}

describe('the list of every process', () => {
  test('has what ps shows, what each holds, and the time of the figures', () => {
    const lines = linesOf(every());
    expect(lines.slice(0, 3)).toEqual([
      '  #     RSS▾      VSZ     SWAP     HELD     PID PROCESS         FINDINGS',
      '  1  500 MiB 4.00 GiB        - 3.00 MiB       7 java',
      '  2 5.00 MiB 20.0 MiB        -        -       8 sshd',
    ]);
    expect(lines.filter((line) => line !== '').at(-1)).toBe('2 processes; RSS and VSZ as of 15:46:13 UTC');
    expect(linesOf(every(160))[0]).toMatch(
      /RSS▾ +VSZ +SWAP +RSSANON +RSSFILE RSSSHMEM +VMPTE THREADS +HELD +PID PROCESS/,
    );
  });

  test('says what it waits for, and is left in the order of what is held', () => {
    expect(linesOf(every(80, []))[1]).toBe('  reading the processes of this machine');
    const left = press(every(), 'v');
    expect([left.processesBy, left.processesSort]).toEqual(['pid', 'bytes']);
  });
});

test('beside what processes hold stand RSS and VSZ where there is room', () => {
  const state = answer(press(start(120), '3'), processes('pid', 'bytes'));
  const [head, first] = linesOf(state);
  const end = head.indexOf(' RSS') + 4;
  expect(first.slice(end - 8, end)).toBe(' 500 MiB');
  expect(linesOf({ ...state, columns: 220 })[0]).toContain(' VSZ');
});

describe('the page over a process', () => {
  const MAPPINGS: MappingsNow & { mappings: NonNullable<MappingsNow['mappings']> } = {
    ...READ,
    pid: 7,
    why: '',
    mappings: {
      count: 3,
      size: 4096 * MIB,
      rss: 500 * MIB,
      dirty: 400 * MIB,
      swap: 0,
      largest: [
        { start: '7f0000000000', size: 64 * MIB, rss: 60 * MIB, dirty: 60 * MIB, swap: 0, rights: 'rw-p', path: '' },
        { start: '400000', size: 2 * MIB, rss: MIB, dirty: 0, swap: 0, rights: 'r-xp', path: '/usr/bin/java' },
      ],
    },
  };

  function page(columns: number, mappings: MappingsNow | null = MAPPINGS, rows = ROWS): string[] {
    const opened = press(every(columns, rows), 'enter');
    expect(opened.requests.at(-1)).toEqual({
      name: 'show',
      view: { kind: 'processes', by: 'all', sort: 'rss', pid: 7 },
    });
    const state = answer(opened, processes('all', 'rss', rows, mappings));
    const { title, lines } = viewOf(state).page?.(state) ?? { title: [], lines: [] };
    return [title, ...lines].map((line) => lineText(line).trimEnd());
  }

  test('has its sizes, and its mappings as pmap -x, those with most resident memory first', () => {
    expect(page(80)).toEqual([
      'Who › java 7',
      'RSS 500 MiB: anonymous 499 MiB, files 1.00 MiB, shared memory 0 B',
      'VSZ 4.00 GiB, swapped out 0 B, page tables 4.00 KiB, 3 threads',
      'holds 3.00 MiB that was allocated since the trace began (Enter: its call paths)',
      'as of 15:46:13 UTC',
      '',
      '3 mappings: size 4.00 GiB, RSS 500 MiB, dirty 400 MiB, swapped out 0 B; as of',
      '  15:46:13 UTC',
      '     SIZE      RSS    DIRTY MODE MAPPING',
      ' 64.0 MiB 60.0 MiB 60.0 MiB rw-p anonymous',
      ' 2.00 MiB 1.00 MiB        - r-xp /usr/bin/java',
      '1 more, which have less',
    ]);
    expect(page(120)).toContain('    7f0000000000  64.0 MiB 60.0 MiB 60.0 MiB        - rw-p anonymous');
  });

  test('says why there are none, and that it waits for them', () => {
    expect(page(80, { ...MAPPINGS, mappings: null, why: 'root only' }).at(-1)).toBe(
      'mappings are not known: root only',
    );
    expect(page(80, null).at(-1)).toBe('reading its mappings');
    // Of the process that was opened before.
    expect(page(80, { ...MAPPINGS, pid: 8 }).at(-1)).toBe('reading its mappings');
  });

  test('enter leads to its call paths, Esc back to the row', () => {
    const opened = press(every(), 'enter');
    expect(press(opened, 'enter')).toMatchObject({ view: 'stacks', selection: { pid: 7, comm: null } });
    expect(press(press(every(), 'down', 'enter'), 'escape')).toMatchObject({
      place: 'list',
      page: null,
      selectedIndex: 1,
    });
  });

  test.each(HOSTILE_NAMES)('no name or path is more than text: %j', (name) => {
    const rows = [{ ...ROWS[0], comm: name }];
    const [first] = MAPPINGS.mappings.largest;
    const mappings = {
      ...MAPPINGS,
      mappings: { ...MAPPINGS.mappings, largest: [{ ...first, path: name.repeat(40) }] },
    };
    for (const line of [...page(80, mappings, rows), ...linesOf(every(80, rows))]) {
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e\u2066]/);
      expect(textWidth(line)).toBeLessThanOrEqual(80);
    }
  });
});
