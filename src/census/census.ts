/**
 * A census of a machine's pages, as the collector counts them (bpf/census/): numbers and the kernel's own
 * names, no words. Pages are base pages of `pageSize` bytes. It holds no address and no content of memory
 * unless addresses were asked for. All names are untrusted.
 */

/** What a page is, by the first mark that holds (bpf/census/pages.c has the order). */
export const PAGE_CLASSES = [
  'free',
  'percpu-free',
  'anon',
  'anon-held',
  'file',
  'shmem',
  'lru-no-mapping',
  'slab',
  'large-kmalloc',
  'pagetable',
  'kernel-pagetable',
  'vmalloc',
  'vmap',
  'stack',
  'percpu',
  'module',
  'hugetlb',
  'zsmalloc',
  'movable',
  'page-pool',
  'offline',
  'guard',
  'unaccepted',
  'hwpoison',
  'device',
  'memmap',
  'kernel-image',
  'reserved',
  'tail-unknown',
  'hole',
  'unaccounted',
] as const;
export type PageClass = (typeof PAGE_CLASSES)[number];

export interface ClassRow {
  node: number;
  /** One of PAGE_CLASSES, or a name that a newer collector knows. */
  class: string;
  pages: number;
}

/** What one memory cgroup is charged for, of one class. */
export interface OwnerRow {
  /** Path below the root of the cgroups; of a removed one, the path that it had. */
  path: string;
  /** Its kernfs id: a number that may be given again once it is gone. */
  id: number;
  /** The cgroup is removed, and stays in memory because something is still charged to it. */
  dying: boolean;
  /** 'user': pages of processes and files. 'kernel': what the kernel allocated on behalf of them. */
  charged: string;
  class: string;
  pages: number;
  /** Of slab: objects and their bytes in the cache; else 0 and ''. */
  objects: number;
  bytes: number;
  cache: string;
}

export interface AreaRow {
  /** The function that asked for them. */
  caller: string;
  /** '' = the kernel itself. */
  module: string;
  kind: string;
  areas: number;
  pages: number;
}

/** One step on the way from a page to who holds it. */
export interface ChainLink {
  /** 'slab', 'page', 'area', 'static', 'reserved', 'stack', 'struct-page'. */
  kind: string;
  /** The slab cache, the symbol, the caller of the area. */
  name: string;
  /** A symbol that was found in the object, near the pointer; '' = none. */
  hint: string;
  /** 'function', 'ops' (the first function of a table of functions), 'data'; '' without a hint. */
  hintKind: string;
  module: string;
}

export interface HolderRow {
  class: string;
  pages: number;
  /** Of `pages`: not referred to itself, but right behind a page that is. */
  behindPages: number;
  /** Nearest referrer first; empty = nobody was found. */
  chain: ChainLink[];
  /** Different objects of the first link. */
  objects: number;
  /** Whose open files these pages belong to, at most 16; null = the collector could not find out, or is an older one. */
  processes: HolderProcess[] | null;
  /** Of `pages`: they belong to no open file. */
  unownedPages: number | null;
}

export interface HolderProcess {
  /** In the first namespace. */
  pid: number;
  comm: string;
  /** Different pipes, sockets, rings. */
  objects: number;
  pages: number;
}

export interface TypeRow {
  objects: number;
  chain: ChainLink[];
}

export interface CacheTypes {
  cache: string;
  sizeBytes: number;
  /** Objects in use, and with those that are free. */
  live: number;
  total: number;
  /** Slabs whose list of free objects did not make sense; their objects count as live. */
  badWalks: number;
  /** Largest first. */
  rows: TypeRow[];
}

export interface OrphanRow {
  /** 'slab', 'pages', 'area'. */
  kind: string;
  name: string;
  sizeBytes: number;
  objects: number;
  pages: number;
  /** Of pages: runs of neighbours. */
  runs: number;
  /** Memory of BPF maps and programs: it comes and goes with other tracers. */
  bpf: boolean;
  /** Empty unless addresses were asked for. */
  addresses: string[];
}

export interface CheckRow {
  what: string;
  ours: number;
  theirs: number;
  unit: string;
  ok: boolean;
}

export interface MissingRow {
  stage: string;
  what: string;
}

export interface Census {
  kernel: string;
  pageSize: number;
  wallNs: number;
  cpuNs: number;
  zones: { node: number; zone: string; spannedPages: number; presentPages: number; managedPages: number }[];
  classes: ClassRow[];
  owners: OwnerRow[];
  areas: AreaRow[];
  /** Null = that stage did not run. */
  holders: HolderRow[] | null;
  types: CacheTypes[] | null;
  orphans: { scans: number; rows: OrphanRow[] } | null;
  checks: CheckRow[];
  missing: MissingRow[];
}

/** Number of base pages of these classes, all nodes together. */
export function pagesOf({ classes }: Census, ...names: readonly string[]): number {
  return classes.reduce((sum, row) => (names.includes(row.class) ? sum + row.pages : sum), 0);
}
