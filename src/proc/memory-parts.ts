/**
 * A MemoryAccount as a few parts that add up to MemTotal, for a stacked chart: its terms in groups,
 * and the gap in two, the part that is held by a reference and the rest.
 */
import { ACCOUNT_TERMS, type AccountTerm, type MemoryAccount } from './memory-account.js';

/**
 * In the order in which they are stacked: what the kernel needs first, then the user's memory, the
 * unaccounted gap, and free memory last.
 */
export const MEMORY_PARTS = [
  'slab',
  'page tables',
  'kernel stacks',
  'vmalloc',
  'percpu',
  'hugetlb',
  'gpu',
  'zram',
  'other',
  'anon',
  'shmem',
  'page cache',
  'held by reference',
  'unaccounted',
  'free',
] as const;
export type MemoryPart = (typeof MEMORY_PARTS)[number];
/** The parts that are together the unaccounted gap. */
export const GAP_PARTS = ['held by reference', 'unaccounted'] as const satisfies readonly MemoryPart[];

const PART_OF_TERM: Record<AccountTerm, MemoryPart> = {
  MemFree: 'free',
  'per-CPU free lists': 'free',
  Buffers: 'page cache',
  'Cached without Shmem': 'page cache',
  Shmem: 'shmem',
  AnonPages: 'anon',
  'swap cache not mapped': 'anon',
  Slab: 'slab',
  'KReclaimable beyond slab': 'other',
  'vmalloc without stacks': 'vmalloc',
  KernelStack: 'kernel stacks',
  PageTables: 'page tables',
  SecPageTables: 'page tables',
  'Percpu without first chunk': 'percpu',
  Hugetlb: 'hugetlb',
  Zswap: 'other',
  zram: 'zram',
  GPUActive: 'gpu',
  GPUReclaim: 'gpu',
  balloon: 'other',
  Bounce: 'other',
  WritebackTmp: 'other',
  HardwareCorrupted: 'other',
};

/** Returns the bytes of each part, in the order of MEMORY_PARTS; 'unaccounted' is the gap without what is held. */
export function memoryParts(account: MemoryAccount): number[] {
  const parts = new Map<MemoryPart, number>();
  for (const [index, name] of ACCOUNT_TERMS.entries()) {
    const part = PART_OF_TERM[name];
    parts.set(part, (parts.get(part) ?? 0) + account.terms[index]);
  }
  parts.set('held by reference', account.heldByReferenceBytes);
  parts.set('unaccounted', account.unaccountedBytes - account.heldByReferenceBytes);
  return MEMORY_PARTS.map((name) => parts.get(name) ?? 0);
}
