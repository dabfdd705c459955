/** R11 shared memory by what holds it (E6), R12 huge pages that nobody uses. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { HugepagesFacts, ProcessFacts, ShmemFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { absence, bound, GIB, holdersOf, largest, line, MIB, pace, rising, type Scene, sum, sumBy } from '../scene.js';

/** Where who holds shared memory is read from: with a part of it, the rest may be held by what was not read. */
const HOLDERS: readonly string[] = ['table/mounts', 'table/shmem', 'open descriptors'];
const REST_SHARE = 0.05;
/** Of all shared memory: a cgroup that is named. */
const CGROUP_SHARE = 0.1;
const MOST_CGROUPS = 3;
const KIND_NAMES: Readonly<Record<string, string>> = {
  sysv: 'SysV segment',
  memfd: 'memfd',
  shared: 'shared anonymous memory',
  deleted: 'deleted file',
  gpu: 'GPU objects',
};

export const sharedMemory: Rule = {
  id: 'R11',
  about: 'shared memory',
  knows: ({ meminfo }) => meminfo?.has('Shmem') === true,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    const bytes = line(scene, 'Shmem');
    const growth = rising(scene, 'shmem');
    if (!wholeMachine || total === 0) return [];
    const { holders, knownBytes } = shmemHolders(scene);
    const rest = bytes - knownBytes;
    // Without open descriptors, memfd, GPU objects and deleted files were not looked for, which is said. With some
    // of them, any may be held by those that were not read.
    const opened = now.processes?.some(({ open }) => open !== null) === true;
    const partial = (opened ? HOLDERS : HOLDERS.slice(0, 1)).some((table) => now.notWhole.includes(table));
    const listed = now.mounts !== null && now.shmem !== null && !partial;
    // Less shared memory is a finding too, if nothing that was listed has it.
    const hidden = listed && rest > bound(scene, REST_SHARE, 256 * MIB);
    if (bytes <= bound(scene, 0.1, GIB) && growth === null && !hidden) return [];
    const unknown = listed && opened && rest > REST_SHARE * bytes;
    const top = largest(holders)[0];
    const who =
      top === undefined
        ? now.mounts === null && now.shmem === null
          ? `The mounts and segments that hold it ${absence(scene, 'table/mounts')}.`
          : 'No mount or segment that could be read holds any of it.'
        : `${top.name} holds ${formatBytes(top.bytes ?? 0)} of it.`;
    return [
      finding('R11', growth !== null ? 'growing' : unknown ? 'abnormal' : 'large', {
        item: 'shared memory and tmpfs',
        bytes,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'shmem'),
        holders: largest(holders),
        text: `Shared memory and tmpfs files are ${formatBytes(bytes)} (${formatShare(bytes, total)}). ${who}`,
        details: [
          ...(unknown
            ? [
                `${formatBytes(rest)} of it is held by nothing that can be listed: files that are deleted but open or in flight, or mounts of a namespace without a process`,
              ]
            : hidden
              ? [
                  `${formatBytes(rest)} of it are in no mount and no SysV segment: shared anonymous memory, memfd, GPU objects or deleted files, which were not listed`,
                ]
              : []),
          ...cgroupDetail(scene, bytes),
        ],
        next: [...nextOf(scene, top), 'unfreed top --category shmem --sort bytes'],
      }),
    ];
  },
};

/** Mounts and segments, the largest of each kind. */
export function holdersOfShmem(scene: Scene): Holder[] {
  return shmemHolders(scene).holders;
}

/** E6. `knownBytes`: of all mounts and segments, also of those that are not among the largest. */
function shmemHolders({ now }: Scene): { holders: Holder[]; knownBytes: number } {
  // Pages of ramfs are no shmem: they are in Cached alone (fs/ramfs/inode.c).
  const mounts = (now.mounts ?? []).filter(({ type }) => type === 'tmpfs' || type === 'devtmpfs');
  const objects = sumBy(
    now.shmem ?? [],
    (object) => shmemName(object, now.processes ?? []),
    ({ bytes }) => bytes,
  );
  const segments = new Set(
    (now.shmem ?? []).filter(({ kind }) => kind === 'sysv').map((object) => shmemName(object, now.processes ?? [])),
  );
  const holders = [
    ...holdersOf(mounts, 'mount', ({ path, used, pid, processName }) => ({
      // Containers have the same paths: only its process tells which is meant.
      name: processName === '' ? path : `${path} of ${pid} ${processName}`,
      bytes: used,
    })),
    ...holdersOf(objects, 'segment', ([name, bytes]) =>
      segments.has(name) ? { what: 'sysv', name, bytes } : { name, bytes },
    ),
  ];
  return { holders, knownBytes: sum(mounts.map(({ used }) => used)) + sum(objects.values()) };
}

/** The cgroups that are charged for it: the pod. One that contains another counts its memory too, so the deepest are told. */
function cgroupDetail({ now }: Scene, bytes: number): string[] {
  const charged = (now.cgroups ?? []).filter(({ path, shmem }) => path !== '/' && shmem > CGROUP_SHARE * bytes);
  const deepest = charged.filter(({ path }) => !charged.some((other) => other.path.startsWith(`${path}/`)));
  const named = deepest
    .toSorted((one, other) => other.shmem - one.shmem)
    .slice(0, MOST_CGROUPS)
    .map(({ path, shmem }) => `${path} ${formatBytes(shmem)}`);
  return named.length === 0 ? [] : [`charged to the cgroups: ${named.join(', ')}`];
}

function shmemName({ kind, name, pid, processName }: ShmemFacts, processes: readonly ProcessFacts[]): string {
  const what = Object.hasOwn(KIND_NAMES, kind) ? KIND_NAMES[kind] : kind;
  // A bundle's list of segments has the number of a process alone.
  const process = processName === '' ? (processes.find((each) => each.pid === pid)?.name ?? '') : processName;
  const owner = pid > 0 ? ` of ${pid} ${process}`.trimEnd() : '';
  // Each of thousands of segments has a name of its own: the owner says more.
  return kind === 'sysv' || owner === '' ? `${what} ${name.replace(/^segment /, '')}${owner}` : `${what}${owner}`;
}

function nextOf({ now }: Scene, top: Holder | undefined): string[] {
  if (top === undefined) return ['findmnt -t tmpfs -o TARGET,USED,SIZE'];
  if (top.kind === 'mount') {
    const elsewhere = (now.mounts ?? []).find(
      ({ path, pid, processName }) => processName !== '' && top.name === `${path} of ${pid} ${processName}`,
    );
    const folder = elsewhere === undefined ? top.name : `/proc/${elsewhere.pid}/root${elsewhere.path}`;
    return [`du -xh --max-depth=2 ${shellWord(folder)} | sort -h | tail`];
  }
  return top.what === 'sysv' ? ['ipcs -mp'] : ['lsof +L1'];
}

export const idleHugepages: Rule = {
  id: 'R12',
  about: 'huge pages',
  knows: ({ meminfo, hugepages }) => hugepages !== null || meminfo?.has('HugePages_Total') === true,
  judge: (scene) => {
    const { now, total } = scene;
    const pools =
      now.hugepages ??
      (now.meminfo?.has('HugePages_Total') === true
        ? [
            {
              sizeBytes: line(scene, 'Hugepagesize'),
              total: now.meminfo.get('HugePages_Total') ?? 0,
              free: now.meminfo.get('HugePages_Free') ?? 0,
              reserved: now.meminfo.get('HugePages_Rsvd') ?? 0,
              surplus: 0,
            },
          ]
        : []);
    const broken = brokenPromises(pools);
    const idle = sum(pools.map(({ sizeBytes, free, reserved }) => Math.max(0, free - reserved) * sizeBytes));
    const all = sum(pools.map(({ sizeBytes, total: pages }) => pages * sizeBytes));
    if (idle === 0 || idle <= bound({ total }, 0.05, GIB)) return broken;
    return [
      ...broken,
      finding('R12', 'abnormal', {
        item: 'idle huge pages',
        bytes: idle,
        holders: holdersOf(pools, 'zone', ({ sizeBytes, free, reserved }) => ({
          name: `${formatCount(Math.max(0, free - reserved))} pages of ${formatBytes(sizeBytes)}`,
          bytes: Math.max(0, free - reserved) * sizeBytes,
        })),
        text: `${formatBytes(idle)} of ${formatBytes(all)} in huge pages are free and not reserved: nothing else can use them.`,
        next: ['sysctl vm.nr_hugepages', 'grep -r . /sys/kernel/mm/hugepages'],
      }),
    ];
  },
};

function missing({ sizeBytes, free, reserved }: HugepagesFacts): number {
  return (reserved - free) * sizeBytes;
}

/** Pools with fewer free pages than are promised to mappings: a task that touches one of the others is killed (SIGBUS). */
function brokenPromises(pools: readonly HugepagesFacts[]): TriageFinding[] {
  const short = pools.filter(({ free, reserved }) => free < reserved);
  if (short.length === 0) return [];
  return [
    finding('R12', 'limit', {
      item: 'huge pages promised but not free',
      bytes: sum(short.map(missing)),
      holders: holdersOf(short, 'zone', (pool) => ({
        name: `${formatCount(pool.reserved)} promised, ${formatCount(pool.free)} free pages of ${formatBytes(pool.sizeBytes)}`,
        bytes: missing(pool),
      })),
      text: `${short.map(({ sizeBytes, free, reserved }) => `Of the pages of ${formatBytes(sizeBytes)}, ${formatCount(reserved)} are promised to mappings and ${formatCount(free)} are free`).join('. ')}: a task that touches a page beyond those is killed with SIGBUS.`,
      next: ['grep -r . /sys/kernel/mm/hugepages', 'grep Huge /proc/meminfo'],
    }),
  ];
}
