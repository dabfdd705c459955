/**
 * npm run bench -- view: the cost of the screen: CPU time of a frame at 160x50 (regions alone, as
 * for every report, and with Ink, as for some keys), and the time from a key press to its frame
 * while reports stream in. Seeded, without terminal or network.
 */
import { defaultSelection } from '../src/rank/report/selection.js';
import { startScreen } from '../src/view/start-screen.js';
import { FakeSession, fixtureStatus } from '../test/helpers/fake-session.js';
import { DrawnNowhere } from '../test/helpers/null-terminal.js';
import { fixtureDetail, fixtureReport } from '../test/helpers/report-fixture.js';

export interface ViewBench {
  columns: number;
  rows: number;
  /** CPU time of one frame for a new report in which every row changes, ms, median of the rounds. */
  reportFrameCpuMs: number;
  /** CPU time of one frame for a key that changes Ink's part too (help on and off), ms. */
  inkFrameCpuMs: number;
  /** Bytes sent to the terminal for one report frame. */
  reportFrameBytes: number;
  /** From a key press to the write of its frame while 50 reports a second come in, ms. */
  keyToFrameMs: { median: number; p95: number; max: number; presses: number };
}

const COLUMNS = 160;
const ROWS = 50;

export interface ViewSize {
  /** Rounds of ten frames; the first ones warm up. */
  rounds: number;
  warmUp: number;
  presses: number;
}

export const FULL_VIEW: ViewSize = { rounds: 14, warmUp: 4, presses: 200 };
export const QUICK_VIEW: ViewSize = { rounds: 2, warmUp: 1, presses: 10 };

export async function runViewBench(size: ViewSize): Promise<ViewBench> {
  const selection = defaultSelection(200);
  // Made before the measurement begins.
  const reports = Array.from({ length: 64 }, (_, index) =>
    fixtureReport({ time: 600 + index * 7, selection, extra: 120 }),
  );
  let next = 0;
  const terminal = new KeyClock(COLUMNS, ROWS);
  const session = new FakeSession('live', { report: () => reports[next++ % reports.length], detail: fixtureDetail });
  const ended = startScreen(session, { stdin: terminal, stdout: terminal }, { selection, color: true });

  const report = await measureFrames({ terminal, session, size }, 'j');
  const ink = await measureFrames({ terminal, session, size }, '?');
  const keyToFrameMs = await measureKeys({ terminal, session, size });
  terminal.emit('end');
  await ended;
  return {
    columns: COLUMNS,
    rows: ROWS,
    reportFrameCpuMs: report.cpuMs,
    inkFrameCpuMs: ink.cpuMs,
    reportFrameBytes: report.bytes,
    keyToFrameMs,
  };
}

interface ScreenUnderTest {
  terminal: KeyClock;
  session: FakeSession;
  size: ViewSize;
}

/**
 * Draws frames, each of a new report and a key, which draws at once. Measures the CPU time of the
 * drawing alone, median of rounds of ten.
 */
async function measureFrames(
  { terminal, session, size }: ScreenUnderTest,
  key: string,
): Promise<{ cpuMs: number; bytes: number }> {
  const rounds: number[] = [];
  const bytes = terminal.bytes;
  let frames = 0;
  for (let round = 0; round < size.rounds; round++) {
    let cpu = 0;
    for (let frame = 0; frame < 10; frame++) {
      session.advance(fixtureStatus({ positionNs: (1200 + round * 10 + frame) * 1e9 }));
      // Longer than the pacer's gap: the key is drawn within emit().
      await new Promise((resolve) => setTimeout(resolve, 45));
      const before = process.cpuUsage();
      terminal.emit('data', key);
      const used = process.cpuUsage(before);
      cpu += (used.user + used.system) / 1000;
      frames++;
    }
    if (round >= size.warmUp) rounds.push(cpu / 10);
  }
  return { cpuMs: median(rounds), bytes: Math.round((terminal.bytes - bytes) / frames) };
}

async function measureKeys({ terminal, session, size }: ScreenUnderTest): Promise<ViewBench['keyToFrameMs']> {
  let position = 2000e9;
  const stream = setInterval(() => session.advance({ positionNs: (position += 20e6) }), 20);
  const times: number[] = [];
  // From the first row, so that each press moves the selection.
  terminal.emit('data', 'g');
  for (let press = 0; press < size.presses; press++) {
    times.push(await terminal.timeKey(press % 20 < 10 ? '\x1b[B' : '\x1b[A'));
    await new Promise((resolve) => setTimeout(resolve, (press * 7) % 31));
  }
  clearInterval(stream);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { median: at(0.5), p95: at(0.95), max: at(1), presses: times.length };
}

/**
 * Knows when the frame of a key has been written: the first write after the press that draws a
 * selected row.
 */
class KeyClock extends DrawnNowhere {
  private waiting: (() => void) | null = null;

  override write(text: string): boolean {
    if (text.includes('\x1b[7m')) {
      this.waiting?.();
      this.waiting = null;
    }
    return super.write(text);
  }

  async timeKey(key: string): Promise<number> {
    const pressed = performance.now();
    const drawn = new Promise<void>((resolve) => (this.waiting = resolve));
    this.emit('data', key);
    await drawn;
    return performance.now() - pressed;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Prints the figures in one line. */
export function printViewBench({ reportFrameCpuMs, reportFrameBytes, keyToFrameMs }: ViewBench): void {
  console.log(
    `a frame for a new report ${reportFrameCpuMs.toFixed(2)} ms of CPU, ${reportFrameBytes} bytes; ` +
      `key to frame ${keyToFrameMs.median.toFixed(0)} ms (95th percentile ${keyToFrameMs.p95.toFixed(0)} ms)`,
  );
}
