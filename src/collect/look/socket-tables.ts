/** 'table/sockstat', 'table/sockets' and counts of sockets, over all network namespaces. */
import { formatCount } from '../../base/format.js';
import { sumSockstats } from '../../proc/machine/sockstat.js';
import { countUnixSockets, hasPacketSockets, type SocketLine, socketLines } from '../../proc/process/sockets.js';
import { readShort, readWhole } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import type { Owner } from './process.js';

export interface SocketRow {
  family: string;
  state: string;
  pid: number;
  processName: string;
  count: number;
  receiveQueue: number;
  sendQueue: number;
  ringBytes: number | null;
}

export interface SocketWalk {
  rows: SocketRow[];
  /** One process of each namespace that has packet sockets. */
  withPackets: number[];
  /** Connections that connection tracking knows, of all namespaces; null = it is not loaded. */
  conntracks: number | null;
}

/** A million connections have 150 MB: their sums are in sockstat, and the first are enough to see who has them. */
const TEXT_LIMIT = 32 << 20;
const FAMILIES = ['tcp', 'tcp6', 'udp', 'udp6'];

/** `namespaces`: one process of each. `owners`: of sockets by inode; null if descriptors were not read. */
export async function walkSockets(
  look: LookBuilder,
  namespaces: Iterable<number>,
  owners: ReadonlyMap<string, Owner> | null,
): Promise<SocketWalk> {
  const rows = new Map<string, SocketRow>();
  const sockstats: string[] = [];
  const walk: SocketWalk = { rows: [], withPackets: [], conntracks: null };
  const pids = [...namespaces];
  for (const [index, pid] of pids.entries()) {
    await look.pause();
    if (look.isOver()) {
      look.miss(
        'table/sockets',
        `took too long: of ${formatCount(index)} of ${formatCount(pids.length)} network namespaces alone`,
      );
      break;
    }
    const folder = `/proc/${pid}/net`;
    for (const file of ['sockstat', 'sockstat6']) sockstats.push(readShort(`${folder}/${file}`) ?? '');
    for (const family of FAMILIES) {
      const { text } = readWhole(`${folder}/${family}`, TEXT_LIMIT);
      for (const line of socketLines(text ?? '')) addSocket(rows, family.replace('6', ''), line, owners);
      await look.pause();
    }
    addUnix(rows, readWhole(`${folder}/unix`, TEXT_LIMIT).text ?? '');
    if (hasPacketSockets(readShort(`${folder}/packet`) ?? '')) walk.withPackets.push(pid);
    const entries = conntrackEntries(readShort(`${folder}/stat/nf_conntrack`));
    if (entries !== null) walk.conntracks = (walk.conntracks ?? 0) + entries;
  }
  const sums = sumSockstats(sockstats);
  if (sums !== null) look.table('table/sockstat', sums);
  walk.rows = [...rows.values()];
  return walk;
}

export function tellSockets(look: LookBuilder, rows: readonly SocketRow[]): void {
  look.table(
    'table/sockets',
    rows.map((each) => [
      each.family,
      each.state,
      each.pid,
      each.processName,
      each.count,
      each.receiveQueue,
      each.sendQueue,
      each.ringBytes,
    ]),
  );
}

/** A socket without an owner has pid 0: it is an orphan, in flight, or of another user. */
function addSocket(
  rows: Map<string, SocketRow>,
  family: string,
  line: SocketLine,
  owners: ReadonlyMap<string, Owner> | null,
): void {
  const owner = owners?.get(line.inode);
  const key = `${family} ${line.state} ${owner?.pid ?? 0}`;
  let row = rows.get(key);
  if (row === undefined) {
    row = {
      family,
      state: family === 'udp' ? '' : line.state,
      pid: owner?.pid ?? 0,
      processName: owner?.name ?? '',
      count: 0,
      receiveQueue: 0,
      sendQueue: 0,
      ringBytes: null,
    };
    rows.set(key, row);
  }
  row.count++;
  row.receiveQueue += line.receiveQueue;
  row.sendQueue += line.sendQueue;
}

/** /proc/net/unix has neither queues nor, in its lines, an owner. */
function addUnix(rows: Map<string, SocketRow>, text: string): void {
  const count = countUnixSockets(text);
  if (count === 0) return;
  const before = rows.get('unix')?.count ?? 0;
  const empty = { state: '', pid: 0, processName: '', receiveQueue: 0, sendQueue: 0, ringBytes: null };
  rows.set('unix', { ...empty, family: 'unix', count: before + count });
}

/** The first column of each line but the head, hexadecimal, is the number of the whole namespace. */
function conntrackEntries(text: string | null): number | null {
  const match = /\n([\da-f]{8}) /.exec(text ?? '');
  return match === null ? null : Number.parseInt(match[1], 16);
}
