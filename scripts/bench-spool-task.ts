/**
 * node scripts/run-ts.mjs scripts/bench-spool-task.ts TASK: one measurement of bench-spool.ts, in a
 * process of its own.
 */
import { defaultSelection } from '../src/rank/report/selection.js';
import { ReplayDriver } from '../src/session/replay/replay-driver.js';
import { peakRssBytes } from '../test/helpers/peak-rss.js';
import type { SpoolResult, SpoolTask } from './bench-spool.js';

async function replay({ path, spool, seeks }: SpoolTask): Promise<SpoolResult> {
  const started = performance.now();
  const driver = new ReplayDriver(path, spool ? {} : { spool: false });
  await driver.start();
  while (driver.status().state === 'reading') await new Promise((resolve) => setTimeout(resolve, 2));
  driver.pipeline.report(defaultSelection(200));
  const wholeMs = performance.now() - started;
  const { user, system } = process.cpuUsage();
  const { durationNs } = driver.status();
  const times: number[] = [];
  for (let i = 1; i <= seeks; i++) {
    const from = performance.now();
    await new Promise<void>((resolve) => {
      driver.onSettled = resolve;
      driver.seek(Math.floor(durationNs * ((i * 0.618_034) % 1)));
    });
    driver.pipeline.report(defaultSelection(200));
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const events = driver.pipeline.core.eventCount;
  await driver.stop();
  return {
    events,
    wholeMs,
    cpuMs: (user + system) / 1000,
    medianMs: times[times.length >> 1],
    maxMs: times[times.length - 1],
    peakRssBytes: peakRssBytes(),
  };
}

const task = JSON.parse(process.argv[2]) as SpoolTask;
process.stdout.write(JSON.stringify(await replay(task)), () => process.exit(0));
