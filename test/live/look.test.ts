/** A live look at this machine, while a load holds a known amount of memory of each kind; as root and as another user. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLook, readLooks } from '../../src/collect/look/read-look.js';
import type { Look } from '../../src/proc/look.js';
import type { Facts } from '../../src/triage/facts.js';
import { gatherFacts } from '../../src/triage/gather-facts.js';
import { buildLoads, type HeldObject, Load, requireRoot } from '../helpers/live.js';

const NOBODY = 65_534;

/**
 * Bytes of Shmem that neither mounts nor objects explain. Some of it is in mounts of other namespaces, which no look
 * from here sees: it is there before the load as well.
 */
function unexplained({ mounts, shmem, meminfo }: Facts): number {
  const inMounts = mounts?.filter(({ type }) => type === 'tmpfs').reduce((sum, { used }) => sum + used, 0) ?? 0;
  const shared = shmem?.filter(({ kind }) => kind !== 'gpu').reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
  return (meminfo?.get('Shmem') ?? 0) * 1024 - inMounts - shared;
}

describe('a look as root', () => {
  let load: Load;
  let objects: HeldObject[];
  let look: Look;
  let facts: Facts;
  /** The facts before the load holds anything. */
  let before: Facts;
  let cpuMs = 0;

  beforeAll(async () => {
    requireRoot();
    buildLoads();
    load = await Load.start('hold-shared');
    before = gatherFacts(await readLook({ deadlineMs: 60_000 }));
    objects = (await load.hold()).objects ?? [];
    const start = process.cpuUsage();
    // Other work on this machine must not end the walks early.
    look = await readLook({ deadlineMs: 60_000 });
    const { user, system } = process.cpuUsage(start);
    cpuMs = (user + system) / 1000;
    facts = gatherFacts(look);
  }, 60_000);
  afterAll(() => load.end());

  const bytesOf = (kind: string): number => objects.find((each) => each.kind === kind)?.bytes ?? -1;
  /** The amount of memory that the load holds, by whole pages. */
  const held = (kind: string): number => Math.ceil(bytesOf(kind) / 4096) * 4096;

  it('takes little, and misses nothing that every machine has', () => {
    expect(cpuMs).toBeLessThan(1000);
    const missing = look.notRead.filter(({ why }) => why === 'root only' || why.startsWith('took too long'));
    expect(missing).toEqual([]);
    for (const name of ['proc/meminfo', 'proc/zoneinfo', 'proc/slabinfo', 'proc/vmallocinfo', 'table/processes']) {
      expect(look.texts.get(name)?.length ?? 0, name).toBeGreaterThan(100);
    }
  });

  it('knows the machine', () => {
    expect(facts.machine).toMatchObject({ meminfoBy: 'kernel', pageSize: 4096 });
    expect(facts.machine.cpus).toBe(readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length);
    expect(facts.machine.totalBytes).toBe((facts.meminfo?.get('MemTotal') ?? 0) * 1024);
    expect(facts.account?.perCpuFreeBytes).toBeGreaterThan(0);
  });

  it.each(['memfd', 'shared', 'sysv'])('finds %s memory of the load, to the page', (kind) => {
    const found = facts.shmem?.filter((each) => each.kind === kind && each.pid === load.pid) ?? [];
    expect(found.map(({ bytes, processName }) => [processName, bytes])).toEqual([['hold-shared', held(kind)]]);
  });

  it('finds the file without a name, in the file system that counts it', () => {
    const mount = facts.mounts?.find(({ path }) => path === '/dev/shm');
    expect(mount?.deleted).toBeGreaterThanOrEqual(held('deleted'));
    expect(mount?.used).toBeGreaterThanOrEqual(mount?.deleted ?? 0);
    expect(facts.shmem?.filter(({ kind, pid }) => kind === 'deleted' && pid === load.pid)).toEqual([]);
  });

  it('finds the ring of the packet socket', () => {
    const rings = facts.sockets?.filter(({ family, pid }) => family === 'packet' && pid === load.pid);
    expect(rings).toMatchObject([{ count: 1, ringBytes: held('packet') }]);
  });

  it('finds what nobody reads, by process', () => {
    const queues = facts.sockets?.filter(({ family, pid }) => family === 'tcp' && pid === load.pid) ?? [];
    const unread = queues.reduce((sum, { receiveQueue, sendQueue }) => sum + receiveQueue + sendQueue, 0);
    expect(queues.find(({ state }) => state === 'ESTAB')?.count).toBe(40);
    // What is acknowledged is in one queue; what is on the way, in both.
    expect(unread).toBeGreaterThanOrEqual(bytesOf('tcp'));
    expect(unread).toBeLessThan(bytesOf('tcp') * 1.2);
    expect((facts.sockstat?.get('tcp pages') ?? 0) * 4096).toBeGreaterThan(bytesOf('tcp') * 0.9);
  });

  it('explains what is added to the shmem of meminfo by mounts and objects', () => {
    const added = objects
      .filter(({ kind }) => kind !== 'packet' && kind !== 'tcp')
      .reduce((sum, { bytes }) => sum + bytes, 0);
    expect(added).toBeGreaterThan(64 << 20);
    expect(Math.abs(unexplained(facts) - unexplained(before))).toBeLessThan(2 << 20);
  });

  it('knows the process, its descriptors, and what it shares', () => {
    const process = facts.processes?.find(({ pid }) => pid === load.pid);
    expect(process).toMatchObject({ name: 'hold-shared', threads: 1 });
    expect(process?.open?.sockets).toBeGreaterThanOrEqual(42);
    expect(process?.rssShmem).toBeGreaterThanOrEqual(72 << 20);
    expect(facts.mappings?.find(({ pid }) => pid === load.pid)?.pssShmem).toBeGreaterThanOrEqual(72 << 20);
  });

  it('sums up the slab caches as meminfo does', () => {
    const sum = facts.caches?.reduce((all, each) => all + each.slabs * each.pagesPerSlab * 4096, 0) ?? 0;
    const slab = (facts.meminfo?.get('Slab') ?? 0) * 1024;
    // Large kmallocs are in no cache.
    expect(sum / slab).toBeGreaterThan(0.85);
    expect(sum / slab).toBeLessThan(1.02);
  });
});

it('sees less as another user, says so, and does not fail', async () => {
  requireRoot();
  process.seteuid?.(NOBODY);
  const look = await readLook().finally(() => process.seteuid?.(0));
  const facts = gatherFacts(look);
  const rootOnly = look.notRead.filter(({ why }) => why.startsWith('root only')).map(({ what }) => what);
  expect(rootOnly).toEqual(
    expect.arrayContaining(['proc/slabinfo', 'proc/vmallocinfo', 'open descriptors', 'table/bpf']),
  );
  expect(facts.account?.perCpuFreeBytes).toBeGreaterThan(0);
  expect(facts.caches).toBeNull();
  expect(facts.processes?.length).toBeGreaterThan(2);
  expect(facts.processes?.every(({ open }) => open === null)).toBe(true);
  expect(facts.limits?.map(({ name }) => name)).toEqual(expect.arrayContaining(['pid_max', 'file-max', 'tcp_mem']));
});

it('reads counters again for pace, and five times between for noise', async () => {
  const [first, second] = await readLooks({ intervalMs: 500, smaps: false, tools: false });
  expect((second.timeMs ?? 0) - (first.timeMs ?? 0)).toBeGreaterThanOrEqual(490);
  const facts = gatherFacts(second);
  expect(facts.readings).toHaveLength(5);
  const times = facts.readings.map(({ uptimeSeconds }) => uptimeSeconds ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { account } of facts.readings) expect(account.perCpuFreeBytes).toBeGreaterThan(0);
  expect(facts.caches?.length).toBeGreaterThan(20);
  expect(facts.processes?.length).toBeGreaterThan(2);
  expect(facts.cgroups).toBeNull();
});

it('ends when its time is over, with what it has', async () => {
  const look = await readLook({ deadlineMs: 0 });
  expect(look.texts.has('proc/meminfo')).toBe(true);
  expect(look.notRead.find(({ what }) => what === 'table/processes')?.why).toContain('took too long');
});
