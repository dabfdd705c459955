/** R2 free pages on per-CPU lists, R3 the gap, R4 held by a reference. */
import { formatBytes, formatCount, formatShare } from '../../../base/format.js';
import { readCommand, recordCommand } from '../../next-commands.js';
import type { HolderWhat } from '../../report.js';
import { finding, type Rule } from '../../rule.js';
import { bound, GIB, MIB, pace, rising, type Scene, sum } from '../../scene.js';
import { meminfoName } from '../../words.js';
import { referenceHolders, uncounted, whoMayHold } from './gap-holders.js';

/**
 * 1 % is worth a word from 6.4 GiB on. Below, lists that never grew may have that much: all of a zone's
 * together hold up to its low mark (mm/page_alloc.c, zone_highsize), which transparent huge pages raise to
 * some 60 MiB on machines however small (mm/khugepaged.c, set_recommended_min_free_kbytes).
 */
const LEAST_LISTED = 64 * MIB;

export const perCpuLists: Rule = {
  id: 'R2',
  about: 'per-CPU free lists',
  knows: ({ account }) => account !== null && account.perCpuFreeBytes !== null,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    const bytes = now.account?.perCpuFreeBytes ?? null;
    if (!wholeMachine || bytes === null || bytes <= bound(scene, 0.01, LEAST_LISTED)) return [];
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

/** What lists the sockets of a kind with their queues. */
const SOCKET_COMMANDS: Partial<Record<HolderWhat, string>> = {
  packet: 'ss -0 -e -p',
  tcp: 'ss -tmp',
  udp: 'ss -uamp',
  unix: 'ss -xmp',
  sockets: 'ss -xtuamp',
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
    const what = holders.at(0)?.what;
    const socketCommand = what === undefined ? undefined : SOCKET_COMMANDS[what];
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
        details: [...(ruledOut.length === 0 ? [] : [`not: ${ruledOut.join(', ')}`]), ...uncounted(scene)],
        next:
          socketCommand !== undefined
            ? [socketCommand, recordCommand(scene, 'page', growth?.bytesPerHour ?? null)]
            : [
                recordCommand(scene, 'page', growth?.bytesPerHour ?? null),
                readCommand(scene, '--hide accounted'),
                ...(growth === null && now.owners === null
                  ? ['of what is held already: boot once with page_owner=on, and run unfreed triage again']
                  : []),
              ],
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

/** Where no holder is known: nothing holds it only if all were looked at. */
function nobodyText({ now }: Scene): string {
  const { processes, sockets, areas, account, meminfo, notWhole } = now;
  // sar has no column for some lines of the kernel.
  const hidden = [
    ...(meminfo?.has('Hugetlb') === false && !meminfo.has('HugePages_Total') ? ['huge pages'] : []),
    ...(now.machine.meminfoBy === 'sar' ? ['percpu memory'] : []),
    ...(account?.perCpuFreeBytes === null ? ['free pages on per-CPU lists'] : []),
  ];
  const list = [hidden.slice(0, -1).join(', '), ...hidden.slice(-1)].filter((part) => part !== '').join(' and ');
  const lists = list === '' ? '' : ` ${list.charAt(0).toUpperCase()}${list.slice(1)} may be part of it.`;
  if (processes === null && sockets === null) return `Who may hold it was not read.${lists}`;
  const opened =
    processes?.some(({ open }) => open !== null) === true &&
    !notWhole.some((what) => what === 'open descriptors' || what === 'table/sockets');
  if (!opened || sockets === null || areas === null) return `What was read does not explain it.${lists}`;
  return `Nothing that can be counted explains it: a driver or the kernel took the pages directly.${lists}`;
}
