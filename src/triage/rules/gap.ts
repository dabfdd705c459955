/** R2 free pages on per-CPU lists, R3 the gap, R4 held by a reference, R21 given away or debug cost. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Facts } from '../facts.js';
import { readCommand, recordCommand } from '../next-commands.js';
import type { TriageFinding } from '../report.js';
import { bound, GIB, holdersOf, line, MIB, pace, rising, type Scene, sum, term } from '../scene.js';
import { meminfoName } from '../words.js';
import { referenceHolders, whoMayHold } from './gap-holders.js';
import { finding, type Rule } from './rule.js';

export const perCpuLists: Rule = {
  id: 'R2',
  about: 'per-CPU free lists',
  knows: ({ account }) => account !== null && account.perCpuFreeBytes !== null,
  judge: ({ now, total, wholeMachine }) => {
    const bytes = now.account?.perCpuFreeBytes ?? null;
    // A small machine keeps a few batches for each CPU anyway.
    if (!wholeMachine || bytes === null || bytes <= Math.max(0.01 * total, 256 * MIB)) return [];
    return [
      finding('R2', 'note', {
        item: 'free pages on per-CPU lists',
        bytes,
        text: `${formatBytes(bytes)} (${formatShare(bytes, total)}) are free pages on the lists of the CPUs. They are not lost: MemFree lacks them, and the kernel drains them when memory is short.`,
        next: ['sysctl vm.percpu_pagelist_high_fraction'],
      }),
    ];
  },
};

export const gap: Rule = {
  id: 'R3',
  about: 'memory in no line of meminfo',
  knows: ({ account }) => account !== null,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    if (!wholeMachine || now.account === null) return [];
    const rest = now.account.unaccountedBytes - now.account.heldByReferenceBytes;
    const growth = rising(scene, 'rest') ?? rising(scene, 'in no line');
    const abnormal = rest > bound(scene, 0.05, GIB);
    // A tool shows neither free pages on per-CPU lists nor percpu memory: they are in the rest.
    const isWhole = meminfoName(now.machine) === '/proc/meminfo';
    if (growth === null && (isWhole ? rest <= bound(scene, 0.02, 256 * MIB) : !abnormal)) return [];
    const { holders, ruledOut, exactBytes } = whoMayHold(scene, rest);
    const known = Math.min(rest, sum(holders.map(({ bytes }) => bytes ?? 0)));
    const who =
      holders.length === 0
        ? nobodyText(scene)
        : exactBytes > 0.9 * rest
          ? `It is explained by ${holders[0].name} (${formatBytes(holders[0].bytes ?? 0)}).`
          : `At most ${formatBytes(known)} of it can be told, most of it ${holders[0].name}.`;
    return [
      finding('R3', growth !== null ? 'growing' : 'abnormal', {
        item: `memory in no line of ${meminfoName(scene.now.machine)}`,
        bytes: rest,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'rest') ?? pace(scene, 'in no line'),
        holders,
        text: `${formatBytes(rest)} (${formatShare(rest, total)}) are in no line of ${meminfoName(scene.now.machine)}${abnormal ? '' : ', more than rings and pools of ordinary servers take'}. ${who}`,
        details: ruledOut.length === 0 ? [] : [`not: ${ruledOut.join(', ')}`],
        next:
          holders[0]?.kind === 'socket'
            ? [
                holders[0].name.startsWith('packet') ? 'ss -0 -e -p' : 'ss -tmp',
                recordCommand(scene, 'page', growth?.bytesPerHour ?? null),
              ]
            : [recordCommand(scene, 'page', growth?.bytesPerHour ?? null), readCommand(scene, '--hide accounted')],
      }),
    ];
  },
};

export const heldByReference: Rule = {
  id: 'R4',
  about: 'memory held by a reference',
  knows: ({ meminfo }) => meminfo?.has('Active') === true,
  judge: (scene) => {
    const { now, total, cpus, wholeMachine } = scene;
    const bytes = now.account?.heldByReferenceBytes ?? 0;
    if (!wholeMachine || bytes <= Math.max(64 * MIB, MIB * cpus, 0.01 * total)) return [];
    const pins = now.account?.pinnedPages ?? null;
    const pinned = pins === null ? 0 : pins * now.machine.pageSize;
    return [
      finding('R4', rising(scene, 'held by a reference') === null ? 'abnormal' : 'growing', {
        item: 'memory held by a reference',
        bytes,
        growthBytesPerHour: pace(scene, 'held by a reference'),
        holders: referenceHolders(scene),
        text: `${formatBytes(bytes)} (${formatShare(bytes, total)}) are on the LRU lists, but no process maps them and no file has them: something holds a reference (a pipe, a socket, io_uring, RDMA, VFIO or a GPU driver).`,
        details: pins === null ? [] : [`pins not given back: ${formatCount(pins)} (up to ${formatBytes(pinned)})`],
        next: ['grep foll_pin /proc/vmstat', 'unfreed live --category anon,"page cache" --older 1m'],
      }),
    ];
  },
};

export const givenAway: Rule = {
  id: 'R21',
  about: 'balloon, bad memory, debugging',
  knows: ({ account, machine }) => account !== null && meminfoName(machine) === '/proc/meminfo',
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    if (!wholeMachine || total === 0) return [];
    const findings: TriageFinding[] = [];
    const balloon = term(scene, 'balloon');
    if (balloon > 0.01 * total) {
      findings.push(
        finding('R21', 'abnormal', {
          item: 'balloon',
          bytes: balloon,
          holders: [{ kind: 'device', name: balloonName(now), bytes: balloon }],
          text: `The balloon driver gave ${formatBytes(balloon)} (${formatShare(balloon, total)}) back to the host. MemTotal still counts it, and no line of /proc/meminfo shows it.`,
          next: ['vmware-toolbox-cmd stat balloon'],
        }),
      );
    }
    const gpu = term(scene, 'GPUActive') + term(scene, 'GPUReclaim');
    if (gpu > bound(scene, 0.1, GIB)) findings.push(gpuFinding(scene, gpu));
    const broken = line(scene, 'HardwareCorrupted');
    if (broken > 0) {
      findings.push(
        finding('R21', 'note', {
          item: 'broken memory',
          bytes: broken,
          text: `${formatBytes(broken)} were taken out of use because the hardware reported errors in them.`,
          next: ['dmesg | grep -i "memory failure"'],
        }),
      );
    }
    const ksm = now.caches?.find(({ name }) => name === 'ksm_rmap_item');
    const ksmBytes = ksm === undefined ? 0 : ksm.slabs * ksm.pagesPerSlab * now.machine.pageSize;
    if (ksmBytes > 0.01 * total) {
      findings.push(
        finding('R21', 'large', {
          item: 'bookkeeping of KSM',
          bytes: ksmBytes,
          holders: [{ kind: 'cache', name: 'ksm_rmap_item', bytes: ksmBytes }],
          text: `Merging of equal pages (KSM) keeps ${formatBytes(ksmBytes)} of records, beside ${formatBytes((now.ksm?.pagesSharing ?? 0) * now.machine.pageSize)} that it saves.`,
          next: ['cat /sys/kernel/mm/ksm/run'],
        }),
      );
    }
    if (now.debugging.length > 0) {
      findings.push(
        finding('R21', 'note', {
          item: 'debugging aids',
          text: `Debugging aids are on and take memory: ${now.debugging.join(', ')}.`,
          next: ['cat /proc/cmdline'],
        }),
      );
    }
    return findings;
  },
};

/** Where no holder is known: nothing holds it only if all were looked at. */
function nobodyText({ now }: Scene): string {
  const { processes, sockets, areas, account, meminfo } = now;
  // sar has no column for some lines of the kernel.
  const hidden = [
    ...(meminfo?.has('Hugetlb') === false && !meminfo.has('HugePages_Total') ? ['huge pages'] : []),
    ...(now.machine.meminfoBy === 'sar' ? ['percpu memory'] : []),
    ...(account?.perCpuFreeBytes === null ? ['free pages on per-CPU lists'] : []),
  ];
  const list = [hidden.slice(0, -1).join(', '), ...hidden.slice(-1)].filter((part) => part !== '').join(' and ');
  const lists = list === '' ? '' : ` ${list.charAt(0).toUpperCase()}${list.slice(1)} may be part of it.`;
  if (processes === null && sockets === null) return `Who may hold it was not read.${lists}`;
  const opened = processes?.some(({ open }) => open !== null) === true;
  if (!opened || sockets === null || areas === null) return `What was read does not explain it.${lists}`;
  return `Nothing that can be counted explains it: a driver or the kernel took the pages directly.${lists}`;
}

/** The drivers that leave what they gave away in MemTotal (drivers/misc/vmw_balloon.c; virtio with DEFLATE_ON_OOM). */
function balloonName({ modules, log }: Facts): string {
  const said = [...(modules ?? []), ...(log?.notes ?? [])].join(' ');
  if (/vmw_balloon|vmmemctl|VMware/i.test(said)) return 'balloon of VMware (vmw_balloon)';
  return modules?.includes('virtio_balloon') === true
    ? 'balloon of virtio'
    : 'balloon of the hypervisor (VMware or virtio)';
}

const GPU_DRIVERS: readonly string[] = [
  'amdgpu',
  'i915',
  'xe',
  'nouveau',
  'nvidia',
  'radeon',
  'msm',
  'panfrost',
  'v3d',
];

function gpuFinding({ now, total }: Scene, bytes: number): TriageFinding {
  const objects = holdersOf(
    (now.shmem ?? []).filter(({ kind }) => kind === 'gpu'),
    'process',
    (object) => ({ name: `GPU objects of ${object.pid} ${object.processName}`, bytes: object.bytes }),
  );
  const driver = now.modules?.find((name) => GPU_DRIVERS.includes(name));
  const holders = [...objects, ...(driver === undefined ? [] : [{ kind: 'module', name: driver, bytes: null }])];
  return finding('R21', 'large', {
    item: 'memory of the GPU',
    bytes,
    holders,
    text: `The GPU has ${formatBytes(bytes)} (${formatShare(bytes, total)}) of this machine's memory (GPUActive and GPUReclaim).${driver === undefined ? '' : ` Its driver is ${driver}.`}`,
    next: ['grep -H drm-total /proc/[0-9]*/fdinfo/* 2>/dev/null | sort -k2 -nr | head'],
  });
}
