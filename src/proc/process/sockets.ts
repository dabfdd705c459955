/** Sockets of one network namespace. */

export interface SocketLine {
  state: string;
  inode: string;
  /** Bytes that were not read, and not acknowledged. */
  receiveQueue: number;
  sendQueue: number;
}

/** include/net/tcp_states.h, in the words of ss and netstat. */
const STATES = [
  '',
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
  'SYN-RECV',
];
const TEXT_LIMIT = 64 << 20;
const LINE =
  /^ *\d{1,10}: [\dA-F]{8,32}:[\dA-F]{4} [\dA-F]{8,32}:[\dA-F]{4} ([\dA-F]{2}) ([\dA-F]{8}):([\dA-F]{8}) \S{1,12} \S{1,10} +\d{1,10} +\d{1,10} (\d{1,20}) /;

/**
 * Yields the sockets of /proc/net/{tcp,tcp6,udp,udp6}, net/ipv4/tcp_ipv4.c:
 *
 *    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 ...
 */
export function* socketLines(text: string): Generator<SocketLine> {
  const end = Math.min(text.length, TEXT_LIMIT);
  for (let at = text.indexOf('\n') + 1; at > 0 && at < end; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const match = next - at > 1024 ? null : LINE.exec(text.slice(at, next));
    if (match !== null) {
      const state = STATES[Number.parseInt(match[1], 16)] ?? '';
      // A listening socket's queues are numbers of connections.
      const bytes = (hex: string): number => (state === 'LISTEN' ? 0 : Number.parseInt(hex, 16));
      yield { state, inode: match[4], sendQueue: bytes(match[2]), receiveQueue: bytes(match[3]) };
    }
    at = next + 1;
  }
}

export interface PacketSocket {
  inode: string;
  receiveQueue: number;
  /** Memory of its receive and send rings. */
  ringBytes: number;
}

/**
 * Returns what `ss -0 -n -e -O` prints of AF_PACKET sockets: one line each, rings at its end. The
 * kernel tells the rings of a socket by netlink alone.
 *
 *    p_raw 0 0 [34997]:* * ino:41 sk:1f ver:0 ring_rx(blk_size:65536,blk_nr:64,...)
 */
export function parsePacketSockets(output: string): PacketSocket[] {
  const sockets: PacketSocket[] = [];
  for (const line of output.slice(0, TEXT_LIMIT).split('\n')) {
    const match = /^p_\w{1,8} +(\d{1,15}) /.exec(line);
    const inode = / ino:(\d{1,20})/.exec(line)?.[1];
    if (line.length > 8192 || match === null || inode === undefined) continue;
    let ringBytes = 0;
    for (const [, size, count] of line.matchAll(/ ring_[rt]x\(blk_size:(\d{1,10}),blk_nr:(\d{1,10}),/g)) {
      ringBytes += Number(size) * Number(count);
    }
    sockets.push({ inode, receiveQueue: Number(match[1]), ringBytes });
  }
  return sockets;
}

/** Returns true if /proc/net/packet names a socket. */
export function hasPacketSockets(text: string): boolean {
  return /\n\S/.test(text);
}

/** Returns the number of unix sockets in /proc/net/unix. */
export function countUnixSockets(text: string): number {
  return (text.slice(0, TEXT_LIMIT).match(/\n[\da-f]{8,16}: /g) ?? []).length;
}
