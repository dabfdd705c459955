import { ALLOCATOR_NAMES, type AllocatorName, isOfProcess } from '../../event/kinds.js';

/**
 * The counters of the kernel that account for memory, mostly lines of /proc/meminfo; categories.ts
 * assigns functions to them. New ones come last but three: other tools may rely on the others. From
 * 'heap' to 'reserved' they are of the memory of processes.
 */
export const CATEGORIES = [
  'slab',
  'vmalloc',
  'page tables',
  'anon',
  'page cache',
  'kernel stack',
  'percpu',
  'shmem',
  'hugetlb',
  'zswap',
  'zram',
  'gpu',
  'balloon',
  'heap',
  'mapped',
  'thread stack',
  'file mapping',
  'reserved',
  'held by a reference',
  'backing',
  'unaccounted',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** The categories of the memory of processes. */
export const PROCESS_CATEGORIES = ['heap', 'mapped', 'thread stack', 'file mapping', 'reserved'] as const;
export type ProcessCategory = (typeof PROCESS_CATEGORIES)[number];

/** True for an address space of processes: heap, map, reserved. */
export function isProcessAllocator(name: AllocatorName): boolean {
  return isOfProcess(ALLOCATOR_NAMES.indexOf(name));
}

/** True if a trace of these allocators shows memory of processes. */
export function hasProcessMemory(allocators: readonly AllocatorName[]): boolean {
  return allocators.some(isProcessAllocator);
}

/** True for a trace of processes alone: nothing in it can be compared with the memory of the machine. */
export function isOfProcesses(allocators: readonly AllocatorName[]): boolean {
  return allocators.length > 0 && allocators.every(isProcessAllocator);
}
