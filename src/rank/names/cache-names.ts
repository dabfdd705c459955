/**
 * Names of slab caches where a ranking distinguishes them. slab-caches.ts explains why this is not
 * always the cache's own name.
 */
import { KMALLOC } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { sizeGroupName } from '../../pair/slab-balance.js';
import { isKmallocCache } from '../../proc/slabinfo.js';
import { MergedCaches, type NamedTrace } from './merged-caches.js';

/** Name for objects of kmalloc() that are too large for a cache. */
export const LARGE_KMALLOC = '(large kmalloc)';
/** KMALLOC_MAX_CACHE_SIZE of SLUB, in pages (include/linux/slab.h). */
const LARGEST_CACHE_PAGES = 2;

/** Gives each object's cache name a number. Each cache and each size is looked up once. */
export class CacheNames {
  /** As they are shown: of a merged cache with its other names. */
  readonly names: string[] = [];
  /** The name that slabinfo gives. */
  readonly kernelNames: string[] = [];
  private readonly core: PairingCore;
  private readonly merged: MergedCaches;
  private readonly ids = new Map<string, number>();
  private readonly ofCache = new Map<number, number>();
  private readonly ofSize = new Map<number, number>();
  /** By cache and row: a merged cache has another name on another call path. */
  private readonly ofRow = new Map<number, number>();

  constructor(trace: NamedTrace) {
    this.core = trace.core;
    this.merged = new MergedCaches(trace);
  }

  /** `row`: the object's row of the PathTable. */
  idOf(cacheId: number, size: number, row: number): number {
    if (cacheId !== 0 && this.merged.isMerged(cacheId)) return this.mergedIdOf(cacheId, row);
    const isKmalloc = this.core.paths.kind[row] === KMALLOC;
    // Caches that were merged into one of kmalloc's have objects of one size, so a cache has one
    // name.
    const known = cacheId === 0 ? this.ofSize : this.ofCache;
    const key = cacheId === 0 ? size * 2 + Number(isKmalloc) : cacheId;
    let id = known.get(key);
    if (id === undefined) {
      const name = this.nameOf(cacheId, size, isKmalloc);
      id = this.intern(name, name);
      // A hostile trace may have more sizes than fit in memory.
      if (known.size < 65536) known.set(key, id);
    }
    return id;
  }

  private mergedIdOf(cacheId: number, row: number): number {
    const key = row * 65536 + cacheId;
    let id = this.ofRow.get(key);
    if (id === undefined) {
      const stackId = this.core.paths.stackId[row];
      const name = this.core.dictionary.caches.name(cacheId);
      id = this.intern(this.merged.label(cacheId, stackId), name);
      this.ofRow.set(key, id);
    }
    return id;
  }

  private nameOf(cacheId: number, size: number, isKmalloc: boolean): string {
    if (cacheId !== 0) {
      const name = this.core.dictionary.caches.name(cacheId);
      return isKmallocCache(name) ? `kmalloc-${size}` : name;
    }
    if (!isKmalloc) return sizeGroupName(size);
    return size > LARGEST_CACHE_PAGES * this.core.hostFacts.pageSize ? LARGE_KMALLOC : `kmalloc-${size}`;
  }

  private intern(name: string, kernelName: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.kernelNames.push(kernelName);
      this.ids.set(name, id);
    }
    return id;
  }
}
