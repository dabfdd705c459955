/** What commands do with the names of their outputs and inputs, and at the limits of the system. */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAIN, startUnfreed, unfreed } from '../helpers/cli.js';
import { scratch } from '../helpers/scratch.js';

const RECORDING = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;
const scratchPath = scratch();
let directory = '';
let test = 0;

beforeEach(() => {
  directory = scratchPath(`output-${test++}`);
  mkdirSync(directory);
});

function at(name: string): string {
  return join(directory, name);
}

/** Runs a line of shell in which "$U" is unfreed and "$R" a recording. */
function shell(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, R: RECORDING };
  const script = `U="${process.execPath} ${MAIN}"; ${line}`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: directory, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Commands that write a file over another, with its name. */
const WRITERS: readonly (readonly [string, string])[] = [
  ['export --format json', '$U export $R --format json --force -o'],
  ['export --format pprof', '$U export $R --format pprof --force -o'],
  ['export --format folded', '$U export $R --format folded --force -o'],
  ['diff', '$U diff $R --from 1s --to 5s --format html --force -o'],
  ['cut', '$U cut $R --from 0s --to 3s --force -o'],
  ['repair', '$U repair $R --force -o'],
  ['anonymize', '$U anonymize $R --force -o'],
  ['import', 'gzip -c $R > in.gz; $U import in.gz --force -o'],
];

describe.each(WRITERS)('%s', (_, command) => {
  it('makes a file for its owner alone, also in place of one that all may read', async () => {
    writeFileSync(at('old'), 'old');
    chmodSync(at('old'), 0o644);
    const { code, stderr } = await shell(`${command} old && ${command} new`);
    expect(stderr).not.toContain('unfreed: cannot');
    expect(code).toBe(0);
    for (const name of ['old', 'new']) expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(at('old')).equals(readFileSync(at('new')))).toBe(true);
    expect(
      readdirSync(directory)
        .filter((name) => name !== 'in.gz')
        .toSorted(),
    ).toEqual(['new', 'old']);
  });

  it('does not follow a link, and says where it leads', async () => {
    writeFileSync(at('target'), 'precious');
    symlinkSync('target', at('link'));
    const { code, stderr } = await shell(`${command} link`);
    expect(code).toBe(1);
    expect(stderr).toContain('link is a symbolic link, which is not followed');
    expect(stderr).toContain('target');
    expect(readFileSync(at('target'), 'utf8')).toBe('precious');
    expect(readlinkSync(at('link'))).toBe('target');
  });

  it('leaves the old file whole, and nothing beside it, when the new one does not fit', async () => {
    writeFileSync(at('old'), 'old');
    const { code, stderr } = await shell(`${command.replace('$U', 'ulimit -f 1; $U')} old`);
    expect(code).toBe(1);
    expect(stderr).toContain('the file would be larger than is allowed');
    expect(stderr).toContain('ulimit -f unlimited');
    expect(readFileSync(at('old'), 'utf8')).toBe('old');
    expect(readdirSync(directory).filter((name) => name !== 'in.gz')).toEqual(['old']);
  });
});

describe('an unfinished file', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is gone after %s, which ends the program', async (signal) => {
    execFileSync('mkfifo', [at('in')]);
    writeFileSync(at('old'), 'old');
    const writer = execFile('bash', ['-c', `exec 3>${at('in')}; head -c 60000 ${RECORDING} >&3; sleep 60`]);
    const { child, done } = await startUnfreed(['repair', at('in'), '-o', at('old'), '--force']);
    while (readdirSync(directory).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect((await done).signal).toBe(signal);
    writer.kill();
    expect(readdirSync(directory).toSorted()).toEqual(['in', 'old']);
    expect(readFileSync(at('old'), 'utf8')).toBe('old');
  });
});

describe('outputs that are no files', () => {
  it('are written as they are: /dev/stdout, a descriptor, a pipe, /dev/null', async () => {
    const whole = (await unfreed(['export', RECORDING, '--format', 'csv'])).stdout;
    const ran = await shell(
      '$U export $R --format csv -o /dev/stdout > a; $U export $R --format csv -o /dev/fd/3 3> b; ' +
        '$U export $R --format csv -o >(cat > c); $U export $R --format csv -o /dev/null && echo done; sleep 0.2',
    );
    expect(ran).toMatchObject({ code: 0, stdout: 'done\n' });
    for (const name of ['a', 'b', 'c']) expect(readFileSync(at(name), 'utf8')).toBe(whole);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('that are full are said', async () => {
    const { code, stderr } = await shell('$U export $R --format csv -o /dev/full');
    expect(code).toBe(1);
    expect(stderr).toContain('no space left on the device');
    expect((await shell('$U export $R --format csv > /dev/full')).code).toBe(1);
  });
});

describe('a pipe with a name', () => {
  it('is read when its writer comes later, and when it came before', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const expected = (await unfreed(['top', RECORDING])).stdout;
    const late = await shell('(sleep 1; cat $R > pipe) & $U top pipe; wait');
    expect(late).toMatchObject({ code: 0, stdout: expected });
    const early = await shell('cat $R > pipe & sleep 0.3; $U top pipe; wait');
    expect(early).toMatchObject({ code: 0, stdout: expected });
  });

  it('that nobody writes to is said in time, and a signal ends the wait', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const ran = unfreed(['info', at('pipe')]);
    const { child, done } = await startUnfreed(['info', at('pipe')]);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill('SIGTERM');
    expect((await done).signal).toBe('SIGTERM');
    expect(await ran).toMatchObject({
      code: 1,
      stderr: `unfreed: cannot read ${at('pipe')}: the pipe has no writer\n`,
    });
  });

  it('holds no rules while nobody writes them', async () => {
    execFileSync('mkfifo', [at('rules')]);
    const { code, stderr } = await unfreed(['top', RECORDING, '--suppress', at('rules')]);
    expect(code).toBe(2);
    expect(stderr).toContain('holds no rules');
  });
});

it('too few descriptors are said, with the limit to raise', async () => {
  const { code, stderr } = await shell('ulimit -n 22; $U top $R');
  expect(code).toBe(1);
  expect(stderr).toBe('unfreed: too many open files (ulimit -n)\n  raise the limit: ulimit -n 1024\n');
});
