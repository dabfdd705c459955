import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FREE_BIT } from '../../src/event/kinds.js';
import { LOSS_NAME_TABLE_FULL } from '../../src/event/losses.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { callPathCounts } from '../helpers/call-path-counts.js';
import { buildLoads, requireRoot } from '../helpers/live.js';

const COLLECTOR = new URL('../../bpf/build/unfreed-collect', import.meta.url).pathname;
const CHURN = new URL('../../scripts/build/churn', import.meta.url).pathname;
const MANY_NAMES = new URL('../../scripts/build/many-names', import.meta.url).pathname;
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

it('more names than the table holds: no event is without one, and the last is as good as the first', async () => {
  const path = `${directory}/names.stream`;
  // 2.4 times the 16,384 names of the kernel's table (bpf/programs/maps.bpf.h).
  const names = 40_000;
  const { exitCode } = await shell(`${COLLECTOR} -o ${path} --allocators page -- ${MANY_NAMES} ${names}`);
  expect(exitCode).toBe(0);
  const dictionary = new TraceDictionary();
  const seen = new Map<string, number>();
  let nameless = 0;
  let unnamed = 0;
  const recording = await openRecording(
    path,
    {
      events: (batch) => {
        for (let row = 0; row < batch.length; row++) {
          if ((batch.kind[row] & FREE_BIT) !== 0) continue;
          const name = dictionary.comms.name(batch.commId[row]);
          if (name === '') nameless++;
          else seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      },
      fact: (fact) => {
        if (fact.type !== 'losses') return;
        for (const { cause, count } of fact.rows) if (cause === LOSS_NAME_TABLE_FULL) unnamed += count;
      },
    },
    dictionary,
  );
  while (await recording.readNext());
  expect({ nameless, unnamed }).toEqual({ nameless: 0, unnamed: 0 });
  expect([...seen.keys()].filter((name) => /^name-\d+$/.test(name)).length).toBeGreaterThan(names * 0.99);
  expect(seen.get('last-of-many')).toBeGreaterThanOrEqual(23);
});

function at(name: string): string {
  return join(directory, name);
}

it('writes a new file for its owner alone, follows no link, and does not wait for ever for a reader', async () => {
  await shell(`echo old > ${at('old')}; chmod 644 ${at('old')}; ln -s old ${at('link')}; mkfifo ${at('pipe')}`);
  expect((await shell(`${COLLECTOR} -o ${at('old')} --duration 100ms`)).exitCode).toBe(0);
  expect(statSync(at('old')).mode & 0o777).toBe(0o600);
  const refused = await shell(`${COLLECTOR} -o ${at('link')} --duration 100ms`);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain('is a symbolic link, which is not followed');
  const read = await shell(`cat ${at('pipe')} | wc -c & ${COLLECTOR} -o ${at('pipe')} --duration 100ms; wait`);
  expect(read.exitCode).toBe(0);
  const start = performance.now();
  expect((await shell(`timeout -s TERM 1 ${COLLECTOR} -o ${at('pipe')} --duration 100ms`)).exitCode).not.toBe(0);
  expect(performance.now() - start).toBeLessThan(5000);
});

it('raises the limit on descriptors as far as it may, and says when it is too small', async () => {
  const soft = await shell(`ulimit -S -n 40; ${COLLECTOR} -o ${directory}/few.stream --duration 100ms`);
  expect(soft.exitCode).toBe(0);
  // Root without CAP_SYS_RESOURCE, as in a container, may not raise the hard limit.
  const command = `setpriv --bounding-set -sys_resource ${COLLECTOR} -o ${directory}/few.stream --duration 100ms`;
  const hard = await shell(`ulimit -n 40; ${command}`);
  expect(hard.exitCode).toBe(1);
  expect(hard.stderr).toContain('the limit on open files is too small');
  expect(hard.stderr).toContain('ulimit -n 1024');
});
