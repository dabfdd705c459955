/** unfreed diff, over real recordings whose truth is known. */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DIFF_FORMATS, diffFormat } from '../../src/cli/options/diff-formats.js';
import { buildProgram } from '../../src/cli/program.js';
import type { DiffReport } from '../../src/rank/report/diff-report.js';
import { HELD_PIPES } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';

const RECORDINGS = new URL('../../recordings/', import.meta.url).pathname;
const PERF_TEXT = `${RECORDINGS}perf-script/6.18-hold-pipes/perf-script.txt.gz`;
const FTRACE_HELD = `${RECORDINGS}ftrace/6.18-hold-pipes/trace.txt.gz`;
const FTRACE_RELEASED = `${RECORDINGS}ftrace/6.18-hold-pipes-released/trace.txt.gz`;

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `unfreed diff` and returns its standard output. */
async function printed(...args: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += Buffer.from(part).toString('utf8');
    return true;
  });
  await buildProgram('1.2.3').parseAsync(args, { from: 'user' });
  return text;
}

async function diff(...args: string[]): Promise<DiffReport> {
  return JSON.parse(await printed('diff', ...args, '--format', 'json')) as DiffReport;
}

/** Returns the differences of call paths through a function: change, bytes, count. */
function through({ stacks }: DiffReport, symbol: string): unknown[] {
  return stacks
    .filter((stack) => stack.frames.some((frame) => frame.symbol === symbol))
    .map((stack) => [stack.change, stack.differenceBytes, stack.differenceCount]);
}

function sumOf(report: DiffReport, symbol: string): number {
  return through(report, symbol).reduce<number>((sum, row) => sum + (row as number[])[2], 0);
}

/** Returns the real text with each frame line rewritten. */
function perfText(name: string, rewrite: (address: string, offset: string) => [string, string]): string {
  const text = gunzipSync(readFileSync(PERF_TEXT)).toString('utf8');
  const other = text.replaceAll(/^(\s+)([0-9a-f]{16})( \S+\+0x)([0-9a-f]+)/gm, (_, blanks, address, symbol, offset) => {
    const [a, o] = rewrite(address as string, offset as string);
    return `${blanks}${a}${symbol}${o}`;
  });
  expect(other).not.toBe(text);
  return file(name, gzipSync(other));
}

const shifted = (address: string): string => (BigInt(`0x${address}`) + 0x1e600000n).toString(16);

const moved = (address: string, offset: string): [string, string] => [
  shifted(address),
  (Number.parseInt(offset, 16) + 12).toString(16),
];

async function pagesBetween(from: string, to: string): Promise<number> {
  const report = await diff(HELD_PIPES, '--from', from, '--to', to);
  vi.restoreAllMocks();
  return report.outstanding.page.differenceBytes;
}

describe('two recordings', () => {
  it('one with itself: nothing has changed', async () => {
    const report = await diff(HELD_PIPES, HELD_PIPES);
    expect(report).toMatchObject({ kind: 'traces', matchedBy: 'symbol+offset', stacks: [], processes: [], notes: [] });
    // Call paths that differ only in the code that an interrupt hit are one.
    expect(report.changes.unchanged.stacks).toBeGreaterThan(120);
    expect(report.changes.unchanged.stacks).toBeLessThanOrEqual(report.after.matching.stacks);
    expect(report.before.matching.given).toBe(report.before.matching.stacks);
    expect(report.outstanding.distinct.differenceBytes).toBe(0);
  });

  it('the kernel loaded elsewhere at the next boot: everything is found again', async () => {
    const report = await diff(
      PERF_TEXT,
      perfText('kaslr.txt.gz', (address, offset) => [shifted(address), offset]),
    );
    expect(report).toMatchObject({ matchedBy: 'symbol+offset', stacks: [], processes: [] });
    expect(report.changes.unchanged.stacks).toBe(report.after.matching.stacks);
  });

  it('another build of the kernel: found by function names, and said', async () => {
    const report = await diff(PERF_TEXT, perfText('build.txt.gz', moved));
    expect(report).toMatchObject({ matchedBy: 'symbol', stacks: [] });
    const [matched, ...coverage] = report.notes;
    expect(matched).toBe(
      'most functions are at other offsets, as in another build: call paths are matched without offsets',
    );
    // Both texts hold the allocs of one process, and no free.
    expect(coverage.map((note) => note.includes('frees were not traced, or none happened'))).toEqual([true, true]);
  });

  it('23 pipes held, then given back: 368 pages and 46 objects have gone', async () => {
    const report = await diff(FTRACE_HELD, FTRACE_RELEASED);
    expect(sumOf(report, 'anon_pipe_write')).toBe(-368);
    expect(sumOf(report, 'alloc_pipe_info')).toBe(-46);
    expect(report.processes.map((row) => [row.comm, row.change])).toEqual([['hold-pipes', 'restarted']]);
  });

  it('23 pipes held under perf, and 23 under ftrace: those pages are unchanged, whatever else the tools see', async () => {
    const report = await diff(PERF_TEXT, FTRACE_HELD, '--grep', '^anon_pipe_write$', '--allocator', 'page');
    expect(report.changes).toMatchObject({ unchanged: { stacks: 1 }, new: { stacks: 0 }, gone: { stacks: 0 } });
    expect(report.outstanding.page.afterBytes).toBeGreaterThanOrEqual(368 * 4096);
  });

  it('reports are compared as the recordings they are of, by name of process', async () => {
    for (const [name, recording] of [
      ['a.json', FTRACE_HELD],
      ['b.json', FTRACE_RELEASED],
    ]) {
      await printed('export', recording, '-o', file(name));
    }
    const ofReports = await diff(file('a.json'), file('b.json'));
    vi.restoreAllMocks();
    const ofTraces = await diff(FTRACE_HELD, FTRACE_RELEASED);
    expect(ofReports.stacks).toEqual(ofTraces.stacks);
    expect(ofReports.outstanding).toEqual(ofTraces.outstanding);
    expect(ofReports.processes).toMatchObject([{ comm: 'hold-pipes', pid: null, change: 'same' }]);
    expect(ofReports.notes).toContain('a report does not say which pids: processes are compared by name');
  });

  it('a report that was cut to its first rows says so, and one that is damaged is refused', async () => {
    await printed('export', HELD_PIPES, '-n', '3', '-o', file('short.json'));
    const report = await diff(file('short.json'), HELD_PIPES);
    expect(report.notes[0]).toMatch(/short\.json has only 3 of its \d+ call paths: the others look as if/);
    const text = readFileSync(file('short.json'), 'utf8');
    file('cut.json', text.slice(0, -9));
    file('wrong.json', text.replace('"durationNs"', '"durationMs"'));
    await expect(diff(file('cut.json'), HELD_PIPES)).rejects.toThrow('it is no JSON, or is cut off');
    await expect(diff(file('wrong.json'), HELD_PIPES)).rejects.toThrow('durationNs is not as in an unfreed-report');
    file('estimate.json', text.replace('"estimate": null', '"estimate": {}'));
    await expect(diff(file('estimate.json'), HELD_PIPES)).rejects.toThrow(/estimate\S* is not as in an unfreed-report/);
    await expect(diff(file('short.json'), HELD_PIPES, '--comm', 'x')).rejects.toThrow('nothing can be selected');
  });
});

describe('two moments of one recording', () => {
  it('are exactly what copies cut off at those moments hold', async () => {
    await printed('cut', HELD_PIPES, '--to', '3s', '-o', file('3s.unfreed'));
    await printed('cut', HELD_PIPES, '--to', '6s', '-o', file('6s.unfreed'));
    const moments = await diff(HELD_PIPES, '--from', '3s', '--to', '6s');
    vi.restoreAllMocks();
    const copies = await diff(file('3s.unfreed'), file('6s.unfreed'));
    expect(moments).toMatchObject({ kind: 'moments', matchedBy: 'stack', elapsedNs: 3e9 });
    expect(moments.outstanding.page.differenceBytes).toBeGreaterThan(2e6);
    for (const name of ['page', 'slab', 'percpu', 'vmalloc', 'distinct'] as const) {
      expect(moments.outstanding[name].differenceBytes, name).toBe(copies.outstanding[name].differenceBytes);
    }
    expect(through(moments, 'anon_pipe_write')).toEqual(through(copies, 'anon_pipe_write'));
    expect(moments.processes.map((row) => [row.comm, row.differenceBytes])).toEqual(
      copies.processes.map((row) => [row.comm, row.differenceBytes]),
    );
  });

  it('from the start to the end are the whole: 1,616 pages, none before, all of one process', async () => {
    const report = await diff(HELD_PIPES, '--from', '0', '--comm', 'hold-pipes', '--grep', '^anon_pipe_write$');
    expect(through(report, 'anon_pipe_write')).toEqual([['new', 6_619_136, 1616]]);
    expect(report.processes).toHaveLength(1);
    expect(report.processes[0]).toMatchObject({ comm: 'hold-pipes', change: 'new', newAllocations: 1616 });
    expect(report.stacks[0].bytesPerHour).toBeCloseTo((6_619_136 / report.after.durationNs) * 3600e9, 3);
  });

  it('that follow each other add up', async () => {
    expect((await pagesBetween('1s', '2.5s')) + (await pagesBetween('2.5s', '5s'))).toBe(
      await pagesBetween('1s', '5s'),
    );
  });

  it('count allocations made between them, and a process as the same', async () => {
    const report = await diff(HELD_PIPES, '--from', '3s', '--to', '6s', '--comm', 'hold-pipes');
    const [row] = report.processes;
    expect(row).toMatchObject({ comm: 'hold-pipes', change: 'same', pidBefore: null });
    const own = report.stacks.filter((stack) => stack.category !== 'backing');
    const made = own.reduce((sum, stack) => sum + stack.differenceCount, 0);
    expect(row.newAllocations).toBe(made);
    expect(row.afterCount - row.beforeCount).toBe(made);
  });

  it('are read in a gzipped text too', async () => {
    const report = await diff(FTRACE_HELD, '--from', '0');
    expect(sumOf(report, 'anon_pipe_write')).toBe(368);
  });

  it('that are none are refused in a sentence', async () => {
    await expect(diff(HELD_PIPES)).rejects.toThrow('nothing to compare it with');
    await expect(diff(HELD_PIPES, '--from', '5s', '--to', '5s')).rejects.toThrow('--from is not before --to');
    await expect(diff(HELD_PIPES, '--from', '1h')).rejects.toThrow(
      /ends at 00:00:07\.\d+, at or before --from 01:00:00/,
    );
    await expect(diff(HELD_PIPES, HELD_PIPES, '--from', '1s')).rejects.toThrow('two were given');
    await expect(diff('-', '-')).rejects.toThrow('only one of the two can be standard input');
  });
});

describe('the output', () => {
  it('is text on standard output: sentences, then the columns of the tab Diff, a call path below each row', async () => {
    const text = await printed('diff', HELD_PIPES, '--from', '3s', '--to', '6s', '-n', '2');
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^\S+, Linux 6\.18\.\S+, from 3\.00s to 6\.00s$/);
    expect(lines[1]).toMatch(
      /^GREW {5}hold-pipes \d+ holds \d\.\d+ MiB of pipe buffers, which grew by \d\.\d+ MiB in 3\.00s\.$/,
    );
    expect(lines[2]).toMatch(/^ {9}No line of \/proc\/meminfo shows it\./);
    const row = lines.findIndex((line) => line.startsWith('  1 '));
    expect(lines[row - 1]).toMatch(/^ {2}# {4}CHANGE +GROWTH\/s +BEFORE +NOW STATE +MEMINFO +WHO +WHAT$/);
    expect(lines[row]).toMatch(/^ {2}1 \+\d\.\d\d MiB .* none +hold-pipes \d+ +pipe buffers$/);
    expect(lines.slice(row, row + 3).join('\n')).toMatch(/\n +\+[\d,]+ pages {2}anon_pipe_write < vfs_write/);
    vi.restoreAllMocks();
    const quiet = await printed('diff', HELD_PIPES, '--from', '3s', '--to', '6s', '-q');
    expect(text.startsWith(quiet)).toBe(true);
    expect(quiet.split('\n').length).toBeLessThan(10);
    expect(text).toMatch(/\nhold-pipes +\d+ +3\.\d+ MiB +6\.\d+ MiB +\+2\.\d+ MiB +[\d,]+\n/);
    expect(text).toMatch(/\n… \d+ more call paths that changed, together \+/);
  });

  it('says of known leaks who grew, by how much and where; of two recordings by name alone', async () => {
    const pipes = `${RECORDINGS}bpf/6.12-pipes/pipes.unfreed`;
    const of = await printed('diff', pipes, '--from', '5s', '--to', '15s', '-q');
    expect(of.split('\n').slice(0, 2)).toEqual([
      'host, Linux 6.12.117, from 5.00s to 15.0s',
      'GREW     grow-pipes 146 holds 13.2 MiB of pipe buffers, which grew by 12.5 MiB in 10.0s.',
    ]);
    vi.restoreAllMocks();
    const between = await printed('diff', pipes, `${RECORDINGS}bpf/6.12-tmpfs/tmpfs.unfreed`, '-q');
    expect(between.split('\n').filter((line) => /^[A-Z]{3,} /.test(line))).toEqual([
      'NEW      grow-tmpfs holds 20.0 MiB of tmpfs files, which is not in the first trace.',
      'GONE     grow-pipes and 2 others held 20.0 MiB of pipe buffers in the first trace, and nothing of it in the second.',
    ]);
    vi.restoreAllMocks();
    const quiet = await printed(
      'diff',
      `${RECORDINGS}bpf/6.12-quiet/quiet.unfreed`,
      '--from',
      '5s',
      '--to',
      '15s',
      '-q',
    );
    expect(quiet).toMatch(/\nQUIET {4}Nothing grew by 32\.0 KiB or more in 10\.0s\. [^\n]*\n$/);
  });

  it('of reports of a version that knew no holders still has who and what', async () => {
    await printed('export', FTRACE_HELD, '-o', file('old.json'));
    const report = JSON.parse(readFileSync(file('old.json'), 'utf8')) as { stacks: Record<string, unknown>[] };
    for (const stack of report.stacks) for (const name of ['holder', 'noun', 'growth']) stack[name] = undefined;
    const [first] = report.stacks;
    first.holder = { kind: 'process', name: 'x', pid: '1; reboot', more: 0 };
    file('old.json', JSON.stringify(report));
    const { stacks } = await diff(FTRACE_RELEASED, file('old.json'));
    const pipe = stacks.find(({ noun }) => noun === 'memory of anon_pipe_write');
    expect(pipe?.after?.holder).toEqual({ kind: 'process', name: 'hold-pipes', pid: null, more: 0 });
    expect(JSON.stringify(stacks)).not.toContain('reboot');
  });

  it('has the format that its name says', async () => {
    const names = ['x.txt', 'x.json', 'x.csv', 'x.md', 'x.folded', 'x.html', 'x.svg'];
    expect(new Set(names.map((name) => diffFormat(undefined, name)))).toEqual(new Set(DIFF_FORMATS));
    expect(() => diffFormat(undefined, 'x.doc')).toThrow('does not say which format');
    await printed('diff', FTRACE_HELD, FTRACE_RELEASED, '-o', file('x.SVG'));
    expect(readFileSync(file('x.SVG'), 'utf8')).toMatch(/^<svg /);
  });

  it('never takes the place of a recording', async () => {
    const before = readFileSync(HELD_PIPES);
    file('copy.csv', before);
    await expect(diff(FTRACE_HELD, FTRACE_RELEASED, '-o', file('copy.csv'))).rejects.toThrow('is a recording');
    await expect(diff(file('copy.csv'), FTRACE_HELD, '-o', file('copy.csv'))).rejects.toThrow('is the input itself');
    expect(readFileSync(file('copy.csv')).equals(before)).toBe(true);
  });
});
