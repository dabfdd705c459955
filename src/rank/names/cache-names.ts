/**
 * Names of slab caches where a ranking distinguishes them. slab-caches.ts explains why this is not
 * always the cache's own name.
 */
import type { PairingCore } from '../../pair/pairing-core.js';
import { sizeGroupName } from '../../pair/slab-balance.js';
import { isKmallocCache } from '../../proc/slabinfo.js';

/** Name for objects of kmalloc() that are too large for a cache. */
export const LARGE_KMALLOC = '(large kmalloc)';
/** KMALLOC_MAX_CACHE_SIZE of SLUB, in pages (include/linux/slab.h). */
const LARGEST_CACHE_PAGES = 2;

/** Gives each object's cache name a number. Each cache and each size is looked up once. */
export class CacheNames {
  readonly names: string[] = [];
  private readonly core: PairingCore;
  private readonly ids = new Map<string, number>();
  private readonly ofCache = new Map<number, number>();
  private readonly ofSize = new Map<number, number>();

  constructor(core: PairingCore) {
    this.core = core;
  }

  idOf(cacheId: number, size: number, isKmalloc: boolean): number {
    // Caches that were merged into one of kmalloc's have objects of one size, so a cache has one
    // name.
    const known = cacheId === 0 ? this.ofSize : this.ofCache;
    const key = cacheId === 0 ? size * 2 + Number(isKmalloc) : cacheId;
    let id = known.get(key);
    if (id === undefined) {
      id = this.intern(this.nameOf(cacheId, size, isKmalloc));
      // A hostile trace may have more sizes than fit in memory.
      if (known.size < 65536) known.set(key, id);
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

  private intern(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.ids.set(name, id);
    }
    return id;
  }
}
