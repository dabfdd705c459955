/**
 * Where the memory of a machine is, and the gap: MemTotal less everything that a counter of the
 * kernel shows, each page once. This is the one definition of the gap; every screen, report and
 * condition takes it from here.
 *
 *     gap = total - sum of ACCOUNT_TERMS
 *
 * Sources: fs/proc/meminfo.c, mm/show_mem.c, mm/vmstat.c, mm/percpu.c, mm/vmalloc.c, and
 * drivers/{virtio/virtio_balloon,hv/hv_balloon,misc/vmw_balloon}.c. Of the lines of meminfo:
 * - MemFree lacks the free pages on per-CPU lists (up to an eighth of a zone since 6.7): they come
 *   from zoneinfo. Without a zoneinfo they are in the gap.
 * - Cached contains Shmem, Mapped, Dirty and Writeback; AnonPages contains AnonHugePages; Mlocked is
 *   part of Unevictable, whose pages are in Cached and AnonPages.
 * - SwapCached overlaps AnonPages: a page in the swap cache that is also mapped is in both. The LRU
 *   lists hold each page once, so their excess over Buffers + Cached + AnonPages, at most
 *   SwapCached, is the part outside AnonPages.
 * - The rest of that excess, the LRU surplus, is memory that no process maps and no file has, but
 *   somebody holds a reference to (a pipe, a socket, a pin of io_uring, RDMA or a driver). It is
 *   part of the gap, told apart in `heldByReferenceBytes`.
 * - Slab = SReclaimable + SUnreclaim, large kmallocs included (5.4). KReclaimable is SReclaimable
 *   and other pages: only those others are added.
 * - VmallocUsed is what vmalloc() took for itself since 5.3. From 4.4 to 5.2 it is always 0, before
 *   it was address space, ioremap() included: there vmallocinfo tells it, and without one the
 *   vmalloc memory is in the gap. Kernel stacks come from vmalloc with VMAP_STACK (x86-64 4.9, arm64
 *   4.14, arm 5.18) and are then part of it.
 * - Percpu includes the first chunk, which memblock gave and MemTotal lacks.
 * - zram is in no line of meminfo, but nr_zspages counts its pages: they are not in the gap.
 * - A balloon counts only where its pages are still in MemTotal (VMware; virtio with
 *   DEFLATE_ON_OOM); the other drivers take them off MemTotal.
 * - No memory of their own: CmaFree and Unaccepted (part of MemFree), DirectMap*, Swap*, Commit*,
 *   VmallocTotal, VmallocChunk, Zswapped, HugePages_* beside Hugetlb.
 */
import { kernelNumber } from './kernel-release.js';
import type { MeminfoLines } from './meminfo.js';
import type { ZoneSums } from './zoneinfo.js';

/** The names are those of the kernel's counters, where a term is one of them. */
export const ACCOUNT_TERMS = [
  'MemFree',
  'per-CPU free lists',
  'Buffers',
  'Cached without Shmem',
  'Shmem',
  'AnonPages',
  'swap cache not mapped',
  'Slab',
  'KReclaimable beyond slab',
  'vmalloc without stacks',
  'KernelStack',
  'PageTables',
  'SecPageTables',
  'Percpu without first chunk',
  'Hugetlb',
  'Zswap',
  'zram',
  'GPUActive',
  'GPUReclaim',
  'balloon',
  'Bounce',
  'WritebackTmp',
  'HardwareCorrupted',
] as const;
export type AccountTerm = (typeof ACCOUNT_TERMS)[number];

/** What the equation needs to know of the machine. */
export interface AccountedMachine {
  /** uname -r; '' = unknown. */
  kernel: string;
  /** uname -m; '' = unknown. */
  arch: string;
  pageSize: number;
  /** The first percpu chunk of all CPUs, bytes; 0 = unknown. */
  percpuFirstChunkBytes: number;
  /** True if pages that a balloon gave to the host are still in MemTotal. */
  balloonInTotal: boolean;
}

export interface MemoryAccount {
  timeNs: number;
  /** MemTotal, bytes. */
  totalBytes: number;
  /** MemFree, bytes. */
  freeBytes: number;
  /** Free pages on per-CPU lists, bytes; null without a zoneinfo: then they are in the gap. */
  perCpuFreeBytes: number | null;
  /**
   * Bytes of MemTotal, and of MemFree, that no zone has: memory that is not plugged in yet. 0 unless
   * it is more than 1 % of MemTotal.
   */
  unpluggedBytes: number;
  /** The gap. Never below 0: the counters are read at slightly different times. */
  unaccountedBytes: number;
  /** Of the gap: on an LRU list, but neither mapped nor of a file. A lower bound where swap is used. */
  heldByReferenceBytes: number;
  /** References of pin_user_pages() that were not given back, in pages; null = not known. */
  pinnedPages: number | null;
  /** True if this kernel counts the pages of GPU drivers (GPUActive, since 7.1). */
  countsGpu: boolean;
  /** Bytes, in the order of ACCOUNT_TERMS. */
  terms: number[];
}

/**
 * `areasBytes`: memory of all areas of /proc/vmallocinfo; only kernels before 5.3 need it. `hugetlbBytes`: pools
 * of all sizes of huge pages; only kernels before 4.16 need it, and only with sizes beside the default one.
 */
export interface AccountedTexts {
  meminfo: MeminfoLines;
  zones: ZoneSums | null;
  areasBytes?: number | null;
  hugetlbBytes?: number | null;
}

/** Returns the account of a meminfo and of the zoneinfo that was read with it. */
export function memoryAccount(timeNs: number, texts: AccountedTexts, machine: AccountedMachine): MemoryAccount {
  const { meminfo, zones } = texts;
  const pageKiB = machine.pageSize / 1024;
  const of = (name: string): number => meminfo.get(name) ?? 0;
  const terms = termsKiB(texts, machine);
  const sum = ACCOUNT_TERMS.reduce((total, name) => total + terms[name], 0);
  const gapKiB = Math.max(0, of('MemTotal') - sum);
  const unplugged = zones === null ? 0 : of('MemTotal') - zones.managed * pageKiB;
  const heldKiB = Math.max(0, beyondLines(meminfo, zones, pageKiB) - of('SwapCached'));
  return {
    timeNs,
    totalBytes: of('MemTotal') * 1024,
    freeBytes: of('MemFree') * 1024,
    perCpuFreeBytes: zones === null ? null : zones.perCpuFree * machine.pageSize,
    unpluggedBytes: unplugged > of('MemTotal') / 100 ? unplugged * 1024 : 0,
    unaccountedBytes: gapKiB * 1024,
    heldByReferenceBytes: Math.min(gapKiB, heldKiB) * 1024,
    pinnedPages: zones?.pins ?? null,
    countsGpu: meminfo.has('GPUActive'),
    terms: ACCOUNT_TERMS.map((name) => terms[name] * 1024),
  };
}

function termsKiB(
  { meminfo, zones, areasBytes, hugetlbBytes }: AccountedTexts,
  machine: AccountedMachine,
): Record<AccountTerm, number> {
  const of = (name: string): number => meminfo.get(name) ?? 0;
  const pageKiB = machine.pageSize / 1024;
  const shmem = Math.min(of('Shmem'), of('Cached'));
  const { stacks, areas } = areasKiB(meminfo, areasBytes ?? null, machine);
  return {
    MemFree: of('MemFree'),
    'per-CPU free lists': (zones?.perCpuFree ?? 0) * pageKiB,
    Buffers: of('Buffers'),
    'Cached without Shmem': of('Cached') - shmem,
    Shmem: shmem,
    AnonPages: of('AnonPages'),
    'swap cache not mapped': Math.min(Math.max(0, beyondLines(meminfo, zones, pageKiB)), of('SwapCached')),
    Slab: meminfo.get('Slab') ?? of('SReclaimable') + of('SUnreclaim'),
    'KReclaimable beyond slab': Math.max(0, of('KReclaimable') - of('SReclaimable')),
    'vmalloc without stacks': areas,
    KernelStack: stacks,
    PageTables: of('PageTables'),
    SecPageTables: of('SecPageTables'),
    'Percpu without first chunk': Math.max(0, of('Percpu') - machine.percpuFirstChunkBytes / 1024),
    // All sizes since 4.16; before, meminfo has those of the default size alone.
    Hugetlb: meminfo.get('Hugetlb') ?? Math.max((hugetlbBytes ?? 0) / 1024, of('HugePages_Total') * of('Hugepagesize')),
    Zswap: of('Zswap'),
    // Where zswap keeps its pages in zsmalloc, nr_zspages counts them too.
    zram: Math.max(0, (zones?.zspages ?? 0) * pageKiB - of('Zswap')),
    GPUActive: of('GPUActive'),
    GPUReclaim: of('GPUReclaim'),
    balloon: machine.balloonInTotal ? (meminfo.get('Balloon') ?? (zones?.ballooned ?? 0) * pageKiB) : 0,
    Bounce: of('Bounce'),
    WritebackTmp: of('WritebackTmp'),
    HardwareCorrupted: of('HardwareCorrupted'),
  };
}

/** Pages of the LRU lists that are not in Buffers, Cached or AnonPages, KiB; below 0 by pages in flight. */
function beyondLines(meminfo: MeminfoLines, zones: ZoneSums | null, pageKiB: number): number {
  const of = (name: string): number => meminfo.get(name) ?? 0;
  // A text without these lines says nothing of the lists.
  if (!meminfo.has('Active') || !meminfo.has('Inactive')) return 0;
  const onLists = of('Active') + of('Inactive') + of('Unevictable') + (zones?.isolated ?? 0) * pageKiB;
  return onLists - of('Buffers') - of('Cached') - of('AnonPages');
}

/** Memory of kernel stacks, and of vmalloc without them, KiB. */
function areasKiB(
  meminfo: MeminfoLines,
  areasBytes: number | null,
  { kernel, arch }: AccountedMachine,
): { stacks: number; areas: number } {
  const of = (name: string): number => meminfo.get(name) ?? 0;
  const stacks = of('KernelStack') + of('ShadowCallStack');
  const number = kernelNumber(kernel);
  // Address space, not memory, before 4.4; always 0 before 5.3, unless a distribution has the later code.
  const counted = number < 4004 ? 0 : of('VmallocUsed');
  const used = counted === 0 && number < 5003 && areasBytes !== null ? areasBytes / 1024 : counted;
  const stacksAreAreas = stacks <= used && number >= vmapStacksSince(arch);
  return { stacks, areas: stacksAreAreas ? used - stacks : used };
}

/** The first kernel of a machine with CONFIG_VMAP_STACK: before it, stacks are pages, not vmalloc areas. */
function vmapStacksSince(arch: string): number {
  if (NO_VMAP_STACK.test(arch)) return Number.POSITIVE_INFINITY;
  if (arch.startsWith('armv')) return 5018;
  return arch === 'aarch64' ? 4014 : 4009;
}

/** 32-bit x86, MIPS, SPARC and others. */
const NO_VMAP_STACK = /^(?:i[3-6]86|mips|sparc|alpha|m68k|parisc|sh|xtensa)/;
