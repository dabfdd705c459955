/**
 * The tools that people know, beside the look, on the same machine: free, slabtop, pmap, swapon and sar say the
 * same. Counters move while they run, so a look comes before and after: what stood still is equal, the rest
 * lies between.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readLook } from '../../../src/collect/look/read-look.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import type { Facts } from '../../../src/triage/facts.js';
import { gatherFacts } from '../../../src/triage/gather-facts.js';
import { buildLoads, Load, requireRoot } from '../../helpers/live.js';

const KIB = 1024;
const MIB = 2 ** 20;
/** Free pages come and go on the lists of the CPUs, a batch at a time, and counters of CPUs are added up late. */
const NOISE_BYTES = 32 * MIB;
const SWAP_FILE = '/var/tmp/unfreed-old-tools.swap';

/** The lines of a tool's output; throws if it is not installed. */
function run(program: string, ...args: string[]): string[] {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C', S_TIME_FORMAT: 'ISO' };
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8', env });
  if (error !== undefined) {
    throw new Error(`NOT TESTED: ${program} is missing: apt-get install procps util-linux sysstat (${error.message})`);
  }
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${stderr}`);
  return stdout.split('\n');
}

/** The numbers of a line, or of the line with this word in it. */
function numbersOf(lines: readonly string[], word: string): number[] {
  const line = lines.find((each) => each.includes(word)) ?? '';
  return line
    .split(/\s+/)
    .filter((cell) => /^\d+(?:\.\d+)?$/.test(cell))
    .map(Number);
}

/** Runs `tool` between two looks. */
async function between<T>(tool: () => T): Promise<{ before: Facts; told: T; after: Facts }> {
  const before = gatherFacts(await readLook({ tools: false }));
  const told = tool();
  return { before, told, after: gatherFacts(await readLook({ tools: false })) };
}

const kib = (facts: Facts, name: string): number => facts.meminfo?.get(name) ?? Number.NaN;
const vmstat = (facts: Facts, name: string): number => facts.vmstat?.get(name) ?? Number.NaN;

/** Fails unless `told` lies between the two, or near them. */
function expectBetween(told: number, one: number, other: number, noise = NOISE_BYTES): void {
  expect(told, `${one} to ${other}`).toBeGreaterThanOrEqual(Math.min(one, other) - noise);
  expect(told, `${one} to ${other}`).toBeLessThanOrEqual(Math.max(one, other) + noise);
}

let load: Load | null = null;
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
  spawnSync('/usr/sbin/swapoff', [SWAP_FILE], { stdio: 'ignore' });
  rmSync(SWAP_FILE, { force: true });
});

// Whoever else works on this machine moves its counters: hence the retries.
const bytes = (facts: Facts, name: string): number => kib(facts, name) * KIB;

const usedBySar = (facts: Facts): number =>
  facts.machine.totalBytes -
  (kib(facts, 'MemFree') + kib(facts, 'Buffers') + kib(facts, 'Cached') + kib(facts, 'Slab')) * KIB;

describe('the look says what the old tools say', () => {
  it('free -b: total, free, cached, available and used', { retry: 2 }, async () => {
    const { before, told, after } = await between(() => run('free', '-b', '-w'));
    const [total, used, free, , buffers, cache, available] = numbersOf(told, 'Mem:');
    expect(total).toBe(before.machine.totalBytes);
    expectBetween(free, bytes(before, 'MemFree'), bytes(after, 'MemFree'));
    expectBetween(buffers, bytes(before, 'Buffers'), bytes(after, 'Buffers'));
    const cached = (facts: Facts): number => bytes(facts, 'Cached') + bytes(facts, 'SReclaimable');
    expectBetween(cache, cached(before), cached(after));
    expectBetween(available, bytes(before, 'MemAvailable'), bytes(after, 'MemAvailable'));
    // Since procps 4.0.1 that is all that is not available; before, it was what neither free nor cache is.
    const taken = [total - available, total - free - buffers - cache];
    expect(taken).toContain(used);
    const said = triageOf([await readLook({ tools: false })]).findings.find(({ rule }) => rule === 'R1');
    // Memory that is not plugged in yet is free to the kernel, and to nobody else.
    const there = (said?.bytes ?? 0) + (before.account?.unpluggedBytes ?? 0);
    expectBetween(there, available, bytes(after, 'MemAvailable'));
  });

  it('slabtop -o: objects, sizes, slabs and cache size of every cache', { retry: 2 }, async () => {
    const { before, told, after } = await between(() => run('slabtop', '-o', '-s', 'c'));
    const rows = told.flatMap((line) => {
      const cells = /^ *(\d+) +(\d+) +\d+% +([\d.]+)K +(\d+) +(\d+) +(\d+)K (\S+) *$/.exec(line);
      return cells === null ? [] : [{ name: cells[7], numbers: cells.slice(1, 7).map(Number) }];
    });
    expect(rows.length).toBeGreaterThan(50);
    let still = 0;
    for (const { name, numbers } of rows) {
      const [objects, active, objectKib, slabs, perSlab, sizeKib] = numbers;
      const [one, other] = [before, after].map((facts) => facts.caches?.find((cache) => cache.name === name));
      if (one === undefined || other === undefined) throw new Error(`no cache ${name}`);
      const size = (cache: typeof one): number => (cache.slabs * cache.pagesPerSlab * before.machine.pageSize) / KIB;
      // Two digits of KiB.
      expect(Math.abs(objectKib - one.objectBytes / KIB), name).toBeLessThanOrEqual(0.00501);
      expectBetween(sizeKib, size(one), size(other), NOISE_BYTES / KIB);
      if (JSON.stringify(one) !== JSON.stringify(other)) continue;
      still++;
      expect([name, objects, active, slabs, sizeKib]).toEqual([
        name,
        one.objects,
        one.activeObjects,
        one.slabs,
        size(one),
      ]);
      if (slabs > 0) expect([name, perSlab]).toEqual([name, one.objects / one.slabs]);
    }
    expect(still).toBeGreaterThan(rows.length / 2);
  });

  it('pmap -x: the resident memory of a process', async () => {
    load = await Load.start('plant', 'anon', '300');
    await load.hold();
    const { pid } = load;
    const { told, after } = await between(() => run('pmap', '-x', String(pid)));
    const [virtualKib, rssKib] = numbersOf(told, 'total kB');
    const process = after.processes?.find((each) => each.pid === pid);
    // pmap counts the page of [vsyscall], which is the kernel's.
    const vsyscall = told.some((line) => line.startsWith('ffffffffff600000')) ? 4 : 0;
    expect((process?.virtual ?? 0) / KIB).toBe(virtualKib - vsyscall);
    expect((after.mappings?.find((each) => each.pid === pid)?.rss ?? 0) / KIB).toBe(rssKib);
    // The counters in its status are added up of all CPUs now and then (mm_counter).
    const rss = (process?.rssAnon ?? 0) + (process?.rssFile ?? 0) + (process?.rssShmem ?? 0);
    expectBetween(rss, rssKib * KIB, rssKib * KIB, MIB);
    expect(rssKib).toBeGreaterThan(300 * KIB);
  });

  it('swapon -s: devices, their size and use', async () => {
    run('fallocate', '-l', '64M', SWAP_FILE);
    run('chmod', '600', SWAP_FILE);
    run('mkswap', SWAP_FILE);
    run('swapon', '-p', '-1', SWAP_FILE);
    const { before, told, after } = await between(() => run('swapon', '-s'));
    const [sizeKib, usedKib] = numbersOf(told, SWAP_FILE);
    const find = (facts: Facts) => facts.swaps?.find(({ device }) => device === SWAP_FILE);
    expect(find(before)?.size).toBe(sizeKib * KIB);
    expectBetween(usedKib * KIB, find(before)?.used ?? 0, find(after)?.used ?? 0, MIB);
    expect(kib(after, 'SwapTotal')).toBeGreaterThanOrEqual(sizeKib);
  });

  it('sar -r: free, available, buffers, cached, active and inactive memory', { retry: 2 }, async () => {
    const { before, told, after } = await between(() => run('sar', '-r', '1', '1'));
    const names = (told.find((line) => line.includes('kbmemfree')) ?? '').split(/\s+/).slice(1);
    const values = numbersOf(told, 'Average:');
    expect(values).toHaveLength(names.length);
    const of = (name: string): number => values[names.indexOf(name)] * KIB;
    for (const [column, line] of [
      ['kbmemfree', 'MemFree'],
      ['kbavail', 'MemAvailable'],
      ['kbbuffers', 'Buffers'],
      ['kbcached', 'Cached'],
      ['kbactive', 'Active'],
      ['kbinact', 'Inactive'],
    ]) {
      expectBetween(of(column), kib(before, line) * KIB, kib(after, line) * KIB);
    }
    // sysstat takes what is in no line of meminfo for used memory, as the equation does.
    expectBetween(of('kbmemused'), usedBySar(before), usedBySar(after));
  });

  it('sar -B: paging, by the same counters', { retry: 2 }, async () => {
    const started = performance.now();
    const { before, told, after } = await between(() => run('sar', '-B', '1', '1'));
    const seconds = (performance.now() - started) / 1000;
    const names = (told.find((line) => line.includes('pgpgin/s')) ?? '').split(/\s+/).slice(1);
    const values = numbersOf(told, 'Average:');
    expect(values).toHaveLength(names.length);
    for (const [column, line] of [
      ['pgpgin/s', 'pgpgin'],
      ['pgpgout/s', 'pgpgout'],
      ['fault/s', 'pgfault'],
      ['majflt/s', 'pgmajfault'],
      ['pgfree/s', 'pgfree'],
    ]) {
      // Its second lies within ours: it cannot count more.
      const counted = vmstat(after, line) - vmstat(before, line);
      expect(values[names.indexOf(column)] * 0.95, `${line} of ${counted} in ${seconds} s`).toBeLessThanOrEqual(
        counted,
      );
      expect(vmstat(before, line), line).toBeGreaterThanOrEqual(0);
    }
    // Both see the faults of what runs here, the looks among them.
    expect(values[names.indexOf('fault/s')]).toBeGreaterThan(0);
  });
});
