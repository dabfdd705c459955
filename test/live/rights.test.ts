/**
 * The collector with less than root's rights, and inside namespaces. It runs as a copy that every
 * user may start.
 */
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../src/decode/stream/stream-decoder.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceFact } from '../../src/event/trace-sink.js';
import { buildLoads, Load, PlainPairing, requireRoot } from '../helpers/live.js';
import { until } from '../helpers/patience.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-rights-'));
const collector = join(directory, 'unfreed-collect');
const recording = join(directory, 'recording');
const [ready, done] = ['ready', 'done'].map((name) => join(directory, name));

beforeAll(() => {
  requireRoot();
  buildLoads();
  // Every user enters it and writes there.
  chmodSync(directory, 0o777);
  copyFileSync(new URL('../../bpf/build/unfreed-collect', import.meta.url).pathname, collector);
});
beforeEach(() => {
  for (const path of [recording, ready, done]) rmSync(path, { force: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

const NOBODY = 65_534;

/** The start of a command that has these capabilities alone, and can get no others. */
function withRights(uid: number, capabilities: string[]): string[] {
  const caps = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  if (uid === 0) return ['setpriv', '--inh-caps=-all', `--bounding-set=${caps}`];
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    `--inh-caps=${caps}`,
    `--ambient-caps=${caps}`,
    `--bounding-set=${caps}`,
  ];
}

const WAIT_UNTIL_DONE = `touch ${ready}; while [ ! -e ${done} ]; do sleep 0.1; done`;

class Pairing extends PlainPairing {
  /** Time of the last slabinfo, ns; -1 = there was none. The first is read before any right is given up. */
  slabinfoNs = -1;

  override fact(fact: TraceFact): void {
    super.fact(fact);
    if (fact.type === 'counters' && fact.source === 'slabinfo') this.slabinfoNs = fact.timeNs;
  }
}

/** Runs the collector while `work` is done, and returns its trace. */
async function trace<T>(
  prefix: string[],
  work: () => Promise<T>,
): Promise<{ pairing: Pairing; found: T; notes: string }> {
  const [file, ...args] = [...prefix, collector, '-o', recording, '--', 'sh', '-c', WAIT_UNTIL_DONE];
  const run = execa(file, args, { reject: false, stdin: 'ignore', timeout: 60_000, cwd: directory });
  await Promise.race([until('the trace to begin', () => existsSync(ready)), run]);
  if (!existsSync(ready)) throw new Error((await run).stderr);
  const found = await work();
  writeFileSync(done, '');
  expect((await run).exitCode).toBe(0);
  const dictionary = new TraceDictionary();
  const pairing = new Pairing(dictionary);
  const decoder = new StreamDecoder(pairing, dictionary);
  decoder.push(readFileSync(recording));
  decoder.finish();
  return { pairing, found, notes: (pairing.hosts.at(-1)?.notes ?? []).join('\n') };
}

describe('a trace with less than root has', () => {
  const ALL = ['page', 'slab', 'percpu', 'vmalloc'];

  it.each([
    { who: 'a user', uid: NOBODY, capabilities: ['bpf', 'perfmon', 'syslog'], slabinfo: false },
    {
      who: 'a user that may read all files',
      uid: NOBODY,
      capabilities: ['bpf', 'perfmon', 'syslog', 'dac_read_search'],
      slabinfo: true,
    },
    { who: 'uid 0', uid: 0, capabilities: ['bpf', 'perfmon', 'syslog'], slabinfo: true },
  ])('$who with $capabilities: pages to the page, with names', async ({ uid, capabilities, slabinfo }) => {
    const load = await Load.start('hold-pipes', '23');
    try {
      const { pairing, found } = await trace(withRights(uid, capabilities), () => load.go());
      expect(pairing.hosts[0].allocators.toSorted()).toEqual(ALL.toSorted());
      const pages = found.filter(({ kind }) => kind === 'mm_page_alloc');
      expect(pages.length).toBeGreaterThan(0);
      for (const { kind, symbol, count } of pages) expect(pairing.count(load.pid, kind, symbol).count).toBe(count);
      // The last is read at the end, by a process that may no longer open it.
      if (slabinfo) expect(pairing.slabinfoNs).toBeGreaterThan(0);
      else expect(pairing.slabinfoNs).toBe(-1);
    } finally {
      await load.end();
    }
  });

  it('a user without SYSLOG: no names, and the reason', async () => {
    const load = await Load.start('hold-pipes', '23');
    try {
      const { pairing, notes } = await trace(withRights(NOBODY, ['bpf', 'perfmon']), () => load.go());
      expect(pairing.hosts[0].allocators.toSorted()).toEqual(ALL.toSorted());
      expect(pairing.symbols.size).toBe(0);
      expect(notes).toContain('it needs CAP_SYSLOG');
      expect(notes).not.toContain('6.2');
    } finally {
      await load.end();
    }
  });

  it('pages that cannot be traced are an error with the remedy, unless they were left out', async () => {
    // Without zones nothing confirms where struct pages lie.
    const hidden = ['unshare', '-m', 'sh', '-c', 'mount --bind /dev/null /proc/zoneinfo && exec "$@"', 'sh'];
    const prefix = [...hidden, ...withRights(NOBODY, ['bpf', 'perfmon', 'syslog'])];
    const run = async (...options: string[]): Promise<{ exitCode?: number; stderr: string }> => {
      const [file, ...args] = [...prefix, collector, '-o', recording, '--duration', '300ms', ...options];
      return execa(file, args, { reject: false, stdin: 'ignore' });
    };
    const refused = await run();
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^unfreed-collect: page memory cannot be traced here: .*pagemap.*CAP_SYS_ADMIN/);
    expect(refused.stderr).toContain('--allocator slab,percpu,vmalloc');
    expect((await run('--allocator', 'slab,percpu,vmalloc')).exitCode).toBe(0);
    const probed = await execa(prefix[0], [...prefix.slice(1), collector, '--probe'], { reject: false });
    expect(probed.exitCode).toBe(1);
    expect(probed.stdout).toMatch(/\{"name":"demand","ok":false,"detail":"page memory/);
    expect(probed.stdout).toContain('{"name":"load","ok":true');
  });
});

describe('while it traces', () => {
  it('the collector has BPF and PERFMON alone; its command has the rights of whoever started it', async () => {
    const script = 'grep -h CapEff /proc/$PPID/status /proc/$$/status; grep NoNewPrivs /proc/$$/status';
    const { stdout } = await execa(collector, ['-o', recording, '--', 'sh', '-c', script], { stdin: 'ignore' });
    const own = /CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    expect(stdout.split('\n')).toEqual(['CapEff:\t000000c000000000', `CapEff:\t${own}`, 'NoNewPrivs:\t0']);
  });
});

describe('in a PID namespace of its own', () => {
  it('the tracer knows its own processes by the numbers of the kernel', async () => {
    const line = `${collector} -o ${recording} --duration 2s --verbose --self-pid $$ 2>&1 | grep '^unfreed-collect: own'; true`;
    const run = execa('unshare', ['-pf', '--mount-proc', 'sh', '-c', line], { stdin: 'ignore' });
    let shell: number | null = null;
    await until('the shell to be there', () => (shell = childOf(run.pid)) !== null);
    const { stdout } = await run;
    const said = /own processes: (\d+), (\d+) \(pid namespace of level (\d+)\)/.exec(stdout);
    expect(Number(said?.[2])).toBe(shell);
    expect(Number(said?.[1])).toBeGreaterThan(Number(shell));
    expect(Number(said?.[3])).toBeGreaterThan(0);
  });
});

/** The first child of a process, null if it has none. */
function childOf(pid: number | undefined): number | null {
  const path = `/proc/${pid}/task/${pid}/children`;
  const [child] = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [''];
  return child === '' ? null : Number(child);
}
