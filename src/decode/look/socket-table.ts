/** Sockets of a bundle by process: what ss or netstat printed, and the packet sockets of /proc/net/packet. */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';

const LINE_LIMIT = 2_000_000;

interface Sockets {
  family: string;
  state: string;
  pid: number | null;
  processName: string;
  count: number;
  receiveQueue: number;
  sendQueue: number;
  ringBytes: number;
}

/** Returns the text of table/sockets; null if the bundle lists no sockets. */
export function socketTable(texts: NamedTexts): string | null {
  const sums = new Map<string, Sockets>();
  const add = (socket: Omit<Sockets, 'count'>): Sockets => {
    const key = `${socket.family} ${socket.state} ${socket.pid} ${socket.processName}`;
    const known = sums.get(key) ?? { ...socket, count: 0, receiveQueue: 0, sendQueue: 0, ringBytes: 0 };
    known.count++;
    known.receiveQueue += socket.receiveQueue;
    known.sendQueue += socket.sendQueue;
    sums.set(key, known);
    return known;
  };
  // ss and netstat of the same namespace list the same sockets.
  const listed = texts.command('ss').filter(({ text }) => /^(?:Netid\s|State\s)/m.test(text));
  for (const { text } of listed) readSs(text, add);
  if (listed.length === 0) for (const { text } of texts.command('netstat')) readNetstat(text, add);
  if (sums.size === 0) return null;
  return tableText(
    'table/sockets',
    [...sums.values()].map((row) => [
      row.family,
      row.state,
      row.pid,
      row.processName,
      row.count,
      row.receiveQueue,
      row.sendQueue,
      row.ringBytes,
    ]),
  );
}

type Add = (socket: Omit<Sockets, 'count'>) => Sockets;

/**
 * misc/ss.c of iproute2: "tcp ESTAB 0 0 LOCAL PEER users:(("nginx",pid=1,fd=3))". -m and -i go on in
 * lines that are indented, and rings of packet sockets with -e: "ring_rx(blk_size:131072,blk_nr:8,...".
 */
function readSs(text: string, add: Add): void {
  let last: Sockets | null = null;
  const hasNetid = /^Netid\s/m.test(text);
  for (const line of text.split('\n', LINE_LIMIT)) {
    const row = (
      hasNetid
        ? /^([a-z_0-9]{1,16}) +([A-Z0-9-]{1,16}) +(\d{1,12}) +(\d{1,12}) /
        : /^()([A-Z0-9-]{1,16}) +(\d{1,12}) +(\d{1,12}) /
    ).exec(line);
    if (row !== null) {
      const user = /users:\(\("([^"]{0,64})",(?:pid=)?(\d{1,10})/.exec(line);
      last = add({
        family: familyOf(row[1]),
        state: row[2],
        pid: user === null ? null : Number(user[2]),
        processName: user?.[1] ?? '',
        receiveQueue: Number(row[3]),
        sendQueue: Number(row[4]),
        ringBytes: 0,
      });
    }
    if (last === null) continue;
    for (const [, size, blocks] of line.matchAll(/ring_[rt]x\(blk_size:(\d{1,10}),blk_nr:(\d{1,10})/g)) {
      last.ringBytes += Number(size) * Number(blocks);
    }
  }
}

function familyOf(netid: string): string {
  if (netid === '') return 'tcp';
  if (netid.startsWith('p_')) return 'packet';
  return netid.startsWith('u_') ? 'unix' : netid;
}

/** "tcp 0 0 127.0.0.1:25 0.0.0.0:* LISTEN 0 12345 678/master off (0.00/0/0)"; UDP has no state. */
function readNetstat(text: string, add: Add): void {
  for (const line of text.split('\n', LINE_LIMIT)) {
    const row = /^(tcp|udp)6? +(\d{1,12}) +(\d{1,12}) +\S+ +\S+ +([A-Z][A-Z0-9_]{1,15})?(.{0,300})/.exec(line);
    if (row === null) continue;
    const owner = / (\d{1,10})\/(\S[^/]{0,63}?)\s*(?: off | on | keepalive | timewait |$)/.exec(row[5]);
    const state = row[4] === undefined ? 'UNCONN' : (STATES[row[4]] ?? row[4].replace('_', '-'));
    add({
      family: row[1],
      state,
      pid: owner === null ? null : Number(owner[1]),
      processName: owner?.[2] ?? '',
      receiveQueue: Number(row[2]),
      sendQueue: Number(row[3]),
      ringBytes: 0,
    });
  }
}

/** The names of ss for those of netstat. */
const STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
};
