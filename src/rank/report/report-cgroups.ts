/** Cgroups that are gone, of which something is left. Names may be added, never renamed. */

/** Removed cgroups of one parent. All names are untrusted text. */
export interface RemovedCgroupGroup {
  /** Path of the cgroup that they were in. */
  parent: string;
  /** Short name of the parent. */
  name: string;
  /** Those that were removed while the trace ran, and of which something is held. */
  cgroups: number;
  /** One of them, its path. */
  example: string;
  /** What their tasks took in the trace and is held still, no byte twice. */
  bytes: number;
  /** By the line of /proc/meminfo (ReportStack.category), greatest first; null = no line is known. */
  categories: { category: string | null; bytes: number }[];
  /** The processes that took it, by name, greatest share first; at most 8. */
  comms: { comm: string; bytes: number }[];
  /** Who made most of them, and how many; null where the trace does not say. */
  maker: { comm: string; cgroups: number } | null;
  /** What the kernel counts in the parent and below it, at the latest look; null where none has it. */
  kernel: {
    /** nr_dying_descendants of cgroup.stat, and at the first look of the trace; null = not known, as of version 1. */
    dying: number | null;
    dyingAtStart: number | null;
    /** Of memory.stat; null = not known. With what is below it and there. */
    shmemBytes: number | null;
    fileBytes: number | null;
    slabBytes: number | null;
  } | null;
}

/** Null where nothing is held of any. */
export interface RemovedCgroups {
  cgroups: number;
  bytes: number;
  /** Greatest first, at most 16. */
  groups: RemovedCgroupGroup[];
}

/** What is known of cgroups beside the events of a trace. */
export interface CgroupFacts {
  /** Process name of who made a cgroup, by its path. */
  makers: ReadonlyMap<string, string>;
  /** What the kernel counts, by path. */
  counters: ReadonlyMap<string, NonNullable<RemovedCgroupGroup['kernel']>>;
}

export const NO_CGROUP_FACTS: CgroupFacts = { makers: new Map(), counters: new Map() };
