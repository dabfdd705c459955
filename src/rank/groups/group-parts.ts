/**
 * GroupParts: the share of each call path in each group. Where names alone decide the group, a call
 * path is one part and its running totals answer. A call path that several processes share, or that
 * takes from several slab caches, has a part in each of their groups; this takes one walk over all
 * outstanding allocations.
 *
 * Backing pages are never in a group with other memory, whose bytes would be counted twice (pairing
 * rule 6). Memory from before the trace is in groups of its own, because it has no history (rule 10).
 */

import { ALLOCATOR_COUNT, HEAP, MAPPED, PAGE, PERCPU, RESERVED, SLAB, VMALLOC } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { type LiveTable, NAMES, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { isBacking } from '../names/backing.js';
import { CacheNames } from '../names/cache-names.js';
import { CATEGORIES, type Category } from '../report/category.js';
import type { GroupKey } from '../report/selection.js';
import { PartExcess } from '../rows/held-rows.js';
import { groupKeysOf } from '../rows/rank-memo.js';
import type { Ranking } from '../rows/ranking.js';
import { cgroupLabel } from '../select/cgroup-shares.js';
import { HeldTable, unitBytes } from '../select/held-table.js';
import { findingParts } from './finding-parts.js';
import { type GroupParts, groupOf, PartList, UNKNOWN } from './part-list.js';

export function groupParts(ranking: Ranking, by: Exclude<GroupKey, 'stack'>): GroupParts {
  if (by === 'comm') return walkedParts(ranking, byComm(ranking.core));
  if (by === 'cgroup') return walkedParts(ranking, byCgroup(ranking.core));
  if (by === 'cache') return walkedParts(ranking, new CacheParts(ranking));
  if (by === 'finding') return findingParts(ranking);
  return namedParts(ranking, by);
}

/** The key of a group, other for backing and for memory from before the trace. */
function apart({ core, facts }: Ranking, row: number, key: number): number {
  return key * 4 + Number(core.paths.isBefore(row)) * 2 + Number(isBacking(core, facts, row));
}

/** A part for each call path. */
function namedParts(ranking: Ranking, by: 'path' | 'site' | 'module' | 'category'): GroupParts {
  const { core, totals } = ranking;
  const keys = groupKeysOf(ranking);
  const { stackId, allocator } = core.paths;
  const category = (row: number): Category | null => totals.categoryOf(row);
  // A path or a site is of one allocator per row, because the same function may take pages and
  // objects.
  const keyOf = {
    path: (row: number) => keys.path(stackId[row]) * ALLOCATOR_COUNT + allocator[row],
    site: (row: number) => keys.site(stackId[row]) * ALLOCATOR_COUNT + allocator[row],
    module: (row: number) => keys.module(stackId[row]),
    category: (row: number) => (CATEGORIES as readonly (Category | null)[]).indexOf(category(row)) + 1,
  }[by];
  const labelOf = {
    path: (row: number) => keys.pathLabel(stackId[row]),
    site: (row: number) => keys.siteLabel(stackId[row]),
    module: (row: number) => keys.moduleLabel(stackId[row]),
    category: (row: number) => category(row) ?? UNKNOWN,
  }[by];
  const parts = new PartList();
  const groups = new Map<number, number>();
  const partOfRow = new Uint32Array(core.paths.size + 1);
  for (const row of totals.rows) {
    const part = parts.add(row, groupOf(groups, apart(ranking, row, keyOf(row))));
    partOfRow[row] = part;
    parts.holdWhole(part, totals);
  }
  return {
    parts,
    groups: groups.size,
    partOf: (row) => partOfRow[row],
    label: (part) => labelOf(parts.row[part]),
    excess: null,
  };
}

/** Keys that decide the part of an allocation. */
interface SlotKeys {
  /** True if a call path of this allocator may be in several groups: then its allocations are walked. */
  splits: (allocator: number) => boolean;
  /** A cheap number that differs between slots of one row with different keys. */
  markOf: (table: LiveTable, slot: number) => number;
  /** The part's key, for a slot of the row. */
  keyOf: (row: number, table: LiveTable, slot: number) => number;
  /** The key of a sum from before the trace, whose allocations are not known. */
  sumKeyOf: (row: number) => number;
  label: (key: number) => string;
}

/** A part for each call path and key. */
function walkedParts(ranking: Ranking, slotKeys: SlotKeys): GroupParts {
  const { core, totals } = ranking;
  const finder = new PartFinder(ranking, slotKeys);
  const { parts } = finder;
  const { allocator } = core.paths;
  // By allocator and slot, because the rows shown are found in a later walk of their own. Takes
  // four bytes a slot for a moment.
  const partOfSlot: Uint32Array[] = [];
  const partOfRow = new Uint32Array(core.paths.size + 1);
  const excess = totals.held !== null && slotKeys.splits(PAGE) ? new PartExcess(totals.held) : null;
  for (let each = 0; each < ALLOCATOR_COUNT; each++) {
    if (!slotKeys.splits(each)) continue;
    const held = new HeldTable(core, each);
    const { table } = held;
    const found = new Uint32Array(table.slots);
    partOfSlot[each] = found;
    held.each((slot, row) => {
      if (!finder.isWanted(row) || !totals.filter.passes(held, slot)) return;
      const part = finder.partOf(row, table, slot);
      found[slot] = part;
      parts.bytes[part] += held.bytesAt(slot);
      parts.count[part] += held.countAt(slot);
      parts.oldestNs[part] = Math.min(parts.oldestNs[part], held.timeNsAt(slot));
      if (each === PAGE) excess?.add(held, slot, { part, row });
    });
  }
  for (const row of totals.rows) {
    if (slotKeys.splits(allocator[row])) {
      // Sums from before the trace have no slot. A filter of single allocations has left them out.
      const sum = totals.filter.passesAll ? core.before.get(row) : undefined;
      if (sum !== undefined && sum.sumCount > 0)
        finder.addSum(row, sum.sumSize * unitBytes(core, allocator[row]), sum.sumCount);
      continue;
    }
    const part = finder.partOf(row, core.tableOf(allocator[row]), 0);
    partOfRow[row] = part;
    parts.holdWhole(part, totals);
  }
  return {
    parts,
    groups: finder.groupCount,
    partOf: (row, _table, slot) => partOfSlot[allocator[row]]?.[slot] ?? partOfRow[row],
    label: (part) => slotKeys.label(finder.keyOfPart(part)),
    excess,
  };
}

/** Creates parts as a walk meets them. */
class PartFinder {
  readonly parts = new PartList();
  private readonly groups = new Map<number, number>();
  private readonly pairs = new AddressTable();
  private readonly ranking: Ranking;
  private readonly slotKeys: SlotKeys;
  /** By row: 1 = it is in the ranking. */
  private readonly wanted: Uint8Array;
  /** By row: mark and part of its last allocation, which the next one nearly always shares. */
  private readonly lastMark: Float64Array;
  private readonly lastPart: Uint32Array;

  constructor(ranking: Ranking, slotKeys: SlotKeys) {
    const { core, totals } = ranking;
    this.ranking = ranking;
    this.slotKeys = slotKeys;
    this.wanted = new Uint8Array(core.paths.size + 1);
    for (const row of totals.rows) this.wanted[row] = 1;
    this.lastMark = new Float64Array(core.paths.size + 1).fill(-1);
    this.lastPart = new Uint32Array(core.paths.size + 1);
  }

  get groupCount(): number {
    return this.groups.size;
  }

  isWanted(row: number): boolean {
    return this.wanted[row] === 1;
  }

  keyOfPart(part: number): number {
    return this.pairs.lo[part];
  }

  /** Adds what a row held before the trace and no table has. */
  addSum(row: number, bytes: number, count: number): void {
    const part = this.partFor(row, this.slotKeys.sumKeyOf(row));
    this.parts.bytes[part] += bytes;
    this.parts.count[part] += count;
  }

  /** Returns the part of the allocation in a slot of a wanted row. */
  partOf(row: number, table: LiveTable, slot: number): number {
    const mark = this.slotKeys.markOf(table, slot);
    if (this.lastMark[row] === mark) return this.lastPart[row];
    const part = this.partFor(row, this.slotKeys.keyOf(row, table, slot));
    this.lastMark[row] = mark;
    this.lastPart[row] = part;
    return part;
  }

  private partFor(row: number, key: number): number {
    const part = this.pairs.intern(row, key);
    if (part > this.parts.size) this.parts.add(row, groupOf(this.groups, apart(this.ranking, row, key)));
    return part;
  }
}

/** By what the task of an allocation tells: its process name, its cgroup. */
class TaskParts implements SlotKeys {
  readonly label: (key: number) => string;
  private readonly keyOfTask: (commId: number) => number;

  constructor(keyOfTask: (commId: number) => number, label: (key: number) => string) {
    this.keyOfTask = keyOfTask;
    this.label = label;
  }

  splits(): boolean {
    return true;
  }

  markOf(table: LiveTable, slot: number): number {
    return table.words[slot * SLOT_WORDS + NAMES] & 0xffff;
  }

  keyOf(_row: number, table: LiveTable, slot: number): number {
    return this.keyOfTask(this.markOf(table, slot));
  }

  /** No task is known. */
  sumKeyOf(): number {
    return 0;
  }
}

function byComm({ dictionary: { comms } }: PairingCore): TaskParts {
  return new TaskParts(
    (commId) => comms.nameId(commId),
    (key) => comms.nameOf(key) || UNKNOWN,
  );
}

function byCgroup(core: PairingCore): TaskParts {
  return new TaskParts(
    (commId) => core.dictionary.comms.cgroup(commId),
    (key) => cgroupLabel(core, key) ?? UNKNOWN,
  );
}

/** Labels of memory in no slab cache, by allocator (kinds.ts). */
const OTHER_LABELS: Record<number, string> = {
  [PAGE]: '(pages)',
  [SLAB]: '(objects)',
  [PERCPU]: '(percpu)',
  [VMALLOC]: '(vmalloc)',
  [HEAP]: '(heap)',
  [MAPPED]: '(mapped)',
  [RESERVED]: '(reserved)',
};

/** By slab cache, with the names of slab-caches.ts; each other allocator is one group. */
class CacheParts implements SlotKeys {
  private readonly core: PairingCore;
  private readonly names: CacheNames;

  constructor(ranking: Ranking) {
    this.core = ranking.core;
    this.names = new CacheNames(ranking);
  }

  splits(allocator: number): boolean {
    return allocator === SLAB;
  }

  markOf(table: LiveTable, slot: number): number {
    const cacheId = table.words[slot * SLOT_WORDS + NAMES] >>> 16;
    return cacheId !== 0 ? cacheId : 65536 + table.sizeAt(slot);
  }

  keyOf(row: number, table: LiveTable, slot: number): number {
    const { allocator } = this.core.paths;
    if (allocator[row] !== SLAB) return allocator[row];
    const cacheId = table.words[slot * SLOT_WORDS + NAMES] >>> 16;
    return ALLOCATOR_COUNT + this.names.idOf(cacheId, table.sizeAt(slot), row);
  }

  sumKeyOf(row: number): number {
    return this.core.paths.allocator[row];
  }

  label(key: number): string {
    return key < ALLOCATOR_COUNT ? OTHER_LABELS[key] : this.names.names[key - ALLOCATOR_COUNT];
  }
}
