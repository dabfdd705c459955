/**
 * A cgroup as an entry of the trace's table: the number of its directory and its path, '4711:/a/b'. A
 * number may be used again after the cgroup was removed, with another path. Where the path is not known,
 * nothing follows the colon.
 */
export interface Cgroup {
  /** Kernel's number of its directory (kernfs id), decimal. */
  id: string;
  /** Path in the hierarchy that counts memory, from its root; '' = not known. Untrusted text. */
  path: string;
}

/** PATH_MAX of the kernel. A longer path is cut. */
const MAX_PATH = 4096;

export function cgroupText({ id, path }: Cgroup): string {
  return `${id}:${path.slice(0, MAX_PATH)}`;
}

export function parseCgroup(text: string): Cgroup {
  const colon = text.indexOf(':');
  return { id: text.slice(0, Math.max(0, colon)), path: text.slice(colon + 1) };
}

/** How a cgroup without a path is shown; untrusted text. */
export function cgroupName({ id, path }: Cgroup): string {
  return path === '' ? `cgroup ${id}` : path;
}
