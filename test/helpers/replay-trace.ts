/**
 * A seeded trace with everything that a producer sends, and a replay of its recording: the replay
 * must show at each time what a run up to that time shows.
 */
import { expect } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import type { TraceSink } from '../../src/event/trace-sink.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';
import { ReplayDriver, type ReplayOptions } from '../../src/session/replay/replay-driver.js';
import { TimeGate } from '../../src/session/replay/time-gate.js';
import { until } from './patience.js';
import { randomDictionary, randomTrace, STACKS } from './random-trace.js';
import { SAMPLE_HOST } from './sample-trace.js';

const EVENTS = 6000;
const STEP = 150;

/** Sends a trace as its producer would: symbols late, one that changes, counters and losses in between. */
export function tell(seed: number, sink: TraceSink, afterEach: () => void): void {
  const trace = randomTrace(seed, EVENTS, false);
  // A producer uses no call path that it has not defined.
  for (let row = 0; row < EVENTS; row++) if (trace.stackId[row] > STACKS) trace.stackId[row] = 0;
  sink.fact({ type: 'host', facts: SAMPLE_HOST });
  for (let from = 0; from < EVENTS; from += STEP) {
    sink.events(rowsOf(trace, from, from + STEP));
    const timeNs = Math.max(...trace.timeNs.subarray(0, from + STEP));
    const addressLo = 0x81000000 + ((from / STEP) % 12) * 16;
    sink.fact({
      type: 'symbol',
      entry: { addressHi: 0xffffffff, addressLo, symbol: `function_${from}`, offset: 4, module: null },
    });
    sink.fact({
      type: 'counters',
      timeNs,
      source: 'meminfo',
      text: `MemTotal: ${1_000_000 + from} kB\nMemFree: ${from} kB\n`,
    });
    sink.fact({
      type: 'losses',
      timeNs,
      rows: [{ cause: 1, kind: 17, cpu: from % 2, count: 3, bytes: 192, countWithBytes: 3 }],
    });
    sink.fact({ type: 'clock', timeNs });
    afterEach();
  }
  sink.fact({ type: 'end', timeNs: trace.timeNs[EVENTS - 1] + 1e6, reason: 'duration', detail: '' });
}

function rowsOf(trace: EventBatch, from: number, to: number): EventBatch {
  const part = new EventBatch(to - from);
  part.length = to - from;
  for (const name of Object.keys(part) as (keyof EventBatch)[]) {
    const column = trace[name];
    if (typeof column === 'object') (part[name] as Uint32Array).set((column as Uint32Array).subarray(from, to));
  }
  return part;
}

/** The report of a pipeline that got the trace up to a time. */
export function reportAt(seed: number, timeNs: number): string {
  const pipeline = new Pipeline('recording', { dictionary: randomDictionary() });
  const gate = new TimeGate(pipeline);
  gate.limitNs = timeNs;
  tell(seed, gate, () => undefined);
  return textOf(pipeline);
}

export function textOf(pipeline: Pipeline): string {
  const selection = { ...defaultSelection(100), includeSelf: true };
  const report = pipeline.report(selection);
  const details = report.stacks.slice(0, 3).map(({ stackId }) => pipeline.detail(selection, stackId));
  return JSON.stringify({ report, details });
}

export async function opened(path: string, options: ReplayOptions, message: unknown = ''): Promise<ReplayDriver> {
  const driver = new ReplayDriver(path, { thread: false, ...options });
  await driver.start();
  await settled(driver, 'ended', message);
  return driver;
}

export async function settled(driver: ReplayDriver, state: string, message: unknown = ''): Promise<void> {
  const over = (): boolean => ['failed', state].includes(driver.status().state) && !driver.seeking;
  await until(`the replay to be ${state}`, over, 1);
  expect(driver.status()).toMatchObject({ state, message });
}

export function sought(driver: ReplayDriver, timeNs: number): Promise<void> {
  const there = new Promise<void>((resolve) => {
    driver.onSettled = resolve;
  });
  driver.seek(timeNs);
  return there;
}
