/** What the program answers to a command line that is wrong: what failed, why, and what to type. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';

const RECORDING = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;
const scratchPath = scratch();
let directory = '';
let made = 0;

beforeEach(() => {
  directory = scratchPath(`usage-${made++}`);
  mkdirSync(directory);
});

describe('commands', () => {
  it('names the command that was probably meant', async () => {
    const { code, stderr } = await unfreed(['tpo']);
    expect(code).toBe(2);
    expect(stderr).toBe("unfreed: unknown command 'tpo'; did you mean top?\n(unfreed --help shows the commands)\n");
    expect((await unfreed(['xyzzyx'])).stderr).toContain('there are triage, census, live, record, replay, top');
  });

  it('has the help of a command under help too', async () => {
    const [help, flag] = [await unfreed(['help', 'top']), await unfreed(['top', '--help'])];
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toBe(flag.stdout);
    expect((await unfreed(['help'])).stdout).toBe((await unfreed(['--help'])).stdout);
    const unknown = await unfreed(['help', 'exprot']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('did you mean export?');
  });

  it.each(['live', 'top', 'diff', 'info'])('%s points to its own help when an option is wrong', async (name) => {
    const { code, stderr } = await unfreed([name, '--bogus']);
    expect(code).toBe(2);
    expect(stderr).toContain(`(unfreed ${name} --help shows its options)`);
  });
});

describe('--duration', () => {
  it.each([['top'], ['export'], ['record', '-o', 'x.unfreed']])('%s refuses 0', async (...words) => {
    const { code, stderr } = await unfreed([...words, '--duration', '0'], { cwd: directory });
    expect(code).toBe(2);
    expect(stderr).toContain("unfreed: --duration cannot be '0'. Nothing is traced in no time.");
    expect(existsSync(join(directory, 'x.unfreed'))).toBe(false);
  });

  it.each(['--duration=5s', '--sample=1/16', '--min-age=1s', '--drop-self', '--no-names'])(
    '%s is refused beside a file',
    async (flag) => {
      for (const command of ['top', 'export']) {
        const { code, stderr, stdout } = await unfreed([command, RECORDING, flag]);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toContain(`${flag.replace(/=.*/, '')} is for tracing this machine, and ${RECORDING} is read`);
      }
    },
  );
});

describe('what is refused', () => {
  const ABSENT = '4194304';
  const CASES: [string, string[], number, string][] = [
    ['a value', ['top', '--min-size', 'abc'], 2, "--min-size cannot be 'abc'. Give a size such as 4096, 64k or 1.5G."],
    ['a choice', ['export', '--format', 'svgg'], 2, "--format cannot be 'svgg'. Give one of json, csv,"],
    ['an option', ['record', '--bogus', '-o', 'q'], 2, "unknown option '--bogus'"],
    ['an option that is missing', ['record'], 2, '--output <file> is missing'],
    [
      'an argument too many',
      ['top', 'a', 'b'],
      2,
      "too many arguments for 'top'. It takes 1 argument, and 2 are given.",
    ],
    ['a process', ['top', '--pid', ABSENT], 2, `there is no process ${ABSENT} on this machine`],
    ['a process of rankings', ['top', '--interval', '1s', '--pid', ABSENT], 2, `there is no process ${ABSENT}`],
    ['a process of an export', ['export', '--pid', ABSENT, '-o', 'x.html'], 2, `there is no process ${ABSENT}`],
    [
      'a folder',
      ['record', '-o', '.', '--duration', '1s'],
      1,
      '. is a folder\n  Name a file in it, such as trace.unfreed',
    ],
    ['a folder that is missing', ['record', '-o', 'no/x.unfreed', '--duration', '1s'], 1, 'mkdir -p no'],
    ['an output without a folder', ['export', '-o', 'no/x.html', '--duration', '1s'], 1, 'mkdir -p no'],
    ['a file that is there', ['record', '-o', 'there', '--duration', '1s'], 1, 'there exists already\n'],
    ['an output that is there', ['export', '-o', 'there.html', '--duration', '1s'], 1, 'there.html exists already\n'],
  ];

  it.each(CASES)('%s is said at once, in three lines, before anything is traced', async (_, args, status, says) => {
    for (const name of ['there', 'there.html']) writeFileSync(join(directory, name), 'precious');
    const { code, stdout, stderr } = await unfreed(args, { cwd: directory });
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toContain(`unfreed: `);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/attaching|tracing for|recording this machine|expected|Expected/);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
    expect(readFileSync(join(directory, 'there'), 'utf8')).toBe('precious');
  });
});

describe('names of files', () => {
  it('replay names a file that is not there, also without a terminal', async () => {
    const { code, stderr } = await unfreed(['replay', 'no file'], { cwd: directory });
    expect(code).toBe(1);
    expect(stderr).toBe('unfreed: cannot read no file: no such file or directory\n');
  });

  it('a folder names the recordings in it', async () => {
    const folder = join(directory, 'kept');
    mkdirSync(join(folder, 'deep.unfreed'), { recursive: true });
    const empty = await unfreed(['top', 'kept'], { cwd: directory });
    expect(empty.stderr).toBe('unfreed: kept is a folder, and there is no recording in it\n');
    writeFileSync(join(folder, 'a.unfreed'), readFileSync(RECORDING));
    const one = await unfreed(['top', 'kept'], { cwd: directory });
    expect(one.stderr).toBe('unfreed: kept is a folder. Name the recording in it:\n  kept/a.unfreed\n');
    for (let i = 0; i < 6; i++) writeFileSync(join(folder, `b${i}.unfreed`), '');
    const many = await unfreed(['info', 'kept'], { cwd: directory });
    expect(many.code).toBe(1);
    expect(many.stderr).toMatch(
      /^unfreed: kept is a folder\. Name one of the recordings in it:\n {2}kept\/.* and 2 more\n$/,
    );
  });

  it.each([
    ['export', [RECORDING, '--format', 'csv', '-n', '1']],
    ['diff', [RECORDING, '--from', '1s', '--to', '5s', '--format', 'csv']],
    ['cut', [RECORDING, '--to', '1s']],
  ])('%s writes over a file only with --force', async (command, words) => {
    const path = join(directory, 'out');
    writeFileSync(path, 'mine');
    const refused = await unfreed([command, ...words, '-o', path]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `unfreed: ${path} exists already\n  Choose another name, or overwrite it with --force.\n`,
    );
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect((await unfreed([command, ...words, '--force', '-o', path])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).not.toBe('mine');
  });
});
