/** Open descriptors: what their links say, and the lines of fdinfo that tell memory. */

/** A kind with its own column in the table of processes, or one that holds memory otherwise; '' = any other. */
export type DescriptorKind =
  | 'pipes'
  | 'sockets'
  | 'uring'
  | 'dmabuf'
  | 'vfio'
  | 'gpu'
  | 'bpfMaps'
  | 'rdma'
  | 'inotify'
  | 'bpfPrograms'
  | 'memfd'
  | 'deleted'
  | '';

const SUFFIX = ' (deleted)';

/** Returns the kind of what a link in /proc/PID/fd leads to. */
export function kindOfLink(link: string): DescriptorKind {
  if (link.startsWith('socket:[')) return 'sockets';
  if (link.startsWith('pipe:[')) return 'pipes';
  if (link.startsWith('anon_inode:')) {
    const name = link.slice(11).replace(/^\[|\]$/g, '');
    if (name === 'io_uring') return 'uring';
    if (name === 'bpf-map') return 'bpfMaps';
    if (name === 'bpf-prog') return 'bpfPrograms';
    if (name === 'dmabuf') return 'dmabuf';
    if (name === 'inotify') return 'inotify';
    return name.startsWith('vfio') ? 'vfio' : '';
  }
  if (link.startsWith('/dmabuf:')) return 'dmabuf';
  if (link.startsWith('/dev/')) {
    if (/^\/dev\/(?:dri\/|nvidia|kfd|mali|accel\/)/.test(link)) return 'gpu';
    if (link.startsWith('/dev/vfio/')) return 'vfio';
    // Memory regions that a program registered live as long as its verbs device is open.
    if (link.startsWith('/dev/infiniband/')) return 'rdma';
  }
  if (!link.endsWith(SUFFIX)) return '';
  return link.startsWith('/memfd:') ? 'memfd' : 'deleted';
}

/** Returns the inode in 'socket:[123]'; '' for another link. */
export function inodeOfLink(link: string): string {
  return /^socket:\[(\d{1,20})\]$/.exec(link)?.[1] ?? '';
}

/** Returns a link without ' (deleted)'. */
export function withoutSuffix(link: string): string {
  return link.endsWith(SUFFIX) ? link.slice(0, -SUFFIX.length) : link;
}

export interface DrmClient {
  /** The same client may be open in many descriptors and processes: count it once. */
  client: string;
  driver: string;
  /** Objects in system memory, shmem mostly; shared ones are in each of their clients. */
  systemBytes: number;
}

const UNITS: Record<string, number> = { '': 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 };

/**
 * Returns the client that an fdinfo is of (Documentation/gpu/drm-usage-stats.rst); null if it is not
 * of one. drm-total-REGION is newer than drm-memory-REGION; system memory is 'system', 'system0' or 'gtt'.
 */
export function parseDrmClient(fdinfo: string): DrmClient | null {
  const text = fdinfo.slice(0, 16_384);
  const id = /^drm-client-id:\s{1,8}(\d{1,20})$/m.exec(text)?.[1];
  if (id === undefined) return null;
  const device = /^drm-pdev:\s{1,8}(\S{1,64})$/m.exec(text)?.[1] ?? '';
  const driver = /^drm-driver:\s{1,8}(\S{1,64})$/m.exec(text)?.[1] ?? '';
  const sums = { total: 0, memory: 0 };
  for (const [, kind, value, unit] of text.matchAll(
    /^drm-(total|memory)-(?:system\d{0,2}|gtt|cpu):\s{1,8}(\d{1,15})(?: (KiB|MiB|GiB))?$/gm,
  )) {
    sums[kind as 'total' | 'memory'] += Number(value) * UNITS[unit ?? ''];
  }
  return { client: `${device} ${id}`, driver, systemBytes: Math.max(sums.total, sums.memory) };
}

/** Returns the watches that the fdinfo of an inotify descriptor lists (fs/notify/fdinfo.c). */
export function watchesIn(fdinfo: string): number {
  let count = 0;
  for (let at = fdinfo.indexOf(WATCH); at >= 0; at = fdinfo.indexOf(WATCH, at + WATCH.length)) count++;
  return count;
}

const WATCH = '\ninotify wd:';

export interface BpfObject {
  kind: 'map' | 'program';
  id: number;
  type: string;
  bytes: number;
}

/** Returns the map or program that an fdinfo is of (kernel/bpf/syscall.c); null if it is not of one. */
export function parseBpfObject(fdinfo: string): BpfObject | null {
  const text = fdinfo.slice(0, 4096);
  const of = (name: string): number | null => {
    const match = new RegExp(`^${name}:\\t(\\d{1,15})$`, 'm').exec(text);
    return match === null ? null : Number(match[1]);
  };
  const bytes = of('memlock') ?? 0;
  const map = of('map_id');
  if (map !== null) return { kind: 'map', id: map, type: String(of('map_type') ?? ''), bytes };
  const program = of('prog_id');
  return program === null ? null : { kind: 'program', id: program, type: String(of('prog_type') ?? ''), bytes };
}
