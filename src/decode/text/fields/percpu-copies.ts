const POINTER_COPIES = 2;
/** Kernels from 7.2 or so with memory allocation profiling: 16 bytes for each 4. */
const PROFILED_COPIES = 4;

/**
 * Returns for how many CPUs a percpu alloc has memory. `bytesAlloc` is what a cgroup is charged, 0
 * before 5.19: the size for each possible CPU and, unless cgroups do not count kernel memory, a
 * pointer for each 4 bytes, which make two copies more (pcpu_obj_full_size(), mm/percpu-internal.h).
 * Those pointers lie in a table that has an event of its own. As many copies as there are online
 * CPUs contain no pointers.
 */
export function percpuCopies(size: number, bytesAlloc: number, cpus: number): number {
  const copies = size === 0 ? 0 : Math.floor(bytesAlloc / size);
  if (copies === 0) return Math.max(1, cpus);
  if (cpus > 0 && copies - PROFILED_COPIES === cpus) return cpus;
  return copies === cpus || copies - POINTER_COPIES < Math.max(1, cpus) ? copies : copies - POINTER_COPIES;
}
