import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tellCgroups, tellLimited, tellPods } from '../../../src/collect/look/cgroup-table.js';
import { LookBuilder } from '../../../src/collect/look/look-builder.js';
import { tableRows } from '../../../src/proc/look-tables.js';
import { cgroupsOf } from '../../../src/triage/gather-tables.js';

/** A tree of version 2, as files in a folder: a directory counts its subdirectories in its links, as cgroupfs does. */
const mount = mkdtempSync(join(tmpdir(), 'unfreed-cgroups-'));

function cgroup(path: string, files: Record<string, string>): void {
  mkdirSync(join(mount, path), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(mount, path, name), text);
}

beforeAll(() => {
  cgroup('.', {
    'memory.stat': 'anon 1000\nfile 200\nkernel 30\n',
    'cgroup.stat': 'nr_descendants 3\nnr_dying_descendants 70\n',
    'cgroup.procs': '1\n2\n',
  });
  cgroup('system.slice/a b.service', {
    'memory.current': '900\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 700\nshmem 50\nslab_unreclaimable 9\nworkingset_refault_anon 1\nworkingset_refault_file 2\n',
    'memory.events': 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n',
    'memory.swap.current': '77\n',
    'cgroup.procs': '1234\n',
  });
  cgroup('pod', { 'memory.current': '500\n', 'memory.max': '512\n' });
});
afterAll(() => rmSync(mount, { recursive: true }));

function builder(deadlineMs: number): LookBuilder {
  return new LookBuilder({ now: () => performance.now(), deadlineMs, root: true });
}

it('reads a tree of version 2, and whose process is where', async () => {
  const look = builder(10_000);
  const { count, cgroupOf } = await tellCgroups(look, { mount, version: 2, hierarchical: true });
  expect(count).toBe(4);
  expect([...cgroupOf]).toEqual([
    [1, '/'],
    [2, '/'],
    [1234, '/system.slice/a b.service'],
  ]);
  const cgroups = cgroupsOf(look.texts) ?? [];
  expect(cgroups.map(({ path }) => path).toSorted()).toEqual([
    '/',
    '/pod',
    '/system.slice',
    '/system.slice/a b.service',
  ]);
  // The root has no memory.current.
  expect(cgroups[0]).toMatchObject({ path: '/', version: 2, current: 1230, max: null, dying: 70, processes: 2 });
  expect(cgroups.find(({ path }) => path.endsWith('a b.service'))).toMatchObject({
    current: 900,
    max: null,
    anon: 700,
    shmem: 50,
    slabUnreclaimable: 9,
    swap: 77,
    refaults: 3,
    oomKills: 1,
    maxEvents: 12,
    dying: null,
  });
  expect(cgroups.find(({ path }) => path === '/pod')).toMatchObject({ current: 500, max: 512 });
});

it('counts none that it did not find in time', async () => {
  const look = builder(0);
  expect((await tellCgroups(look, { mount, version: 2, hierarchical: true })).count).toBeNull();
  expect(look.notRead).toEqual([{ what: 'table/cgroups', why: 'took too long: 0 of 4 were read' }]);
});

it('says that there is no memory controller', async () => {
  const look = builder(1000);
  await tellCgroups(look, null);
  expect(look.notRead).toEqual([{ what: 'table/cgroups', why: 'no memory controller' }]);
  expect(cgroupsOf(look.texts)).toBeNull();
});

it('does not read what lies below small cgroups that count it, once there are many', async () => {
  const top = mkdtempSync(join(tmpdir(), 'unfreed-many-cgroups-'));
  const group = (path: string, current: number): void => {
    mkdirSync(join(top, path));
    writeFileSync(join(top, path, 'memory.current'), `${current}\n`);
    writeFileSync(join(top, path, 'memory.max'), '2097152\n');
  };
  try {
    for (let index = 0; index < 1100; index++) group(`g${index}`, 5000);
    group('small', 4096);
    group('small/below', 3000);
    group('small/below/deep', 2000);
    group('large', 2_000_000);
    group('large/below', 1_990_000);
    for (const [version, below] of [
      [2, 0],
      [1, 3000],
    ] as const) {
      const look = builder(60_000);
      if (version === 1) {
        writeFileSync(join(top, 'small/below/memory.usage_in_bytes'), '3000\n');
        writeFileSync(join(top, 'small/memory.usage_in_bytes'), '4096\n');
      }
      expect((await tellCgroups(look, { mount: top, version, hierarchical: version === 2 })).count).toBe(1106);
      const of = (path: string) => cgroupsOf(look.texts)?.find((each) => each.path === path);
      expect(of('/small/below')?.current).toBe(below);
      if (version === 2) {
        expect(of('/small/below/deep')?.current).toBe(0);
        expect(of('/small')?.current).toBe(4096);
        expect(of('/large/below')).toMatchObject({ current: 1_990_000, max: 2_097_152 });
      }
    }
  } finally {
    rmSync(top, { recursive: true });
  }
});

it('reads again those near their limit alone', async () => {
  const tree = { mount, version: 2, hierarchical: true } as const;
  const first = builder(10_000);
  await tellCgroups(first, tree);
  const second = builder(10_000);
  tellLimited(second, tree, first.texts.get('table/cgroups') ?? '');
  const again = cgroupsOf(second.texts) ?? [];
  expect(again.map(({ path, current, max }) => [path, current, max])).toEqual([['/pod', 500, 512]]);
  // None is near: nothing is written, and nothing is said of cgroups.
  const quiet = builder(10_000);
  tellLimited(quiet, tree, 'path\tversion\tcurrent\tmax\n/pod\t2\t100\t512\n/other\t2\t900\t\n');
  expect(quiet.texts.has('table/cgroups')).toBe(false);
});

it('names pods and containers by the folders and links of their logs', () => {
  const root = join(mount, 'machine');
  const [uid, hash] = ['6d3c1e2a-77b0-4c5e-9d1a-2b3c4d5e6f70', '99dcb84d2a34f7e338778606703258c4'];
  const id = 'ab'.repeat(32);
  for (const name of [`shop_web-0_${uid}`, `kube-system_etcd-node1_${hash}`, 'lost+found', '_x_', `a_b_c_${uid}`]) {
    mkdirSync(join(root, 'var/log/pods', name), { recursive: true });
  }
  mkdirSync(join(root, 'var/log/containers'));
  for (const name of [`web-0_shop_front-end-${id}.log`, `gone-1_shop_x-${id}.log`, 'README']) {
    writeFileSync(join(root, 'var/log/containers', name), '');
  }
  const look = builder(10_000);
  tellPods(look, root);
  const rows = tableRows('table/pods', look.texts.get('table/pods'));
  expect(rows.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))).toEqual([
    { uid, namespace: 'shop', pod: 'web-0', container: 'front-end', containerId: id },
    { uid: hash, namespace: 'kube-system', pod: 'etcd-node1', container: '', containerId: '' },
  ]);
  const none = builder(10_000);
  tellPods(none, join(root, 'var'));
  expect(none.texts.has('table/pods')).toBe(false);
});
