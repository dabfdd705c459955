/**
 * ShownAges: ages and the split by process name, which are worked out only for the call paths that
 * a report shows. One walk over all outstanding allocations serves them all.
 */
import { median } from '../../base/quickselect.js';
import { ALLOCATOR_COUNT } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { type LiveTable, NAMES, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { CgroupShare, CommShare, GoneHolders, ResidentShare } from '../report/report-rows.js';
import type { SampleEstimate } from '../report/report-sample.js';
import { cgroupShares, commShares, type TaskShare } from '../select/cgroup-shares.js';
import { HeldTable } from '../select/held-table.js';
import { ResidentSums } from '../select/resident-pages.js';
import type { RowFilter } from '../select/row-filter.js';
import { SampleEstimator } from '../trust/sample-estimate.js';
import { AGE_BARS, unevennessOf } from '../verdict/age-bars.js';
import type { Ages } from '../verdict/history-facts.js';
import { freesOf, latestFreeNs } from './typical-free.js';

export interface ShownDetail extends Ages {
  comms: CommShare[];
  cgroups: CgroupShare[];
  gone: GoneHolders | null;
  /** Pages or objects that are older than ShownPlaces.latestFreeNs. */
  heldLonger: number;
  /** The process that holds most of it, and what it holds; null where nothing is held. */
  greatestPid: { pid: number; bytes: number } | null;
  /** Null where all addresses were traced. */
  estimate: SampleEstimate | null;
  /** How much of its mappings is in memory; null where that was not read. */
  resident: ResidentShare | null;
}

/** Returns a detail for each of `rows` (rows of the PathTable), in their order. */
export function shownDetails(core: PairingCore, filter: RowFilter, rows: number[]): ShownDetail[] {
  // 1 + position in `rows`, 0 = not shown.
  const shown = new Uint32Array(core.paths.size + 1);
  for (const [i, row] of rows.entries()) shown[row] = i + 1;
  const allocators = new Set(rows.map((row) => core.paths.allocator[row]));
  const latestFree = Float64Array.from(rows, (row) => latestFreeNs(freesOf(core, [row])));
  return slotDetails(core, filter, {
    length: rows.length,
    allocators,
    latestFreeNs: latestFree,
    placeOf: (path) => shown[path],
  });
}

/** Returns the median age of each of `rows`, in their order: the same as shownDetails(), without the rest. */
export function medianAges(core: PairingCore, filter: RowFilter, rows: readonly number[]): Float64Array {
  const { paths, nowNs } = core;
  // Ages lie row by row in one array, at places that a first walk counts: no list has to grow.
  const starts = new Float64Array(paths.size + 2);
  const wanted = new Uint8Array(paths.size + 1);
  for (const row of rows) wanted[row] = 1;
  const allocators = new Set(rows.map((row) => paths.allocator[row]));
  for (const allocator of allocators) {
    new HeldTable(core, allocator).each((_slot, path) => {
      starts[path + 1] += wanted[path];
    });
  }
  for (let row = 0; row <= paths.size; row++) starts[row + 1] += starts[row];
  const ages = new Float64Array(starts[paths.size + 1]);
  const ends = starts.slice();
  for (const allocator of allocators) {
    const held = new HeldTable(core, allocator);
    held.each((slot, path) => {
      if (wanted[path] === 0 || !filter.passes(held, slot)) return;
      ages[ends[path]++] = nowNs - held.timeNsAt(slot);
    });
  }
  return Float64Array.from(rows, (row) => median(ages.subarray(starts[row], ends[row]), ends[row] - starts[row]));
}

/** The rows shown, and the place of each allocation among them. */
export interface ShownPlaces {
  length: number;
  /** Allocators (kinds.ts) to walk. */
  allocators: ReadonlySet<number>;
  /** By place, the age that memory seldom reaches before it is freed (typical-free.ts), ns. */
  latestFreeNs: Float64Array;
  /** Returns 1 + the place of the allocation in a slot of a row of the PathTable; 0 = it is not shown. */
  placeOf: (path: number, table: LiveTable, slot: number) => number;
}

export function slotDetails(
  core: PairingCore,
  filter: RowFilter,
  { length, allocators, placeOf, latestFreeNs: latestFree }: ShownPlaces,
): ShownDetail[] {
  const ages = Array.from({ length }, () => new AgeList());
  const heldLonger = new Float64Array(length);
  const tasks = new PairSums();
  const pids = new PairSums();
  const gone = core.lives.known ? new PairSums() : null;
  const residents = new ResidentSums(core, length);
  const estimator = core.sampling.isWhole ? null : new SampleEstimator(core.sampling, length);
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    if (!allocators.has(allocator)) continue;
    const held = new HeldTable(core, allocator);
    const { nowNs } = core;
    held.each((slot, path) => {
      const place = placeOf(path, held.table, slot);
      if (place === 0 || !filter.passes(held, slot)) return;
      const ageNs = nowNs - held.timeNsAt(slot);
      ages[place - 1].push(ageNs);
      if (ageNs > latestFree[place - 1]) heldLonger[place - 1] += held.countAt(slot);
      const { words } = held.table;
      const at = slot * SLOT_WORDS;
      tasks.add(place, words[at + NAMES] & 0xffff, held, slot);
      const pid = words[at + PID] & PID_MASK;
      pids.add(place, pid, held, slot);
      if (gone !== null && core.lives.isGone(pid, held.timeNsAt(slot))) gone.add(place, pid, held, slot);
      estimator?.add(place, held, slot);
      residents.add(place - 1, held, slot);
    });
  }
  const taskLists = taskShares(tasks, length);
  const estimates = estimator?.estimates();
  const greatest = greatestPids(pids, length);
  const holders = gone === null ? null : goneHolders(pids, gone, length);
  return ages.map((list, i) => ({
    ...list.summary(),
    comms: commShares(core, taskLists[i]),
    cgroups: cgroupShares(core, taskLists[i]),
    gone: holders?.[i] ?? null,
    heldLonger: heldLonger[i],
    greatestPid: greatest[i],
    estimate: estimates?.[i] ?? null,
    resident: residents.share(i),
  }));
}

/** A growing list of ages. */
class AgeList {
  private values = new Float64Array(16);
  private length = 0;
  private oldest = 0;

  push(ageNs: number): void {
    if (this.length === this.values.length) {
      const values = new Float64Array(this.length * 2);
      values.set(this.values);
      this.values = values;
    }
    this.values[this.length++] = ageNs;
    if (ageNs > this.oldest) this.oldest = ageNs;
  }

  /** May be called once: finding the median reorders the list. */
  summary(): Ages {
    return {
      oldestAgeNs: this.oldest,
      medianAgeNs: median(this.values, this.length),
      allocations: this.length,
      ...this.spread(),
    };
  }

  /**
   * The ages in 32 bars, and the greatest distance between their cumulative distribution and that of
   * evenly spread ages (Kolmogorov's).
   */
  private spread(): Pick<Ages, 'unevenness' | 'ageBars'> {
    const bars = new Uint32Array(AGE_BARS + 1);
    for (let i = 0; i < this.length; i++) {
      bars[this.oldest === 0 ? 0 : Math.floor((this.values[i] / this.oldest) * AGE_BARS)]++;
    }
    // The oldest itself belongs to the last bar.
    bars[AGE_BARS - 1] += bars[AGE_BARS];
    const ageBars = bars.subarray(0, AGE_BARS);
    return { unevenness: this.oldest === 0 ? 1 : unevennessOf(ageBars, 0), ageBars };
  }
}

/** Sums by (position of the call path, key), where a key is a comm id or a pid. */
class PairSums {
  /** Interns the pairs; it takes any two 32-bit words. */
  readonly pairs = new AddressTable();
  bytes = new Float64Array(1024);
  count = new Float64Array(1024);
  private lastPosition = 0;
  private lastKey = 0;
  private lastId = 0;

  /** Adds the allocation in a slot. */
  add(position: number, key: number, held: HeldTable, slot: number): void {
    if (position !== this.lastPosition || key !== this.lastKey) {
      this.lastId = this.pairs.intern(position, key);
      this.lastPosition = position;
      this.lastKey = key;
      if (this.lastId >= this.bytes.length) this.grow();
    }
    this.bytes[this.lastId] += held.bytesAt(slot);
    this.count[this.lastId] += held.countAt(slot);
  }

  private grow(): void {
    const bytes = new Float64Array(this.bytes.length * 2);
    const count = new Float64Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    count.set(this.count);
    this.bytes = bytes;
    this.count = count;
  }
}

/** Returns what the tasks of each id hold of each call path. */
function taskShares({ pairs, bytes, count }: PairSums, length: number): TaskShare[][] {
  const lists = Array.from({ length }, (): TaskShare[] => []);
  for (let id = 1; id <= pairs.size; id++) {
    lists[pairs.hi[id] - 1].push({ commId: pairs.lo[id], bytes: bytes[id], count: count[id] });
  }
  return lists;
}

/** Returns what processes that have ended hold of each row, and how many of all they are. */
function goneHolders({ pairs: all }: PairSums, { pairs, bytes, count }: PairSums, length: number): GoneHolders[] {
  const rows = Array.from({ length }, (): GoneHolders => ({ processes: 0, gone: 0, bytes: 0, count: 0 }));
  for (let id = 1; id <= all.size; id++) rows[all.hi[id] - 1].processes++;
  for (let id = 1; id <= pairs.size; id++) {
    const row = rows[pairs.hi[id] - 1];
    row.gone++;
    row.bytes += bytes[id];
    row.count += count[id];
  }
  return rows;
}

/** Returns the pid with most bytes of each call path; of equal ones the lowest. */
function greatestPids({ pairs, bytes }: PairSums, length: number): ShownDetail['greatestPid'][] {
  const found = Array.from({ length }, (): ShownDetail['greatestPid'] => null);
  for (let id = 1; id <= pairs.size; id++) {
    const i = pairs.hi[id] - 1;
    const pid = pairs.lo[id];
    const best = found[i];
    if (best === null || bytes[id] > best.bytes || (bytes[id] === best.bytes && pid < best.pid)) {
      found[i] = { pid, bytes: bytes[id] };
    }
  }
  return found;
}
