/**
 * RowFilter: decides which outstanding allocations pass a selection, cheaply enough to be asked for
 * each slot of a walk.
 */

import type { ProcessLives } from '../../event/marks/process-lives.js';
import { type LiveTable, NAMES, OWN_BIT, PATH, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { CacheNames } from '../names/cache-names.js';
import { MergedCaches } from '../names/merged-caches.js';
import type { Selection } from '../report/selection.js';
import { tasksInCgroups } from './cgroup-matcher.js';
import type { HeldTable } from './held-table.js';
import type { PathQuery } from './path-query.js';

export class RowFilter {
  /**
   * True if everything passes except the tracer's own memory: then the running totals answer
   * without a walk.
   */
  readonly passesAll: boolean;
  private readonly includeSelf: boolean;
  private readonly minSizeBytes: number;
  /** Allocations must have been made at this time or before. */
  private readonly latestNs: number;
  private readonly pid: number;
  /** By comm id: 1 = its name and its cgroup are the selected ones; null = all pass. */
  private readonly tasks: Uint8Array | null;
  /** Asked where only the memory of processes that have ended passes; null = all pass. */
  private readonly lives: ProcessLives | null;
  private readonly cache: CacheFilter | null;

  constructor(query: PathQuery) {
    const { core, selection } = query;
    this.includeSelf = selection.includeSelf;
    this.minSizeBytes = selection.minSizeBytes;
    this.latestNs = selection.olderNs > 0 ? core.nowNs - selection.olderNs : Number.POSITIVE_INFINITY;
    this.pid = selection.pid ?? -1;
    this.tasks = tasksSelected(core, selection);
    this.lives = selection.gone ? core.lives : null;
    this.cache = selection.cache === null ? null : new CacheFilter(query, selection.cache);
    const { minSizeBytes, olderNs, pid, gone, cache } = selection;
    const isAnyTask = pid === null && this.tasks === null && !gone;
    this.passesAll = minSizeBytes <= 0 && olderNs <= 0 && isAnyTask && cache === null;
  }

  /** True if the allocation in a slot, which must be in use, passes. */
  passes(held: HeldTable, slot: number): boolean {
    const { table } = held;
    const { words } = table;
    const at = slot * SLOT_WORDS;
    if (!this.includeSelf && (words[at + PID] & OWN_BIT) !== 0) return false;
    if (this.passesAll) return true;
    if (held.bytesAt(slot) < this.minSizeBytes) return false;
    if (held.timeNsAt(slot) > this.latestNs) return false;
    if (this.pid >= 0 && (words[at + PID] & PID_MASK) !== this.pid) return false;
    if (this.tasks !== null && this.tasks[words[at + NAMES] & 0xffff] !== 1) return false;
    if (this.lives?.isGone(words[at + PID] & PID_MASK, held.timeNsAt(slot)) === false) return false;
    return this.cache === null || this.cache.passes(table, slot);
  }
}

/**
 * Passes objects of one slab cache, by its own name, by the name of its row (cache-names.ts), or by a name of a
 * merged cache that they may have by their call path.
 */
class CacheFilter {
  private readonly core: PairingCore;
  private readonly wanted: string;
  private readonly names: CacheNames;
  private readonly merged: MergedCaches;
  /** By cache and row: whether the call path allows the name. */
  private readonly ofRow = new Map<number, boolean>();

  constructor(query: PathQuery, wanted: string) {
    this.core = query.core;
    this.wanted = wanted;
    this.names = new CacheNames(query);
    this.merged = new MergedCaches(query);
  }

  passes(table: LiveTable, slot: number): boolean {
    const { core, names } = this;
    if (table !== core.slab) return false;
    const at = slot * SLOT_WORDS;
    const cacheId = table.words[at + NAMES] >>> 16;
    const row = table.words[at + PATH];
    const id = names.idOf(cacheId, table.sizeAt(slot), row);
    return names.names[id] === this.wanted || (cacheId !== 0 && this.isNamed(cacheId, row));
  }

  private isNamed(cacheId: number, row: number): boolean {
    const { core, merged, wanted } = this;
    const key = row * 65536 + cacheId;
    let isNamed = this.ofRow.get(key);
    if (isNamed === undefined) {
      isNamed = merged.someName(cacheId, core.paths.stackId[row], (name) => name === wanted);
      this.ofRow.set(key, isNamed);
    }
    return isNamed;
  }
}

/** By comm id: 1 = selected. Null where neither names nor cgroups are. */
function tasksSelected(core: PairingCore, { comm, cgroup }: Selection): Uint8Array | null {
  if (comm === null && cgroup === null) return null;
  const { dictionary, containers } = core;
  const { comms } = dictionary;
  const selected = cgroup === null ? new Uint8Array(65536).fill(1) : tasksInCgroups(dictionary, cgroup, containers);
  if (comm === null) return selected;
  for (let id = 0; id <= comms.size; id++) if (comms.name(id) !== comm) selected[id & 0xffff] = 0;
  return selected;
}
