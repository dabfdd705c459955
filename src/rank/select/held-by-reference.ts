/**
 * Which call paths hold the pages that no process maps and no file has, but somebody references:
 * vmspliced into a pipe and unmapped, spliced from a file that was then truncated, registered with
 * io_uring, pinned by RDMA or a driver.
 *
 * How many there are is the LRU surplus (proc/memory-account.ts). At least its growth above its least
 * came since the trace began. No event shows which pages they are, but a process shows it: of the
 * anonymous pages that it took and that are outstanding, it maps only so many (none once it is gone).
 * Its excess is held by a reference, or mapped by a child that it forked.
 *
 * - If all excesses together are no more than the growth, each is held by a reference. The rest of
 *   the growth may be in any row of anon, shmem, page cache, or of no known category.
 * - If they are more, each is a bound. A fact is only the part that the others cannot explain, and
 *   only where it is half of the excess: otherwise most of it is mapped by children, as the rest may
 *   be. The bound stays where the surplus has not grown: pages held before may have been given back.
 */
import { PAGE } from '../../event/kinds.js';
import { PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { ACCOUNT_TERMS } from '../../proc/memory-account.js';
import { categoryOf } from '../names/backing.js';
import { HeldTable } from './held-table.js';
import type { PathQuery } from './path-query.js';
import type { RowFilter } from './row-filter.js';

/** What processes took, hold and do not map, of some allocations. Bytes. */
export interface Excess {
  bytes: number;
  /** Of `bytes`, from processes that are gone. */
  goneBytes: number;
}

export interface HeldByReference {
  /** The most that the LRU surplus can be now. */
  mostBytes: number;
  /** Its growth; 0 if it is no more than noise. */
  grownBytes: number;
  /** The excess of all processes. */
  sumBytes: number;
  /** True if the excesses are more than the growth: then each of them is a bound. */
  isBound: boolean;
  /** Of the growth, what the excesses cannot explain: it may be in any row of `mayHold`. */
  elsewhereBytes: number;
  /** The same for rows that are not anonymous: more where it is open whether the excesses explain it. */
  notAnonBytes: number;
  /** A smaller share is not told. */
  leastToldBytes: number;
  /** By row of the PathTable, of allocations that pass the selection. */
  excessBytes: Float64Array;
  goneBytes: Float64Array;
  /** By row: MAY_HOLD_ANON, MAY_HOLD_OTHER, or 0 = its pages cannot be held by a reference alone. */
  mayHold: Uint8Array;
  /** What all rows of `mayHold` hold, whether it passes the selection or not. */
  mayHoldBytes: number;
  /** By process: share of its anonymous pages that is excess. */
  shareOfPid: ReadonlyMap<number, number>;
  /** Processes that are gone. */
  gone: ReadonlySet<number>;
}

const SWAP_CACHE = ACCOUNT_TERMS.indexOf('swap cache not mapped');

export const MAY_HOLD_ANON = 1;
const MAY_HOLD_OTHER = 2;

/** Pages on their way to a list: some dozens a CPU and list. */
const LEAST_BYTES = 4 * 2 ** 20;
const LEAST_BYTES_A_CPU = 2 ** 20;
/** A process has its excess on every one of its call paths by share: the smallest are not told. */
const LEAST_TOLD_BYTES = 256 * 2 ** 10;
/** Excess above the growth by this factor is no more than two readings a moment apart explain. */
const TOLERANCE = 1.02;
/** Least share of an excess that is a fact, where the excesses are bounds. */
const FACT_SHARE = 1 / 2;

/** Returns null where nothing can be held, or where it is not known. */
export function heldByReference(query: PathQuery, filter: RowFilter): HeldByReference | null {
  const { core } = query;
  const { lastMeminfo, hostFacts, sampling, processes } = core;
  if (lastMeminfo === null) return null;
  const surplusBytes = lastMeminfo.heldByReferenceBytes;
  const least = Math.max(LEAST_BYTES, hostFacts.cpus * LEAST_BYTES_A_CPU);
  if (surplusBytes < least) return null;
  const grown = (surplusBytes - core.leastHeldBytes) / sampling.oneIn;
  const grownBytes = grown * sampling.oneIn < least ? 0 : grown;
  // Of a sample of addresses, what a process holds is not known.
  if (grownBytes === 0 && !sampling.isWhole) return null;
  const { size } = core.paths;
  const held: HeldByReference = {
    // Pages of the swap cache are taken for unmapped ones as far as there are any.
    mostBytes: surplusBytes + lastMeminfo.terms[SWAP_CACHE] + least,
    grownBytes,
    sumBytes: 0,
    isBound: false,
    elsewhereBytes: grownBytes,
    notAnonBytes: grownBytes,
    leastToldBytes: LEAST_TOLD_BYTES / sampling.oneIn,
    excessBytes: new Float64Array(size + 1),
    goneBytes: new Float64Array(size + 1),
    ...candidates(query),
    shareOfPid: new Map(),
    gone: processes.gone,
  };
  if (!sampling.isWhole) return held;
  findExcesses(core, held);
  if (grownBytes === 0 && held.sumBytes < least) return null;
  sumByRow({ core, held, filter });
  const { sumBytes } = held;
  held.isBound = sumBytes > grownBytes * TOLERANCE;
  held.elsewhereBytes = atLeast(grownBytes - sumBytes, least);
  held.notAnonBytes = atLeast(grownBytes - factBytes(held, sumBytes), least);
  return held;
}

function atLeast(bytes: number, least: number): number {
  return bytes < least ? 0 : bytes;
}

/** What is surely held by a reference, of allocations with so much excess. */
export function factBytes({ grownBytes, sumBytes, isBound }: HeldByReference, excess: number): number {
  if (sumBytes === 0) return 0;
  if (!isBound) return excess * Math.min(1, grownBytes / sumBytes);
  const fact = excess - (sumBytes - grownBytes);
  return fact > 0 && fact >= excess * FACT_SHARE ? fact : 0;
}

/** What may be in a row, or in each of many, although no process is known to lack it. */
function openBytes(held: HeldByReference, row: number): number {
  if (held.mayHold[row] === 0) return 0;
  return held.mayHold[row] === MAY_HOLD_ANON ? held.elsewhereBytes : held.notAnonBytes;
}

/** The bytes of a row that may be held by a reference; 0 where they are too few to be told. */
export function mayBeHeldBytes(held: HeldByReference | null, row: number, bytes: number): number {
  if (held === null) return 0;
  const most = Math.min(held.excessBytes[row] + openBytes(held, row), held.mostBytes, bytes);
  return atLeast(most, held.leastToldBytes);
}

/** The bytes of a row that are surely held by a reference; 0 where they are too few to be told. */
export function surelyHeldBytes(held: HeldByReference | null, row: number): number {
  return held === null ? 0 : atLeast(factBytes(held, held.excessBytes[row]), held.leastToldBytes);
}

/** What a row has by proportion of the growth that no process lacks. */
export function proportionBytes(held: HeldByReference | null, row: number, bytes: number): number {
  if (held === null || held.mayHold[row] === 0 || held.mayHoldBytes === 0) return 0;
  return Math.min(bytes, (held.elsewhereBytes * bytes) / held.mayHoldBytes);
}

function candidates({ core, facts }: PathQuery): Pick<HeldByReference, 'mayHold' | 'mayHoldBytes'> {
  const { paths, hostFacts } = core;
  const mayHold = new Uint8Array(paths.size + 1);
  let mayHoldBytes = 0;
  for (let row = 1; row <= paths.size; row++) {
    if (paths.allocator[row] !== PAGE) continue;
    const category = categoryOf(core, facts, row);
    if (category === 'anon') mayHold[row] = MAY_HOLD_ANON;
    else if (category === 'shmem' || category === 'page cache' || category === null) mayHold[row] = MAY_HOLD_OTHER;
    if (mayHold[row] !== 0) mayHoldBytes += paths.live(row) * hostFacts.pageSize;
  }
  return { mayHold, mayHoldBytes };
}

/** Finds the excess of each process, of all that it holds. */
function findExcesses(core: PairingCore, held: HeldByReference): void {
  const { gone, mapped } = core.processes;
  const table = new HeldTable(core, PAGE);
  const { words } = table.table;
  const bytesOfPid = new Map<number, number>();
  table.each((slot, row) => {
    if (held.mayHold[row] !== MAY_HOLD_ANON) return;
    const pid = words[slot * SLOT_WORDS + PID] & PID_MASK;
    bytesOfPid.set(pid, (bytesOfPid.get(pid) ?? 0) + table.bytesAt(slot));
  });
  const shareOfPid = new Map<number, number>();
  for (const [pid, bytes] of bytesOfPid) {
    const maps = gone.has(pid) ? 0 : (mapped.get(pid) ?? Number.POSITIVE_INFINITY) * table.unit;
    if (bytes <= maps) continue;
    held.sumBytes += bytes - maps;
    shareOfPid.set(pid, (bytes - maps) / bytes);
  }
  held.shareOfPid = shareOfPid;
}

function sumByRow({ core, held, filter }: { core: PairingCore; held: HeldByReference; filter: RowFilter }): void {
  const { shareOfPid, gone, mayHold, excessBytes, goneBytes } = held;
  if (shareOfPid.size === 0) return;
  const table = new HeldTable(core, PAGE);
  const { words } = table.table;
  table.each((slot, row) => {
    if (mayHold[row] !== MAY_HOLD_ANON) return;
    const pid = words[slot * SLOT_WORDS + PID] & PID_MASK;
    const share = shareOfPid.get(pid);
    if (share === undefined || !filter.passes(table, slot)) return;
    const bytes = table.bytesAt(slot) * share;
    excessBytes[row] += bytes;
    if (gone.has(pid)) goneBytes[row] += bytes;
  });
}
