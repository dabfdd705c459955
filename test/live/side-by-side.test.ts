/** What the tabs Memory and Who show beside what swapon, free, ps, pmap and sar print of this machine at the same time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMappings, readProcesses } from '../../src/collect/watch/watch-processes.js';
import { type FreeFacts, parseFree } from '../../src/proc/machine/usage.js';
import { processesOfLook } from '../../src/session/look/look-processes.js';
import type { ProcessesNow } from '../../src/session/look/machine-now.js';
import { PagingHistory, type PagingRate } from '../../src/session/pipeline/paging-history.js';
import { requireRoot } from '../helpers/live.js';
import { HANG_MS } from '../helpers/patience.js';
import { toolOrSay } from '../helpers/tools.js';

const MIB = 2 ** 20;
const WAIT = { deadlineMs: HANG_MS };
const C = { env: { LC_ALL: 'C', S_TIME_FORMAT: 'ISO' } };
/** Holds memory of several kinds, and then does nothing: its figures stand still. */
const STILL = `
import mmap, sys, time
kept = bytearray(24 << 20)
for at in range(0, len(kept), 4096): kept[at] = 1
reserved = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
shared = mmap.mmap(-1, 8 << 20)
shared.write(b'x' * (2 << 20))
print('still', flush=True)
time.sleep(600)
`;
/** Faults at an even pace, and writes. */
const FAULTS = `
import mmap, time
while True:
    with mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as kept:
        for at in range(0, 1 << 20, 4096): kept[at] = 1
    time.sleep(0.02)
`;

let still: ChildProcess;
let pid = 0;

beforeAll(async () => {
  requireRoot();
  still = spawn('python3', ['-c', STILL], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => still.stdout?.once('data', resolve));
  pid = still.pid ?? 0;
}, HANG_MS);
afterAll(() => still.kill('SIGKILL'));

const processesNow = async (): Promise<ProcessesNow> => processesOfLook(await readProcesses(WAIT), true);

const freeNow = (): FreeFacts => parseFree(readFileSync('/proc/meminfo', 'utf8')) ?? expect.unreachable();

describe('free -b', () => {
  it('has the same totals, and what moves lies between our readings before and after, or within 32 MiB of them', async () => {
    const before = freeNow();
    const { stdout } = await execa('free', ['-b'], C);
    const after = freeNow();
    const numbersOf = (label: string): number[] =>
      (new RegExp(`^${label}: +([\\d ]+)$`, 'm').exec(stdout)?.[1] ?? '').split(/ +/).map(Number);
    const [total, used, free, shared, cache, available] = numbersOf('Mem');
    expect([total, numbersOf('Swap')[0]]).toEqual([before.total, before.swapTotal]);
    const [, swapUsed, swapFree] = numbersOf('Swap');
    for (const [name, theirs] of Object.entries({ used, free, shared, cache, available, swapUsed, swapFree })) {
      const ours = [before, after].map((facts) => facts[name as keyof FreeFacts] ?? Number.NaN);
      expect(theirs, name).toBeGreaterThanOrEqual(Math.min(...ours) - 32 * MIB);
      expect(theirs, name).toBeLessThanOrEqual(Math.max(...ours) + 32 * MIB);
    }
  });
});

describe('swapon', () => {
  it(
    'has the same devices and sizes',
    async (context) => {
      const folder = mkdtempSync('/var/tmp/unfreed swap-');
      const file = join(folder, 'a file');
      try {
        writeFileSync(file, Buffer.alloc(16 * MIB), { mode: 0o600 });
        await execa('mkswap', [file]);
        const on = await execa('swapon', ['-p', '0', file], { reject: false });
        if (on.exitCode !== 0) {
          process.stderr.write(`\n!!! NOT TESTED: no swap can be added here: ${on.stderr}\n\n`);
          context.skip();
        }
        const { stdout } = await execa('swapon', ['--show=NAME,SIZE,USED', '--bytes', '--noheadings', '--raw'], C);
        const theirs = stdout.split('\n').map((line) => {
          const [, name, size] = /^(.*) (\d+) \d+$/.exec(line) ?? [];
          // --raw writes a blank as \x20.
          return [name.replaceAll('\\x20', ' '), Number(size)];
        });
        const { swaps } = await processesNow();
        expect(swaps?.map(({ device, size }) => [device, size])).toEqual(theirs);
        expect(theirs.map(([name]) => name)).toContain(file);
        // The table of swapon -s is /proc/swaps, which free sums.
        const sum = (swaps ?? []).reduce((bytes, { size }) => bytes + size, 0);
        expect(parseFree(readFileSync('/proc/meminfo', 'utf8'))?.swapTotal).toBe(sum);
      } finally {
        await execa('swapoff', [file], { reject: false });
        rmSync(folder, { recursive: true });
      }
    },
    HANG_MS,
  );
});

describe('ps', () => {
  it('has the same processes that live through both, and of one that stands still the same figures', async () => {
    const before = await processesNow();
    const { stdout } = await execa('ps', ['-e', '-o', 'pid=,vsz=,rss=,nlwp=,comm='], C);
    const after = await processesNow();
    const theirs = new Map(
      stdout.split('\n').map((line) => [Number(line.trim().split(/ +/)[0]), line.trim().split(/ +/)]),
    );
    const known = new Set(before.processes.map((each) => each.pid));
    const lasting = after.processes.filter((each) => known.has(each.pid));
    expect(lasting.length).toBeGreaterThan(20);
    for (const each of lasting) expect(theirs.get(each.pid)?.[0], each.name).toBe(String(each.pid));
    const ours = after.processes.find((each) => each.pid === pid) ?? expect.unreachable();
    const [, vsz, rss, threads, name] = theirs.get(pid) ?? [];
    expect([ours.virtual, ours.threads, ours.name]).toEqual([Number(vsz) * 1024, Number(threads), name]);
    // The kernel counts pages on each CPU, and stat adds up less exactly than status before 6.17.
    const resident = ours.rssAnon + ours.rssFile + ours.rssShmem;
    expect(Math.abs(resident - Number(rss) * 1024)).toBeLessThanOrEqual(MIB);
    expect(ours.rssAnon).toBeGreaterThan(24 * MIB);
    expect(ours.rssShmem).toBeGreaterThanOrEqual(2 * MIB);
  });
});

describe('pmap -x', () => {
  it('has the same sums and the same figures of each mapping, to the KiB', async () => {
    const { stdout } = await execa('pmap', ['-x', String(pid)], C);
    const { mappings, why } = await readMappings(pid, WAIT);
    if (mappings === null) throw new Error(why);
    const [, size, rss, dirty] = /^total kB +(\d+) +(\d+) +(\d+)$/m.exec(stdout) ?? [];
    expect([mappings.size, mappings.rss, mappings.dirty]).toEqual([size, rss, dirty].map((kib) => Number(kib) * 1024));
    const lines = new Map(
      [...stdout.matchAll(/^([\da-f]{16}) +(\d+) +(\d+) +(\d+) (\S{5}) +(.*)$/gm)].map((line) => [line[1], line]),
    );
    expect(lines.size).toBe(mappings.count);
    for (const each of mappings.largest) {
      const [, , theirSize, theirRss, theirDirty, mode, name] = lines.get(each.start.padStart(16, '0')) ?? [];
      const figures = [theirSize, theirRss, theirDirty].map((kib) => Number(kib) * 1024);
      expect([each.size, each.rss, each.dirty, each.rights.slice(0, 3)], name).toEqual([...figures, mode.slice(0, 3)]);
      if (each.path.startsWith('/'))
        expect(each.path.replace(/ \(deleted\)$/, '')).toContain(name.trim().replace(/ \(deleted\)$/, ''));
    }
  });

  it('has none of a process that has ended, nor of a kernel thread', async () => {
    expect(await readMappings(2 ** 22 + 1, WAIT)).toEqual({ mappings: null, why: 'it has ended' });
    expect(await readMappings(2, WAIT)).toEqual({ mappings: null, why: 'it has none' });
  });
});

describe('sar -B', () => {
  const SECONDS = 6;
  /** A rate of the same seconds, but for the start of sar: within a quarter, or so much a second. */
  const SHARE = 0.25;
  const FLOOR = 300;
  const COLUMNS: readonly (readonly [title: string, name: PagingRate['name'], scale: number])[] = [
    ['pgpgin/s', 'pagedIn', 1024],
    ['pgpgout/s', 'pagedOut', 1024],
    ['fault/s', 'faults', 1],
    ['majflt/s', 'majorFaults', 1],
    ['pgfree/s', 'freed', 1],
    ['pgscank/s', 'scannedByKswapd', 1],
    ['pgscand/s', 'scannedDirectly', 1],
  ];

  it('has the same rates of the same seconds, within a quarter', {
    retry: 3,
    timeout: 2 * HANG_MS,
  }, async (context) => {
    const sar = toolOrSay('sar', 'sysstat');
    if (sar === null) {
      context.skip();
      return;
    }
    const load = spawn('python3', ['-c', FAULTS], { stdio: 'ignore' });
    try {
      const history = new PagingHistory();
      const take = (): void => history.take(performance.now() * 1e6, 'vmstat', readFileSync('/proc/vmstat', 'utf8'));
      take();
      const { stdout } = await execa(sar, ['-B', String(SECONDS), '1'], C);
      take();
      const titles = /^\S+ +(?:[AP]M +)?(pgpgin\/s.*)$/m.exec(stdout)?.[1].split(/ +/) ?? [];
      const values = /^Average: +(.*)$/m.exec(stdout)?.[1].split(/ +/).map(Number) ?? [];
      const { rates } = history.view();
      for (const [title, name, scale] of COLUMNS) {
        const theirs = values[titles.indexOf(title)] * scale;
        const ours = rates.find((rate) => rate.name === name)?.now ?? Number.NaN;
        const bound = Math.max(SHARE * theirs, FLOOR * scale);
        expect(Math.abs(ours - theirs), `${title}: ours ${ours}, theirs ${theirs}`).toBeLessThanOrEqual(bound);
      }
      expect(rates.find(({ name }) => name === 'faults')?.now).toBeGreaterThan(1000);
    } finally {
      load.kill('SIGKILL');
    }
  });
});
