/** openStack: the details of one call path. Walks the outstanding allocations of its allocator once. */

import { topN } from '../../base/top-n.js';
import { isOfProcess, PAGE } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { barStartNs, LIFETIME_BARS } from '../../pair/lifetimes.js';
import { HI, LO, NAMES, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { addressText } from '../names/frames.js';
import type { HistogramBar, PidShare, StackDetail } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { judgedRow, rankedRows, rankedStack } from './call-path-rows.js';
import { BARS, barOf, filledBars, powerBars } from './histogram.js';
import { rankOrder } from './rank-order.js';
import { type Ranking, rankingOf } from './ranking.js';
import { freePaths, freesOf, freeTree } from './typical-free.js';

const ADDRESSES_SHOWN = 8;
/** Of a process, whose blocks a debugger can look at. */
const BLOCKS_SHOWN = 32;
const PIDS_SHOWN = 100;

/**
 * `stackId` as in a Report. Returns null if there is no such row. Counts only allocations that pass
 * the selection; a row that the selection leaves out altogether has rank 0.
 */
export function openStack(
  trace: PairedTrace,
  selection: Selection | CompiledSelection,
  stackId: number,
): StackDetail | null {
  const { core } = trace;
  const row = core.paths.findRow(stackId);
  if (row === 0) return null;
  const ranking = rankingOf(trace, selection);
  const ranked = rankedRows(ranking);
  const at = ranked.findIndex((each) => each.row === row);
  const path = heldBy(ranking, row);
  const { held, slots } = path;
  const shown = at >= 0 ? ranked[at] : judgedRow(ranking, row);
  const frees = freesOf(core, [row]);
  const paths = frees === null ? [] : freePaths(ranking, frees);
  const place = at >= 0 ? at + 1 : placeBelow(ranking, row, ranked.length);
  return {
    stack: rankedStack(ranking, shown, place),
    pids: pidShares(core, path),
    sizes: histogram(slots, (slot) => held.bytesAt(slot)),
    ages: histogram(slots, (slot) => core.nowNs - held.timeNsAt(slot)),
    lifetimes: lifetimesOf(core, row),
    freePaths: paths,
    freeTree: freeTree(paths),
    addresses: sampleAddresses(core, path),
  };
}

/** Outstanding allocations of one call path. */
interface HeldSlots {
  held: HeldTable;
  slots: number[];
}

/** The allocations of a row that pass the selection. */
function heldBy({ core, totals }: Ranking, row: number): HeldSlots {
  const held = new HeldTable(core, core.paths.allocator[row]);
  const slots: number[] = [];
  held.each((slot, path) => {
    if (path === row && totals.filter.passes(held, slot)) slots.push(slot);
  });
  return { held, slots };
}

/** Place of a row that is not among the `above` first ones; 0 for a row that is not in the ranking. */
function placeBelow(ranking: Ranking, row: number, above: number): number {
  const { rows } = ranking.totals;
  if (!rows.includes(row)) return 0;
  const before = rankOrder(ranking);
  let place = 1;
  for (const other of rows) if (before(other, row) < 0) place++;
  return Math.max(above + 1, place);
}

function pidShares(core: PairingCore, { held, slots }: HeldSlots): PidShare[] {
  const { words } = held.table;
  const pairs = new AddressTable();
  const shares: PidShare[] = [];
  for (const slot of slots) {
    const at = slot * SLOT_WORDS;
    const pid = words[at + PID] & PID_MASK;
    const commId = core.dictionary.comms.nameId(words[at + NAMES] & 0xffff);
    const id = pairs.intern(pid, commId);
    shares[id - 1] ??= { pid, comm: core.dictionary.comms.nameOf(commId), bytes: 0, count: 0 };
    shares[id - 1].bytes += held.bytesAt(slot);
    shares[id - 1].count += held.countAt(slot);
  }
  shares.sort((a, b) => b.bytes - a.bytes || b.count - a.count || a.pid - b.pid || (a.comm < b.comm ? -1 : 1));
  return shares.slice(0, PIDS_SHOWN);
}

/** Bars over powers of two, from the first to the last that is not empty. */
function histogram(slots: number[], value: (slot: number) => number): HistogramBar[] {
  const counts = new Float64Array(BARS);
  for (const slot of slots) counts[barOf(value(slot))]++;
  return powerBars(counts);
}

function lifetimesOf(core: PairingCore, row: number): HistogramBar[] {
  const counts = core.paths.lifetimes.bars(core.paths.lifetimeRow(row));
  // The last bar has no upper bound; it gets the width that the scale would give it.
  return counts === null ? [] : filledBars(counts, barStartNs, LIFETIME_BARS);
}

function sampleAddresses(core: PairingCore, { held, slots }: HeldSlots): StackDetail['addresses'] {
  const { allocator } = held;
  const { words } = held.table;
  // A block's key holds its order above the pfn.
  // That of a process has the process's number above the address.
  const isOwn = isOfProcess(allocator);
  const mask = allocator === PAGE ? 0xff : isOwn ? 0xffff : -1;
  const hiOf = (slot: number): number => words[slot * SLOT_WORDS + HI] & mask;
  const loOf = (slot: number): number => words[slot * SLOT_WORDS + LO] >>> 0;
  const order = (a: number, b: number): number =>
    held.timeNsAt(a) - held.timeNsAt(b) ||
    (hiOf(a) >>> 0) - (hiOf(b) >>> 0) ||
    loOf(a) - loOf(b) ||
    words[a * SLOT_WORDS + HI] - words[b * SLOT_WORDS + HI];
  return topN(slots, isOwn ? BLOCKS_SHOWN : ADDRESSES_SHOWN, order).map((slot) => {
    const at = slot * SLOT_WORDS;
    return {
      address: allocator === PAGE || isOwn ? shortText(hiOf(slot), loOf(slot)) : addressText(hiOf(slot), loOf(slot)),
      bytes: held.bytesAt(slot),
      ageNs: core.nowNs - held.timeNsAt(slot),
      pid: words[at + PID] & PID_MASK,
      comm: core.dictionary.comms.name(words[at + NAMES] & 0xffff),
    };
  });
}

/** Page frame numbers and addresses of processes are short: no leading zeros. */
function shortText(hi: number, lo: number): string {
  return `0x${(hi * 2 ** 32 + lo).toString(16)}`;
}
