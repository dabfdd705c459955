/**
 * /proc/PID/mountinfo (proc_pid_mountinfo(5)):
 *
 *    36 35 0:21 / /mnt/x rw,noatime master:1 - tmpfs tmpfs rw,size=1024k
 */
import { unescapePath } from '../escaped-path.js';

export interface MountLine {
  /** major:minor: mounts with the same are one file system. */
  device: string;
  path: string;
  type: string;
  source: string;
  /** True if a file system that may not answer (network, FUSE) lies on the way to it. */
  behindRemote: boolean;
}

const TEXT_LIMIT = 32 << 20;
const LINE_LIMIT = 8192;
const IN_MEMORY = new Set(['tmpfs', 'devtmpfs', 'ramfs', 'hugetlbfs']);
const REMOTE = /^(?:nfs|cifs|smb|fuse|ceph|9p|afs|autofs|lustre|gpfs|glusterfs)/;

/** Returns the mounts of file systems in memory, and the number of all mounts of the namespace. */
export function parseMountinfo(text: string): { mounts: MountLine[]; count: number } {
  const mounts: MountLine[] = [];
  const remote = new Set<string>();
  let count = 0;
  for (const line of text.slice(0, TEXT_LIMIT).split('\n')) {
    const dash = line.indexOf(' - ');
    if (line.length > LINE_LIMIT || dash < 0) continue;
    count++;
    const [id, parent, device, , path] = line.split(' ', 5);
    const [type, source] = line.slice(dash + 3).split(' ', 2);
    // A mount stands after what it is mounted on.
    const behindRemote = remote.has(parent);
    if (behindRemote || REMOTE.test(type)) remote.add(id);
    if (IN_MEMORY.has(type)) {
      mounts.push({ device, path: unescapePath(path ?? ''), type, source: unescapePath(source ?? ''), behindRemote });
    }
  }
  return { mounts, count };
}

/** Returns major:minor of a device number as stat() gives it (the encoding of glibc and musl). */
export function deviceText(device: number): string {
  const high = Math.floor(device / 2 ** 32);
  const low = device % 2 ** 32;
  const major = ((low >>> 8) & 0xfff) + (high & ~0xfff);
  const minor = (low & 0xff) | ((low >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
