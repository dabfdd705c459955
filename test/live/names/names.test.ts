/**
 * What memory belongs to, beside what stat(2), mount(8), ss(8) and bpftool say of the same files, sockets and maps. The names
 * that processes give are hostile.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { runNames } from '../../../src/collect/names/run-names.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { askedOf, sampleRows } from '../../../src/session/names/sample-rows.js';
import type { Thing } from '../../../src/things/thing.js';
import { ALL, type LiveTrace, modeIt, prepareLive, startTrace } from '../../helpers/live-trace.js';

const it = modeIt(import.meta.url);
const HOLDER = new URL('holder.mjs', import.meta.url).pathname;
const MIB = 2 ** 20;

let directory = '';
let { end } = { end: () => Promise.resolve() };
let trace: LiveTrace;
let mount = '';
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  ({ directory, end } = prepareLive());
  mount = join(directory, 'a tmpfs\u001b[2J');
  mkdirSync(mount);
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'none', mount]);
  undo.push(() => execa('umount', ['-l', mount], { reject: false }));
  trace = await startTrace();
}, 120_000);

afterAll(async () => {
  await trace?.stop();
  for (const each of undo.toReversed()) await each();
  await end();
}, 120_000);

/** A holder process, and a function that asks it for something. */
function holder(): { pid: number; ask: (what: object) => Promise<unknown> } {
  const child = execa(process.execPath, [HOLDER], { stdin: 'pipe', reject: false, buffer: false });
  undo.push(async () => {
    child.kill('SIGKILL');
    await child;
  });
  const lines = child.iterable()[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    ask: async (what) => {
      child.stdin.write(`${JSON.stringify(what)}\n`);
      const next: IteratorResult<unknown> = await lines.next();
      return JSON.parse(String(next.value)) as unknown;
    },
  };
}

/** Rows of what one process holds. */
function rowsOf(pid: number, matches: (stack: ReportStack) => boolean): ReportStack[] {
  return trace.run.pipeline.report({ ...ALL, pid }).stacks.filter(matches);
}

/** The things of all that these rows hold, as the collector tells them. */
async function thingsOf(rows: readonly ReportStack[]): Promise<(Thing | null)[]> {
  const wanted = rows.map(({ stackId }) => ({ stackId, most: 2048 }));
  const items = sampleRows(trace.run.pipeline.core, wanted).flat();
  expect(items.length).toBeGreaterThan(0);
  return runNames(items.map(askedOf));
}

/** What nearly all of them are: others' memory may be on the same call path. */
function most(things: readonly (Thing | null)[]): Partial<Thing> {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(JSON.stringify(thing), (counts.get(JSON.stringify(thing)) ?? 0) + 1);
  expect(counts.size).toBeGreaterThan(0);
  const [[text]] = [...counts].toSorted(([, a], [, b]) => b - a);
  return JSON.parse(text) as Partial<Thing>;
}

/** As stat(2) has it. */
function device(path: string): string {
  const { dev } = statSync(path, { bigint: true });
  // The bits of makedev(3).
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  return `${major}:${(dev & 0xffn) | ((dev >> 12n) & ~0xffn)}`;
}

for (const [where, name] of [
  ['in the mount itself', 'big.bin'],
  ['with a hostile name', 'x\u001b[31m\n"\\\u202e\u0007.bin'],
  ['far below', `${'deep/'.repeat(20)}file`],
]) {
  it(`pages of a tmpfs file ${where} have its path, mount, device and inode`, async () => {
    const path = join(mount, name);
    const { pid, ask } = holder();
    await ask({ what: 'write', path, mib: 16 });
    await trace.settleHeld();
    const rows = rowsOf(
      pid,
      ({ allocator, category, bytes }) => allocator === 'page' && category === 'shmem' && bytes >= MIB,
    );
    const things = await thingsOf(rows);
    expect(most(things)).toMatchObject({
      kind: 'file',
      fs: 'tmpfs',
      path,
      mount,
      device: device(path),
      inode: statSync(path).ino,
      bytes: 16 * MIB,
      deleted: false,
    });
    // The same through a session: summed, in the report.
    const known = await trace.run.names.look(rows.map(({ stackId }) => ({ stackId, most: 256, module: null })));
    expect(known.size).toBeGreaterThan(0);
    const [row] = rowsOf(pid, ({ stackId }) => known.has(stackId));
    expect(row.names?.things[0]).toMatchObject({ thing: { inode: statSync(path).ino }, different: 1 });
    expect(row.names?.looked).toBeLessThanOrEqual(256);
    rmSync(path);
  });
}

it('a path of more than 1,024 bytes keeps its end, and a deleted file says so', async () => {
  const path = join(mount, `${'d'.repeat(200)}/`.repeat(8), 'the end');
  const { pid, ask } = holder();
  await ask({ what: 'write', path, mib: 16, deleted: true });
  await trace.settleHeld();
  const thing = most(await thingsOf(rowsOf(pid, ({ category, bytes }) => category === 'shmem' && bytes >= MIB)));
  expect(thing).toMatchObject({ kind: 'file', deleted: true, mount, bytes: 16 * MIB });
  expect(thing.path).toMatch(/^\.\.\..*…d+\/the end$/);
});

it('page cache has the device, the inode and the path of its file', async () => {
  const path = join(directory, 'cached');
  const { pid, ask } = holder();
  await ask({ what: 'write', path, mib: 16 });
  await trace.settleHeld();
  const things = await thingsOf(rowsOf(pid, ({ category, bytes }) => category === 'page cache' && bytes >= MIB));
  // Whoever writes a file meanwhile does it on the same call path.
  const inode = statSync(path).ino;
  const thing = most(things.filter((each) => each !== null && each.inode === inode));
  expect(thing).toMatchObject({ kind: 'file', inode, bytes: 16 * MIB });
  // An overlay shows a device of its own.
  const [{ stdout: fs }, { stdout: at }] = await Promise.all(
    ['FSTYPE', 'TARGET'].map((column) => execa('findmnt', ['-no', column, '-T', path])),
  );
  if (fs !== 'overlay') expect(thing).toMatchObject({ path, device: device(path), fs, mount: at });
});

it('TCP sockets have the addresses that ss(8) shows', async () => {
  const { pid, ask } = holder();
  const { port } = (await ask({ what: 'connect', where: { port: 0, host: '127.0.0.1' }, count: 60 })) as {
    port: number;
  };
  await trace.settleHeld();
  const things = await thingsOf(rowsOf(pid, ({ caches }) => caches.includes('TCP')));
  const ours = things.filter(
    (thing) => thing?.kind === 'socket' && `${thing.local} ${thing.peer}`.includes(`:${port}`),
  );
  const { stdout } = await execa('ss', ['-Htna', `( sport = :${port} or dport = :${port} )`]);
  const theirs = stdout.split('\n').map((line) => {
    const [state, , , local, peer] = line.trim().split(/\s+/);
    return `${state.replace('ESTAB', 'ESTABLISHED')} ${local} ${peer.replace('0.0.0.0:*', '')}`.trim();
  });
  const told = ours.map((thing) => `${thing?.state} ${thing?.local} ${thing?.peer}`.trim());
  // Those of clients are allocated by the process; those of the server in the interrupt that takes their last packet.
  expect(told.length).toBeGreaterThan(60);
  for (const each of told) expect(theirs).toContain(each);
  expect(most(things)).toMatchObject({ protocol: 'TCP', family: 'inet', type: 'stream' });
});

it('unix sockets have the path that they are bound to, and their peers', async () => {
  const path = join(directory, 'a socket\u001b[31m');
  const { pid, ask } = holder();
  await ask({ what: 'connect', where: { path }, count: 40 });
  await trace.settleHeld();
  const things = await thingsOf(rowsOf(pid, ({ caches }) => caches.some((cache) => cache.startsWith('UNIX'))));
  const of = (side: 'local' | 'peer'): (Thing | null)[] => things.filter((thing) => thing?.[side] === path);
  // The one that listens, and those that it accepted; and their clients.
  expect([of('local').length, of('peer').length]).toEqual([41, 40]);
  const peers = new Set(of('peer').map((thing) => thing?.inode));
  const accepted = of('local').filter((thing) => thing?.state === 'ESTABLISHED');
  expect(new Set(accepted.map((thing) => thing?.peerInode))).toEqual(peers);
});

it('a BPF map has the number, the type and the name that bpftool shows', async () => {
  const pinned = `/sys/fs/bpf/unfreed-names-${process.pid}`;
  undo.push(() => execa('rm', ['-f', pinned]));
  const size = ['key', '4', 'value', '64', 'entries', '65536', 'name', 'unfreed_name'];
  const child = execa('bpftool', ['map', 'create', pinned, 'type', 'array', ...size]);
  await child;
  await trace.settleHeld();
  const rows = rowsOf(child.pid ?? 0, ({ bytes, category }) => bytes >= 4 * MIB && category !== 'backing');
  const { stdout } = await execa('bpftool', ['-j', 'map', 'show', 'pinned', pinned]);
  const shown = JSON.parse(stdout) as { id: number; type: string; name: string };
  expect(most(await thingsOf(rows))).toMatchObject({
    kind: 'bpf-map',
    id: shown.id,
    type: shown.type,
    path: shown.name,
  });
});

it('what is no address of an object, and what may not be read, belongs to nothing', async () => {
  const asked = [
    'page 0',
    'page ffffffffffffffff',
    'object 0',
    'object ffffffffffffffff',
    'object 7fff00001000',
  ] as const;
  const high = ['object ffff888000000000', 'object ffff8880000a0000', 'object ffffffffff600000'] as const;
  expect(await runNames([...asked, ...high])).toEqual([...asked, ...high].map(() => null));
});
