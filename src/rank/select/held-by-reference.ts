/**
 * Which call paths hold the pages that no process maps, but somebody references: vmspliced into a
 * pipe and unmapped, registered with io_uring, pinned by RDMA or a driver.
 *
 * How many of them came since the trace began is at least the growth of the LRU surplus
 * (proc/memory-account.ts) above its least. No event shows which
 * they are, but a process shows it: of the anonymous pages that it took and that are outstanding, it
 * maps only so many (none once it is gone). The excess is held by a reference, or mapped by a child
 * that it forked. So the growth goes to the processes of greatest excess first, and within one to
 * its call paths by their share. What is left over may be in any row of anon or shmem.
 */
import { PAGE } from '../../event/kinds.js';
import { PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import { categoryOf } from '../names/backing.js';
import { HeldTable } from './held-table.js';
import type { PathQuery } from './path-query.js';
import type { RowFilter } from './row-filter.js';

export interface HeldByReference {
  /** By row of the PathTable, of allocations that pass the selection. */
  bytes: Float64Array;
  /** What the processes of `bytes` lack altogether: the surplus may show less of it than there is. */
  mostBytes: Float64Array;
  /** Of `bytes`, from processes that are gone. */
  goneBytes: Float64Array;
  /** Held by references in whatever row of anon or shmem; 0 if the excesses explain the surplus. */
  elsewhereBytes: number;
  /** True if the excesses are more than the surplus: then `bytes` and `mostBytes` are bounds. */
  isBound: boolean;
  /** By row: 1 = its pages may be held by a reference (anon, shmem). */
  mayHold: Uint8Array;
}

/** Pages on their way to a list: some dozens a CPU and list. */
const LEAST_BYTES = 4 * 2 ** 20;
const LEAST_BYTES_A_CPU = 2 ** 20;
/** A process has its excess on every one of its call paths by share: the smallest are not told. */
const LEAST_TOLD_BYTES = 256 * 2 ** 10;
/** Excess above the surplus by this factor is more than two readings a moment apart explain. */
const TOLERANCE = 1.02;

/** Returns null where the surplus has not grown, or where it is not known. */
export function heldByReference(query: PathQuery, filter: RowFilter): HeldByReference | null {
  const { core } = query;
  const { lastMeminfo, hostFacts } = core;
  if (lastMeminfo === null) return null;
  const least = Math.max(LEAST_BYTES, hostFacts.cpus * LEAST_BYTES_A_CPU);
  const grown = lastMeminfo.heldByReferenceBytes - core.leastHeldBytes;
  if (grown < least) return null;
  const { mayHold, anon } = candidates(query);
  const held: HeldByReference = {
    bytes: new Float64Array(core.paths.size + 1),
    mostBytes: new Float64Array(core.paths.size + 1),
    goneBytes: new Float64Array(core.paths.size + 1),
    elsewhereBytes: grown / core.sampling.oneIn,
    isBound: false,
    mayHold,
  };
  // Of a sample of addresses, what a process holds is not known.
  if (core.sampling.isWhole) share(query, { held, filter, anon });
  if (held.elsewhereBytes < least) held.elsewhereBytes = 0;
  return held;
}

/** The bytes of a row that are rather held by a reference than shown by a line of meminfo. */
export function suspectBytes(held: HeldByReference | null, row: number, bytes: number): number {
  if (held === null || held.mayHold[row] === 0) return 0;
  return Math.min(bytes, held.bytes[row] + held.elsewhereBytes);
}

function candidates({ core, facts }: PathQuery): { mayHold: Uint8Array; anon: Uint8Array } {
  const { paths } = core;
  const mayHold = new Uint8Array(paths.size + 1);
  const anon = new Uint8Array(paths.size + 1);
  for (let row = 1; row <= paths.size; row++) {
    if (paths.allocator[row] !== PAGE) continue;
    const category = categoryOf(core, facts, row);
    anon[row] = Number(category === 'anon');
    mayHold[row] = Number(category === 'anon' || category === 'shmem');
  }
  return { mayHold, anon };
}

function share(
  { core }: PathQuery,
  { held, filter, anon }: { held: HeldByReference; filter: RowFilter; anon: Uint8Array },
): void {
  const { gone, mapped } = core.processes;
  const table = new HeldTable(core, PAGE);
  const { words } = table.table;
  const pidAt = (slot: number): number => words[slot * SLOT_WORDS + PID] & PID_MASK;
  const bytesOfPid = new Map<number, number>();
  table.each((slot, row) => {
    if (anon[row] === 0) return;
    const pid = pidAt(slot);
    bytesOfPid.set(pid, (bytesOfPid.get(pid) ?? 0) + table.bytesAt(slot));
  });
  const excesses: { pid: number; excess: number }[] = [];
  for (const [pid, bytes] of bytesOfPid) {
    const maps = gone.has(pid) ? 0 : (mapped.get(pid) ?? Number.POSITIVE_INFINITY) * table.unit;
    if (bytes > maps) excesses.push({ pid, excess: bytes - maps });
  }
  excesses.sort((a, b) => b.excess - a.excess || a.pid - b.pid);
  const sum = excesses.reduce((total, { excess }) => total + excess, 0);
  held.isBound = sum > held.elsewhereBytes * TOLERANCE;
  const shareOfPid = new Map<number, { held: number; most: number }>();
  for (const { pid, excess } of excesses) {
    const bytes = Math.min(excess, held.elsewhereBytes);
    if (bytes === 0) break;
    held.elsewhereBytes -= bytes;
    const all = bytesOfPid.get(pid) ?? excess;
    shareOfPid.set(pid, { held: bytes / all, most: excess / all });
  }
  if (shareOfPid.size === 0) return;
  table.each((slot, row) => {
    if (anon[row] === 0) return;
    const pid = pidAt(slot);
    const part = shareOfPid.get(pid);
    if (part === undefined || !filter.passes(table, slot)) return;
    const bytes = table.bytesAt(slot);
    held.bytes[row] += bytes * part.held;
    held.mostBytes[row] += bytes * part.most;
    if (gone.has(pid)) held.goneBytes[row] += bytes * part.held;
  });
  for (let row = 1; row <= core.paths.size; row++) {
    const isTold = held.bytes[row] >= LEAST_TOLD_BYTES;
    held.mostBytes[row] = isTold ? Math.round(held.mostBytes[row]) : 0;
    held.bytes[row] = isTold ? Math.round(held.bytes[row]) : 0;
    held.goneBytes[row] = isTold ? Math.round(held.goneBytes[row]) : 0;
  }
}
