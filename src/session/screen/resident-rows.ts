/** Joins what processes hold of the trace with what ps shows of them. */
import type { ProcessNameRow } from '../../rank/breakdown/process-names.js';
import type { ProcessRow, Resident } from '../../rank/breakdown/processes.js';
import type { ProcessesNow } from '../look/machine-now.js';

type ProcessFacts = ProcessesNow['processes'][number];

/**
 * Returns the rows with the memory of their processes. `gone`: processes that have ended: another may have the number of
 * one of them.
 */
export function withResidents(
  rows: readonly ProcessRow[],
  processes: readonly ProcessFacts[],
  gone: ReadonlySet<number>,
): ProcessRow[] {
  const residents = new Map(processes.map((process) => [process.pid, residentOf(process)]));
  return rows.map((row) => {
    const resident = gone.has(row.pid) ? undefined : residents.get(row.pid);
    return resident === undefined ? row : { ...row, resident };
  });
}

/** Returns a row for every process, by its resident memory, with what the rows of its number hold. */
export function everyProcess(processes: readonly ProcessFacts[], rows: readonly ProcessRow[]): ProcessNameRow[] {
  const held = new Map<number, ProcessNameRow>();
  for (const row of rows) {
    const known = held.get(row.pid);
    if (known === undefined) held.set(row.pid, { ...row, pids: 1 });
    else if (row.resident !== undefined) addTo(known, row);
  }
  return processes
    .map((process): ProcessNameRow => {
      const row = held.get(process.pid);
      // Of a number that is used again, the trace knows the process that has ended.
      const own = row?.resident === undefined ? { ...NOTHING } : row;
      return { ...own, comm: process.name, pid: process.pid, pids: 1, resident: residentOf(process) };
    })
    .toSorted((one, other) => (other.resident?.rss ?? 0) - (one.resident?.rss ?? 0));
}

function residentOf(process: ProcessFacts): Resident {
  const { virtual, rssAnon, rssFile, rssShmem, swap, pageTables, threads } = process;
  const rss = rssAnon + rssFile + rssShmem;
  return { rss, virtual, anon: rssAnon, file: rssFile, shmem: rssShmem, swap, pageTables, threads };
}

/** A thread may have a name, and so a row, of its own. */
function addTo(known: ProcessNameRow, row: ProcessRow): void {
  for (const name of SUMS) known[name] += row[name];
  known.oldestAgeNs = Math.max(known.oldestAgeNs, row.oldestAgeNs);
}

const NOTHING = {
  bytes: 0,
  count: 0,
  pageBytes: 0,
  noLineBytes: 0,
  shmemBytes: 0,
  anonBytes: 0,
  cacheBytes: 0,
  slabBytes: 0,
  percpuBytes: 0,
  vmallocBytes: 0,
  backingBytes: 0,
  allocations: 0,
  newAllocations: 0,
  stacks: 0,
  oldestAgeNs: 0,
};
const SUMS = Object.keys(NOTHING).filter((name) => name !== 'oldestAgeNs') as (keyof typeof NOTHING)[];
