/**
 * unfreed diff on recordings of this machine's kernel: 100 pipes held in one and 300 in another,
 * and both in one.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { DiffReport } from '../../src/rank/report/diff-report.js';
import { unfreed } from '../helpers/cli.js';
import { countThrough, expectHeld } from '../helpers/held.js';
import { Load, type Truth } from '../helpers/live.js';
import { modeIt, prepareLive, startTrace } from '../helpers/live-trace.js';
import { isSampling } from '../helpers/modes.js';
import { until } from '../helpers/patience.js';

const it = modeIt(import.meta.url);
const PAGES_OF_A_PIPE = 16;
const PAGE_BYTES = 4096;

let { directory, end } = { directory: '', end: () => Promise.resolve() };
beforeAll(() => {
  ({ directory, end } = prepareLive());
});
afterAll(async () => {
  for (const path of [TREE + DOCKER, dirname(TREE + DOCKER)]) if (existsSync(path)) rmdirSync(path);
  await end();
});

interface Held {
  /** Times in the trace at which all pipes of each load were held, ns. */
  timesNs: number[];
  /**
   * Pages in pipe_write that the trace saw at these times: all, or those in its sample (which
   * held.ts compares with a witness).
   */
  pages: number[];
}

const TREE = existsSync('/sys/fs/cgroup/memory/cgroup.procs') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
const DOCKER = `/unfreed-diff-${process.pid}/docker`;
/** What docker names the cgroup of a container; each start of a new one has another id. */
const container = (digit: string): string => `${DOCKER}/${digit.repeat(64)}`;

/** Records loads that start one after the other, in this cgroup; each holds its number of pipes to the end. */
async function recordPipes(path: string, cgroup: string, ...pipes: number[]): Promise<Held> {
  const loads: Load[] = [];
  mkdirSync(TREE + cgroup, { recursive: true });
  for (const count of pipes) {
    const load = await Load.start('hold-pipes', String(count));
    writeFileSync(join(TREE + cgroup, 'cgroup.procs'), String(load.pid));
    loads.push(load);
  }
  const { run, witness, report, settleHeld, stop } = await startTrace(path);
  const held: Held = { timesNs: [], pages: [] };
  let truth: Truth[] = [];
  for (const load of loads) {
    truth = sumTruth(truth, await load.go());
    await settleHeld();
    const now = report();
    held.timesNs.push(run.pipeline.core.nowNs);
    held.pages.push(countThrough(now, 'mm_page_alloc', 'pipe_write', 'hold-pipes'));
    expectHeld(now, truth, { comm: 'hold-pipes', facts: run.pipeline.facts, witness });
  }
  await stop();
  for (const load of loads) await load.stop();
  await until('the cgroup to be empty', () => readFileSync(join(TREE + cgroup, 'cgroup.procs'), 'utf8') === '');
  rmdirSync(TREE + cgroup);
  return held;
}

function sumTruth(a: Truth[], b: Truth[]): Truth[] {
  return b.map((each, i) => ({ ...each, count: each.count + (a[i]?.count ?? 0) }));
}

async function diff(...args: string[]): Promise<DiffReport> {
  const pipes = ['--comm', 'hold-pipes', '--grep', '^(anon_)?pipe_write$', '--allocator', 'page', '--format', 'json'];
  const ran = await unfreed(['diff', ...args, ...pipes]);
  // On a very busy machine events are lost, and then the message must say so.
  expect(ran.stderr).toMatch(/^(unfreed: events were lost; [^\n]*\n)?$/);
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout) as DiffReport;
}

it('100 pipes, then 300 in another recording: 200 pipes more, of a process that was restarted', async () => {
  const [before, after] = [join(directory, '100.unfreed'), join(directory, '300.unfreed')];
  const few = await recordPipes(before, container('a'), 100);
  const many = await recordPipes(after, container('b'), 300);
  const report = await diff(before, after);
  expect(report).toMatchObject({ kind: 'traces', matchedBy: 'symbol+offset' });
  const pages = report.stacks.reduce((sum, stack) => sum + stack.differenceCount, 0);
  expect(pages).toBe(many.pages[0] - few.pages[0]);
  // The diff counts the pages seen; estimates from a sample are tested in test/rank/diff.
  if (isSampling) {
    expect(report.stacks.every((stack) => stack.estimate !== null)).toBe(true);
    return;
  }
  expect(pages).toBe(200 * PAGES_OF_A_PIPE);
  expect(report.stacks.every((stack) => stack.change === 'grown')).toBe(true);
  expect(report.processes).toMatchObject([
    {
      comm: 'hold-pipes',
      change: 'restarted',
      beforeBytes: 100 * PAGES_OF_A_PIPE * PAGE_BYTES,
      afterBytes: 300 * PAGES_OF_A_PIPE * PAGE_BYTES,
      newAllocations: 300 * PAGES_OF_A_PIPE,
    },
  ]);
  expect(report.cgroups).toMatchObject([
    {
      change: 'restarted',
      cgroup: container('b'),
      cgroupBefore: container('a'),
      differenceBytes: 200 * PAGES_OF_A_PIPE * PAGE_BYTES,
    },
  ]);
});

it('100 pipes, then 200 more of another process in the same recording: the moments between tell them apart', async () => {
  const path = join(directory, 'both.unfreed');
  const held = await recordPipes(path, container('c'), 100, 200);
  const { timesNs } = held;
  const report = await diff(path, '--from', `${Math.ceil(timesNs[0] / 1e6)}ms`);
  const pages = report.stacks.reduce((sum, stack) => sum + stack.differenceCount, 0);
  expect(pages).toBe(held.pages[1] - held.pages[0]);
  if (isSampling) return;
  expect(pages).toBe(200 * PAGES_OF_A_PIPE);
  expect(report.processes).toMatchObject([
    { change: 'new', beforeBytes: 0, afterCount: 200 * PAGES_OF_A_PIPE, newAllocations: 200 * PAGES_OF_A_PIPE },
  ]);
  expect(report.processesUnchanged).toBe(1);
});
