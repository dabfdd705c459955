import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callPathCounts } from '../helpers/call-path-counts.js';
import { buildLoads, requireRoot } from '../helpers/live.js';

const COLLECTOR = new URL('../../bpf/build/unfreed-collect', import.meta.url).pathname;
const CHURN = new URL('../../scripts/build/churn', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'unfreed-collector-'));

beforeAll(() => {
  requireRoot();
  buildLoads();
});
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
  // Not below the checkout, which other users may not be allowed to enter.
  const copy = '/tmp/unfreed-collect-test';
  copyFileSync(COLLECTOR, copy);
  try {
    const run = await shell(
      `cd / && setpriv --reuid 65534 --regid 65534 --clear-groups ${copy} --duration 100ms | cat`,
    );
    expect(run.stderr).toBe(
      'unfreed-collect: tracing the kernel needs root: run it with sudo, or give it CAP_BPF, CAP_PERFMON and CAP_SYSLOG',
    );
  } finally {
    rmSync(copy);
  }
});

it('paths that are known by heart are those that the kernel walks', async () => {
  const path = `${directory}/d.stream`;
  const { exitCode, stderr } = await shell(
    `${COLLECTOR} -o ${path} --audit 1 --verbose -- ${CHURN} 60 --turns 3000 --threads 2`,
  );
  expect(exitCode).toBe(0);
  const counts = callPathCounts(path);
  if (stderr.includes('call paths are walked by the kernel')) {
    expect(counts).toBeNull();
    return;
  }
  // Audited: the walk by table is compared with the kernel's, and so are the hash and the id that
  // the tree has for the path.
  expect(counts).toMatchObject({ audited: counts?.fast, mismatches: 0 });
  // A turn makes 31 allocs on some 25 paths.
  expect(counts?.fast).toBeGreaterThan(31 * 3000 * 2 * 0.9);
  expect(Number(/(\d+) call paths are in the tree/.exec(stderr)?.[1])).toBeGreaterThan(20);
});
