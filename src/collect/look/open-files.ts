/** Open descriptors of all processes: how many of which kind, and which objects they keep alive. */
import {
  type BpfObject,
  type DescriptorKind,
  inodeOfLink,
  kindOfLink,
  parseBpfObject,
} from '../../proc/process/descriptors.js';
import { linkOf, namesIn, readShort } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';
import type { OpenCounts, Owner } from './process.js';
import type { SharedObjects } from './shared-objects.js';

export interface OpenFiles {
  /** The first process that has a socket open, by inode. */
  socketOwners: Map<string, Owner>;
  /** Maps and programs by kind and id. */
  bpf: Map<string, BpfObject & Owner>;
  shared: SharedObjects;
}

/** A process with more is counted, but only the first are looked at. */
const LINK_LIMIT = 20_000;
const KINDS = new Set<DescriptorKind>(['pipes', 'sockets', 'uring', 'dmabuf', 'vfio', 'gpu', 'bpfMaps']);

/** Returns what one process has open, and adds its objects to `files`; null if that cannot be read. */
export async function readOpenFiles(
  look: LookBuilder,
  process: { pid: number; name: string },
  files: OpenFiles,
): Promise<OpenCounts | null> {
  const folder = `/proc/${process.pid}/fd`;
  const names = namesIn(folder);
  if (names === null) return null;
  const owner = { pid: process.pid, name: process.name };
  const counts = { files: names.length, pipes: 0, sockets: 0, uring: 0, dmabuf: 0, vfio: 0, gpu: 0, bpfMaps: 0 };
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
