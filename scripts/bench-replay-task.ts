/**
 * node scripts/run-ts.mjs scripts/bench-replay-task.ts TASK: one measurement of bench-replay.ts, in
 * a process of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { defaultSelection } from '../src/rank/report/selection.js';
import { openSeekable } from '../src/recording/open.js';
import { Pipeline } from '../src/session/pipeline/pipeline.js';
import { ReplayDriver } from '../src/session/replay/replay-driver.js';
import { peakRssBytes } from '../test/helpers/peak-rss.js';
import type { ReplayTask, SeekResult, TopResult } from './bench-replay.js';
import { seeded } from './bench-traffic.js';

async function measureTop(path: string, thread: boolean): Promise<TopResult> {
  const started = performance.now();
  const pipeline = new Pipeline('recording');
  const recording = await openSeekable(path, pipeline, pipeline.dictionary, { thread });
  if (recording === null) throw new Error(`${path} cannot be read`);
  while (await recording.readNext());
  const report = pipeline.report(defaultSelection(10));
  const wallMs = performance.now() - started;
  const [pairCpuMs, decodeCpuMs] = threadCpuMs();
  recording.close();
  const { outstanding } = report;
  return {
    events: pipeline.core.eventCount,
    outstanding: outstanding.page.count + outstanding.slab.count,
    wallMs,
    pairCpuMs,
    decodeCpuMs: thread ? decodeCpuMs : 0,
    peakRssBytes: peakRssBytes(),
  };
}

/**
 * Returns the CPU time of the main thread, and of the busiest other one, ms (compiler and garbage
 * collector have threads of their own).
 */
function threadCpuMs(): [main: number, other: number] {
  const main = process.pid.toString();
  const others = readdirSync('/proc/self/task').filter((id) => id !== main);
  return [cpuMsOf(main), Math.max(0, ...others.map(cpuMsOf))];
}

function cpuMsOf(threadId: string): number {
  return Number(readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

async function measureSeeks(path: string, count: number): Promise<SeekResult> {
  const selection = defaultSelection(50);
  const started = performance.now();
  const driver = new ReplayDriver(path);
  await driver.start();
  driver.pipeline.report(selection);
  const firstFrameMs = performance.now() - started;
  while (driver.status().state !== 'ended') await new Promise((resolve) => setTimeout(resolve, 2));
  driver.pipeline.report(selection);
  const wholeMs = performance.now() - started;
  const { durationNs } = driver.status();
  const traffic = seeded(11);
  const seeks: { ms: number; cpuMs: number }[] = [];
  for (let i = 0; i < count; i++) {
    const target = Math.floor(traffic() * durationNs);
    const cpu = process.cpuUsage();
    const from = performance.now();
    await new Promise<void>((resolve) => {
      driver.onSettled = resolve;
      driver.seek(target);
    });
    const report = driver.pipeline.report(selection);
    const { user, system } = process.cpuUsage(cpu);
    seeks.push({ ms: performance.now() - from, cpuMs: (user + system) / 1000 });
    if (report.durationNs > target) throw new Error(`the report at ${target} is of ${report.durationNs}`);
  }
  await driver.stop();
  const sorted = seeks.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    firstFrameMs,
    wholeMs,
    medianMs: sorted[count >> 1],
    p95Ms: sorted[Math.ceil(count * 0.95) - 1],
    maxMs: sorted[count - 1],
    medianCpuMs: seeks.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b)[count >> 1],
    peakRssBytes: peakRssBytes(),
  };
}

const { kind, path, seeks } = JSON.parse(process.argv[2]) as ReplayTask;
const result = kind === 'seeks' ? await measureSeeks(path, seeks) : await measureTop(path, kind === 'top');
process.stdout.write(JSON.stringify(result), () => process.exit(0));
