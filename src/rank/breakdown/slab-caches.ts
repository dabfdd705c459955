/**
 * Outstanding memory by slab cache, beside the figures of slabinfo. Takes one walk over all
 * outstanding objects.
 *
 * Events of kmalloc() name no cache. Their objects are in rows 'kmalloc-N' for N bytes an object,
 * which stand for all kmalloc caches of that size (by kind, by cgroup, randomised). Objects larger
 * than the largest cache take pages of their own and are one row, LARGE_KMALLOC. Where
 * kmem_cache_alloc events name no cache either (before Linux 6.0), a row stands for all caches of
 * one size.
 */

import { SLAB } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { NAMES, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { type SlabGroup, UNMATCHED } from '../../pair/slab-balance.js';
import { CacheNames } from '../names/cache-names.js';
import type { CacheBalance } from '../report/report-reconciliation.js';
import type { Selection } from '../report/selection.js';
import { queryOf } from '../rows/rank-memo.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { pathTotals } from '../select/path-totals.js';
import { cacheBalance } from '../trust/reconciliation.js';

export interface CacheRow {
  /**
   * Name of the cache, or of all caches that this row stands for; untrusted text. The objects of a merged cache
   * are in a row for each name that call paths tell (merged-caches.ts).
   */
  cache: string;
  /** Outstanding now. */
  objects: number;
  bytes: number;
  /** Number of call paths with outstanding objects of it. */
  stacks: number;
  /** Age of its oldest outstanding object. */
  oldestAgeNs: number;
  /**
   * The cache at slabinfo's last sample, whatever the selection: active objects at the start and at
   * the sample, objects outstanding at the sample, and whether the two agree. Null when slabinfo
   * was not sampled twice, or has no such cache. Of a merged cache it is the whole, in the row with most bytes.
   */
  balance: CacheBalance | null;
  /** The row with the figures of slabinfo that count this row's objects too; null where they stand here, or nowhere. */
  balanceIn: string | null;
}

/**
 * Returns all caches with outstanding objects that pass the selection, by bytes. The selection's
 * limit, sort and group have no effect. Throws an Error if grep or hide is not a regular
 * expression.
 */
export function cachesOf(trace: PairedTrace, selection: Selection | CompiledSelection): CacheRow[] {
  return heldCaches(trace, selection).map(({ row }) => row);
}

/** A row with the name that slabinfo may have for it: of the cache, 'kmalloc-N', or of all caches of one size. */
export interface HeldCache {
  row: CacheRow;
  kernelName: string;
}

/** Returns the rows of cachesOf(), with their names in slabinfo. */
export function heldCaches(trace: PairedTrace, selection: Selection | CompiledSelection): HeldCache[] {
  const query = queryOf(trace, selection);
  const { core } = query;
  const totals = pathTotals(query);
  const wanted = new Uint8Array(core.paths.size + 1);
  for (const row of totals.rows) wanted[row] = 1;

  const names = new CacheNames(query);
  const paths = new AddressTable();
  const rows: CacheRow[] = [];
  const held = new HeldTable(core, SLAB);
  const { words } = held.table;
  held.each((slot, path) => {
    if (wanted[path] === 0 || !totals.filter.passes(held, slot)) return;
    const size = held.bytesAt(slot);
    const id = names.idOf(words[slot * SLOT_WORDS + NAMES] >>> 16, size, path);
    rows[id] ??= { cache: names.names[id], objects: 0, bytes: 0, stacks: 0, oldestAgeNs: 0, ...NO_BALANCE };
    const row = rows[id];
    row.objects++;
    row.bytes += size;
    row.oldestAgeNs = Math.max(row.oldestAgeNs, core.nowNs - held.timeNsAt(slot));
    const pathsBefore = paths.size;
    paths.intern(id, path);
    if (paths.size > pathsBefore) row.stacks++;
  });
  const balances = balancesOf(core);
  const kernelNames = new Map(rows.map((row, id) => [row, names.kernelNames[id]]));
  const sorted = rows.toSorted((a, b) => b.bytes - a.bytes || (a.cache < b.cache ? -1 : 1));
  const shownIn = new Map<string, string>();
  for (const row of sorted) {
    const kernelName = kernelNames.get(row) ?? '';
    const group = balances.get(kernelName);
    if (group === undefined) continue;
    row.balanceIn = shownIn.get(kernelName) ?? null;
    if (row.balanceIn !== null) continue;
    row.balance = cacheBalance(core, group);
    shownIn.set(kernelName, row.cache);
  }
  return sorted.map((row) => ({ row, kernelName: kernelNames.get(row) ?? '' }));
}

const NO_BALANCE = { balance: null, balanceIn: null };

function balancesOf(core: PairingCore): Map<string, SlabGroup> {
  const { groups, samples } = core.slabBalance;
  // One sample shows no growth.
  if (samples < 2) return new Map();
  return new Map(groups.flatMap((group, id) => (id === UNMATCHED || group.caches === 0 ? [] : [[group.name, group]])));
}
