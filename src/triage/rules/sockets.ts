/** R14 memory of TCP sockets, R15 connection tracking. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { holdersOf, type Scene, sum, sumBy, taskName } from '../scene.js';

const NEAR_LIMIT = 0.9;
const MANY_ORPHANS = 0.5;
const TABLE_SHARE = 0.8;
const MANY_CLOSE_WAIT = 1000;

export const tcpMemory: Rule = {
  id: 'R14',
  about: 'sockets',
  knows: ({ sockstat, limits }) => sockstat !== null && limits !== null,
  judge: (scene) => [...tcpBuffers(scene), ...orphans(scene), ...notClosed(scene)],
};

function limitOf({ now }: Scene, name: string): number | null {
  return now.limits?.find((limit) => limit.name === name)?.max ?? null;
}

function tcpBuffers(scene: Scene): TriageFinding[] {
  const { now } = scene;
  const pages = now.sockstat?.get('tcp pages') ?? null;
  const pressure = limitOf(scene, 'tcp_mem pressure');
  const most = limitOf(scene, 'tcp_mem');
  if (pages === null) return [];
  const isCritical = most !== null && pages > NEAR_LIMIT * most;
  if (!isCritical && (pressure === null || pages <= pressure)) return [];
  const bytes = pages * now.machine.pageSize;
  const holders = queueHolders(scene);
  const [top] = holders;
  return [
    finding('R14', isCritical ? 'limit' : 'large', {
      item: 'TCP buffers',
      bytes,
      holders,
      text: `TCP buffers take ${formatBytes(bytes)}${most === null ? '' : `, ${formatShare(pages, most)} of tcp_mem (${formatBytes(most * now.machine.pageSize)})`}; all network namespaces share the limit.${top === undefined ? '' : ` ${top.name} has the most: ${formatBytes(top.bytes ?? 0)} in its queues.`}`,
      details: cgroupDetail(scene, top),
      next: ['ss -tmp state all | sort -k2 -nr | head', 'sysctl net.ipv4.tcp_mem'],
    }),
  ];
}

function orphans(scene: Scene): TriageFinding[] {
  const count = scene.now.sockstat?.get('tcp orphan') ?? 0;
  const most = limitOf(scene, 'tcp_max_orphans');
  if (most === null || count <= MANY_ORPHANS * most) return [];
  return [
    finding('R14', 'limit', {
      item: 'orphaned TCP sockets',
      text: `${formatCount(count)} TCP sockets have no process any more, of ${formatCount(most)} allowed.`,
      next: ['ss -tmp state all | sort -k2 -nr | head', 'sysctl net.ipv4.tcp_max_orphans'],
    }),
  ];
}

function notClosed(scene: Scene): TriageFinding[] {
  const waiting = (scene.now.sockets ?? []).filter(({ state }) => state === 'CLOSE-WAIT');
  const count = sum(waiting.map((sockets) => sockets.count));
  if (count <= MANY_CLOSE_WAIT) return [];
  const holders = [...sumBy(waiting, ownerName, (sockets) => sockets.count)]
    .toSorted((one, other) => other[1] - one[1])
    .slice(0, 8)
    .map(([who, own]): Holder => ({ kind: 'process', name: `${who}: ${formatCount(own)} sockets`, bytes: null }));
  return [
    finding('R14', 'large', {
      item: 'TCP sockets not closed',
      holders,
      text: `${formatCount(count)} TCP sockets are in CLOSE-WAIT: the other side has closed them, and the program has not. ${holders[0].name} is the most.`,
      details: cgroupDetail(scene, holders[0]),
      next: ['ss -tnp state close-wait | head'],
    }),
  ];
}

/** The container of a process that is named as '8 nginx' or '8 nginx: 1,200 sockets'. */
function cgroupDetail({ now }: Scene, holder: Holder | undefined): string[] {
  const pid = Number(/^\d{1,10}(?= )/.exec(holder?.name ?? '')?.[0]);
  const task = now.processes?.find((each) => each.pid === pid);
  return task === undefined || task.cgroup === '' || task.cgroup === '/'
    ? []
    : [`${taskName(task)} is in the cgroup ${task.cgroup}`];
}

function ownerName({ pid, processName }: { pid: number; processName: string }): string {
  return pid > 0 ? `${pid} ${processName}` : 'sockets without a process';
}

function queueHolders({ now }: Scene): Holder[] {
  return holdersOf(
    sumBy(
      (now.sockets ?? []).filter(({ family }) => family === 'tcp'),
      ownerName,
      ({ receiveQueue, sendQueue }) => receiveQueue + sendQueue,
    ),
    'process',
    ([who, bytes]) => ({ name: who, bytes }),
  );
}

/** R15 and its kind: tables and counts with a limit, where the limit and not the memory is what fails. */
export const tableLimits: Rule = {
  id: 'R15',
  about: 'limits of tables',
  knows: ({ limits }) => limits !== null,
  judge: ({ now }) =>
    (now.limits ?? [])
      .filter(
        ({ name, used, max }) =>
          ['nf_conntrack', 'file-max', 'inotify instances', 'inotify watches'].includes(name) &&
          used !== null &&
          max > 0 &&
          used > TABLE_SHARE * max,
      )
      .map(({ name, used, max, unit, holder }) =>
        finding('R15', 'limit', {
          item: `limit ${name}`,
          holders: holder === '' ? [] : [{ kind: 'process', name: holder, bytes: null }],
          text: `${name} has ${formatCount(used ?? 0)} of ${formatCount(max)} ${unit} (${formatShare(used ?? 0, max)})${holder === '' ? '' : `, most by ${holder}`}. Beyond it the kernel refuses or drops, with memory free.`,
          next:
            name === 'nf_conntrack'
              ? ['sysctl net.netfilter.nf_conntrack_max', 'conntrack -S']
              : name.startsWith('inotify')
                ? ['sysctl fs.inotify']
                : ['sysctl fs.file-nr'],
        }),
      ),
};
