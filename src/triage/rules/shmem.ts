/** R11 shared memory by what holds it (E6), R12 huge pages that nobody uses. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { ProcessFacts, ShmemFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import type { Holder } from '../report.js';
import { absence, bound, GIB, holdersOf, largest, line, MIB, pace, rising, type Scene, sum, sumBy } from '../scene.js';
import { finding, type Rule } from './rule.js';

const REST_SHARE = 0.05;
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
    const holders = holdersOfShmem(scene);
    const known = sum(holders.map((holder) => holder.bytes ?? 0));
    const listed = now.mounts !== null && now.shmem !== null;
    // Less shared memory is a finding too, if nothing that was listed has it.
    const hidden = listed && bytes - known > bound(scene, REST_SHARE, 256 * MIB);
    if (bytes <= bound(scene, 0.1, GIB) && growth === null && !hidden) return [];
    // Without open descriptors, memfd, GPU objects and deleted files were not looked for.
    const complete = listed && now.processes?.some(({ open }) => open !== null) === true;
    const rest = bytes - known;
    const unknown = complete && rest > REST_SHARE * bytes;
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
        details: unknown
          ? [
              `${formatBytes(rest)} of it is held by nothing that can be listed: files that are deleted but open or in flight, or mounts of a namespace without a process`,
            ]
          : hidden
            ? [
                `${formatBytes(rest)} of it are in no mount and no SysV segment: shared anonymous memory, memfd, GPU objects or deleted files, which were not listed`,
              ]
            : [],
        next: [...nextOf(scene, top), 'unfreed top --category shmem --sort bytes'],
      }),
    ];
  },
};

/** Mounts and segments, the largest of each kind. */
export function holdersOfShmem({ now }: Scene): Holder[] {
  return [
    ...holdersOf(
      (now.mounts ?? []).filter(({ type }) => type === 'tmpfs' || type === 'devtmpfs' || type === 'ramfs'),
      'mount',
      ({ path, used, pid, processName }) => ({
        // Containers have the same paths: only its process tells which is meant.
        name: processName === '' ? path : `${path} of ${pid} ${processName}`,
        bytes: used,
      }),
    ),
    ...holdersOf(
      sumBy(
        now.shmem ?? [],
        (object) => shmemName(object, now.processes ?? []),
        ({ bytes }) => bytes,
      ),
      'segment',
      ([name, bytes]) => ({ name, bytes }),
    ),
  ];
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
  return top.name.startsWith('SysV') ? ['ipcs -mp'] : ['lsof +L1'];
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
    const idle = sum(pools.map(({ sizeBytes, free, reserved }) => Math.max(0, free - reserved) * sizeBytes));
    const all = sum(pools.map(({ sizeBytes, total: pages }) => pages * sizeBytes));
    if (idle === 0 || idle <= bound({ total }, 0.05, GIB)) return [];
    return [
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
