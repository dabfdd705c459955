/**
 * What triage knows of a machine in one moment: plain data, in bytes unless a name says pages or
 * objects. A list is null if its source was not read, and empty if it was read and holds nothing:
 * a rule that needs a list says nothing when it is null. Names are untrusted.
 */
import type { MemoryAccount } from '../proc/memory-account.js';

export interface MachineFacts {
  hostname: string;
  /** uname -r; '' = unknown. */
  kernel: string;
  arch: string;
  distribution: string;
  pageSize: number;
  /** 0 = unknown. */
  cpus: number;
  nodes: number;
  uptimeSeconds: number | null;
  totalBytes: number;
  /** 'kernel', or who else writes /proc/meminfo: 'lxcfs', 'sandbox'. */
  meminfoBy: string;
}

/** One zone of one node, in pages. */
export interface ZoneFacts {
  node: number;
  zone: string;
  free: number;
  min: number;
  low: number;
  high: number;
  present: number;
  managed: number;
  perCpuFree: number;
  /** Free pages of the contiguous memory allocator, part of `free`. */
  cmaFree: number;
}

export interface CacheFacts {
  name: string;
  activeObjects: number;
  objects: number;
  objectBytes: number;
  objectsPerSlab: number;
  pagesPerSlab: number;
  slabs: number;
}

/** Areas of vmallocinfo of one caller and kind. */
export interface AreaFacts {
  /** Symbol, and ' [module]' if it is in one. */
  caller: string;
  /** 'vmalloc', 'vmap', 'ioremap', 'user', 'dma-coherent', 'vm_area' or ''. */
  kind: string;
  count: number;
  /** Address space. */
  bytes: number;
  /** Memory that the areas own; 0 for vmap and ioremap. */
  pagesBytes: number;
}

export interface ProcessFacts {
  pid: number;
  parent: number;
  name: string;
  startSeconds: number | null;
  threads: number;
  virtual: number;
  rssAnon: number;
  rssFile: number;
  rssShmem: number;
  swap: number;
  pageTables: number;
  /** Open descriptors by kind, null if they were not read. */
  open: {
    files: number;
    pipes: number;
    sockets: number;
    uring: number;
    dmabuf: number;
    vfio: number;
    gpu: number;
    bpfMaps: number;
  } | null;
  cgroup: string;
}

export interface MappingFacts {
  pid: number;
  rss: number;
  pss: number;
  pssAnon: number;
  pssFile: number;
  pssShmem: number;
  vmas: number;
  heap: number;
  arenas: number;
  arenaBytes: number;
  stackSize: number;
  stackCount: number;
}

export interface CgroupFacts {
  path: string;
  version: number;
  current: number;
  /** null = no limit. */
  max: number | null;
  swap: number;
  anon: number;
  file: number;
  shmem: number;
  inactiveFile: number;
  kernel: number;
  slabReclaimable: number;
  slabUnreclaimable: number;
  percpu: number;
  sock: number;
  kernelStack: number;
  pageTables: number;
  vmalloc: number;
  /** Removed cgroups below it that still hold memory; null = not known. */
  dying: number | null;
  oomKills: number;
  maxEvents: number;
  refaults: number;
  processes: number;
}

export interface MountFacts {
  path: string;
  type: string;
  device: string;
  pid: number;
  used: number;
  size: number;
  files: number;
}

export interface ShmemFacts {
  kind: string;
  name: string;
  pid: number;
  processName: string;
  bytes: number;
}

export interface SocketFacts {
  family: string;
  state: string;
  pid: number;
  processName: string;
  count: number;
  receiveQueue: number;
  sendQueue: number;
  /** Memory of AF_PACKET rings. */
  ringBytes: number;
}

export interface LimitFacts {
  name: string;
  used: number | null;
  max: number;
  unit: string;
}

export interface CensusFacts {
  cache: string;
  /** Objects that users can count. */
  counted: number;
  /** Where they were counted: 'nf_conntrack_count of all network namespaces'. */
  what: string;
}

export interface RingFacts {
  device: string;
  driver: string;
  queues: number;
  descriptors: number;
  bytes: number;
}

export interface BpfFacts {
  kind: string;
  id: number;
  type: string;
  name: string;
  bytes: number;
  pid: number;
  processName: string;
}

export interface OwnerFacts {
  source: string;
  bytes: number;
  count: number;
  module: string;
  /** Leaf first, joined by ' < '. */
  frames: string;
}

/** Pressure stall information of memory (4.20), per cent of the time; total in microseconds. */
export interface PressureFacts {
  some10: number;
  some300: number;
  full10: number;
  full300: number;
}

/** Free blocks of a zone by order: buddyinfo. */
export interface BuddyFacts {
  node: number;
  zone: string;
  /** Free blocks of 2^index pages. */
  blocks: number[];
}

export interface SwapFacts {
  device: string;
  size: number;
  used: number;
}

/** An OOM report of the kernel's log, mm/show_mem.c and mm/oom_kill.c. Pages in bytes. */
export interface OomFacts {
  /** Seconds since boot; null = not known. */
  atSeconds: number | null;
  /** Name of the task that asked, and the order it asked for. */
  invokedBy: string;
  order: number | null;
  /** 'none', 'memcg', 'cpuset', 'memory_policy'. */
  constraint: string;
  /** Path of the cgroup of a memcg kill; '' = none. */
  cgroup: string;
  killed: { pid: number; name: string; anonBytes: number; shmemBytes: number; fileBytes: number } | null;
  /** Lines of the Mem-Info block by their names ('active_anon', 'slab_unreclaimable', ...), bytes. */
  memory: ReadonlyMap<string, number>;
  ramBytes: number;
  reservedBytes: number;
  /** Pages of the page cache, "total pagecache pages". */
  pageCacheBytes: number;
  hugetlbBytes: number;
  /** Unreclaimable slab info, if the report has it. */
  slabs: { name: string; usedBytes: number; totalBytes: number }[];
  /** The table of tasks. */
  tasks: { pid: number; name: string; rssBytes: number; anonBytes: number; swapBytes: number; pageTables: number }[];
  /** Call sites of memory allocation profiling (6.10). */
  allocations: { bytes: number; count: number; site: string }[];
}

export interface LogFacts {
  /** Newest last, at most 16. */
  ooms: OomFacts[];
  /** OOM kills in the log, those not kept included. */
  oomKills: number;
  /** "page allocation failure" lines. */
  allocationFailures: number;
  /** Lines that say something of the account: balloon, crashkernel, memory corruption. At most 32. */
  notes: string[];
}

export interface HistoryPoint {
  timeMs: number;
  item: string;
  bytes: number;
}

export interface Facts {
  timeMs: number | null;
  machine: MachineFacts;
  /** Lines of meminfo, KiB; null if there was none. */
  meminfo: ReadonlyMap<string, number> | null;
  /** Lines of vmstat, their own units. */
  vmstat: ReadonlyMap<string, number> | null;
  /** E1; null without a meminfo. */
  account: MemoryAccount | null;
  zones: ZoneFacts[] | null;
  buddies: BuddyFacts[] | null;
  /** Blocks by migrate type from pagetypeinfo: 'Unmovable', 'Movable', ... */
  blockTypes: ReadonlyMap<string, number> | null;
  caches: CacheFacts[] | null;
  areas: AreaFacts[] | null;
  swaps: SwapFacts[] | null;
  pressure: PressureFacts | null;
  /** zram: device, data as stored, memory it takes. */
  zram: { device: string; originalBytes: number; memoryBytes: number }[] | null;
  /** Each size of hugetlb pages. */
  hugepages: { sizeBytes: number; total: number; free: number; reserved: number; surplus: number }[] | null;
  ksm: { pagesShared: number; pagesSharing: number } | null;
  processes: ProcessFacts[] | null;
  mappings: MappingFacts[] | null;
  cgroups: CgroupFacts[] | null;
  /** num_cgroups of the memory controller in /proc/cgroups; null = not read. */
  memoryCgroups: number | null;
  mounts: MountFacts[] | null;
  shmem: ShmemFacts[] | null;
  sockstat: ReadonlyMap<string, number> | null;
  sockets: SocketFacts[] | null;
  limits: LimitFacts[] | null;
  census: CensusFacts[] | null;
  /** dentry-state: dentries, unused, negative (null before 5.0). */
  dentries: { all: number; unused: number; negative: number | null } | null;
  rings: RingFacts[] | null;
  bpf: BpfFacts[] | null;
  owners: OwnerFacts[] | null;
  log: LogFacts | null;
  history: HistoryPoint[] | null;
  /** Debugging aids that are on and take memory: 'page_owner', 'kmemleak', 'KASAN', 'slub_debug'. */
  debugging: string[];
}
