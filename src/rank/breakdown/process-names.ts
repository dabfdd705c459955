import type { ProcessRow } from './processes.js';

/** Processes of one name together. */
export interface ProcessNameRow extends Omit<ProcessRow, 'pid'> {
  /** How many processes of this name hold something. */
  pids: number;
  /** The only one of them; null when there are several. */
  pid: number | null;
}

/**
 * Rows by process name, by bytes. `stacks` is at least so many: a call path that several processes of one name took is
 * counted for each of them in the rows, and only the greatest of these counts is sure.
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
    known.slabBytes += row.slabBytes;
    known.percpuBytes += row.percpuBytes;
    known.vmallocBytes += row.vmallocBytes;
    known.backingBytes += row.backingBytes;
    known.allocations += row.allocations;
    known.newAllocations += row.newAllocations;
    known.stacks = Math.max(known.stacks, row.stacks);
    known.oldestAgeNs = Math.max(known.oldestAgeNs, row.oldestAgeNs);
  }
  return [...byName.values()].toSorted((a, b) => b.bytes - a.bytes || (a.comm < b.comm ? -1 : 1));
}
