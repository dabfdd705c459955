/**
 * npm run bench -- screen: the screen with its real worker while a recording plays at 500 k events
 * a second. Measures the time from a key press to the frame that shows its effect, for keys that
 * the screen answers by itself (moving the selection) and for keys that need a new report
 * (sorting), and the CPU time of the screen's own thread at four reports a second. 160x50, seeded
 * traffic, 100 k outstanding.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBatch } from '../src/event/event-batch.js';
import { unknownHost } from '../src/event/host-facts.js';
import { defaultSelection, SORT_KEYS } from '../src/rank/report/selection.js';
import { createRecording } from '../src/recording/files/recording-file.js';
import { WorkerSession } from '../src/session/screen/worker-session.js';
import { startScreen } from '../src/view/start-screen.js';
import { DrawnNowhere } from '../test/helpers/null-terminal.js';
import { BenchTraffic } from './bench-traffic.js';

export interface KeyTimes {
  median: number;
  p95: number;
  max: number;
  presses: number;
}

export interface ScreenBench {
  columns: number;
  rows: number;
  outstanding: number;
  /** Events a second in the worker while keys were pressed. */
  eventsPerSecond: number;
  /** Keys that the screen answers by itself, ms. */
  moveMs: KeyTimes;
  /** Keys that take a new report from the worker, ms. */
  sortMs: KeyTimes;
  /** Share of one core that the screen's thread took while no keys were pressed, and frames a second then. */
  screenCpu: number;
  framesPerSecond: number;
}

const COLUMNS = 160;
const ROWS = 50;
const OUTSTANDING = 100_000;

export interface ScreenSize {
  events: number;
  /** Speed of the replay. A second of the traffic's own time has about a million events. */
  speed: number;
  quietMs: number;
  presses: number;
}

/** 500 k events a second. */
export const FULL_SCREEN: ScreenSize = { events: 9_000_000, speed: 0.5, quietMs: 4000, presses: 40 };
/** So slow that on any machine all keys are pressed before the recording ends. */
export const QUICK_SCREEN: ScreenSize = { events: 1_000_000, speed: 0.01, quietMs: 500, presses: 3 };

export async function runScreenBench(size: ScreenSize): Promise<ScreenBench> {
  const directory = mkdtempSync(join(tmpdir(), 'unfreed-bench-'));
  const path = join(directory, 'traffic.unfreed');
  record(path, size.events);
  const selection = defaultSelection(200);
  const session = new WorkerSession({ mode: 'replay', path, selection });
  try {
    await session.started;
    const terminal = new KeyClock(COLUMNS, ROWS);
    const ended = startScreen(session, { stdin: terminal, stdout: terminal }, { selection, color: true });
    await until(() => session.getSnapshot().status.state === 'ended');
    session.seek(0);
    await until(() => session.getSnapshot().status.state === 'paused');
    session.setSpeed(size.speed);
    session.play();
    await pause(1000);
    const quiet = await measureQuiet(terminal, size.quietMs);
    const fromEvents = session.getSnapshot().report?.events.total ?? 0;
    const fromMs = performance.now();
    const { moveMs, sortMs } = await measureKeys(terminal, selection.sort, size.presses);
    const { report, status } = session.getSnapshot();
    if (status.state !== 'playing') throw new Error(`${status.state}: the recording was too short`);
    const eventsPerSecond = ((report?.events.total ?? 0) - fromEvents) / ((performance.now() - fromMs) / 1000);
    terminal.emit('end');
    await ended;
    return { columns: COLUMNS, rows: ROWS, outstanding: OUTSTANDING, eventsPerSecond, moveMs, sortMs, ...quiet };
  } finally {
    await session.stop();
    rmSync(directory, { recursive: true });
  }
}

export function printScreenBench(bench: ScreenBench): void {
  console.log(
    'seeded traffic is recorded and replayed by the real worker; keys go into the real screen, whose frames are caught\n' +
      'where they are written; one report comes each 250 ms. Other work on the machine adds to all of it.\n' +
      `${(bench.eventsPerSecond / 1000).toFixed(0)} k events a second into the worker, ${bench.outstanding} outstanding, ` +
      `${bench.columns}x${bench.rows}\n` +
      `key to frame, selection moved:   ${timesText(bench.moveMs)}\n` +
      `key to frame, sorted anew:       ${timesText(bench.sortMs)}\n` +
      `screen's thread: ${(bench.screenCpu * 100).toFixed(1)} % of one core at ${bench.framesPerSecond.toFixed(1)} frames a second`,
  );
}

function timesText({ median, p95, max, presses }: KeyTimes): string {
  return `${median.toFixed(1)} ms, 95th percentile ${p95.toFixed(1)} ms, greatest ${max.toFixed(0)} ms (${presses} presses)`;
}

function record(path: string, count: number): void {
  const traffic = new BenchTraffic(7);
  const { dictionary } = traffic;
  const recording = createRecording(path, { dictionary });
  const { sink } = recording;
  sink.fact({
    type: 'host',
    facts: { ...unknownHost(), collector: 'bpf', hostname: 'bench', kernel: '6.18.0', allocators: ['page', 'slab'] },
  });
  const { frames } = dictionary.stacks;
  for (let id = 1; id <= frames.size; id++) {
    const symbol = `function_${id}`;
    sink.fact({
      type: 'symbol',
      entry: { addressHi: frames.hi[id], addressLo: frames.lo[id], symbol, offset: 4, module: null },
    });
  }
  const batch = new EventBatch();
  let lastNs = 0;
  for (let events = 0; events < count; events += batch.length) {
    // `traffic` is no array: it fills a batch.
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type
    traffic.fill(batch, OUTSTANDING);
    sink.events(batch);
    lastNs = batch.timeNs[batch.length - 1];
  }
  sink.fact({ type: 'end', timeNs: lastNs, reason: 'duration', detail: '' });
  recording.close();
}

/**
 * Measures the CPU time of the screen's own thread: the main one, whose id is that of the process.
 * Each write counts as a frame.
 */
async function measureQuiet(
  terminal: KeyClock,
  quietMs: number,
): Promise<{ screenCpu: number; framesPerSecond: number }> {
  const [cpuMs, writes, startMs] = [mainThreadMs(), terminal.writes, performance.now()];
  await pause(quietMs);
  const elapsedMs = performance.now() - startMs;
  return {
    screenCpu: (mainThreadMs() - cpuMs) / elapsedMs,
    framesPerSecond: ((terminal.writes - writes) / elapsedMs) * 1000,
  };
}

function mainThreadMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

async function measureKeys(
  terminal: KeyClock,
  sort: string,
  presses: number,
): Promise<{ moveMs: KeyTimes; sortMs: KeyTimes }> {
  const move: number[] = [];
  const sorted: number[] = [];
  let place = SORT_KEYS.findIndex((key) => key === sort);
  terminal.emit('data', 'g');
  await pause(300);
  for (let press = 0; press < presses; press++) {
    move.push(await terminal.timeKey(press % 20 < 10 ? '\x1b[B' : '\x1b[A', '\x1b[7m'));
    // Spread over the time between two reports, which is 250 ms.
    await pause(20 + ((press * 37) % 50));
    place = (place + 1) % SORT_KEYS.length;
    sorted.push(await terminal.timeKey('s', orderText(SORT_KEYS[place])));
    await pause(20 + ((press * 53) % 50));
  }
  return { moveMs: times(move), sortMs: times(sorted) };
}

/** Returns the name of an order as the line of tabs shows it. */
function orderText(sort: string): string {
  return sort === 'suspect' ? 'most suspect first' : `by ${sort}`;
}

function times(values: number[]): KeyTimes {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  return { median: at(0.5), p95: at(0.95), max: at(1), presses: values.length };
}

/** Knows when a frame that holds a text has been written after a key. */
class KeyClock extends DrawnNowhere {
  private wanted = '';
  private waiting: (() => void) | null = null;

  override write(text: string): boolean {
    if (this.waiting !== null && text.includes(this.wanted)) {
      this.waiting();
      this.waiting = null;
    }
    return super.write(text);
  }

  async timeKey(key: string, wanted: string): Promise<number> {
    this.wanted = wanted;
    const pressed = performance.now();
    const drawn = new Promise<void>((resolve) => (this.waiting = resolve));
    this.emit('data', key);
    await drawn;
    return performance.now() - pressed;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
