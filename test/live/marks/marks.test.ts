/**
 * Events on this machine's kernel, which the test causes itself; the truth is the kernel's own: its log, the files of a
 * cgroup, /proc/sysvipc/shm.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultCollectorOptions } from '../../../src/collect/collector.js';
import type { MarkKind } from '../../../src/event/marks/marks.js';
import type { TraceFact } from '../../../src/event/trace-sink.js';
import { markJson } from '../../../src/export/events/events-json.js';
import { LiveRun } from '../../../src/session/live/live-run.js';
import { markReceivers, sendMark } from '../../../src/session/live/mark-socket.js';
import { requireRoot } from '../../helpers/live.js';

const run = promisify(execFile);
const MEMORY = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
const LIMIT = MEMORY.endsWith('memory') ? 'memory.limit_in_bytes' : 'memory.max';
const NAME = `unfreed-marks-${process.pid}`;
const GROUP = `${MEMORY}/${NAME}`;
const FILE = `/var/tmp/${NAME}`;

let live: LiveRun;
const rows = { start: 0, exec: 0, exit: 0 };
let lostRows = 0;

beforeAll(async () => {
  requireRoot();
  live = new LiveRun({
    collector: { ...defaultCollectorOptions(), allocators: ['percpu'], sampleOneIn: 1024, systemCalls: true },
    recordPath: null,
    force: false,
    takesMarks: true,
  });
  live.pipeline.recorder = { events: () => undefined, fact: count };
  await live.start();
}, 60_000);

afterAll(async () => {
  await live.stop();
  for (const group of [`${GROUP}/inner`, GROUP]) if (existsSync(group)) rmdirSync(group);
  rmSync(FILE, { force: true });
});

function count(fact: TraceFact): void {
  if (fact.type !== 'lives') return;
  for (const { what } of fact.lives.rows) rows[what]++;
  lostRows += fact.lives.lostRows;
}

type Fields = Record<string, unknown>;

/** The marks of a kind that have these fields, as soon as there are some; none after 10 s. */
async function marked(kind: MarkKind, fields: Fields): Promise<Fields[]> {
  for (let tries = 0; ; tries++) {
    const found = live.pipeline.marks
      .marks()
      .map(markJson)
      .filter((mark) => mark['kind'] === kind && Object.entries(fields).every(([name, value]) => mark[name] === value));
    if (found.length > 0 || tries === 100) return found;
    await sleep(100);
  }
}

function makeGroup(limitBytes: number): void {
  mkdirSync(GROUP);
  mkdirSync(`${GROUP}/inner`);
  writeFileSync(`${GROUP}/${LIMIT}`, String(limitBytes));
}

/** Runs a command within the inner group; returns its process id. A command that is killed is no failure. */
async function inGroup(command: string): Promise<number> {
  const child = execFile('sh', ['-c', `echo $$ > ${GROUP}/inner/cgroup.procs && exec ${command}`]);
  await new Promise((resolve) => {
    child.on('exit', resolve);
  });
  return child.pid ?? 0;
}

function removeGroup(): void {
  rmdirSync(`${GROUP}/inner`);
  rmdirSync(GROUP);
}

describe('events of this machine', () => {
  it('a cgroup that is made, meets its limit, kills, and is removed: each with its fields, as the kernel’s log has them', async () => {
    makeGroup(24 << 20);
    // It keeps the line until its end, which does not come.
    const pid = await inGroup('tail /dev/zero');
    removeGroup();
    expect(await marked('cgroup-made', { path: `/${NAME}`, pid: process.pid })).toHaveLength(1);
    expect(await marked('cgroup-made', { path: `/${NAME}/inner` })).toHaveLength(1);
    expect(await marked('cgroup-removed', { path: `/${NAME}/inner`, pid: process.pid })).toHaveLength(1);
    const [kill, ...more] = await marked('oom-kill', { victimPid: pid });
    expect(more).toEqual([]);
    const log = execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26 });
    const line = log.split('\n').find((each) => each.includes(`Killed process ${pid} (`)) ?? '';
    const kilobytes = (name: string): number => Number(new RegExp(`${name}:(\\d+)kB`).exec(line)?.[1]) * 1024;
    expect(kill).toMatchObject({
      victimComm: 'tail',
      scope: 'cgroup',
      limitedCgroup: `/${NAME}`,
      victimCgroup: `/${NAME}/inner`,
      virtualBytes: kilobytes('total-vm'),
      anonBytes: kilobytes('anon-rss'),
      fileBytes: kilobytes('file-rss'),
      shmemBytes: kilobytes('shmem-rss'),
      pageTableBytes: kilobytes('pgtables'),
      uid: 0,
      oomScoreAdj: Number(/oom_score_adj:(-?\d+)/.exec(line)?.[1]),
    });
    // The limit is 24 MiB: the fields are not all 0.
    expect(kill['anonBytes']).toBeGreaterThan(10 << 20);
  }, 60_000);

  it('a process that writes files in a cgroup at its limit: its stalls, in all as long as they took', async () => {
    makeGroup(16 << 20);
    const began = performance.now();
    const pid = await inGroup(`dd if=/dev/zero of=${FILE} bs=1M count=96 status=none`);
    const tookNs = (performance.now() - began) * 1e6;
    // Its page cache goes with the file.
    rmSync(FILE);
    removeGroup();
    await marked('memcg-reclaim', { pid });
    // Sums come within two seconds.
    await sleep(2500);
    const stalls = await marked('memcg-reclaim', { pid });
    const sum = (name: string): number => stalls.reduce((all, stall) => all + Number(stall[name]), 0);
    expect(stalls.map(({ comm }) => comm)).toEqual(stalls.map(() => 'dd'));
    expect(sum('count')).toBeGreaterThan(10);
    expect(sum('durationNs')).toBeLessThan(tookNs);
    expect(sum('durationNs')).toBeGreaterThanOrEqual(sum('count'));
    // 80 MiB had to go, in pages of 4 KiB; what the kernel wrote back meanwhile may be freed by others.
    expect(sum('pages')).toBeGreaterThan(5000);
    for (const stall of stalls) expect(Number(stall['longestNs'])).toBeLessThanOrEqual(Number(stall['durationNs']));
  }, 60_000);

  it('compaction that this process asks for: a stall for each zone, or their sum', async () => {
    const began = performance.now();
    writeFileSync('/proc/sys/vm/compact_memory', '1');
    const tookNs = (performance.now() - began) * 1e6;
    await marked('compaction', { pid: process.pid });
    await sleep(2500);
    const stalls = await marked('compaction', { pid: process.pid });
    const sum = stalls.reduce((all, { durationNs }) => all + Number(durationNs), 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(tookNs);
  }, 60_000);

  it('System V shared memory: the calls of ipcmk and ipcrm, as /proc/sysvipc/shm has the segment', async () => {
    const { stdout } = await run('ipcmk', ['-M', '81920']);
    const id = Number(/\d+/.exec(stdout)?.[0]);
    const table = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n');
    const [key, , , size, cpid] =
      table.map((row) => row.trim().split(/\s+/)).find(([, shmid]) => shmid === String(id)) ?? [];
    await run('ipcrm', ['-m', String(id)]);
    await run('ipcrm', ['-m', String(id)]).catch(() => undefined);
    expect(
      await marked('shmget', { result: id, key: Number(key), bytes: Number(size), pid: Number(cpid), comm: 'ipcmk' }),
    ).toHaveLength(1);
    expect(await marked('shmctl', { shmId: id, command: 0, result: 0, comm: 'ipcrm' })).toHaveLength(1);
    // EINVAL: the segment is gone.
    expect(await marked('shmctl', { shmId: id, command: 0, result: -22 })).toHaveLength(1);
  }, 30_000);

  it('swapon and swapoff, with their result: 0 where this machine allows it', async () => {
    execFileSync('dd', ['if=/dev/zero', `of=${FILE}`, 'bs=1M', 'count=2', 'status=none']);
    execFileSync('chmod', ['600', FILE]);
    execFileSync('/usr/sbin/mkswap', [FILE], { stdio: 'ignore' });
    const isOn = await run('/usr/sbin/swapon', [FILE]).then(
      () => true,
      () => false,
    );
    const [on] = await marked('swap-on', { path: FILE });
    expect(on['result'] === 0).toBe(isOn);
    await run('/usr/sbin/swapoff', [FILE]).catch(() => undefined);
    const [off] = await marked('swap-off', { path: FILE });
    expect(off['result'] === 0).toBe(isOn);
  }, 30_000);

  it('a mark of the user’s, at its time', async () => {
    const receiver = (await markReceivers()).find(({ pid }) => pid === process.pid);
    if (receiver === undefined) throw new Error('no receiver');
    const seconds = await sendMark(receiver, 'deploy 42');
    const [mark] = await marked('user', { text: 'deploy 42' });
    expect(Number(mark['timeNs']) / 1e9).toBeCloseTo(Number(seconds), 5);
    const now = (Date.now() - live.pipeline.facts.startUnixMs) / 1000;
    expect(Math.abs(now - Number(seconds))).toBeLessThan(3);
  }, 30_000);

  it('50,000 processes: each start and exit is told or counted as lost, and memory stays bounded', async () => {
    const before = { ...rows };
    const lostBefore = lostRows;
    const rssBefore = process.memoryUsage().rss;
    await run('sh', ['-c', 'i=0; while [ $i -lt 50000 ]; do (:); i=$((i+1)); done'], { timeout: 200_000 });
    await sleep(1500);
    const lost = lostRows - lostBefore;
    expect(rows.start - before.start + lost).toBeGreaterThanOrEqual(50_000);
    expect(rows.exit - before.exit + lost).toBeGreaterThanOrEqual(50_000);
    expect(lost).toBeLessThan(5000);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(200 << 20);
    const status = readFileSync(`/proc/${live.collectorPid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(200_000);
    // They are no marks: nobody watches them.
    expect(live.pipeline.marks.countsByKind().filter(({ kind }) => kind === 'exec' || kind === 'exit')).toEqual([]);
  }, 240_000);
});
