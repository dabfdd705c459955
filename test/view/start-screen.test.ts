/** The screen with a fake session, drawn by a terminal in this process: its requests, and when it draws. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SessionStatus } from '../../src/session/trace-session.js';
import type { TriageReport } from '../../src/triage/report.js';
// Loaded now: otherwise the first frame is drawn before Ink is there.
import '../../src/view/app.js';
import { startScreen } from '../../src/view/start-screen.js';
import { forgetLostTerminals, outliveHangUps } from '../../src/view/terminal/terminal-lost.js';
import { FakeSession, fixtureStatus } from '../helpers/fake-session.js';
import { until } from '../helpers/patience.js';
import { type FixtureOptions, fixtureDetail, fixtureReport, fixtureSelection } from '../helpers/report-fixture.js';
import { FakeTerminal, sleep } from '../helpers/terminal.js';
import { firstLook } from './fixtures/first-look.js';
import { cache, slabOf } from './fixtures/lists.js';

interface Shown {
  terminal: FakeTerminal;
  session: FakeSession;
  ended: Promise<void>;
}

let shown: Shown | null = null;

async function show(
  columns: number,
  rows: number,
  options: {
    mode?: 'live' | 'replay';
    status?: Partial<SessionStatus>;
    report?: FixtureOptions;
    triage?: TriageReport;
  } = {},
): Promise<Shown> {
  const terminal = new FakeTerminal(columns, rows);
  const session = new FakeSession(
    options.mode ?? 'live',
    {
      report: (selection, positionNs) =>
        fixtureReport({ time: positionNs / 1e9, selection, extra: 60, ...options.report }),
      detail: fixtureDetail,
      triage: options.triage,
    },
    fixtureStatus(options.status),
  );
  const ended = startScreen(session, terminal, { selection: fixtureSelection(), color: true });
  shown = { terminal, session, ended };
  await terminal.settle();
  return shown;
}

let listeners: number;

beforeEach(() => {
  listeners = listenerCount();
});

afterEach(async () => {
  if (shown !== null) {
    shown.terminal.stdin.emit('end');
    await shown.ended.catch(() => {});
  }
  shown = null;
  expect(listenerCount()).toBe(listeners);
});

// Their listeners stay until the process ends, with any number of screens.
beforeAll(() => {
  forgetLostTerminals();
  outliveHangUps();
});

function listenerCount(): number {
  const names = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTSTP', 'SIGCONT', 'exit', 'uncaughtExceptionMonitor'];
  return names.reduce((sum, name) => sum + process.listenerCount(name), 0);
}

describe('before the first event', () => {
  const starting = {
    step: { name: 'hooks', done: 6, of: 10 },
    machine: null,
    firstLook: { text: '5.00 GiB are in no line.', abnormal: true },
    refused: [],
  } as const;

  test.each([
    [80, 24],
    [40, 8],
  ])('the first look can be read at %ix%i, below the steps, and left again', async (columns, rows) => {
    const status: Partial<SessionStatus> = { state: 'starting', starting };
    const { terminal } = await show(columns, rows, { status, triage: firstLook() });
    expect(terminal.lines().join('\n')).toContain('▸ programs 6 of 10');
    await terminal.press('T');
    const looking = terminal.lines();
    expect(looking[0]).toMatch(/^unfreed +attaching {2}\d+\.\ds$/);
    expect(looking.join('\n')).toContain('RULE FINDING');
    expect(looking.filter((line) => line.includes('attaching'))).toHaveLength(1);
    await terminal.press('T');
    expect(terminal.lines().join('\n')).not.toContain('RULE FINDING');
  });

  test('without a look the key changes nothing that is seen', async () => {
    const status: Partial<SessionStatus> = { state: 'starting', starting: { ...starting, firstLook: null } };
    const { terminal } = await show(80, 24, { status });
    await terminal.press('T');
    expect(terminal.lines().join('\n')).toContain('▸ programs 6 of 10');
  });
});

describe('keys', () => {
  test('what the keys ask for reaches the session in order', async () => {
    const { terminal, session } = await show(100, 30);
    await terminal.press('s', 'a', '/', 'n', 'v', 'enter', 'a');
    // Enter opens the row that the user sees, so the list must be drawn first.
    await terminal.press('enter');
    expect(session.asked).toEqual([
      'select bytes',
      'select count',
      'select count page',
      'select count page n',
      'select count page nv',
      'select count slab nv',
      'open 101',
    ]);
    expect(terminal.text()).toContain('nvme_tcp_alloc_request+0x4e [nvme_tcp]');
  });

  test('a key press is on the screen before ten more reports, of one each 5 ms, have come in', async () => {
    const { terminal, session } = await show(160, 50);
    let reports = 0;
    const stream = setInterval(() => {
      reports++;
      session.advance({ positionNs: session.getSnapshot().status.positionNs + 1e7 });
    }, 5);
    // Counted in reports, which a busy machine delays like the frame: the bound is on our pacing.
    const delays: number[] = [];
    for (let i = 0; i < 20; i++) {
      const before = terminal.writes.length;
      const pressed = reports;
      terminal.stdin.emit('data', i % 2 === 0 ? '\x1b[B' : '\x1b[A');
      // The selected row changes, so that a write must contain it.
      await until(
        'the row to be drawn',
        () => terminal.writes.slice(before).some((text) => text.includes('\x1b[7m')),
        1,
      );
      delays.push(reports - pressed);
      await sleep(17);
    }
    clearInterval(stream);
    expect(delays.toSorted((a, b) => a - b)[10]).toBeLessThan(10);
  });

  test('q ends the screen and gives the terminal back', async () => {
    const { terminal, ended } = await show(80, 24);
    expect(terminal.stdin.isRaw).toBe(true);
    await terminal.press('q');
    await ended;
    expect(terminal.stdin.isRaw).toBe(false);
    expect(terminal.buffer()).toBe('normal');
    shown = null;
  });
});

describe('drawing', () => {
  test('is done when something changed, and at most four times a second for reports', async () => {
    const { terminal, session } = await show(80, 24);
    await sleep(300);
    terminal.writes.length = 0;
    await sleep(300);
    expect(terminal.writes).toEqual([]);
    const start = performance.now();
    for (let i = 1; i <= 100; i++) {
      session.advance({ positionNs: (1200 + i) * 1e9 });
      await sleep(10);
    }
    await until('the last report to be drawn', () => terminal.lines()[0].includes('00:21:40'));
    expect(terminal.writes.length).toBeGreaterThanOrEqual(3);
    // 100 reports take a second, and longer on a busy machine. One more write is allowed at either
    // end.
    expect(terminal.writes.length).toBeLessThanOrEqual((performance.now() - start) / 250 + 2);
  });

  test('losses are quiet as long as the answer holds', async () => {
    const { terminal } = await show(80, 24, { report: { lost: 1 } });
    expect(terminal.text()).toContain('lost 1, answer holds');
    expect(terminal.colourOf('lost 1')).toBe(-1);
  });

  test('the message of a session that failed is shown', async () => {
    const { terminal } = await show(80, 24, { status: { state: 'failed', message: 'the collector\x1b[2J died' } });
    expect(terminal.text()).toContain('the collector␛[2J died');
    expect(terminal.colourOf('the collector')).toBe(1);
  });

  test('pausing the display keeps the list and not the header', async () => {
    const { terminal, session } = await show(80, 24);
    await terminal.press('space');
    const before = terminal.lines();
    session.advance({ positionNs: 1500e9 });
    await until('the header to go on', () => terminal.lines()[0].includes('tracing 00:25:00'));
    const after = terminal.lines();
    expect(after[0]).toContain('display paused at 00:20:00  tracing 00:25:00');
    expect(after.slice(7)).toEqual(before.slice(7));
    await terminal.press('space');
    expect(terminal.lines().slice(7)).not.toEqual(before.slice(7));
  });

  test('every size down to 5x1 is drawn within the screen, whatever is open', async () => {
    const { terminal } = await show(250, 60);
    const sizes = [
      [160, 50],
      [79, 23],
      [40, 10],
      [40, 8],
      [39, 8],
      [20, 5],
      [5, 1],
      [250, 60],
    ] as const;
    for (const key of ['G', 'enter', 'escape', '/', 'escape', 'S', 'escape', '?']) {
      await terminal.press(key);
      if (key === 'escape') continue;
      for (const [columns, rows] of sizes) {
        terminal.writes.length = 0;
        await terminal.resize(columns, rows);
        for (const write of terminal.writes) {
          for (const [, row] of write.matchAll(/\x1b\[(\d+);1H/g)) expect(Number(row)).toBeLessThanOrEqual(rows);
        }
        if (columns < 40 || rows < 8) expect(terminal.text().trim()).toMatch(/^too s/);
        else expect(terminal.lines()[0]).toContain('unfreed');
      }
    }
  });
});

describe('ends', () => {
  test('when the terminal goes away', async () => {
    const { terminal, ended } = await show(80, 24);
    terminal.stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    await ended;
    shown = null;
  });

  test('with the error of a session that throws, after the terminal is restored', async () => {
    const { terminal, session, ended } = await show(80, 24);
    session.select = () => {
      throw new Error('no such session');
    };
    terminal.stdin.emit('data', 's');
    await expect(ended).rejects.toThrow('no such session');
    await terminal.settle();
    expect(terminal.buffer()).toBe('normal');
    expect(terminal.stdin.isRaw).toBe(false);
    shown = null;
  });
});

test('the caches can be read while the trace starts, with the steps of the start above them', async () => {
  const starting: SessionStatus['starting'] = {
    step: { name: 'hooks', done: 6, of: 10 },
    machine: { hostname: 'vm', kernel: '6.18.44', totalBytes: 2 ** 34, availableBytes: 2 ** 33, gapBytes: 0 },
    firstLook: null,
    refused: [],
  };
  const rows = [cache('dentry', 0, { slab: slabOf('dentry', 188_584, null), stacks: 0 })];
  const terminal = new FakeTerminal(80, 24);
  const session = new FakeSession(
    'live',
    {
      report: () => null,
      detail: fixtureDetail,
      view: (request) =>
        request.kind === 'caches' ? { kind: 'caches', sort: request.sort, rows, total: { rows: 1, bytes: 0 } } : null,
    },
    fixtureStatus({ state: 'starting', starting }),
  );
  const ended = startScreen(session, terminal, { selection: fixtureSelection(), color: true });
  shown = { terminal, session, ended };
  await terminal.settle();
  expect(terminal.lines().join('\n')).toContain('▸ programs 6 of 10');
  expect(terminal.lines().join('\n')).not.toContain('dentry');
  await terminal.press('4');
  await until('the caches', () => terminal.lines().some((line) => line.startsWith('dentry')));
  const lines = terminal.lines();
  expect(lines[0]).toMatch(/^unfreed {2}vm {2}Linux 6\.18\.44 +attaching {2}\d+\.\ds$/);
  const tabs = lines.findIndex((line) => line.includes('[4 Caches]'));
  expect(tabs).toBeGreaterThan(0);
  expect(lines.slice(tabs + 1, tabs + 3)).toEqual([
    'CACHE                   BYTES▾    ACTIVE      GREW  USE  CACHE SIZE SLABINFO',
    'dentry                       -   188,584         -  99%    35.3 MiB',
  ]);
  await terminal.press('1');
  await until('the steps', () => terminal.lines().join('\n').includes('▸ programs 6 of 10'));
  expect(terminal.lines().join('\n')).not.toContain('dentry');
});
