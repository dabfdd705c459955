/**
 * The facts of a real look: Linux 6.18, 2 CPUs, 24 GB, while hold-shared held memory of known amounts.
 * Names are replaced, areas that are not in use any more are left out.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Look } from '../../src/proc/look.js';
import { gatherFacts } from '../../src/triage/gather-facts.js';

function savedLook(name: string): Look {
  const text = readFileSync(new URL(`fixtures/${name}-look.txt`, import.meta.url), 'utf8');
  const parts = text.split(/^=== (.*)\n/m);
  const texts = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) texts.set(parts[index], parts[index + 1]);
  return { timeMs: 1_780_000_000_000, origin: 'file', source: name, texts, notRead: [] };
}

const MIB = 2 ** 20;
const HELD = {
  memfd: 48 * MIB,
  shared: 40 * MIB,
  sysv: 32 * MIB,
  deleted: 24 * MIB,
  packet: 16 * MIB,
  tcp: 78_213_120,
};
const facts = gatherFacts(savedLook('first'));

describe('the facts of a real look', () => {
  it('have all that was read', () => {
    // No page_owner, allocinfo, modules, CMA or TTM in this kernel; no census and no history of a live look; dma-bufs were left out.
    const unread = Object.entries(facts).filter(([, value]) => value === null);
    expect(unread.map(([name]) => name)).toEqual([
      'modules',
      'dmabuf',
      'cma',
      'ttmPoolBytes',
      'owners',
      'pages',
      'history',
    ]);
  });

  it('agree on the memory of the machine', () => {
    const { account, zones, machine } = facts;
    const free = (zones ?? []).reduce((sum, zone) => sum + zone.free, 0) * 4096;
    expect(machine).toMatchObject({ cpus: 2, nodes: 1, pageSize: 4096, arch: 'x86_64' });
    // Read one after the other.
    expect(Math.abs((account?.freeBytes ?? 0) - (account?.unpluggedBytes ?? 0) - free)).toBeLessThan(64 * MIB);
    // The first chunk of percpu memory is off: 53 pages for each CPU.
    expect(account?.terms.reduce((sum, term) => sum + term, account.unaccountedBytes)).toBe(machine.totalBytes);
    expect((facts.meminfo?.get('Percpu') ?? 0) * 1024 - 2 * 53 * 4096).toBeGreaterThan(0);
    expect(facts.areas?.reduce((sum, { pagesBytes }) => sum + pagesBytes, 0)).toBeCloseTo(
      (facts.meminfo?.get('VmallocUsed') ?? 0) * 1024,
      -7,
    );
  });

  it('name who holds the shared memory', () => {
    const bytes = (kind: string): number | undefined =>
      facts.shmem?.find((each) => each.kind === kind && each.processName === 'hold-shared')?.bytes;
    expect([bytes('memfd'), bytes('shared'), bytes('sysv')]).toEqual([HELD.memfd, HELD.shared, HELD.sysv]);
    expect(facts.mounts?.find(({ path }) => path === '/dev/shm')).toMatchObject({
      used: HELD.deleted,
      deleted: HELD.deleted,
    });
  });

  it('name who holds sockets and rings', () => {
    const sockets = facts.sockets?.filter(({ processName }) => processName === 'hold-shared') ?? [];
    expect(sockets.find(({ family }) => family === 'packet')?.ringBytes).toBe(HELD.packet);
    expect(sockets.reduce((sum, { receiveQueue, sendQueue }) => sum + receiveQueue + sendQueue, 0)).toBe(HELD.tcp);
    const tcp = facts.limits?.find(({ name }) => name === 'tcp_mem');
    expect((tcp?.used ?? 0) * 4096).toBeGreaterThan(HELD.tcp);
  });

  it('have the OOM kill of the log', () => {
    expect(facts.log).toMatchObject({ oomKills: 1, allocationFailures: 0 });
    expect(facts.log?.ooms[0]).toMatchObject({
      invokedBy: 'python3',
      order: 0,
      constraint: 'memcg',
      cgroup: '/lookplant/c7',
      killed: { name: 'python3', anonBytes: 125_508 * 1024, fileBytes: 3660 * 1024 },
      tasks: [{ name: 'python3', rssBytes: 32_292 * 4096, anonBytes: 31_377 * 4096, pageTables: 319_488 }],
    });
    expect(facts.log?.ooms[0].memory.get('limit')).toBe(100 * MIB);
  });

  it('count what users see about as the caches do', () => {
    for (const { cache, counted } of facts.census ?? []) {
      const objects = facts.caches?.find(({ name }) => name === cache)?.activeObjects;
      // More than this would be abnormal (rule R16).
      if (objects !== undefined) expect(objects, cache).toBeLessThan(counted * 1.5 + 10_000);
    }
    expect(facts.census?.map(({ cache }) => cache)).toEqual(
      expect.arrayContaining(['task_struct', 'mm_struct', 'filp', 'dentry', 'TCP', 'mem_cgroup']),
    );
  });
});

it('a second look has counters, and readings whose spread is the noise', () => {
  const second = gatherFacts(savedLook('second'));
  expect(second.readings).toHaveLength(5);
  const gaps = second.readings.map(({ account }) => account.unaccountedBytes);
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(64 * MIB);
  expect(second.account?.perCpuFreeBytes).toBeGreaterThan(0);
  expect(second.processes?.length).toBe(126);
  expect(second.mounts).toBeNull();
});
