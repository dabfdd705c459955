/** R14 memory of TCP sockets, R15 connection tracking. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Holder } from '../report.js';
import { holdersOf, type Scene, sumBy } from '../scene.js';
import { finding, type Rule } from './rule.js';

const NEAR_LIMIT = 0.9;
const MANY_ORPHANS = 0.5;
const TABLE_SHARE = 0.8;
const MANY_CLOSE_WAIT = 1000;

export const tcpMemory: Rule = {
  id: 'R14',
  about: 'sockets',
  knows: ({ sockstat, limits }) => sockstat !== null && limits !== null,
  judge: (scene) => {
    const { now } = scene;
    const pages = now.sockstat?.get('tcp pages');
    const of = (name: string): number | null => now.limits?.find((limit) => limit.name === name)?.max ?? null;
    const pressure = of('tcp_mem pressure');
    const most = of('tcp_mem');
    const bytes = (pages ?? 0) * now.machine.pageSize;
    const orphans = now.sockstat?.get('tcp orphan') ?? 0;
    const mostOrphans = of('tcp_max_orphans');
    const waiting = (now.sockets ?? [])
      .filter(({ state }) => state === 'CLOSE-WAIT')
      .reduce((sum, { count }) => sum + count, 0);
    const critical = pages !== undefined && most !== null && pages > NEAR_LIMIT * most;
    const warned = pages !== undefined && pressure !== null && pages > pressure;
    const orphaned = mostOrphans !== null && orphans > MANY_ORPHANS * mostOrphans;
    if (!critical && !warned && !orphaned && waiting <= MANY_CLOSE_WAIT) return [];
    const holders = queueHolders(scene, critical || warned ? 'queues' : 'close-wait');
    const top = holders[0];
    const text =
      critical || warned
        ? `TCP buffers take ${formatBytes(bytes)}${most === null ? '' : `, ${formatShare(pages, most)} of tcp_mem (${formatBytes(most * now.machine.pageSize)})`}; all network namespaces share the limit.`
        : orphaned
          ? `${formatCount(orphans)} TCP sockets have no process any more, of ${formatCount(mostOrphans)} allowed.`
          : `${formatCount(waiting)} TCP sockets are in CLOSE-WAIT: the other side has closed them, and the program has not.`;
    return [
      finding('R14', critical || orphaned ? 'limit' : 'large', {
        item: critical || warned ? 'TCP buffers' : orphaned ? 'orphaned TCP sockets' : 'TCP sockets not closed',
        bytes: critical || warned ? bytes : null,
        holders,
        text: `${text}${top === undefined ? '' : ` ${top.name} has the most${top.bytes === null ? '' : `: ${formatBytes(top.bytes)} in its queues`}.`}`,
        next: [
          'ss -tmp state all | sort -k2 -nr | head',
          orphaned ? 'sysctl net.ipv4.tcp_max_orphans' : 'sysctl net.ipv4.tcp_mem',
        ],
      }),
    ];
  },
};

function ownerName({ pid, processName }: { pid: number; processName: string }): string {
  return pid > 0 ? `${pid} ${processName}` : 'sockets without a process';
}

function queueHolders({ now }: Scene, by: 'queues' | 'close-wait'): Holder[] {
  const sockets = (now.sockets ?? []).filter(({ family }) => family === 'tcp');
  if (by === 'queues') {
    return holdersOf(
      sumBy(sockets, ownerName, ({ receiveQueue, sendQueue }) => receiveQueue + sendQueue),
      'process',
      ([who, bytes]) => ({ name: who, bytes }),
    );
  }
  const counts = sumBy(
    sockets.filter(({ state }) => state === 'CLOSE-WAIT'),
    ownerName,
    ({ count }) => count,
  );
  return [...counts]
    .toSorted((one, other) => other[1] - one[1])
    .slice(0, 8)
    .map(([who, count]) => ({ kind: 'process', name: `${who}: ${formatCount(count)} sockets`, bytes: null }));
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
      .map(({ name, used, max, unit }) =>
        finding('R15', 'limit', {
          item: `limit ${name}`,
          text: `${name} has ${formatCount(used ?? 0)} of ${formatCount(max)} ${unit} (${formatShare(used ?? 0, max)}). Beyond it the kernel refuses or drops, with memory free.`,
          next: name === 'nf_conntrack' ? ['sysctl net.netfilter.nf_conntrack_max', 'conntrack -S'] : ['sysctl fs'],
        }),
      ),
};
