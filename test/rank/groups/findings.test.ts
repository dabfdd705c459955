import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/rank/report/report.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

const SECOND = 1e9;
const SYSCALL = 'do_syscall_64 < entry_SYSCALL_64_after_hwframe';
const PAGES = `anon_pipe_write < vfs_write < ksys_write < ${SYSCALL}`;
const INFO = `alloc_pipe_info < create_pipe_files < do_pipe2 < ${SYSCALL}`;
const NAMES = `__d_alloc < d_alloc_pseudo < alloc_file_pseudo < create_pipe_files < do_pipe2 < ${SYSCALL}`;
const INODES = `alloc_inode < new_inode_pseudo < get_pipe_inode < create_pipe_files < do_pipe2 < ${SYSCALL}`;

interface Leak {
  path: string;
  comm: string;
  pid: number;
  /** 'page', or the bytes of an object. */
  size: 'page' | number;
  /** Times in seconds of its allocations, in order. */
  times: number[];
  /** Allocations at each time. */
  each?: number;
  /** Seconds after which each is freed. */
  life?: number;
}

function play(leaks: Leak[], seconds = 40): Report {
  const paired = pairPlayed(leaks, seconds);
  const report = paired.report({ group: 'finding' });
  // The findings are of the whole trace, whatever the rows of the report are.
  for (const selection of [
    {},
    { limit: 1 },
    { group: 'site' as const },
    { comm: 'nobody' },
    { sort: 'bytes' as const },
  ]) {
    expect(paired.report(selection).findings).toEqual(report.findings);
  }
  expect(report.findings).toEqual(report.stacks);
  return report;
}

function pairPlayed(leaks: Leak[], seconds: number): PairedText {
  const lines: [number, string][] = [];
  let serial = 0;
  for (const { path, comm, pid, size, times, each = 1, life } of leaks) {
    for (const time of times) {
      for (let i = 0; i < each; i++) {
        const id = ++serial;
        const who = `comm=${comm} pid=${pid}`;
        const [alloc, free] =
          size === 'page'
            ? [`palloc ${id} order 0 ${who} < ${path}`, `pfree ${id} order 0`]
            : [`alloc o${id} ${size} cache=c${size} ${who} < ${path}`, `cfree o${id}`];
        lines.push([time, alloc]);
        if (life !== undefined && time + life < seconds) lines.push([time + life, free]);
      }
    }
  }
  lines.sort(([a], [b]) => a - b);
  const text = lines.map(([time, line]) => `${Math.round(time * SECOND)} ${line}`).join('\n');
  return pairText(`${text}\n${seconds * SECOND} clock`);
}

/** Every so many seconds until the end, each gap drawn between nothing and twice the mean. */
function randomTimes(random: () => number, mean: number, end = 40): number[] {
  const times: number[] = [];
  for (let time = mean * 2 * random(); time < end; time += mean * 2 * random()) times.push(time);
  return times;
}

function regularTimes(every: number, from = 0, end = 40): number[] {
  return Array.from({ length: Math.floor((end - from) / every) }, (_, i) => from + i * every);
}

function verdictsByHead(report: Report): string[] {
  return report.stacks.map((row) => `${row.frames[row.firstFrame].symbol}: ${row.verdict}`).toSorted();
}

const sum = (of: { bytes: number }[]): number => of.reduce((total, { bytes }) => total + bytes, 0);

describe('a finding', () => {
  it('is all that one process makes in one loop of pipe2() and write()', () => {
    const times = randomTimes(seededRandom(1), 0.1);
    const of = { comm: 'leak.py', pid: 77, times };
    const report = play([
      { ...of, path: PAGES, size: 'page', each: 16 },
      { ...of, path: INFO, size: 192 },
      { ...of, path: NAMES, size: 256 },
      { ...of, path: INODES, size: 640 },
    ]);
    expect(report.matching.rows).toBe(1);
    const [row] = report.stacks;
    expect(row).toMatchObject({ noun: 'pipe buffers', verdict: 'growing', count: 19 * times.length });
    expect(row.bytes).toBe(times.length * (16 * 4096 + 192 + 256 + 640));
    expect(row.merged).toMatchObject({ label: 'pipe buffers', stacks: 4 });
    expect(row.merged?.paths?.map(({ frames, firstFrame }) => frames[firstFrame].symbol)).toEqual([
      'anon_pipe_write',
      'alloc_inode',
      '__d_alloc',
      'alloc_pipe_info',
    ]);
    expect(row.holder).toMatchObject({ kind: 'process', name: 'leak.py', pid: 77, more: 0 });
  });
});

const leak = (path: string, comm: string, times: number[], size: Leak['size'] = 256): Leak => ({
  path: `${path} < ${SYSCALL}`,
  comm,
  pid: comm.length,
  size,
  times,
});

describe.each(seeds(4, 12, 900))('findings of separate leaks, seed %i', (seed) => {
  const random = seededRandom(seed);
  it('keeps leaks of one process apart if each has its own clock', () => {
    const report = play([
      leak('take_name < do_name', 'one', randomTimes(random, 0.1)),
      leak('take_key < do_key', 'one', randomTimes(random, 0.17)),
    ]);
    expect(verdictsByHead(report)).toEqual(['take_key: growing', 'take_name: growing']);
  });

  it('keeps two functions of a module apart, even in lockstep', () => {
    const times = randomTimes(random, 0.1);
    const report = play([leak('probe[wifi] < a', 'one', times), leak('scan[wifi] < a', 'one', times, 512)]);
    expect(verdictsByHead(report)).toEqual(['probe: growing', 'scan: growing']);
  });

  it('keeps two processes apart, even in lockstep', () => {
    const times = randomTimes(random, 0.1);
    const report = play([leak('take_key < do_key', 'one', times), leak('take_name < do_key', 'other', times, 512)]);
    expect(verdictsByHead(report)).toEqual(['take_key: growing', 'take_name: growing']);
  });

  it('keeps a slow leak apart from memory of the same name that stays', () => {
    const once = Array.from({ length: 400 }, () => random() * 0.1);
    const report = play([
      { ...leak('alloc_pipe_info < create_pipe_files < do_pipe2', 'one', once), each: 4 },
      leak('alloc_pipe_info < create_pipe_files < fifo_open', 'one', randomTimes(random, 0.5)),
    ]);
    expect(report.stacks).toHaveLength(2);
    expect(report.stacks.map(({ verdict }) => verdict)).toContain('growing');
  });

  it('keeps a leak apart from what is renewed beside it', () => {
    const report = play([
      leak('alloc_pipe_info < create_pipe_files < do_pipe2', 'one', randomTimes(random, 0.2)),
      { ...leak('alloc_pipe_info < create_pipe_files < fifo_open', 'one', regularTimes(0.01)), life: 0.5 },
    ]);
    expect(report.stacks).toHaveLength(2);
    expect(report.stacks.map(({ verdict }) => verdict)).toContain('growing');
  });

  it('has each call path once and keeps the sums', () => {
    const times = randomTimes(random, 0.1);
    const report = play([
      leak('alloc_inode < a', 'one', times),
      leak('__d_alloc < a', 'one', times),
      leak('probe[wifi] < b', 'two', randomTimes(random, 0.3)),
      { ...leak('getname_flags < c', 'three', regularTimes(0.02)), life: 0.1 },
    ]);
    const paths = report.stacks.flatMap(({ merged }) => merged?.paths ?? []);
    expect(new Set(paths.map(({ stackId }) => stackId)).size).toBe(paths.length);
    expect(paths).toHaveLength(report.matching.stacks);
    expect(sum(paths)).toBe(report.matching.bytes);
    expect(sum(report.stacks)).toBe(report.matching.bytes);
  });
});
