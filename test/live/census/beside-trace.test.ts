/** A census beside a live trace: it is in the recording at its time, and what it takes is the tracer's own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultCollectorOptions } from '../../../src/collect/collector.js';
import type { EventBatch } from '../../../src/event/event-batch.js';
import { FREE_BIT, SELF_BIT } from '../../../src/event/kinds.js';
import { processesOf } from '../../../src/rank/breakdown/processes.js';
import { selfOf } from '../../../src/rank/rows/outstanding.js';
import { openRecording } from '../../../src/recording/files/open-parts.js';
import { carriedCensus } from '../../../src/session/census/carried-census.js';
import type { TakenCensus } from '../../../src/session/driver.js';
import { LiveDriver } from '../../../src/session/live/live-driver.js';
import { LiveRun } from '../../../src/session/live/live-run.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { requireRoot } from '../../helpers/live.js';
import { ALL } from '../../helpers/live-trace.js';
import { replayedUpTo } from '../../helpers/replayed.js';
import { sleep } from '../../helpers/terminal.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-beside-'));
beforeAll(() => requireRoot());
afterAll(() => rmSync(directory, { recursive: true }));

/** Numbers of the processes that this one has started and that take a census. */
function censusPids(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const parent = /\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1];
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0');
      return Number(parent) === process.pid && command.includes('--census') ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Allocs of these processes in a recording: all, and those that are marked. */
async function allocsOf(path: string, pids: ReadonlySet<number>): Promise<{ all: number; marked: number }> {
  const counts = { all: 0, marked: 0 };
  const pipeline = new Pipeline('recording');
  const sink = {
    events: ({ length, kind, pid }: EventBatch): void => {
      for (let row = 0; row < length; row++) {
        if ((kind[row] & FREE_BIT) !== 0 || !pids.has(pid[row])) continue;
        counts.all++;
        if ((kind[row] & SELF_BIT) !== 0) counts.marked++;
      }
    },
    fact: (): void => undefined,
  };
  const recording = await openRecording(path, sink, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return counts;
}

it('at the end of a recording belongs to the tracer as well', async () => {
  const path = join(directory, 'ends.unfreed');
  const run = new LiveRun({
    collector: defaultCollectorOptions(),
    recordPath: path,
    force: true,
    look: true,
    census: true,
  });
  await run.start();
  // The one of the begin has ended before anything is attached.
  expect(censusPids()).toEqual([]);
  const pids = new Set<number>();
  const watch = setInterval(() => censusPids().forEach((pid) => pids.add(pid)), 10);
  await sleep(500);
  await run.stop();
  await run.finished;
  clearInterval(watch);
  expect(pids.size).toBe(1);
  const { all, marked } = await allocsOf(path, pids);
  expect(marked).toBe(all);
  expect(run.pipeline.looks.map((look) => carriedCensus(look) !== null)).toEqual([true, true]);
});

it('is carried by the recording, and no row of the ranking is of its processes', async () => {
  const path = join(directory, 'beside.unfreed');
  const driver = new LiveDriver({ collector: defaultCollectorOptions(), recordPath: path, force: true, look: true });
  await driver.start();
  const pids = new Set<number>();
  const ranked = new Set<number>();
  let mostOwn = 0;
  const watch = setInterval(() => {
    for (const pid of censusPids()) pids.add(pid);
    for (const { pid } of processesOf(driver.pipeline, ALL)) ranked.add(pid);
    mostOwn = Math.max(mostOwn, selfOf(driver.pipeline.core).bytes);
  }, 20);
  await sleep(1000);
  const ownBefore = mostOwn;
  const take = async (): Promise<TakenCensus & { doneMs: number }> => {
    const watching = { onStep: () => undefined, signal: new AbortController().signal };
    return { ...(await driver.takeCensus({ caches: ['kmalloc-64'] }, watching)), doneMs: Date.now() };
  };
  const first = await take();
  await sleep(1000);
  const second = await take();
  await sleep(1000);
  clearInterval(watch);
  expect(pids.size).toBe(2);
  expect([...pids].filter((pid) => ranked.has(pid))).toEqual([]);
  // The maps of its program alone are larger.
  expect(mostOwn - ownBefore).toBeGreaterThan(4 << 20);
  expect(driver.pipeline.census).toMatchObject({ timeMs: second.census.timeMs });
  const { startUnixMs } = driver.pipeline.facts;
  await driver.stop();

  const { all, marked } = await allocsOf(path, pids);
  expect(all).toBeGreaterThan(1000);
  expect(marked).toBe(all);

  const at = ({ doneMs }: { doneMs: number }): Promise<Pipeline> =>
    replayedUpTo(path, (doneMs - startUnixMs) * 1e6 + 0.1e9);
  const [one, both] = [await at(first), await at(second)];
  expect(one.census).toEqual(first.census);
  expect(one.cacheTypes[0]).toMatchObject({ cache: 'kmalloc-64' });
  expect(both.census).toMatchObject({ timeMs: second.census.timeMs, classes: driver.pipeline.census?.classes });
  // The looks of the start and of the end have none.
  const carried = driver.pipeline.looks.map((look) => carriedCensus(look)?.timeMs ?? null);
  expect(carried.slice(1)).toEqual([first.census.timeMs, second.census.timeMs, null]);
  expect([first.isCarried, second.isCarried]).toEqual([true, true]);
});
