/**
 * SlabBalance: what slabinfo showed at its first and its latest sample, beside what pairing held at
 * those moments, in groups. A group is a cache, or all kmalloc() caches with objects of one size,
 * because kmalloc events name no cache. For kmem_cache_alloc events that name none (before Linux
 * 6.0) there are groups of all other caches of one size.
 *
 * A name in slabinfo may stand for several caches that the kernel merged; the tracepoint then has
 * the same name, so their objects are in one group on both sides. Objects without a group (kmallocs
 * beyond the largest cache, caches that slabinfo does not list) are counted in UNMATCHED.
 *
 * The core updates it at each sample, in the order of the trace, and rank reads it: so a report at
 * a moment of a replay has the samples that the live report had. Bounded: slabinfo's lines, and one
 * share for each call path and group.
 */

import { KMALLOC } from '../event/kinds.js';
import { AddressTable } from '../event/tables/address-table.js';
import type { NameTable } from '../event/tables/name-table.js';
import { isKmallocCache, parseSlabinfo, type SlabCache } from '../proc/slabinfo.js';
import { type LiveTable, NAMES, PATH, SIZE, SLOT_WORDS } from './live-table.js';
import type { PathTable } from './path-table.js';

export interface SlabGroup {
  /**
   * Name of the cache; 'kmalloc-N' for all kmalloc caches with objects of N bytes; see also
   * sizeGroupName().
   */
  name: string;
  /** Lines of slabinfo in the group; 0 = the caches are gone. */
  caches: number;
  objectBytes: number;
  objectsPerSlab: number;
  /** Active objects, by slabinfo. */
  activeAtStart: number;
  active: number;
  /** Outstanding objects, by pairing, at the same moments. */
  heldAtStart: number;
  held: number;
}

/** Group 0: objects that match no line of slabinfo. */
export const UNMATCHED = 0;
const UNMATCHED_NAMES = 32;
/** Numbers in each share. */
export const SHARE_WORDS = 3;
const SHARE_LIMIT = 2 ** 20;
const GROUP_LIMIT = 32768;

export class SlabBalance {
  /** Samples so far. */
  samples = 0;
  firstNs = 0;
  lastNs = 0;
  groups: SlabGroup[] = [emptyGroup('')];
  /** Shares at the latest sample, three numbers each: row of the PathTable, group, objects held. */
  shares: number[] = [];
  /** Names of caches in events that slabinfo does not list, the first UNMATCHED_NAMES. */
  unmatchedNames: string[] = [];
  private readonly byName = new Map<string, number>();

  /** Takes a sample; walks what is outstanding once. Text that is not a slabinfo is ignored. */
  take(timeNs: number, text: string, slab: LiveTable, paths: PathTable, caches: NameTable): void {
    const lines = parseSlabinfo(text);
    if (lines.length === 0) return;
    this.readLines(lines);
    this.countHeld(slab, paths, caches);
    if (this.samples === 0) {
      this.firstNs = timeNs;
      for (const group of this.groups) {
        group.activeAtStart = group.active;
        group.heldAtStart = group.held;
      }
    }
    this.samples++;
    this.lastNs = timeNs;
  }

  /** Returns the balance as plain data. */
  snapshot(): object {
    const { samples, firstNs, lastNs, groups, shares, unmatchedNames } = this;
    return { samples, firstNs, lastNs, groups: groups.map((group) => ({ ...group })), shares, unmatchedNames };
  }

  /** Returns the balance of a snapshot(), which may have gone through JSON; null if it cannot be one. */
  static restore(data: unknown): SlabBalance | null {
    if (!isRecord(data) || !Array.isArray(data.groups) || data.groups.length === 0) return null;
    const { samples, firstNs, lastNs, groups, shares, unmatchedNames } = data;
    if (!isCount(samples) || !isCount(firstNs) || !isCount(lastNs)) return null;
    if (!groups.every(isGroup) || !isCounts(shares) || shares.length % SHARE_WORDS !== 0) return null;
    for (let i = 1; i < shares.length; i += SHARE_WORDS) if (shares[i] >= groups.length) return null;
    if (!Array.isArray(unmatchedNames) || !unmatchedNames.every((name) => typeof name === 'string')) return null;
    const balance = new SlabBalance();
    Object.assign(balance, { samples, firstNs, lastNs, shares, unmatchedNames });
    balance.groups = groups;
    for (const [id, group] of groups.entries()) if (id !== UNMATCHED) balance.byName.set(group.name, id);
    return balance;
  }

  private readLines(lines: SlabCache[]): void {
    for (const group of this.groups) group.active = group.held = group.caches = 0;
    for (const line of lines) {
      if (isKmallocCache(line.name)) this.addLine(kmallocGroupName(line.objectBytes), line);
      else {
        this.addLine(line.name, line);
        this.addLine(sizeGroupName(line.objectBytes), line);
      }
    }
  }

  private addLine(groupName: string, line: SlabCache): void {
    const id = this.groupOf(groupName);
    if (id === UNMATCHED) return;
    const group = this.groups[id];
    group.caches++;
    group.active += line.activeObjects;
    group.objectBytes = line.objectBytes;
    group.objectsPerSlab = Math.max(group.objectsPerSlab, line.objectsPerSlab);
  }

  private countHeld(slab: LiveTable, paths: PathTable, caches: NameTable): void {
    const { words, slots } = slab;
    const places = new GroupFinder(this.byName, caches);
    const pairs = new AddressTable();
    let counts = new Float64Array(1024);
    // The last object of each row: the next one nearly always has the same cache and size. Size 0,
    // also the initial value, is always looked up.
    const lastCache = new Uint16Array(paths.size + 1);
    const lastSize = new Uint32Array(paths.size + 1);
    const lastPair = new Uint32Array(paths.size + 1);
    for (let slot = 0; slot < slots; slot++) {
      const at = slot * SLOT_WORDS;
      const row = words[at + PATH];
      if (row === 0) continue;
      const cacheId = words[at + NAMES] >>> 16;
      const size = words[at + SIZE] >>> 0;
      if (size === 0 || lastSize[row] !== size || lastCache[row] !== cacheId) {
        lastCache[row] = cacheId;
        lastSize[row] = size;
        lastPair[row] = pairs.intern(row, places.find(cacheId, size, paths.kind[row] === KMALLOC));
        if (pairs.size >= counts.length) counts = doubled(counts);
      }
      counts[lastPair[row]]++;
    }
    for (let pair = 1; pair <= pairs.size; pair++) this.groups[pairs.lo[pair]].held += counts[pair];
    // Sorted, because the order of the slots differs after a checkpoint.
    const order = Array.from({ length: pairs.size }, (_, i) => i + 1);
    order.sort((a, b) => pairs.hi[a] - pairs.hi[b] || pairs.lo[a] - pairs.lo[b]);
    this.shares = order.slice(0, SHARE_LIMIT).flatMap((pair) => [pairs.hi[pair], pairs.lo[pair], counts[pair]]);
    this.unmatchedNames = places.unmatched.toSorted().slice(0, UNMATCHED_NAMES);
  }

  private groupOf(name: string): number {
    let id = this.byName.get(name);
    if (id === undefined) {
      // Caches come and go; a hostile trace could name new ones in each sample.
      if (this.groups.length >= GROUP_LIMIT) return UNMATCHED;
      id = this.groups.push(emptyGroup(name)) - 1;
      this.byName.set(name, id);
    }
    return id;
  }
}

/** Finds the group of an object; looks up each cache and each size once. */
class GroupFinder {
  readonly unmatched: string[] = [];
  private readonly byName: ReadonlyMap<string, number>;
  private readonly caches: NameTable;
  private readonly ofCache = new Map<number, number>();
  /** Key: size * 2, + 1 for kmalloc. */
  private readonly ofSize = new Map<number, number>();

  constructor(byName: ReadonlyMap<string, number>, caches: NameTable) {
    this.byName = byName;
    this.caches = caches;
  }

  find(cacheId: number, size: number, isKmalloc: boolean): number {
    if (cacheId !== 0) {
      const known = this.ofCache.get(cacheId);
      return known ?? this.findCache(cacheId, size);
    }
    const key = size * 2 + Number(isKmalloc);
    const known = this.ofSize.get(key);
    if (known !== undefined) return known;
    const group = this.byName.get(isKmalloc ? kmallocGroupName(size) : sizeGroupName(size)) ?? UNMATCHED;
    // A hostile trace could have more sizes than memory holds.
    if (this.ofSize.size < 65536) this.ofSize.set(key, group);
    return group;
  }

  private findCache(cacheId: number, size: number): number {
    const name = this.caches.name(cacheId);
    // A cache that was merged into a kmalloc cache has that one's name.
    const group = this.byName.get(isKmallocCache(name) ? kmallocGroupName(size) : name) ?? UNMATCHED;
    if (group === UNMATCHED) this.unmatched.push(name);
    this.ofCache.set(cacheId, group);
    return group;
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}

function kmallocGroupName(objectBytes: number): string {
  return `kmalloc-${objectBytes}`;
}

/**
 * Returns the group name of all caches of a size except kmalloc's. A cache's name has no blanks
 * (slabinfo.ts), so this is never one.
 */
export function sizeGroupName(objectBytes: number): string {
  return `caches of ${objectBytes} bytes`;
}

/**
 * Returns true for a group of caches that also have groups of their own: it serves events that name
 * no cache.
 */
export function isSizeGroup(group: SlabGroup): boolean {
  return group.name === sizeGroupName(group.objectBytes);
}

function emptyGroup(name: string): SlabGroup {
  const counts = { activeAtStart: 0, active: 0, heldAtStart: 0, held: 0 };
  return { name, caches: 0, objectBytes: 0, objectsPerSlab: 0, ...counts };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function isGroup(value: unknown): value is SlabGroup {
  if (!isRecord(value) || typeof value.name !== 'string') return false;
  const { caches, objectBytes, objectsPerSlab, activeAtStart, active, heldAtStart, held } = value;
  return isCounts([caches, objectBytes, objectsPerSlab, activeAtStart, active, heldAtStart, held]);
}
