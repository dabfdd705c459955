/** The row of 'table/machine'. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { endianness, hostname, machine, release } from 'node:os';
import { namesIn, readShort } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

/** uapi/linux/magic.h */
const FUSE_SUPER_MAGIC = 0x65735546;

export function tellMachine(look: LookBuilder): void {
  const uptime = Number.parseFloat(readShort('/proc/uptime') ?? '');
  look.table('table/machine', [
    [
      hostname(),
      release(),
      machine(),
      distribution(),
      pageSizeOf(),
      onlineCpus(),
      Number.isFinite(uptime) ? uptime : null,
      // gatherFacts() finds it in the log, or in percpu_stats.
      null,
      balloonStaysInTotal() ? 1 : 0,
      meminfoBy(look.texts.get('proc/meminfo') ?? ''),
      offlineBytes(),
    ],
  ]);
}

function distribution(): string {
  const match = /^PRETTY_NAME="?(.{0,128}?)"?$/m.exec(readShort('/etc/os-release') ?? '');
  return match?.[1] ?? '';
}

/** AT_PAGESZ of the auxiliary vector: Node.js has no call for it. */
export function pageSizeOf(): number {
  try {
    const words = readFileSync('/proc/self/auxv');
    const read = (at: number): number =>
      Number(endianness() === 'LE' ? words.readBigUInt64LE(at) : words.readBigUInt64BE(at));
    for (let at = 0; at + 16 <= words.length; at += 16) if (read(at) === 6) return read(at + 8);
  } catch {
    // A container may hide it.
  }
  return 4096;
}

function onlineCpus(): number | null {
  const text = readShort('/sys/devices/system/cpu/online');
  if (text === null) return null;
  let cpus = 0;
  for (const range of text.trim().split(',')) {
    const [first, last] = range.split('-').map(Number);
    cpus += (last ?? first) - first + 1;
  }
  return Number.isFinite(cpus) ? cpus : null;
}

/** Bit 2 of a virtio balloon's features: VIRTIO_BALLOON_F_DEFLATE_ON_OOM. */
const DEFLATE_ON_OOM = 2;

/** VMware's driver, and virtio's with DEFLATE_ON_OOM, leave the pages of the balloon in MemTotal. */
function balloonStaysInTotal(): boolean {
  if (existsSync('/sys/module/vmw_balloon/refcnt')) return true;
  const drivers = '/sys/bus/virtio/drivers/virtio_balloon';
  return (namesIn(drivers) ?? []).some(
    (name) => name.startsWith('virtio') && readShort(`${drivers}/${name}/features`)?.[DEFLATE_ON_OOM] === '1',
  );
}

const BLOCKS = '/sys/devices/system/memory';
/** Each is a file of its own; a machine of terabytes has blocks of 2 GiB. */
const MOST_BLOCKS = 4096;

/** Returns the memory of blocks that are offline; null if this kernel does not tell, or has too many blocks. */
function offlineBytes(): number | null {
  const size = Number.parseInt(readShort(`${BLOCKS}/block_size_bytes`) ?? '', 16);
  const blocks = (namesIn(BLOCKS) ?? []).filter((name) => /^memory\d/.test(name));
  if (!Number.isSafeInteger(size) || blocks.length > MOST_BLOCKS) return null;
  return size * blocks.filter((name) => readShort(`${BLOCKS}/${name}/state`)?.trim() === 'offline').length;
}

function meminfoBy(meminfo: string): string {
  try {
    if (statfsSync('/proc/meminfo').type === FUSE_SUPER_MAGIC) return 'lxcfs';
  } catch {
    // Not to know the file system is no reason to doubt it.
  }
  return meminfo.includes('\nSlab:') ? 'kernel' : 'sandbox';
}
