/**
 * What is outstanding, by slab cache, beside what slabinfo says of it: one walk over all outstanding objects.
 *
 * Events of kmalloc() name no cache: their objects are rows 'kmalloc-N' for N bytes an object, which stand for all of
 * kmalloc's caches of that size (by kind, by cgroup, randomised). Those beyond the largest cache are pages of their own
 * and one row, LARGE_KMALLOC. Where kmem_cache_alloc events name none either (before Linux 6.0), a row is all caches of
 * one size.
 */
import { AddressTable } from '../../event/address-table.js';
import { KMALLOC, SLAB } from '../../event/kinds.js';
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
  /** Name of the cache, or of all that this row stands for; untrusted text. */
  cache: string;
  /** Outstanding now. */
  objects: number;
  bytes: number;
  /** Call paths with outstanding objects of it. */
  stacks: number;
  /** Age of its oldest outstanding object. */
  oldestAgeNs: number;
  /**
   * The cache at slabinfo's last sample, whatever the selection: active objects at the start and then, what was
   * outstanding at that moment, and whether the two agree. Null when slabinfo was not sampled twice, or has no such cache.
   */
  balance: CacheBalance | null;
}

/**
 * All caches with outstanding objects that the selection lets through (its limit, sort and group say nothing here), by
 * bytes. A selection whose grep or hide is no regular expression throws an Error.
 */
export function cachesOf(trace: PairedTrace, selection: Selection | CompiledSelection): CacheRow[] {
  const query = queryOf(trace, selection);
  const { core } = query;
  const totals = pathTotals(query);
  const wanted = new Uint8Array(core.paths.size + 1);
  for (const row of totals.rows) wanted[row] = 1;

  const names = new CacheNames(core);
  const paths = new AddressTable();
  const rows: CacheRow[] = [];
  const held = new HeldTable(core, SLAB);
  const { words } = held.table;
  held.each((slot, path) => {
    if (wanted[path] === 0 || !totals.filter.passes(held, slot)) return;
    const size = held.bytesAt(slot);
    const id = names.idOf(words[slot * SLOT_WORDS + NAMES] >>> 16, size, core.paths.kind[path] === KMALLOC);
    rows[id] ??= { cache: names.names[id], objects: 0, bytes: 0, stacks: 0, oldestAgeNs: 0, balance: null };
    const row = rows[id];
    row.objects++;
    row.bytes += size;
    row.oldestAgeNs = Math.max(row.oldestAgeNs, core.nowNs - held.timeNsAt(slot));
    const pathsBefore = paths.size;
    paths.intern(id, path);
    if (paths.size > pathsBefore) row.stacks++;
  });
  const groups = groupsOf(core);
  for (const row of rows) {
    const group = groups.get(row.cache);
    row.balance = group === undefined ? null : cacheBalance(core, group);
  }
  return rows.toSorted((a, b) => b.bytes - a.bytes || (a.cache < b.cache ? -1 : 1));
}

function groupsOf(core: PairingCore): Map<string, SlabGroup> {
  const { groups, samples } = core.slabBalance;
  // One sample tells of no growth.
  if (samples < 2) return new Map();
  return new Map(groups.flatMap((group, id) => (id === UNMATCHED || group.caches === 0 ? [] : [[group.name, group]])));
}
