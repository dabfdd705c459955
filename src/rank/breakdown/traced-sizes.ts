/** Sizes of processes as the trace itself has them, beside what they hold. */
import type { PairingCore } from '../../pair/pairing-core.js';
import type { ProcessRow, Resident } from './processes.js';

/**
 * Returns the rows with the kernel's latest figures that the trace itself has for their processes: of the last program of
 * each pid. Rows of others stay as they are.
 */
export function withTraced(
  rows: readonly ProcessRow[],
  { processMemory: { processes, history } }: PairingCore,
): ProcessRow[] {
  const latest = new Map<number, Resident>();
  for (const { number, pid } of processes.all()) {
    const last = history.of(number)?.last;
    if (last === undefined) continue;
    latest.set(pid, {
      rss: bytesOf(last.rss_kb),
      virtual: bytesOf(last.vm_size_kb),
      anon: bytesOf(last.anon_kb),
      file: bytesOf(last.file_kb),
      shmem: bytesOf(last.shmem_kb),
      swap: bytesOf(last.swap_kb),
      pageTables: 0,
      threads: 0,
    });
  }
  return rows.map((row) => {
    const resident = latest.get(row.pid);
    return resident === undefined ? row : { ...row, resident };
  });
}

/** -1 = not known. */
function bytesOf(kb: number): number {
  return Math.max(0, kb) * 1024;
}
