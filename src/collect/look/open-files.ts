/** Open descriptors of all processes: how many of which kind, and which objects they keep alive. */
import { oneNumber } from '../../proc/machine/counters.js';
import {
  type BpfObject,
  type DescriptorKind,
  inodeOfLink,
  kindOfLink,
  parseBpfObject,
  watchesIn,
} from '../../proc/process/descriptors.js';
import { linkOf, namesIn, readShort, readWhole } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import type { OpenCounts, Owner } from './process.js';
import type { SharedObjects } from './shared-objects.js';

export interface OpenFiles {
  /** The first process that has a socket open, by inode. */
  socketOwners: Map<string, Owner>;
  /** Maps and programs by kind and id. */
  bpf: Map<string, BpfObject & Owner>;
  shared: SharedObjects;
  inotify: InotifyUse;
}

/** A process with more is counted, but only the first are looked at. */
const LINK_LIMIT = 20_000;
const KINDS = new Set<DescriptorKind>(['pipes', 'sockets', 'uring', 'dmabuf', 'vfio', 'gpu', 'bpfMaps', 'rdma']);

/** Returns what one process has open, and adds its objects to `files`; null if that cannot be read. */
export async function readOpenFiles(
  look: LookBuilder,
  process: { pid: number; name: string; uid: number },
  files: OpenFiles,
): Promise<OpenCounts | null> {
  const folder = `/proc/${process.pid}/fd`;
  const names = namesIn(folder);
  if (names === null) return null;
  const owner = { pid: process.pid, name: process.name };
  const counts = {
    files: names.length,
    pipes: 0,
    sockets: 0,
    uring: 0,
    dmabuf: 0,
    vfio: 0,
    gpu: 0,
    bpfMaps: 0,
    rdma: 0,
  };
  for (const [index, name] of names.entries()) {
    if (index >= LINK_LIMIT || (index % 64 === 63 && look.isOver())) break;
    if (index % 64 === 63) await look.pause();
    const link = linkOf(`${folder}/${name}`);
    if (link === null) continue;
    const kind = kindOfLink(link);
    if (KINDS.has(kind)) counts[kind as keyof OpenCounts]++;
    if (kind === 'sockets') {
      const inode = inodeOfLink(link);
      if (!files.socketOwners.has(inode)) files.socketOwners.set(inode, owner);
    } else if (kind === 'bpfMaps' || kind === 'bpfPrograms') {
      addBpf(files.bpf, `/proc/${process.pid}/fdinfo/${name}`, owner);
    } else if (kind === 'memfd' || kind === 'deleted') {
      files.shared.addOpen(kind, link, `${folder}/${name}`, owner);
    } else if (kind === 'inotify') {
      files.inotify.add(process.uid, owner, `/proc/${process.pid}/fdinfo/${name}`);
    } else if (kind === 'gpu') {
      files.shared.addGpu(readShort(`/proc/${process.pid}/fdinfo/${name}`) ?? '', owner);
    }
  }
  return counts;
}

function addBpf(found: OpenFiles['bpf'], path: string, owner: Owner): void {
  const object = parseBpfObject(readShort(path) ?? '');
  if (object !== null && !found.has(`${object.kind} ${object.id}`)) {
    found.set(`${object.kind} ${object.id}`, { ...object, ...owner });
  }
}

/** A watch is a line of some 110 bytes, and a user may have a million. */
const FDINFO_LIMIT = 16 << 20;
/** Lists that are read; of more descriptors the instances alone are counted. */
const MOST_LISTS = 2000;

interface Use {
  count: number;
  /** By process, '1234 node'. */
  holders: Map<string, number>;
}

/** Inotify instances and watches: their limits are for each user, and a full one fails as if the disk were full. */
export class InotifyUse {
  private readonly instances = new Map<number, Use>();
  private readonly watches = new Map<number, Use>();
  private lists = 0;

  /** Counts a descriptor of inotify; `fdinfo`: where its watches are listed. */
  add(uid: number, { pid, name }: Owner, fdinfo: string): void {
    const holder = `${pid} ${name}`;
    count(this.instances, uid, holder, 1);
    if (this.lists++ < MOST_LISTS)
      count(this.watches, uid, holder, watchesIn(readWhole(fdinfo, FDINFO_LIMIT).text ?? ''));
  }

  /** Returns rows of 'table/limits': of each limit the user that is nearest to it. */
  limitRows(look: LookBuilder): (string | number | null)[][] {
    return (['instances', 'watches'] as const).flatMap((what) => {
      const max = oneNumber(look.texts.get(`proc/sys/fs/inotify/max_user_${what}`));
      const [most] = [...this[what]].toSorted((one, other) => other[1].count - one[1].count);
      if (max === null || most === undefined) return [];
      const [uid, { count: used, holders }] = most;
      const [holder] = [...holders].toSorted((one, other) => other[1] - one[1]);
      return [[`inotify ${what}`, used, max, `${what} of user ${uid}`, holder[0]]];
    });
  }
}

function count(uses: Map<number, Use>, uid: number, holder: string, more: number): void {
  const use = uses.get(uid) ?? { count: 0, holders: new Map<string, number>() };
  use.count += more;
  use.holders.set(holder, (use.holders.get(holder) ?? 0) + more);
  uses.set(uid, use);
}
