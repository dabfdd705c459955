/** 'table/mounts': file systems in memory, of every mount namespace. */
import { statfsSync } from 'node:fs';
import { formatCount } from '../../base/format.js';
import { deviceText, type MountLine, parseMountinfo } from '../../proc/process/mountinfo.js';
import { linkOf, readShort, readWhole, statOf } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

const MOUNTINFO_LIMIT = 32 << 20;
/** The place of 'used' in a row. */
const USED = 4;

export interface MountWalk {
  /** All mounts of these namespaces, for the census of mnt_cache; null if one could not be read. */
  all: number | null;
  /** Devices of the file systems that tell how much they use. */
  counting: ReadonlySet<string>;
}

/**
 * Writes the table. `deleted`: bytes of files without a name, by the device of their file system.
 */
export async function tellMounts(
  look: LookBuilder,
  namespaces: Iterable<number>,
  deleted: ReadonlyMap<string, number>,
): Promise<MountWalk> {
  const seen = new Set<string>();
  const counting = new Set<string>();
  const rows: (string | number | null)[][] = [];
  let all: number | null = 0;
  const own = linkOf('/proc/self/ns/mnt');
  const isOwn = (pid: number): boolean => linkOf(`/proc/${pid}/ns/mnt`) === own;
  // A file system that many namespaces see is told by its path in ours.
  const pids = [...namespaces].toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
  for (const [index, pid] of pids.entries()) {
    await look.pause();
    if (look.isOver()) {
      look.miss(
        'table/mounts',
        `took too long: of ${formatCount(index)} of ${formatCount(pids.length)} namespaces alone`,
      );
      all = null;
      break;
    }
    const { text } = readWhole(`/proc/${pid}/mountinfo`, MOUNTINFO_LIMIT);
    if (text === null) {
      all = null;
      continue;
    }
    const { mounts, count } = parseMountinfo(text);
    if (all !== null) all += count;
    const processName = isOwn(pid) ? '' : (readShort(`/proc/${pid}/comm`) ?? '').trimEnd();
    for (const mount of mounts) {
      if (seen.has(mount.device)) continue;
      const row = readMount(look, pid, mount, deleted);
      if (row === null) continue;
      seen.add(mount.device);
      if (row[USED] !== null) counting.add(mount.device);
      rows.push([...row, processName]);
    }
  }
  look.table('table/mounts', rows);
  return { all, counting };
}

function readMount(
  look: LookBuilder,
  pid: number,
  mount: MountLine,
  deleted: ReadonlyMap<string, number>,
): (string | number | null)[] | null {
  if (mount.behindRemote) {
    look.miss('table/mounts', `${mount.path} lies in a file system that may not answer`);
    return null;
  }
  const path = `/proc/${pid}/root${mount.path}`;
  const device = statOf(path)?.dev;
  // Another mount on the same place hides this one.
  if (device === undefined || deviceText(device) !== mount.device) return null;
  try {
    const { bsize, blocks, bfree, files, ffree } = statfsSync(path);
    return [
      mount.path,
      mount.type,
      mount.device,
      pid,
      // A tmpfs without a limit does not count: all its numbers are 0.
      blocks === 0 ? null : (blocks - bfree) * bsize,
      blocks * bsize,
      Math.max(0, files - ffree),
      deleted.get(mount.device) ?? null,
    ];
  } catch {
    return null;
  }
}
