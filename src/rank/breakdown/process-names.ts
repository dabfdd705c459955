import type { HolderCgroup } from './cgroups.js';
import type { ProcessRow, ProcessState, Resident } from './processes.js';

/** Sums over the processes of one name. */
export interface ProcessNameRow extends Omit<ProcessRow, 'pid'> {
  /** Number of processes of this name that hold something. */
  pids: number;
  /** The pid if there is only one; null when there are several. */
  pid: number | null;
  /** Where the rows are cgroups: which one (cgroups.ts). */
  cgroup?: HolderCgroup;
}

/** Of a trace of processes alone. */
const OWN_COLUMNS = ['heapBytes', 'mappedBytes', 'reservedBytes'] as const;

/**
 * Returns a row for each process name, by bytes. `stacks` is a lower bound: the rows count a call
 * path for each process that took it, so only the greatest of their counts is certain.
 */
export function byProcessName(rows: readonly ProcessRow[]): ProcessNameRow[] {
  const byName = new Map<string, ProcessNameRow>();
  for (const row of rows) {
    const known = byName.get(row.comm);
    if (known === undefined) {
      byName.set(row.comm, { ...row, pids: 1 });
      continue;
    }
    known.pids++;
    known.pid = null;
    known.bytes += row.bytes;
    known.count += row.count;
    known.pageBytes += row.pageBytes;
    known.noLineBytes += row.noLineBytes;
    known.shmemBytes += row.shmemBytes;
    known.anonBytes += row.anonBytes;
    known.cacheBytes += row.cacheBytes;
    known.slabBytes += row.slabBytes;
    known.percpuBytes += row.percpuBytes;
    known.vmallocBytes += row.vmallocBytes;
    known.backingBytes += row.backingBytes;
    for (const name of OWN_COLUMNS) {
      if (row[name] !== undefined) known[name] = (known[name] ?? 0) + row[name];
    }
    known.allocations += row.allocations;
    known.newAllocations += row.newAllocations;
    if (row.resident !== undefined) known.resident = residentSum(known.resident, row.resident);
    if (row.state !== undefined) known.state = sumOf(known.state, row.state);
    known.stacks = Math.max(known.stacks, row.stacks);
    known.oldestAgeNs = Math.max(known.oldestAgeNs, row.oldestAgeNs);
  }
  return [...byName.values()].toSorted((a, b) => b.bytes - a.bytes || (a.comm < b.comm ? -1 : 1));
}

/** Pages that several of the processes map are counted for each, as in the sum of a column of ps. */
function residentSum(known: Resident | undefined, more: Resident): Resident {
  if (known === undefined) return more;
  return {
    rss: known.rss + more.rss,
    virtual: known.virtual + more.virtual,
    anon: known.anon + more.anon,
    file: known.file + more.file,
    shmem: known.shmem + more.shmem,
    swap: known.swap + more.swap,
    pageTables: known.pageTables + more.pageTables,
    threads: known.threads + more.threads,
  };
}

/** The state of what grows faster goes for both, or else that of the greater: rows come greatest first. */
function sumOf(known: ProcessState | undefined, more: ProcessState): ProcessState {
  if (known === undefined) return more;
  const first = (more.growth ?? 0) > (known.growth ?? 0) ? more : known;
  const growth =
    known.growth === null || more.growth === null ? (known.growth ?? more.growth) : known.growth + more.growth;
  return { ...first, growth, paths: [...new Set([...known.paths, ...more.paths])] };
}
