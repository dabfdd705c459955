/** Beside its copies a percpu alloc is charged as many bytes as two more: a pointer of 8 bytes for each 4. */
const POINTER_COPIES = 2;

/**
 * Returns for how many CPUs a percpu alloc of `size` bytes has memory. `bytesAlloc` is what a
 * cgroup is charged, 0 before 5.19: the size for each possible CPU and, unless cgroups do not count
 * kernel memory, a pointer for each 4 bytes (pcpu_obj_full_size(), mm/percpu-internal.h,
 * f67bed134a05). Those pointers lie in a table of the whole chunk, which has an event of its own.
 * Exactly as many copies as there are online CPUs contain no pointers. `cpus`: online, 0 = unknown.
 */
export function percpuCopies(size: number, bytesAlloc: number, cpus: number): number {
  const copies = size === 0 ? 0 : Math.floor(bytesAlloc / size);
  if (copies === 0) return Math.max(1, cpus);
  return copies === cpus || copies - POINTER_COPIES < Math.max(1, cpus) ? copies : copies - POINTER_COPIES;
}
