import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireRoot } from '../helpers/live.js';

const COLLECTOR = new URL('../../bpf/build/unfreed-collect', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'unfreed-collector-'));

beforeAll(() => requireRoot());
afterAll(() => rmSync(directory, { recursive: true }));

function shell(line: string): Promise<{ exitCode?: number; stderr: string }> {
  return execa('sh', ['-c', line], { reject: false, stdin: 'ignore' });
}

it('a command that cannot start ends the collector with a sentence and exit status 1', async () => {
  const { exitCode, stderr } = await shell(`${COLLECTOR} -o ${directory}/a.stream -- /no/such/command`);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('unfreed-collect: cannot run /no/such/command: No such file or directory');
});

it('a command that fails does not: its status is in the stream', async () => {
  expect((await shell(`${COLLECTOR} -o ${directory}/b.stream -- false`)).exitCode).toBe(0);
});

it('a closed stdout is said, and with -o it is not needed', async () => {
  expect(await shell(`${COLLECTOR} --duration 100ms >&-`)).toMatchObject({
    exitCode: 1,
    stderr: 'unfreed-collect: stdout is closed: give -o FILE, or pipe it to a reader',
  });
  expect((await shell(`${COLLECTOR} -o ${directory}/c.stream --duration 100ms <&- >&-`)).exitCode).toBe(0);
});

it('who is not root is told so', async () => {
  // Not below the checkout, which others may not be allowed to enter.
  const copy = '/tmp/unfreed-collect-test';
  copyFileSync(COLLECTOR, copy);
  try {
    const run = await shell(
      `cd / && setpriv --reuid 65534 --regid 65534 --clear-groups ${copy} --duration 100ms | cat`,
    );
    expect(run.stderr).toBe('unfreed-collect: tracing the kernel needs root: run it with sudo');
  } finally {
    rmSync(copy);
  }
});
