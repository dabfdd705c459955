/** What `unfreed census` says: plain data, the same for text, JSON, CSV, HTML, screen. All names are untrusted. */
import type { CheckRow, MissingRow, OrphanRow, PageClass } from './census.js';
import type { PossessionKind } from './possessions.js';

export type { PageClass } from './census.js';

export interface CensusClass {
  class: string;
  /** The class in words. */
  text: string;
  pages: number;
  bytes: number;
  /** Since the earlier census; null = there is none. */
  deltaPages: number | null;
}

export interface CensusNodeClass {
  node: number;
  class: string;
  pages: number;
  bytes: number;
}

export interface CensusOwner {
  path: string;
  id: number;
  dying: boolean;
  /** All classes together, with the bytes of slab objects. */
  bytes: number;
  pages: number;
  /** Slab objects. */
  objects: number;
  /** Largest first. */
  parts: { class: string; cache: string; bytes: number; pages: number; objects: number }[];
  deltaBytes: number | null;
}

export interface CensusArea {
  caller: string;
  module: string;
  kind: string;
  areas: number;
  pages: number;
  bytes: number;
  deltaPages: number | null;
}

export interface CensusProcess {
  pid: number;
  comm: string;
  /** How many pipes, sockets, rings of it hold these pages (without `pages`: are open), and what they are called. */
  count: number;
  what: string;
  /** Null where it is only known that it has such things open, from /proc. */
  pages: number | null;
}

export interface CensusHolder {
  class: string;
  pages: number;
  bytes: number;
  /** The referrers of most of these pages, nearest first: 'kmalloc-1k < kmalloc-2k{sock_def_readable}'; '' = nobody was found. */
  holder: string;
  /** What that means in words; the holder itself where no rule knows it. */
  text: string;
  /** What it is that holds them, as processes have it open; null = no rule knows, or it is nothing of theirs. */
  kind: PossessionKind | null;
  /** '' = the kernel itself, or not known. */
  module: string;
  objects: number;
  /** Of `pages`: only inferred, because they lie right behind a page that is held. */
  behindPages: number;
  /** All chains that mean the same, largest first. */
  chains: { holder: string; pages: number }[];
  /** Whose open files they belong to, largest first, at most 8; empty = of no open file, or not known. */
  processes: CensusProcess[];
  /**
   * Of `pages`: they belong to no open file, or are among `behindPages`; null = not known. The rest is of `processes`, and of
   * more that have less.
   */
  unownedPages: number | null;
  deltaPages: number | null;
}

export interface CensusType {
  cache: string;
  sizeBytes: number;
  live: number;
  total: number;
  rows: { objects: number; bytes: number; holder: string; text: string; module: string; deltaObjects: number | null }[];
}

export interface CensusReport {
  machine: { source: string; kernel: string; pageSize: number; spannedPages: number; wallNs: number; cpuNs: number };
  /** Wall clock, ms since 1970; null = not known. */
  timeMs: number | null;
  /** Seconds since the earlier census that the deltas are against; null = there is none. */
  sinceSeconds: number | null;
  /** Largest first. */
  classes: CensusClass[];
  /** The same for each node; empty on a machine of one node. */
  nodes: CensusNodeClass[];
  owners: CensusOwner[];
  areas: CensusArea[];
  /** Null = that stage did not run. */
  holders: CensusHolder[] | null;
  types: CensusType[] | null;
  orphans: { scans: number; rows: OrphanRow[] } | null;
  checks: CheckRow[];
  missing: MissingRow[];
}

/** The text of a look that is a census: the public JSON (export/census/census.schema.json). */
export const CENSUS_TEXT = 'report/census';

/** Classes that no line of /proc/meminfo counts: what stages after the first look for holders of. */
export const UNCOUNTED: readonly PageClass[] = ['unaccounted', 'anon-held', 'lru-no-mapping', 'page-pool'];

/** Bytes of pages that no line of /proc/meminfo counts. */
export function uncountedBytes({ classes }: Pick<CensusReport, 'classes'>): number {
  return classes.reduce((sum, row) => (isUncounted(row.class) ? sum + row.bytes : sum), 0);
}

export function isUncounted(name: string): boolean {
  return (UNCOUNTED as readonly string[]).includes(name);
}

export const CLASS_WORDS: Readonly<Record<PageClass, string>> = {
  free: 'free',
  'percpu-free': 'free, on the lists of the CPUs',
  anon: 'anonymous memory of processes',
  'anon-held': 'was of processes, unmapped, but still held',
  file: 'page cache',
  shmem: 'tmpfs and shared memory',
  'lru-no-mapping': 'of no file any more, but still held',
  slab: 'slab',
  'large-kmalloc': 'large kmalloc',
  pagetable: 'page tables of processes',
  'kernel-pagetable': 'page tables of the kernel',
  vmalloc: 'vmalloc',
  vmap: 'mapped by vmap',
  stack: 'kernel stacks',
  percpu: 'per-CPU memory',
  module: 'modules and BPF programs',
  hugetlb: 'huge pages of hugetlbfs',
  zsmalloc: 'compressed (zram, zswap)',
  movable: 'balloon or movable by a driver',
  'page-pool': 'page pools of network cards',
  offline: 'offline or given to the host',
  guard: 'guard pages',
  unaccepted: 'not yet accepted',
  hwpoison: 'broken, out of use',
  device: 'memory of devices',
  memmap: 'struct pages',
  'kernel-image': 'the kernel image',
  reserved: 'reserved',
  'tail-unknown': 'of a block without marks, or not yet given out',
  hole: 'no memory there',
  unaccounted: 'in no line of meminfo',
};

/** The class in words; a class that is not known, as it is named. */
export function classText(name: string): string {
  return Object.hasOwn(CLASS_WORDS, name) ? CLASS_WORDS[name as PageClass] : name;
}
