/**
 * /proc/slabinfo, version 2.1 (Linux 2.6.10 to 7.x):
 *
 *    # name  <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ... : slabdata ...
 *    maple_node   1126   1152   256   16   1 : tunables 0 0 0 : slabdata 72 72 0
 *
 * objsize is kmem_cache.size, with metadata; the tracepoints call it bytes_alloc. SLUB counts an
 * object as active unless it is free on a slab of a node's partial list: free objects in a CPU's
 * slab, its partial slabs or its sheaves are "active" too (see slabUncertainty()).
 */
export interface SlabCache {
  name: string;
  activeObjects: number;
  /** Bytes that one object takes, metadata included. */
  objectBytes: number;
  objectsPerSlab: number;
}

/**
 * A line has some 120 characters; a machine with a cache for each of thousands of cgroups (before
 * 5.9) has 2 MB of them.
 */
const TEXT_LIMIT = 8 << 20;
const CACHE_LIMIT = 16384;
/**
 * Linear in the line: no two neighbouring parts match the same character. Skips a name with a blank
 * in it (the kernel warns of such a name since 6.12).
 */
const LINE = /^(\S{1,128}) +(\d{1,12}) +\d{1,12} +(\d{1,9}) +(\d{1,9}) +\d{1,9} :/;
const LINE_LIMIT = 512;

/** Returns the caches; none if the text is not a slabinfo. Skips lines that it cannot read. */
export function parseSlabinfo(text: string): SlabCache[] {
  const caches: SlabCache[] = [];
  if (!text.startsWith('slabinfo - version: 2.')) return caches;
  const end = Math.min(text.length, TEXT_LIMIT);
  for (let at = 0; at < end && caches.length < CACHE_LIMIT; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const match = next - at <= LINE_LIMIT ? LINE.exec(text.slice(at, next)) : null;
    if (match !== null && Number(match[3]) > 0) {
      caches.push({
        name: match[1],
        activeObjects: Number(match[2]),
        objectBytes: Number(match[3]),
        objectsPerSlab: Number(match[4]),
      });
    }
    at = next + 1;
  }
  return caches;
}

/**
 * Caches that kmalloc() allocates from: its own, by kind and randomisation, and those of
 * kmem_buckets_create() (6.11).
 */
const KMALLOC = /^(?:dma-)?kmalloc-|^(?:memdup_user|msg_msg)-\d+k?$/;

/** Returns true if kmalloc() allocates from this cache. Its events name the object's size alone. */
export function isKmallocCache(name: string): boolean {
  return KMALLOC.test(name);
}

/**
 * Returns the most free objects that slabinfo may count as active: on each CPU one slab, and
 * partial slabs or two sheaves with up to twice the objects in `stock` (mm/slub.c:
 * set_cpu_partial(), calculate_sheaf_capacity()); and the full sheaves in the barn of a node.
 */
export function slabUncertainty(objectBytes: number, objectsPerSlab: number, cpus: number): number {
  const stock = objectBytes >= 4096 ? 6 : objectBytes >= 1024 ? 24 : objectBytes >= 256 ? 52 : 120;
  return Math.max(1, cpus) * (objectsPerSlab + 2 * stock) + BARN_SHEAVES * (stock >> 1);
}

const BARN_SHEAVES = 10;
