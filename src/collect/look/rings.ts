/**
 * Rings: of AF_PACKET sockets, which /proc/net/packet does not have and `ss` asks for by netlink, and of
 * network cards ('table/rings'), whose size is known to ethtool alone.
 */
import { basename } from 'node:path';
import { execa } from 'execa';
import { parsePacketSockets } from '../../proc/process/sockets.js';
import { linkOf, namesIn, readShort } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import type { Owner } from './process.js';
import type { SocketRow } from './socket-tables.js';

const TIMEOUT_MS = 2000;
const NAMESPACE_LIMIT = 64;

/** Returns the sockets of these namespaces; a namespace that is not ours is entered by nsenter, as root. */
export async function readPacketRings(
  look: LookBuilder,
  namespaces: readonly { pid: number; own: boolean }[],
  owners: ReadonlyMap<string, Owner> | null,
): Promise<SocketRow[]> {
  const rows: SocketRow[] = [];
  for (const { pid, own } of namespaces.slice(0, NAMESPACE_LIMIT)) {
    const list = ['ss', '-0', '-n', '-e', '-O'];
    const [file, ...args] = own ? list : ['nsenter', '-t', String(pid), '-n', ...list];
    const result = await execa(file, args, { reject: false, stdin: 'ignore', timeout: TIMEOUT_MS });
    if (result.exitCode !== 0) {
      look.miss('rings of packet sockets', result.exitCode === undefined ? `no ${file}` : `${file} failed`);
      continue;
    }
    for (const { inode, receiveQueue, ringBytes } of parsePacketSockets(result.stdout)) {
      // -p would make ss read the descriptors of all processes once more.
      const owner = owners?.get(inode);
      rows.push({
        family: 'packet',
        state: '',
        pid: owner?.pid ?? 0,
        processName: owner?.name ?? '',
        count: 1,
        receiveQueue,
        sendQueue: 0,
        ringBytes,
      });
    }
  }
  return rows;
}

const DEVICE_LIMIT = 64;
/** A card's driver gives each descriptor a page; of 4 KiB, where pages are larger. */
const BUFFER = 4096;

export async function tellNetworkCards(look: LookBuilder): Promise<void> {
  const rows: (string | number | null)[][] = [];
  for (const device of (namesIn('/sys/class/net') ?? []).slice(0, DEVICE_LIMIT)) {
    // Only what has a device below it has rings in memory.
    const driver = linkOf(`/sys/class/net/${device}/device/driver`);
    if (driver === null) continue;
    const queues = (namesIn(`/sys/class/net/${device}/queues`) ?? []).filter((name) => name.startsWith('rx-')).length;
    const descriptors = await descriptorsOf(look, device);
    const mtu = Number(readShort(`/sys/class/net/${device}/mtu`) ?? 1500);
    const buffer = Math.max(1, Math.ceil(mtu / BUFFER)) * BUFFER;
    const bytes = descriptors === null ? null : queues * descriptors * buffer;
    rows.push([device, basename(driver), queues, descriptors, bytes]);
  }
  look.table('table/rings', rows);
}

/** Returns the descriptors of each receive ring; null if ethtool is not there, or the driver does not tell. */
async function descriptorsOf(look: LookBuilder, device: string): Promise<number | null> {
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const result = await execa('ethtool', ['-g', device], { reject: false, stdin: 'ignore', timeout: TIMEOUT_MS, env });
  if (result.exitCode === undefined) look.miss('sizes of network rings', 'no ethtool');
  const current = result.exitCode === 0 ? result.stdout.slice(result.stdout.indexOf('Current hardware')) : '';
  const match = /^RX:\s+(\d{1,7})$/m.exec(current);
  return match === null ? null : Number(match[1]);
}
