/** SharedObjects: objects in shmem that no mount shows, each once, for 'table/shmem'. */
import { statfsSync } from 'node:fs';
import { formatCount } from '../../base/format.js';
import { parseDrmClient, withoutSuffix } from '../../proc/process/descriptors.js';
import { sharedMappings } from '../../proc/process/maps.js';
import { deviceText } from '../../proc/process/mountinfo.js';
import { parseSysvShm } from '../../proc/process/shm.js';
import { linkOf, readWhole, statOf } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import type { Owner, Process } from './process.js';

interface SharedObject {
  kind: string;
  name: string;
  pid: number;
  processName: string;
  bytes: number;
  /** major:minor of its file system; '' = not known. */
  device: string;
}

/** uapi/linux/magic.h */
const TMPFS_MAGIC = 0x01021994;
/** A sector of st_blocks. */
const SECTOR = 512;
const OBJECT_LIMIT = 20_000;
/** Mappings are read of processes with this much shared memory, the largest first. */
const LEAST_RSS = 256 << 10;
const PROCESS_LIMIT = 200;
const MAPS_LIMIT = 16 << 20;

export class SharedObjects {
  /** By device and inode, by DRM client, or by segment. */
  private readonly found = new Map<string, SharedObject>();

  /** Takes a descriptor of a memfd or of a file that has no name any more. */
  addOpen(kind: string, link: string, path: string, owner: Owner): void {
    this.addFile(kind, withoutSuffix(link), path, owner);
  }

  /** Takes the fdinfo of a GPU's descriptor. */
  addGpu(fdinfo: string, owner: Owner): void {
    const client = parseDrmClient(fdinfo);
    if (client === null) return;
    this.add(`gpu ${client.client}`, {
      kind: 'gpu',
      name: client.driver,
      pid: owner.pid,
      processName: owner.name,
      bytes: client.systemBytes,
      device: '',
    });
  }

  /**
   * Reads what is mapped but not open: shared anonymous memory, segments, memfds whose descriptor is
   * closed. Their links in map_files can be followed by root alone.
   */
  async addMapped(look: LookBuilder, processes: readonly Process[]): Promise<void> {
    const largest = processes
      .filter(({ rssShmem }) => rssShmem >= LEAST_RSS)
      .toSorted((a, b) => b.rssShmem - a.rssShmem);
    if (largest.length > PROCESS_LIMIT) missShared(look, PROCESS_LIMIT, largest.length, '');
    for (const [index, process] of largest.slice(0, PROCESS_LIMIT).entries()) {
      await look.pause();
      if (look.isOver()) return missShared(look, index, largest.length, 'took too long: ');
      const maps = readWhole(`/proc/${process.pid}/maps`, MAPS_LIMIT).text ?? '';
      for (const mapping of sharedMappings(maps, OBJECT_LIMIT)) {
        const path = `/proc/${process.pid}/map_files/${mapping.range}`;
        if (mapping.kind === 'sysv') this.addSegment(mapping.object, mapping.name, path, process);
        else this.addFile(mapping.kind, mapping.name, path, process);
      }
    }
  }

  /** Takes the segments of our own IPC namespace; those of others are known as far as they are mapped. */
  addSysv(text: string, nameOf: ReadonlyMap<number, string>): void {
    const own = linkOf('/proc/self/ns/ipc') ?? '';
    for (const { id, key, creator, bytes } of parseSysvShm(text) ?? []) {
      const name = `0x${key}, id ${id}`;
      const processName = nameOf.get(creator) ?? '';
      this.add(`sysv ${own} ${id}`, { kind: 'sysv', name, pid: creator, processName, bytes, device: '' });
    }
  }

  /** Returns the bytes of files without a name that are still open or mapped, by the device of their file system. */
  deletedBytes(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { kind, bytes, device } of this.found.values()) {
      if (kind === 'deleted') sums.set(device, (sums.get(device) ?? 0) + bytes);
    }
    return sums;
  }

  /** Writes the table, without objects of file systems that have a mount: it counts them as used. */
  tell(look: LookBuilder, mounted: ReadonlySet<string>): void {
    const rows = [...this.found.values()]
      .filter(({ bytes, device }) => bytes > 0 && !mounted.has(device))
      .toSorted((a, b) => b.bytes - a.bytes);
    look.table(
      'table/shmem',
      rows.map((each) => [each.kind, each.name, each.pid, each.processName, each.bytes]),
    );
  }

  /** The inode of a mapped segment is its id. */
  private addSegment(object: string, name: string, path: string, process: Owner): void {
    const namespace = linkOf(`/proc/${process.pid}/ns/ipc`) ?? '';
    const inode = object.slice(object.indexOf(' ') + 1);
    this.addFile('sysv', name, path, process, `sysv ${namespace} ${inode}`);
  }

  private addFile(kind: string, name: string, path: string, owner: Owner, key?: string): void {
    const stat = statOf(path);
    if (stat === null) return;
    const place = key ?? `${stat.dev} ${stat.ino}`;
    // A deleted file may be of a disk, a memfd of huge pages: neither is shmem.
    if (this.found.has(place) || stat.blocks === 0 || !isShmem(path)) return;
    this.add(place, {
      kind,
      name,
      pid: owner.pid,
      processName: owner.name,
      bytes: stat.blocks * SECTOR,
      device: deviceText(stat.dev),
    });
  }

  private add(key: string, object: SharedObject): void {
    if (this.found.size < OBJECT_LIMIT && !this.found.has(key)) this.found.set(key, object);
  }
}

/** Their shared mappings that are not open anywhere are not known. */
function missShared(look: LookBuilder, read: number, all: number, why: string): void {
  look.miss(
    'table/shmem',
    `${why}mappings of the ${formatCount(read)} processes with most shared memory alone, of ${formatCount(all)}`,
  );
}

function isShmem(path: string): boolean {
  try {
    return statfsSync(path).type === TMPFS_MAGIC;
  } catch {
    return false;
  }
}
