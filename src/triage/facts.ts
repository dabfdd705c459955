/**
 * What triage knows of a machine in one moment: plain data, in bytes unless a name says pages or
 * objects. A list is null if its source was not read, and empty if it was read and holds nothing:
 * a rule that needs a list says nothing when it is null. Names are untrusted.
 */
import type { CensusReport } from '../census/report.js';
import type { LogFacts } from '../proc/log/log-facts.js';
import type { OomFacts } from '../proc/log/oom-report.js';
import type { PressureFacts } from '../proc/machine/counters.js';
import type { BuddyFacts } from '../proc/machine/free-blocks.js';
import type { HugepagesFacts } from '../proc/machine/hugepages.js';
import type { CacheFacts } from '../proc/machine/slab-rows.js';
import type { SwapFacts, ZramFacts } from '../proc/machine/swap.js';
import type { AreaFacts } from '../proc/machine/vmalloc-areas.js';
import type { ZoneFacts } from '../proc/machine/zones.js';
import type { MemoryAccount } from '../proc/memory-account.js';

export type {
  AreaFacts,
  BuddyFacts,
  CacheFacts,
  HugepagesFacts,
  LogFacts,
  OomFacts,
  PressureFacts,
  SwapFacts,
  ZoneFacts,
  ZramFacts,
};

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
  /** 'kernel', or who else writes /proc/meminfo: 'lxcfs', 'sandbox'; or the tool whose output stands for it: 'sar', 'free', 'kmem -i'. */
  meminfoBy: string;
}

/** E0: memory of the machine that MemTotal lacks, bytes. */
export interface OutsideFacts {
  /** Pages of all zones that exist: MemTotal, and what was kept at boot or taken off it. */
  presentBytes: number;
  /** Given to the host by a balloon whose driver takes its pages off MemTotal; 0 where it does not. */
  balloonBytes: number;
  crashkernelBytes: number;
  /** The first percpu chunk of all CPUs. */
  firstChunkBytes: number;
  /** Blocks of memory that are offline: no zone has them. Null = not known. */
  offlineBytes: number | null;
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
    rdma: number;
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
  /** Bytes of `used` whose files have no name any more, but are open or mapped. */
  deleted: number;
  /** Name of `pid` if the mount is in a mount namespace of its own; '' = it is where everybody sees it. */
  processName: string;
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
  /** Who uses most of it; '' = not known. */
  holder: string;
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

export interface HistoryPoint {
  timeMs: number;
  item: string;
  bytes: number;
}

/** One of several quick readings within a look, for the noise of an item. */
export interface Reading {
  /** Seconds since boot; null = not known. */
  uptimeSeconds: number | null;
  /** Lines of meminfo, KiB. */
  meminfo: ReadonlyMap<string, number>;
  account: MemoryAccount;
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
  /** Quick readings of meminfo and zoneinfo, oldest first; empty if the look has only the one. */
  readings: Reading[];
  zones: ZoneFacts[] | null;
  /** Null without a zoneinfo. */
  outside: OutsideFacts | null;
  buddies: BuddyFacts[] | null;
  /** Blocks by migrate type from pagetypeinfo: 'Unmovable', 'Movable', ... */
  blockTypes: ReadonlyMap<string, number> | null;
  caches: CacheFacts[] | null;
  areas: AreaFacts[] | null;
  swaps: SwapFacts[] | null;
  pressure: PressureFacts | null;
  /** zram: device, data as stored, memory it takes. */
  zram: ZramFacts[] | null;
  /** Each size of hugetlb pages. */
  hugepages: HugepagesFacts[] | null;
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
  /** Buffers that drivers share (dma-buf), from debugfs. */
  dmabuf: { objects: number; bytes: number } | null;
  /** Areas of the contiguous memory allocator, and what was allocated from each. */
  cma: { name: string; allocatedBytes: number }[] | null;
  /** Free pages that TTM keeps, bytes. */
  ttmPoolBytes: number | null;
  rings: RingFacts[] | null;
  bpf: BpfFacts[] | null;
  owners: OwnerFacts[] | null;
  log: LogFacts | null;
  /** Every page by what it is and who holds it; null = no census was taken. */
  pages: CensusReport | null;
  history: HistoryPoint[] | null;
  /** Names of the loaded modules; null = not read. */
  modules: string[] | null;
  /** Debugging aids that are on and take memory: 'page_owner', 'kmemleak', 'KASAN', 'slub_debug'. */
  debugging: string[];
  /** Names of texts and tables that are missing, or that have only a part of what there is. */
  notWhole: readonly string[];
}
