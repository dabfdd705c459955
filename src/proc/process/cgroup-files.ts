/** Files of a memory cgroup, version 1 and 2 (Documentation/admin-guide/cgroup-v{1,2}). */

/** What the kernel counts for a memory cgroup and all below it, bytes. */
export interface CgroupAccount {
  /** memory.current, or memory.usage_in_bytes. Null = not known. */
  current: number | null;
  /** memory.max, or memory.limit_in_bytes. Null = none, or not known. */
  max: number | null;
  /** memory.peak (Linux 5.19), or memory.max_usage_in_bytes. Null = not known. */
  peak: number | null;
}

/** What the stat file has, in bytes, except counts. null = this kernel, or this version, does not tell. */
export interface CgroupStat {
  anon: number | null;
  file: number | null;
  shmem: number | null;
  inactiveFile: number | null;
  kernel: number | null;
  slabReclaimable: number | null;
  slabUnreclaimable: number | null;
  percpu: number | null;
  sock: number | null;
  kernelStack: number | null;
  pageTables: number | null;
  vmalloc: number | null;
  swap: number | null;
  refaults: number | null;
}

/** The name of each line in memory.stat of version 2; in version 1 the sums of the subtree, "total_". */
const NAMES: Record<Exclude<keyof CgroupStat, 'refaults'>, [v2: string, v1: string]> = {
  anon: ['anon', 'total_rss'],
  file: ['file', 'total_cache'],
  shmem: ['shmem', 'total_shmem'],
  inactiveFile: ['inactive_file', 'total_inactive_file'],
  kernel: ['kernel', ''],
  slabReclaimable: ['slab_reclaimable', ''],
  slabUnreclaimable: ['slab_unreclaimable', ''],
  percpu: ['percpu', ''],
  sock: ['sock', ''],
  kernelStack: ['kernel_stack', ''],
  pageTables: ['pagetables', ''],
  vmalloc: ['vmalloc', ''],
  // Version 2 has a file for it.
  swap: ['', 'total_swap'],
};
const TEXT_LIMIT = 16_384;

/** Never null: a text that is no memory.stat gives nulls. */
export function parseCgroupStat(text: string, version: 1 | 2): CgroupStat {
  const lines = keyedNumbers(text);
  const names = Object.entries(NAMES).map(([field, of]) => [field, lines.get(of[version === 2 ? 0 : 1]) ?? null]);
  return { ...(Object.fromEntries(names) as Omit<CgroupStat, 'refaults'>), refaults: refaultsOf(lines, version) };
}

/** Pages that came back after they were reclaimed; one line until 5.8, then by kind. */
function refaultsOf(lines: ReadonlyMap<string, number>, version: 1 | 2): number | null {
  const prefix = version === 1 ? 'total_' : '';
  const counts = ['workingset_refault', 'workingset_refault_anon', 'workingset_refault_file']
    .map((name) => lines.get(prefix + name))
    .filter((count) => count !== undefined);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** Returns lines "name number" of memory.stat, memory.events, memory.oom_control, cgroup.stat. */
export function keyedNumbers(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const [, name, value] of text.slice(0, TEXT_LIMIT).matchAll(/^(\w{1,64}) (\d{1,20})$/gm)) {
    lines.set(name, Number(value));
  }
  return lines;
}
