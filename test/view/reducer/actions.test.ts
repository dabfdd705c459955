import { describe, expect, test } from 'vitest';
import type { ChangedPath, SinceMark } from '../../../src/rank/breakdown/since-mark.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { EXPORT_FORMATS, type SessionStatus } from '../../../src/session/trace-session.js';
import { NO_VIEW, type ViewData } from '../../../src/session/view-data.js';
import { chromeOf } from '../../../src/view/chrome.js';
import { headerLines } from '../../../src/view/head/header-lines.js';
import { linePainter, lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import type { ViewState } from '../../../src/view/model/view-state.js';
import { initialViewState, viewReducer } from '../../../src/view/reducer/state.js';
import { viewOf } from '../../../src/view/tabs/views.js';
import { fixtureStatus } from '../../helpers/fake-session.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureReport } from '../../helpers/report-fixture.js';

const PLAIN = linePainter(false);

function start(mode: 'live' | 'replay', status: Partial<SessionStatus> = {}, columns = 80, rows = 24): ViewState {
  const snapshot = {
    report: fixtureReport({ extra: 60 }),
    detail: null,
    view: null,
    viewRequest: NO_VIEW,
    status: fixtureStatus(status),
  };
  return initialViewState({ mode, columns, rows, snapshot, selection: defaultSelection(100) });
}

function replay(status: Partial<SessionStatus> = {}): ViewState {
  return start('replay', { state: 'paused', durationNs: 120e9, positionNs: 60e9, ...status });
}

function press(state: ViewState, ...names: string[]): ViewState {
  let next = state;
  for (const name of names) {
    next = viewReducer(next, { type: 'key', key: { name, text: name.length === 1 ? name : '' } });
  }
  return next;
}

function told(state: ViewState, status: Partial<SessionStatus>, view: ViewData | null = null): ViewState {
  const snapshot = { ...state.snapshot, view, status: { ...state.snapshot.status, ...status } };
  return viewReducer(state, { type: 'snapshot', snapshot });
}

function footer(state: ViewState): string {
  return chromeOf(state, PLAIN).footer;
}

function plain(text: string): string {
  return text.replace(/\x1b\[[\d;]*m/g, '');
}

const TIMELINE = {
  firstNs: 0,
  stepNs: 1e9,
  events: Array.from({ length: 120 }, (_, i) => (i === 100 ? 0 : 1000 + i)),
  outstandingBytes: Array.from({ length: 120 }, (_, i) => i * 1e6),
  lost: Array.from({ length: 120 }, (_, i) => (i === 30 ? 5 : 0)),
};

function headerOf(rows: number, status: Partial<SessionStatus> = {}, columns = 80): string[] {
  return headerLines({ ...replay({ timeline: TIMELINE, ...status }), columns, rows }).map(lineText);
}

/** Returns whether the lines of outstanding memory, of events, and the track are shown. */
function timelineAt(rows: number, columns: number): boolean[] {
  const shown = headerOf(rows, {}, columns);
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(columns);
  return ['    held ', '  events ', ' of 00:02'].map((text) => shown.some((line) => line.includes(text)));
}

function changed(stackId: number, symbol: string): ChangedPath {
  return {
    stackId,
    allocator: 'slab',
    category: 'slab',
    change: 'grown',
    before: { bytes: 64, count: 1 },
    after: { bytes: 4096, count: 64 },
    caches: [],
    verdict: 'growing',
    growth: null,
    reliability: 'confirmed',
    comms: [{ comm: symbol, bytes: 4096, count: 64 }],
    holder: { kind: 'process', name: symbol, pid: null, more: 0 },
    frames: [{ symbol, offset: 4, module: symbol, address: '0xffffffff81000000' }],
    firstFrame: 0,
    interruptedFrom: null,
  };
}

function diffOf(paths: ChangedPath[]): ViewData {
  const since: SinceMark = {
    markNs: 2e9,
    nowNs: 7e9,
    before: { bytes: 64, count: 1 },
    after: { bytes: 4096, count: 64 },
    changed: { new: 0, grown: paths.length, shrunk: 0, gone: 0 },
    paths,
    partly: false,
  };
  return { kind: 'diff', since };
}

function bodyOf(state: ViewState): string[] {
  return viewOf(state).body(state).lines.map(lineText);
}

describe('keys that do something', () => {
  test('m marks, in a replay too', () => {
    expect(press(start('live'), 'm').requests).toEqual([{ name: 'act', action: { name: 'mark' } }]);
    expect(press(replay(), 'm').requests).toEqual([{ name: 'act', action: { name: 'mark' } }]);
  });

  test('R records a live trace and nothing else', () => {
    expect(press(start('live'), 'R').requests).toEqual([{ name: 'act', action: { name: 'record' } }]);
    expect(press(replay(), 'R').requests).toEqual([]);
  });

  test('e offers every format, and Enter writes it', () => {
    const menu = press(start('live'), 'e');
    const shown = chromeOf(menu, PLAIN).panel.map(plain);
    for (const format of EXPORT_FORMATS) expect(shown.some((line) => line.trim().startsWith(format))).toBe(true);
    const chosen = press(menu, 'down', 'down', 'enter');
    expect(chosen.requests).toEqual([{ name: 'act', action: { name: 'export', format: EXPORT_FORMATS[2] } }]);
    expect(chosen.place).toBe('list');
    expect(press(menu, 'escape').requests).toEqual([]);
  });

  test('e in Diff offers what has changed, once there is a mark', () => {
    const state = press(start('live'), '6');
    expect(press(state, 'e', 'enter').requests).toEqual([{ name: 'act', action: { name: 'export', format: 'json' } }]);
    const { snapshot } = state;
    const marked = { ...state, snapshot: { ...snapshot, status: { ...snapshot.status, markNs: 2e9 } } };
    const growth = [{ name: 'act', action: { name: 'export-growth', format: 'csv' } }];
    expect(press(marked, 'e', 'enter').requests).toEqual(growth);
    expect(press(marked, '1', 'e', 'enter').requests).toEqual([
      { name: 'act', action: { name: 'export', format: 'json' } },
    ]);
  });

  test('c writes the selected call path, and the opened one', () => {
    const state = press(start('live'), 'down');
    const { stackId } = fixtureReport({ extra: 60 }).stacks[1];
    const wanted = [{ name: 'act', action: { name: 'save-stack', stackId } }];
    expect(press(state, 'c').requests).toEqual(wanted);
    expect(press(press(state, 'enter'), 'c').requests).toEqual(wanted);
  });

  test('brackets step by a second, n by events', () => {
    expect(press(replay(), '[').requests).toEqual([{ name: 'seek', timeNs: 59e9 }]);
    expect(press(press(replay(), ']'), ']').requests).toEqual([{ name: 'seek', timeNs: 62e9 }]);
    expect(press(replay(), 'n').requests).toEqual([{ name: 'act', action: { name: 'step', events: 1000 } }]);
    expect(press(start('live'), '[', ']', 'n', 't').requests).toEqual([]);
  });
});

describe('a time that is typed', () => {
  test('is gone to', () => {
    expect(press(replay(), 't', '1', 'm', '3', '0', 's', 'enter')).toMatchObject({
      place: 'list',
      requests: [{ name: 'seek', timeNs: 90e9 }],
    });
    expect(press(replay(), 't', '-', '5', 's', 'enter').requests).toEqual([{ name: 'seek', timeNs: 55e9 }]);
    expect(press(replay(), 't', '2', '5', '%', 'enter').requests).toEqual([{ name: 'seek', timeNs: 30e9 }]);
  });

  test('that is none says so and can be mended', () => {
    const wrong = press(replay(), 't', '5', 'x', 'enter');
    expect(wrong.requests).toEqual([]);
    expect(plain(chromeOf(wrong, PLAIN).panel[0])).toBe(
      "go to 5x█  no time: '5x', expected 1m30s, 00:01:30, +5s, -5s or 50%",
    );
    expect(press(wrong, 'backspace', 's', 'enter').requests).toEqual([{ name: 'seek', timeNs: 5e9 }]);
  });

  test('is not guessed while the recording is being read: its length is not known', () => {
    const state = replay();
    const { snapshot } = state;
    const reading = { ...state, snapshot: { ...snapshot, status: { ...snapshot.status, readShare: 0.3 } } };
    expect(press(reading, 't', '3', 's', 'enter').requests).toEqual([{ name: 'seek', timeNs: 3e9 }]);
    for (const text of ['5m', '50%']) {
      const asked = press(reading, 't', ...Array.from(text), 'enter');
      expect([asked.requests, asked.time.error]).toEqual([[], 'read as far as 00:02:00 only, yet']);
    }
    // Reading continues up to the end.
    expect(press(reading, 'end').requests).toEqual([{ name: 'seek', timeNs: Number.POSITIVE_INFINITY }]);
    expect(press(state, 'end').requests).toEqual([{ name: 'seek', timeNs: 120e9 }]);
  });

  test('is left by Escape, by nothing typed, and by erasing nothing; its letters are no commands', () => {
    expect(press(replay(), 't', 'q', 'm', 'q')).toMatchObject({ ended: false, place: 'time', requests: [] });
    for (const leave of ['escape', 'enter', 'backspace']) {
      expect(press(replay(), 't', leave)).toMatchObject({ place: 'list', requests: [] });
    }
    expect(press(replay(), 't', 'ctrl-c').ended).toBe(true);
    expect(press(replay(), 'enter', 't', '1', 'escape').place).toBe('detail');
  });

  test('takes no more than a line, and nothing but what can be printed', () => {
    const pasted = viewReducer(press(replay(), 't'), {
      type: 'key',
      key: { name: 'paste', text: `1\n2\x1b[2J${'9'.repeat(100)}` },
    });
    expect(pasted.time.text).toBe(`12[2J${'9'.repeat(35)}`);
  });
});

describe('what came of it', () => {
  const notice = { id: 1, text: 'wrote 12 call paths as json to unfreed-x.json', failed: false };

  test('stands in place of the footer until the next key', () => {
    const state = told(start('live'), { notice });
    expect(plain(footer(state))).toBe(notice.text);
    expect(plain(footer(told(state, { positionNs: 2 })))).toBe(notice.text);
    const after = press(state, 'down');
    expect(plain(footer(after))).toContain('q quit');
    expect(plain(footer(told(after, { notice: { ...notice, id: 2, failed: true } })))).toBe(notice.text);
  });

  test('that holds a hostile name keeps to its line', () => {
    for (const text of HOSTILE_NAMES) {
      const shown = plain(footer(told(start('live'), { notice: { id: 1, text, failed: true } })));
      expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
    }
  });

  test('a recording that was begun on the screen stands in the header, with the CPU of the collector', () => {
    const lateRecording = { path: '/tmp/\x1b[2Jx.unfreed', bytes: 1_300_000, sinceNs: 5e9 };
    const lines = headerLines(start('live', { lateRecording, collectorCpu: 0.031 }, 160)).map(lineText);
    expect(lines[0]).toMatch(/REC 1\.24 MiB {2}cpu 3\.1% {2}tracing 00:20:00$/);
    expect(lines.some((line) => line.includes('recording /tmp/␛[2Jx.unfreed'))).toBe(true);
    expect(lineText(headerLines(start('live', { lateRecording, collectorCpu: 1.5 }, 40, 10))[0])).toContain('REC 1.24');
  });
});

describe('the timeline of a replay', () => {
  test('has a track with losses, the mark and the position, all at their columns', () => {
    const track = headerOf(24, { markNs: 90e9 }).find((line) => line.includes(' of 00:02:00')) ?? '';
    const drawn = /[━─┃xm]{20,}/.exec(track)?.[0] ?? '';
    expect(drawn.indexOf('x')).toBe(Math.floor(drawn.length * 0.25));
    expect(drawn.indexOf('m')).toBe(Math.floor(drawn.length * 0.75));
    expect(drawn.indexOf('┃')).toBe(Math.floor(drawn.length * 0.5));
    expect(drawn.startsWith('━')).toBe(true);
    expect(drawn.endsWith('─')).toBe(true);
  });

  test('shows what lies under the position', () => {
    const track = headerOf(24, { positionNs: 30e9 }).find((line) => line.includes(' of 00:02:00')) ?? '';
    expect(track).toContain('X');
    expect(track).not.toContain('┃');
  });

  test('has outstanding memory from 30 rows on and events too, and never wraps', () => {
    expect(timelineAt(23, 80)).toEqual([false, false, true]);
    expect(timelineAt(24, 80)).toEqual([false, false, true]);
    expect(timelineAt(30, 250)).toEqual([true, true, true]);
    expect(timelineAt(50, 160)).toEqual([true, true, true]);
  });
});

describe('the Diff view', () => {
  test('without a mark says which key makes one', () => {
    const state = told(press(start('live'), '6'), {}, { kind: 'diff', since: null });
    expect(state.asked).toEqual({ kind: 'diff' });
    expect(bodyOf(state).join('\n')).toContain('No mark yet. Press m; this tab then shows what has changed since.');
  });

  test('opens the selected call path, and stays on it when the order changes', () => {
    const state = told(press(start('live'), '6'), {}, diffOf([changed(4, 'a'), changed(8, 'b')]));
    const second = press(state, 'down');
    const turned = told(second, {}, diffOf([changed(8, 'b'), changed(12, 'c'), changed(4, 'a')]));
    expect(turned.selectedIndex).toBe(0);
    expect(press(turned, 'enter')).toMatchObject({
      place: 'detail',
      opened: { stackId: 8, allocator: 'slab' },
      requests: [{ name: 'open', stackId: 8 }],
    });
    expect(press(turned, 'c').requests).toEqual([{ name: 'act', action: { name: 'save-stack', stackId: 8 } }]);
  });

  test('says who holds a row and its state, at 80 columns too', () => {
    const before = { ...start('live'), columns: 80 };
    const rows = [changed(4, 'a'), { ...changed(8, 'b'), verdict: null }];
    const lines = bodyOf(told(press(before, '6'), {}, diffOf(rows)));
    expect(lines[1]).toMatch(/^ {2}1 \+3\.94 KiB +- +4\.00 KiB growing ✓ a {15}a/);
    expect(lines[2]).toMatch(/ too early b /);
    const held = { ...changed(4, 'node'), holder: { kind: 'process', name: 'node', pid: 4711, more: 2 } as const };
    expect(bodyOf(told(press(before, '6'), {}, diffOf([held])))[1]).toMatch(/ growing ✓ node 4711 +node/);
  });

  test('hostile names stay within their line at every width', () => {
    for (const columns of [40, 80, 250]) {
      for (const text of HOSTILE_NAMES) {
        const before = { ...start('live'), columns };
        const state = told(press(before, '6'), {}, diffOf([changed(4, text)]));
        for (const line of bodyOf(state)) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
      }
    }
  });
});

describe('the Memory view over time', () => {
  const NAMES = ['slab', 'anon', 'page cache', 'unaccounted', 'free'] as const;
  const GIB = 2 ** 30;
  const memory = {
    firstNs: 0,
    stepNs: 1e9,
    totalBytes: 16 * GIB,
    parts: NAMES.map((name, place) => ({
      name,
      bytes: Array.from({ length: 100 }, (_, i) => (name === 'unaccounted' ? (i / 25) * GIB : place * GIB)),
    })),
  };
  const body = (columns: number, rows: number, status: Partial<SessionStatus> = {}): string[] => {
    const state = told(
      press({ ...start('live', { positionNs: 100e9, ...status }), columns, rows }, '5', 'v'),
      {},
      {
        kind: 'memory',
        memory,
      },
    );
    const { lines } = viewOf(state).body(state);
    // The title is cut when it is painted, like every line; the drawing must fit by itself.
    for (const line of lines.slice(1)) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
    return lines.map(lineText);
  };

  test('stacks the parts with the gap on top, each with a character of its own', () => {
    const lines = body(120, 40);
    const column = (at: number): string =>
      lines
        .slice(1, -2)
        .map((line) => line[10 + at])
        .join('')
        .trim();
    // Four points of time: the gap grows from nothing to 3.96 GiB, the parts below it stay.
    expect(column(0)).toMatch(/^░+▒+$/);
    expect(column(30)).toMatch(/^█+░+▒+$/);
    expect(column(60)).toMatch(/^█+░+▒+$/);
    expect(column(60).match(/█/g)?.length).toBeGreaterThan(column(30).match(/█/g)?.length ?? 99);
    expect(lines[0]).toBe('in use 12.0 GiB of 16.0 GiB   not in meminfo 3.96 GiB (+3.96 GiB since start)');
    expect(lines.some((line) => /██ not in meminfo +3\.96 GiB +\+3\.96 GiB/.test(line))).toBe(true);
  });

  test('tells the part of the gap that is held by a reference, and counts it in the gap', () => {
    const held = { name: 'held by reference' as const, bytes: Array.from({ length: 100 }, () => GIB / 4) };
    const parts = [...memory.parts.slice(0, 3), held, ...memory.parts.slice(3)];
    const state = told(
      press({ ...start('live', { positionNs: 100e9 }), columns: 120, rows: 40 }, '5', 'v'),
      {},
      { kind: 'memory', memory: { ...memory, parts } },
    );
    const lines = viewOf(state).body(state).lines.map(lineText);
    expect(lines[0]).toContain('not in meminfo 4.21 GiB (+3.96 GiB since start), 256 MiB of it held by a reference');
    expect(lines.some((line) => /██ not in meminfo +4\.21 GiB/.test(line))).toBe(true);
    expect(lines.some((line) => /▄▄ {2}of it held +256 MiB/.test(line))).toBe(true);
  });

  test('fits every size, and is a legend alone where there is no room for a chart', () => {
    for (const columns of [40, 60, 79, 80, 100, 160, 250]) for (const rows of [8, 12, 24, 50]) body(columns, rows);
    expect(body(40, 24).join('\n')).not.toContain('┤');
    expect(body(40, 24).join('\n')).toContain('not in meminfo');
    expect(body(250, 50).join('\n')).toContain('┤');
  });

  test('before the first sample it says so', () => {
    const state = told(press(start('live'), '5', 'v'), {}, { kind: 'memory', memory: null });
    expect(viewOf(state).body(state).lines.map(lineText).join('')).toContain('no sample of /proc/meminfo');
  });
});

describe('the header of a trace that does not cover all', () => {
  const gap = { cause: 'frees-not-traced', kinds: ['kmalloc'], certain: true, detail: '' } as const;

  function headerWith(meaning: 'outstanding' | 'allocated', rows: number): string[] {
    const state = replay();
    const { report } = state.snapshot;
    if (report === null) throw new Error('the fixture has a report');
    const { page, slab, percpu, vmalloc, ...rest } = report.outstanding;
    const [p, s, c, v] = [page, slab, percpu, vmalloc].map((total) => ({ ...total, meaning }));
    const coverage = [{ ...gap, kinds: [...gap.kinds] }];
    const gapped = {
      ...report,
      source: { ...report.source, coverage },
      outstanding: { page: p, slab: s, percpu: c, vmalloc: v, ...rest },
    };
    return headerLines({ ...state, snapshot: { ...state.snapshot, report: gapped }, rows }).map(lineText);
  }

  test('says so before the total, with the reason, on small screens too', () => {
    for (const rows of [24, 16, 50]) {
      const lines = headerWith('allocated', rows);
      expect(lines.some((line) => line.startsWith('at most (frees not traced) '))).toBe(true);
      expect(lines).toContain('frees of kmalloc were not traced');
    }
  });

  test('says nothing where the totals are what is held', () => {
    const lines = headerWith('outstanding', 24);
    expect(lines.some((line) => line.startsWith('at most '))).toBe(false);
    expect(lines.join()).not.toContain('not traced');
  });
});
