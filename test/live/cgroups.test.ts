/** Whose memory: a leak in one of many cgroups, on the hierarchy that counts memory here, version 1 or 2. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../src/rank/report/report.js';
import type { LiveRun } from '../../src/session/live/live-run.js';
import { Load } from '../helpers/live.js';
import { ALL, prepareLive, startTrace } from '../helpers/live-trace.js';
import { until } from '../helpers/patience.js';
import { replayedFile } from '../helpers/replayed.js';

const TREE = existsSync('/sys/fs/cgroup/memory/cgroup.procs') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
const NAME = `unfreed-test-${process.pid}`;
const CGROUPS = 20;
const LEAK = 7;
const PIPES = 64;

let { directory, end } = { directory: '', end: () => Promise.resolve() };
const made: string[] = [];
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(async () => {
  for (const path of made.toReversed()) if (existsSync(path)) rmdirSync(path);
  await end();
});

const make = (name: string): string => {
  const path = join(TREE, name);
  mkdirSync(path);
  made.push(path);
  return path;
};

/** A load in a cgroup, which has allocated nothing in it yet. */
const startIn = async (cgroup: string, pipes: number): Promise<Load> => {
  const load = await Load.start('hold-pipes', String(pipes));
  writeFileSync(join(cgroup, 'cgroup.procs'), String(load.pid));
  return load;
};

const byCgroup = (run: LiveRun, cgroup: string | null): Report =>
  run.pipeline.report({ ...ALL, group: 'cgroup', sort: 'bytes', cgroup, grep: 'pipe_write' });
const rowsOf = (report: Report): { label?: string; count: number }[] =>
  report.stacks.map(({ merged, count }) => ({ label: merged?.label, count }));

it('a leak in one of 20 cgroups is named first, to the page, also in the recording, and when the cgroup is gone', async () => {
  make(NAME);
  const before = Array.from({ length: CGROUPS - 1 }, (_, i) => make(`${NAME}/c${i}`));
  const path = join(directory, 'cgroups.unfreed');
  const { run, settle, settleHeld, stop } = await startTrace(path);
  // One that did not exist when the trace began.
  const cgroups = [...before, make(`${NAME}/c${CGROUPS - 1}`)];
  const loads = await Promise.all(cgroups.map((cgroup, i) => startIn(cgroup, i === LEAK ? PIPES : 2)));
  for (const load of loads) await load.go();
  await settleHeld();

  const rows = rowsOf(byCgroup(run, `/${NAME}`));
  expect(rows[0]).toEqual({ label: `/${NAME}/c${LEAK}`, count: 16 * PIPES });
  expect(rows.length).toBe(CGROUPS);
  expect(new Set(rows.slice(1).map(({ count }) => count))).toEqual(new Set([32]));
  expect(rowsOf(byCgroup(run, `c${CGROUPS - 1}`))).toEqual([{ label: `/${NAME}/c${CGROUPS - 1}`, count: 32 }]);

  // All of what that cgroup holds is this process's, and its call paths say so.
  const paths = run.pipeline.report({ ...ALL, cgroup: `c${LEAK}`, grep: 'pipe_write' }).stacks;
  expect(paths[0].cgroups).toEqual([expect.objectContaining({ cgroup: `/${NAME}/c${LEAK}`, removed: false })]);
  expect(paths[0].comms.map(({ comm }) => comm)).toEqual(['hold-pipes']);

  // It moves to the root: what it holds stays with the cgroup that it was taken in, which is removed then.
  writeFileSync(join(TREE, 'cgroup.procs'), String(loads[LEAK].pid));
  rmdirSync(cgroups[LEAK]);
  await until('the removed cgroup to be told', () => run.pipeline.core.removedCgroups.size > 0);
  expect(rowsOf(byCgroup(run, `c${LEAK}`))).toEqual([{ label: `/${NAME}/c${LEAK} (removed)`, count: 16 * PIPES }]);

  const live = rowsOf(byCgroup(run, `/${NAME}`));
  for (const load of loads) await load.stop();
  await settle();
  expect(rowsOf(byCgroup(run, `/${NAME}`))).toEqual([]);
  await stop();
  const replayed = await replayedFile(path);
  expect(replayed.pipeline.dictionary.cgroups.size).toBeGreaterThanOrEqual(CGROUPS);
  expect(live.length).toBe(CGROUPS);
});

it('one name in two cgroups is one process name', async () => {
  const group = make(`${NAME}-one`);
  const { run, settleHeld, stop } = await startTrace();
  const [here, there] = await Promise.all([Load.start('hold-pipes', '3'), startIn(group, 5)]);
  await here.go();
  await there.go();
  await settleHeld();
  const [row] = run.pipeline.report({ ...ALL, group: 'comm', comm: 'hold-pipes', grep: 'pipe_write' }).stacks;
  expect(row.comms).toEqual([{ comm: 'hold-pipes', count: 16 * 8, bytes: 16 * 8 * 4096 }]);
  const own = readFileSync('/proc/self/cgroup', 'utf8').match(/^(?:\d+:memory|0:):(.*)$/m)?.[1];
  expect(row.cgroups.map(({ cgroup, count }) => [cgroup, count])).toEqual([
    [`/${NAME}-one`, 16 * 5],
    [own, 16 * 3],
  ]);
  await here.stop();
  await there.stop();
  await stop();
});
