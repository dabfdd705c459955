import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/run.js';
import { BENIGN_PATHS } from '../../src/rank/names/benign-paths.js';
import type { Report } from '../../src/rank/report/report.js';
import { parseRules } from '../../src/rank/select/path-rules.js';
import { HELD_PIPES } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

async function unfreed(...args: string[]): Promise<Ran> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((part) => {
      texts[name] += String(part);
      return true;
    });
  }
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.listeners('error'));
  const code = await runCommandLine(args);
  // The command adds listeners to them that stay for the whole life of a program.
  for (const [i, stream] of streams.entries()) {
    for (const listener of stream.listeners('error')) {
      if (!before[i].includes(listener)) stream.off('error', listener as () => void);
    }
  }
  return { code, ...texts };
}

function totals(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('outstanding'));
}

function growing(name: string): Promise<Ran> {
  const path = `../../recordings/perf-script/${name}/perf-script.txt.gz`;
  return unfreed('top', new URL(path, import.meta.url).pathname, '-n', '1', '--fail-if', 'growing > 1M/h');
}

function rules(name: string, text: string): string {
  writeFileSync(file(name), text);
  return file(name);
}

const PIPES = 'anon_pipe_write  # buffers of pipes\nnothing_like_it # nothing\n';

describe('--suppress', () => {
  it('hides call paths and says how many, by which rule and why; totals stay', async () => {
    const before = await unfreed('top', HELD_PIPES, '-n', '1', '--sort', 'bytes');
    const { code, stdout } = await unfreed(
      'top',
      HELD_PIPES,
      '-n',
      '1',
      '--sort',
      'bytes',
      '--suppress',
      rules('r', PIPES),
    );
    expect(code).toBe(0);
    expect(before.stdout).toContain('anon_pipe_write < vfs_write');
    expect(stdout).not.toContain('anon_pipe_write < vfs_write');
    expect(stdout).toMatch(
      /hidden by 1 rule: 6\.32 MiB in 1 call path; 1 rule hid nothing\n {2}6\.32 MiB in 1 call path: anon_pipe_write {2}# buffers of pipes\norder: .*\n(?:next .*\n)?$/,
    );
    expect(totals(stdout)).toEqual(totals(before.stdout));
  });

  it('is in JSON and markdown, with the rules that hid nothing in JSON', async () => {
    const args = ['export', HELD_PIPES, '-n', '1', '--suppress', rules('r', PIPES)];
    const report = JSON.parse((await unfreed(...args, '--format', 'json')).stdout) as Report;
    expect(report.suppressed).toEqual([
      { pattern: 'anon_pipe_write', reason: 'buffers of pipes', stacks: 1, bytes: 6627328, count: 1618 },
      { pattern: 'nothing_like_it', reason: 'nothing', stacks: 0, bytes: 0, count: 0 },
    ]);
    expect((await unfreed(...args, '--format', 'markdown')).stdout).toContain(
      'hidden by 1 rule: 6.32 MiB in 1 call path',
    );
  });

  it('knows a list of its own, by which nothing is hidden that a process holds on purpose', async () => {
    const { error } = parseRules(BENIGN_PATHS);
    expect(error).toBeNull();
    const { stdout } = await unfreed('export', HELD_PIPES, '--suppress', 'default', '--suppress', rules('r', PIPES));
    const report = JSON.parse(stdout) as Report;
    const hidden = report.suppressed.filter((rule) => rule.stacks > 0).map((rule) => rule.pattern);
    expect(hidden).toContain('mas_* [kernel]');
    expect(hidden).toContain('anon_pipe_write');
    // The pipes themselves, and the sockets: inodes, names, files.
    const shown = report.stacks.map((stack) => stack.frames[stack.firstFrame]?.symbol);
    for (const symbol of ['alloc_pipe_info', 'sock_alloc_inode', '__d_alloc', 'alloc_empty_file']) {
      expect(shown).toContain(symbol);
    }
  });
});

it('--watch ranks nothing but what its rules match, and says which', async () => {
  const watch = rules('w', '# sockets\nsock_alloc_inode # sockets\nalloc_pipe_info < create_pipe_files # pipes');
  const { stdout } = await unfreed('export', HELD_PIPES, '--format', 'json', '--watch', watch);
  const report = JSON.parse(stdout) as Report;
  expect(new Set(report.stacks.map((stack) => stack.watched))).toEqual(new Set(['sockets', 'pipes']));
  expect(report.watched.reduce((sum, rule) => sum + rule.stacks, 0)).toBe(report.stacks.length);
  expect((await unfreed('top', HELD_PIPES, '--watch', watch)).stdout).toMatch(
    /watched by 2 rules, nothing else is ranked: 19[0-9] KiB in \d+ call paths\n/,
  );
});

describe('a file of rules', () => {
  it.each([
    ['is no rule', 'ok # x\na b # y\n', 2, /rules:2: 'a b' is no function: expected 'name' or 'name \[module\]'/],
    ['gives no reason', 'kfree_skb\n', 2, /rules:1: a rule must give its reason: 'pattern # reason'/],
    ['holds nothing', '# nothing yet\n', 2, /holds no rules/],
    ['is too large', '#'.repeat(2 ** 20 + 1), 1, /has more than 1\.00 MiB/],
  ])('that %s is said', async (_what, text, code, message) => {
    const ran = await unfreed('top', HELD_PIPES, '--suppress', rules('rules', text));
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(message);
    expect(ran.stdout).toBe('');
  });

  it('that cannot be read is said, and there are at most 1,000 rules in all', async () => {
    expect(await unfreed('top', HELD_PIPES, '--watch', file('none'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^unfreed: cannot read the rules in .*none: no such file/) as string,
    });
    const many = rules('many', 'a # x\n'.repeat(600));
    expect(await unfreed('top', HELD_PIPES, '--suppress', many, '--suppress', many)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('1200 rules together') as string,
    });
  });
});

describe('--fail-if', () => {
  it.each([
    [
      ['bytes > 5M'],
      3,
      /^unfreed: --fail-if 'bytes > 5M': anon_pipe_write < vfs_write < ksys_write .*: 6\.32 MiB held$/m,
    ],
    [['bytes > 7M'], 0, /^$/],
    [['bytes > 7M', 'lost >= 0'], 3, /'lost >= 0': 0 events were lost\n.*: 1 of 2 conditions to fail by holds\n$/],
    [['total count > 1618'], 3, /anon_pipe_write < .* and \d+ more rows, together: [\d,]+ pages or objects held/],
    [['bytes >'], 2, /'' is not a size, such as 50M\. Give one of these:\n {2}any row or all together: /],
  ])('%j: exit status %i', async (conditions, code, message) => {
    const flags = conditions.flatMap((condition) => ['--fail-if', condition]);
    const ran = await unfreed('top', HELD_PIPES, '-n', '1', '--sort', 'age', ...flags);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(message);
  });

  it('counts rows that are not shown, what is watched alone, and groups', async () => {
    const args = ['top', HELD_PIPES, '-n', '1', '--fail-if', 'bytes > 5M'];
    expect((await unfreed(...args, '--watch', rules('w', 'sock_alloc_inode # x'))).code).toBe(0);
    expect((await unfreed(...args, '--suppress', rules('s', 'anon_pipe_write # x'))).code).toBe(0);
    expect((await unfreed(...args, '--group', 'comm')).stderr).toContain("'bytes > 5M': comm hold-pipes: 6.5");
  });

  it('tells a leak from what was taken once', async () => {
    const leak = await growing('6.1-leak_kmalloc');
    expect(leak.code).toBe(3);
    expect(leak.stderr).toMatch(
      /'growing > 1M\/h': lk_work\d+ < lk_one < lk_fn < .*: growing by at least [\d.]+ MiB an hour, and /,
    );
    expect(await growing('6.12-one_time')).toMatchObject({ code: 0 });
  });

  it('writes the export first', async () => {
    const ran = await unfreed('export', HELD_PIPES, '-o', file('x.csv'), '--fail-if', 'count > 1000');
    expect(ran.code).toBe(3);
    expect(readFileSync(file('x.csv'), 'utf8')).toMatch(/^rank,allocator,/);
  });

  it('of a diff: by all call paths, listed or not', async () => {
    const diff = ['diff', HELD_PIPES, '--from', '1s', '-n', '1'];
    const ran = await unfreed(...diff, '--fail-if', 'total grown > 6M', '--fail-if', 'grown > 1T/h');
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(
      /'total grown > 6M': anon_pipe_write < .* and \d+ more rows, together: grown by 7\.\d+ MiB\n/,
    );
    expect(ran.stderr).toMatch(/1 of 2 conditions to fail by holds\n$/);
    expect(ran.stdout).toContain('anon_pipe_write');
    expect(await unfreed(...diff, '--fail-if', 'grown > 1G')).toMatchObject({ code: 0 });
  });

  it('says what cannot be told', async () => {
    const recording = new URL('../../recordings/perf-script/6.18-hold-pipes/perf-script.txt.gz', import.meta.url)
      .pathname;
    expect(await unfreed('top', recording, '--fail-if', 'unaccounted > 1G')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "'unaccounted > 1G' cannot be told: the trace has no samples of /proc/meminfo",
      ) as string,
    });
  });
});

describe('--group', () => {
  it('closes each row with what it does not show', async () => {
    const { stdout } = await unfreed('top', HELD_PIPES, '-n', '1', '--group', 'comm', '--sort', 'bytes');
    expect(stdout).toMatch(
      /\n {7}comm hold-pipes\n {7}anon_pipe_write < .*\n {7}and 249 KiB more from 14 other call paths\n… 6 more rows, /,
    );
  });

  it('is no matter for formats by frames: they hold every call path, and it is said', async () => {
    const plain = await unfreed('export', HELD_PIPES, '--format', 'folded');
    const grouped = await unfreed('export', HELD_PIPES, '--format', 'folded', '--group', 'module');
    expect(grouped.stdout).toBe(plain.stdout);
    expect(grouped.stderr).toContain('folded holds call paths, all by themselves: --group makes no difference to it');
  });

  it('is in CSV: label, call paths, and what the others hold', async () => {
    const { stdout } = await unfreed('export', HELD_PIPES, '--format', 'csv', '--group', 'comm', '--sort', 'bytes');
    const [head, first] = stdout.split('\r\n');
    expect(head).toMatch(/,label,stacks,other_stacks,other_bytes,watched,/);
    expect(first).toMatch(/,hold-pipes,15,14,254528,,/);
  });
});
