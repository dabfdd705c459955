/** The recordings of growth hold the truth that is stated beside them: who, what, how much and how fast. */
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundledRecording } from '../../src/cli/commands/start.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { Pipeline } from '../../src/session/pipeline/pipeline.js';

interface Truth {
  state: 'growing' | 'before' | 'quiet';
  who: string | null;
  noun: string | null;
  meminfo: string | null;
  allocator: string;
  symbol: string;
  count: number;
  bytes: number;
  bytesPerMinute: number;
}

const FOLDER = new URL('../../recordings/bpf/', import.meta.url).pathname;
const GROWING = ['demo', 'pipes', 'tmpfs', 'anon', 'sockets'];
const LOADS = ['find', 'grow-anon', 'grow-pipes', 'grow-sockets', 'grow-tmpfs', 'gzip', 'hold-pipes', 'tar'];
/** The categories of the report that stand for these lines of /proc/meminfo. */
const CATEGORIES: Readonly<Record<string, string>> = {
  none: 'unaccounted',
  Shmem: 'shmem',
  AnonPages: 'anon',
  SUnreclaim: 'slab',
};

function fileOf(name: string): string {
  return `${FOLDER}6.12-${name}/${name}.unfreed`;
}

function truthOf(name: string): Truth {
  return JSON.parse(readFileSync(`${FOLDER}6.12-${name}/truth.json`, 'utf8')) as Truth;
}

async function readReport(name: string): Promise<Report> {
  const pipeline = new Pipeline('recording');
  const recording = await openRecording(fileOf(name), pipeline, pipeline.dictionary);
  while (await recording.readNext());
  recording.close();
  return pipeline.report(defaultSelection(100_000));
}

describe.each(GROWING)('%s', (name) => {
  const truth = truthOf(name);

  it('holds what its load counted, in the stated line of meminfo, and grows as fast', async () => {
    const report = await readReport(name);
    const stacks = report.stacks.filter(
      ({ frames, firstFrame, allocator, kind, comms }) =>
        frames[firstFrame]?.symbol === truth.symbol &&
        allocator === truth.allocator &&
        kind !== 'kmalloc' &&
        comms.some(({ comm }) => comm === truth.who),
    );
    const sum = (of: (stack: (typeof stacks)[number]) => number): number =>
      stacks.reduce((total, stack) => total + of(stack), 0);
    expect(Math.abs(sum((stack) => stack.count) / truth.count - 1)).toBeLessThan(0.02);
    expect(Math.abs(sum((stack) => stack.bytes) / truth.bytes - 1)).toBeLessThan(0.02);
    const growing = stacks.filter(({ verdict }) => verdict === 'growing');
    expect(growing.length).toBeGreaterThan(0);
    for (const stack of growing) expect(stack.category).toBe(CATEGORIES[truth.meminfo ?? '']);
    const perMinute = growing.reduce((total, stack) => total + (stack.growth?.bytesPerHour ?? 0), 0) / 60;
    expect(Math.abs(perMinute / truth.bytesPerMinute - 1)).toBeLessThan(0.02);
  });
});

describe.each([...GROWING, 'before', 'quiet'])('%s', (name) => {
  it('lost nothing, and only the loads have names', async () => {
    const report = await readReport(name);
    expect(report.anomalies.lostEvents).toBe(0);
    expect(report.source).toMatchObject({ kind: 'recording', hostname: 'host', collector: 'bpf' });
    const names = new Set(report.stacks.flatMap((stack) => stack.comms.map((share) => share.comm)));
    for (const each of names) if (!each.startsWith('#')) expect(LOADS).toContain(each);
  });
});

it('before: the gap is there at the start, and does not grow', async () => {
  const { meminfo } = await readReport('before');
  expect(meminfo?.unaccountedAtStartBytes).toBeGreaterThan(truthOf('before').bytes);
  expect(Math.abs((meminfo?.unaccountedBytes ?? 0) / (meminfo?.unaccountedAtStartBytes ?? 1) - 1)).toBeLessThan(0.02);
});

it('quiet: nothing unaccounted grows', async () => {
  const { meminfo } = await readReport('quiet');
  expect((meminfo?.unaccountedBytes ?? 0) - (meminfo?.unaccountedAtStartBytes ?? 0)).toBeLessThan(2 ** 20);
});

it('demo: it is the recording that a bare unfreed shows, a minute long and small', async () => {
  // From dist/, whose recordings/ is the repository's.
  expect(bundledRecording()).toMatch(/\/recordings\/bpf\/6\.12-demo\/demo\.unfreed$/);
  expect(statSync(fileOf('demo')).size).toBeLessThan(1.5e6);
  expect((await readReport('demo')).durationNs / 1e9).toBeCloseTo(60, -1);
});
