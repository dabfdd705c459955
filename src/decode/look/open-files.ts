/**
 * Open files as lsof lists them: how many of each kind a process has, and what is in shared memory
 * without a name: memfd, and deleted files of /dev/shm and /run.
 *
 *    COMMAND  PID USER  FD   TYPE  DEVICE SIZE/OFF NODE NAME
 *    Xorg    1834    0  12u   CHR   226,0      0t0  500 /dev/dri/card0
 */
import type { NamedTexts } from './members.js';

/** Counts in the order of table/processes: openFiles, pipes, sockets, uring, dmabuf, vfio, gpu, bpfMaps. */
export type OpenCounts = readonly number[];

export interface OpenFiles {
  counts: ReadonlyMap<number, OpenCounts>;
  /** Rows of table/shmem, each file once. */
  shmem: (string | number)[][];
}

const LINE_LIMIT = 4_000_000;
const KINDS: readonly RegExp[] = [
  /^FIFO .*\bpipe$/,
  /^(?:IPv[46]|unix|sock|netlink|pack|raw6?) /,
  /\[io_uring\]/,
  /\bdmabuf\b/i,
  / \/dev\/vfio\//,
  / \/dev\/(?:dri\/|nvidia|kfd)/,
  /\bbpf-map\b/,
];
/** Of `lsof -K`, or an old lsof, a process's threads have a number and a name of their own. */
const ROW = /^(\S{1,64}) +(\d{1,10}) +\S{1,64} +(\d{1,7}[a-zA-Z-]{0,2}|mem|DEL) +(\S{1,16} +.*)$/;
const THREAD_ROW =
  /^(\S{1,64}) +(\d{1,10}) +(?:\d{1,10} +\S{1,64} +)?\S{1,64} +(\d{1,7}[a-zA-Z-]{0,2}|mem|DEL) +(\S{1,16} +.*)$/;
const NAMELESS = /^REG +(\S{1,32}) +(\d{1,15}) +(\d{1,20}) +(\/memfd:.*|\/(?:dev\/shm|run)\/.*) \(deleted\)$/;

/** Returns null if the bundle has no lsof. */
export function openFiles(texts: NamedTexts): OpenFiles | null {
  const [listed] = texts.command('lsof');
  if (listed === undefined) return null;
  const counts = new Map<number, number[]>();
  const shmem = new Map<string, (string | number)[]>();
  const rowOf = /^COMMAND +PID +TID /m.test(listed.text.slice(0, 65_536)) ? THREAD_ROW : ROW;
  for (const line of listed.text.split('\n', LINE_LIMIT)) {
    const row = rowOf.exec(line.slice(0, 4096));
    if (row === null) continue;
    const pid = Number(row[2]);
    if (/^\d/.test(row[3])) {
      const own = counts.get(pid) ?? Array<number>(KINDS.length + 1).fill(0);
      own[0]++;
      for (const [index, kind] of KINDS.entries()) if (kind.test(row[4])) own[index + 1]++;
      counts.set(pid, own);
    }
    const file = NAMELESS.exec(row[4]);
    if (file === null) continue;
    const [device, bytes, node, name] = file.slice(1);
    shmem.set(`${device} ${node}`, [
      name.startsWith('/memfd:') ? 'memfd' : 'deleted',
      name,
      pid,
      row[1],
      Number(bytes),
    ]);
  }
  return { counts, shmem: [...shmem.values()] };
}
