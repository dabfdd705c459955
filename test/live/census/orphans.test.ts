/**
 * What nothing refers to: on a machine whose kernel loses nothing there are few, however many objects there
 * are, and what is held by a load is none. Objects that are really lost take a module: test/guest has them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COLLECTOR, type RawCensus, takeCensus } from '../../helpers/census.js';
import { buildLoads, Load, requireRoot } from '../../helpers/live.js';

/** Objects of others, of millions: two of kmalloc-cg-96, by pointers that are moved, and what is made meanwhile. */
const OTHERS = 40;
/** With little memory all is read once more at last. */
const OTHERS_AT_LAST = 10;
const OBJECTS = 3000;

let load: Load | null = null;
beforeAll(() => {
  requireRoot();
  buildLoads();
});
afterEach(async () => {
  await load?.end();
  load = null;
});

const look = (...args: string[]): RawCensus => takeCensus('--stages', 'orphans', '--scan-interval', '1s', ...args);

/** Slab objects, pages and areas, without those of BPF. */
function counted({ orphans }: RawCensus): number {
  return (orphans?.rows ?? []).reduce((sum, { bpf, objects }) => sum + (bpf ? 0 : objects), 0);
}

// Others work on the machine, too: hence the retries.
describe('what nothing was found to refer to', () => {
  it('is next to nothing of what is in use', { retry: 5 }, () => {
    const census = look();
    expect(census.orphans?.scans).toBe(3);
    expect(census.missing).toEqual([]);
    const live = census.caches?.reduce((sum, row) => sum + row.live, 0) ?? 0;
    expect(live).toBeGreaterThan(100_000);
    expect(counted(census)).toBeLessThan(OTHERS);
    expect(census.orphans?.rows.every((row) => row.addresses === undefined)).toBe(true);
  });

  it.each([
    ['hold-objects', 'timerfd', String(OBJECTS)],
    ['hold-objects', 'unix', '64'],
    ['hold-objects', 'rings', '40'],
    ['hold-pipes', '1000'],
  ] as const)('is not what is held: %s %s', { retry: 5 }, async (program, ...args) => {
    load = await Load.start(program, ...args);
    await load.hold();
    expect(counted(look())).toBeLessThan(OTHERS);
  });

  it('one look finds what is being made and freed as well; with less memory the same is found', { retry: 5 }, () => {
    expect(look('--scans', '1').orphans?.scans).toBe(1);
    const census = look('--memory', '16M');
    expect(census.missing).toEqual([]);
    expect(census.time.maxRssBytes).toBeLessThan(128 << 20);
    expect(counted(census)).toBeLessThanOrEqual(OTHERS_AT_LAST);
  });

  it('has its addresses only if they are asked for', { retry: 5 }, () => {
    const { orphans } = look('--keep-addresses', '--scans', '1');
    for (const { objects, addresses } of orphans?.rows ?? []) {
      expect(addresses?.length).toBe(objects);
      expect(addresses?.every((address) => /^0xffff[0-9a-f]{12}$/.test(address))).toBe(true);
    }
  });

  it('--budget: looks of child processes rest, too, and their CPU time is counted', { retry: 3 }, () => {
    const { orphans, time } = look('--budget', '50');
    expect(orphans?.scans).toBe(3);
    const cpuOf = (name: string): number | undefined => time.steps.find(({ step }) => step === name)?.cpuNs;
    // Two looks by children, each of all that the first one did.
    expect(cpuOf('orphans')).toBeGreaterThan((cpuOf('objects') ?? Infinity) * 1.5);
    expect(time.cpuNs / time.wallNs).toBeLessThan(0.6);
  });
});

/** Memory of a process and its children, pages that they share once, in bytes; 0 of one that is gone. */
function memoryOf(pid: number): number {
  try {
    const pss = /^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const ofChildren = children === '' ? [] : children.split(' ').map((child) => memoryOf(Number(child)));
    return ofChildren.reduce((sum, bytes) => sum + bytes, Number(pss?.[1] ?? 0) * 1024);
  } catch {
    return 0;
  }
}

/** The most that a census takes at any time, all its processes together. */
async function peakOf(...args: string[]): Promise<number> {
  const stages = ['--census', '--stages', 'holders,orphans', '--scan-interval', '1s'];
  const child = spawn(COLLECTOR, [...stages, ...args], { stdio: 'ignore' });
  let peak = 0;
  while (child.exitCode === null) {
    peak = Math.max(peak, memoryOf(child.pid ?? 0));
    await sleep(20);
  }
  expect(child.exitCode).toBe(0);
  return peak;
}

describe('looks of several processes', () => {
  /** What stays of the first look: what nodes are, classes of pages, rows. */
  const LEFT = 56 << 20;
  const FILES = 150_000;
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync('/dev/shm/unfreed-files-');
    for (let i = 0; i < FILES; i++) writeFileSync(join(directory, `${i}`), '');
    return () => rmSync(directory, { recursive: true });
  });

  it('take little more memory than one: the first gives back what it took', { retry: 2 }, async () => {
    const one = await peakOf('--scans', '1');
    const three = await peakOf();
    expect(one).toBeGreaterThan(80 << 20);
    expect(three - one, `${three} of ${one}`).toBeLessThan(LEFT);
  });
});
