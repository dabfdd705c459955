/** The mappings of a process. */

/** Sums of /proc/PID/smaps_rollup, bytes. */
export interface RollupFacts {
  rss: number;
  pss: number;
  pssAnon: number;
  pssFile: number;
  pssShmem: number;
}

/** Returns null if the text is no smaps_rollup. Pss by kind is there since 5.9. */
export function parseRollup(text: string): RollupFacts | null {
  const whole = text.slice(0, 4096);
  const of = (name: string): number => {
    const match = new RegExp(`^${name}: {1,32}(\\d{1,13}) kB$`, 'm').exec(whole);
    return match === null ? 0 : Number(match[1]) * 1024;
  };
  if (!/^Rss:/m.test(whole)) return null;
  return {
    rss: of('Rss'),
    pss: of('Pss'),
    pssAnon: of('Pss_Anon'),
    pssFile: of('Pss_File'),
    pssShmem: of('Pss_Shmem'),
  };
}

export interface MapsDigest {
  vmas: number;
  /** Bytes of the heap of brk(). */
  heap: number;
  /** Heaps of glibc's arenas, and the address space that they use. */
  arenas: number;
  arenaBytes: number;
  /** The most frequent size of what looks like a thread's stack, and how many there are; 0 = none. */
  stackSize: number;
  stackCount: number;
}

interface Mapping {
  start: number;
  end: number;
  rights: string;
  inode: string;
  path: string;
}

/** 65,530 mappings of 100 characters; who raised the limit may have more. */
const TEXT_LIMIT = 64 << 20;
const ARENA = 64 << 20;
const SMALLEST_STACK = 16 << 10;
const LARGEST_STACK = 1 << 30;
const LARGEST_GUARD = 1 << 20;

/**
 * Returns the digest of /proc/PID/maps. A heap of an arena (glibc, malloc/arena.c) starts at a
 * multiple of 64 MiB and is readable at first, then reserved up to 64 MiB. A stack of a thread (glibc,
 * allocatestack.c) is anonymous and has a small mapping without rights below it.
 */
export function digestMaps(text: string): MapsDigest {
  const digest = { vmas: 0, heap: 0, arenas: 0, arenaBytes: 0, stackSize: 0, stackCount: 0 };
  const stacks = new Map<number, number>();
  let before: Mapping | null = null;
  for (const mapping of mappings(text)) {
    digest.vmas++;
    const size = mapping.end - mapping.start;
    const anonymous = mapping.inode === '0' && mapping.path === '';
    if (mapping.path === '[heap]') digest.heap += size;
    if (anonymous && mapping.rights.startsWith('rw-p')) {
      if (mapping.start % ARENA === 0 && size <= ARENA) {
        digest.arenas++;
        digest.arenaBytes += size;
      } else if (isGuard(before, mapping.start) && size >= SMALLEST_STACK && size <= LARGEST_STACK) {
        stacks.set(size, (stacks.get(size) ?? 0) + 1);
      }
    }
    before = mapping;
  }
  for (const [size, count] of stacks) {
    if (count > digest.stackCount) Object.assign(digest, { stackSize: size, stackCount: count });
  }
  return digest;
}

function isGuard(mapping: Mapping | null, end: number): boolean {
  return mapping?.rights === '---p' && mapping.end === end && end - mapping.start <= LARGEST_GUARD;
}

export interface SharedMapping {
  /** 'sysv', 'memfd', 'shared' (shared anonymous), or 'deleted' (a file without a name, of whatever file system). */
  kind: string;
  /** The path without ' (deleted)'. */
  name: string;
  /** Device and inode as maps writes them: objects with the same are the same. */
  object: string;
  /** The name of its link in /proc/PID/map_files. */
  range: string;
  bytes: number;
}

/** Returns the mappings of objects that have no name in a file system, each object once, with its largest mapping. */
export function sharedMappings(text: string, limit: number): SharedMapping[] {
  const found = new Map<string, SharedMapping>();
  const end = Math.min(text.length, TEXT_LIMIT);
  // Nearly all lines end otherwise: only those that do are taken apart.
  for (let at = text.indexOf(DELETED); at >= 0 && at < end; at = text.indexOf(DELETED, at + 1)) {
    const start = text.lastIndexOf('\n', at) + 1;
    const match = LINE.exec(text.slice(start, at + DELETED.length - 1));
    if (match === null) continue;
    const [, from, to, , device, inode, path] = match;
    const name = path.slice(0, -' (deleted)'.length);
    const object = `${device} ${inode}`;
    const bytes = Number.parseInt(to, 16) - Number.parseInt(from, 16);
    if ((found.get(object)?.bytes ?? 0) >= bytes) continue;
    if (found.size >= limit && !found.has(object)) break;
    found.set(object, { kind: kindOf(name), name, object, range: `${from}-${to}`, bytes });
  }
  return [...found.values()];
}

const DELETED = ' (deleted)\n';
const LINE =
  /^([\da-f]{1,16})-([\da-f]{1,16}) ([rwxsp-]{4}) [\da-f]{1,16} ([\da-f]{2,8}:[\da-f]{2,8}) (\d{1,20}) {0,64}(.{0,4200})$/;

function kindOf(name: string): string {
  if (name.startsWith('/SYSV')) return 'sysv';
  if (name.startsWith('/memfd:')) return 'memfd';
  return name === '/dev/zero' ? 'shared' : 'deleted';
}

function* mappings(text: string): Generator<Mapping> {
  const end = Math.min(text.length, TEXT_LIMIT);
  for (let at = 0; at < end; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const match = next - at > 8192 ? null : LINE.exec(text.slice(at, next));
    if (match !== null) {
      const [, from, to, rights, , inode, path] = match;
      yield { start: Number.parseInt(from, 16), end: Number.parseInt(to, 16), rights, inode, path };
    }
    at = next + 1;
  }
}
