/**
 * /proc/slabinfo with all its columns, for sums over caches. slabinfo.ts has the meaning of the counts,
 * and what "active" leaves out.
 */
export interface CacheFacts {
  name: string;
  activeObjects: number;
  objects: number;
  objectBytes: number;
  objectsPerSlab: number;
  pagesPerSlab: number;
  /** Slabs with at least one object in use. SLUB counts all slabs as such. */
  activeSlabs: number;
  slabs: number;
}

const TEXT_LIMIT = 8 << 20;
const CACHE_LIMIT = 16384;
const LINE_LIMIT = 512;
/** Linear in the line: no two neighbouring parts match the same character. */
const LINE =
  /^(\S{1,128}) +(\d{1,12}) +(\d{1,12}) +(\d{1,9}) +(\d{1,9}) +(\d{1,9}) : tunables +\d+ +\d+ +\d+ : slabdata +(\d{1,12}) +(\d{1,12}) /;

/** Returns the caches; null if the text is not a slabinfo. Skips lines that it cannot read. */
export function parseSlabRows(text: string): CacheFacts[] | null {
  if (!text.startsWith('slabinfo - version: 2.')) return null;
  const caches: CacheFacts[] = [];
  const end = Math.min(text.length, TEXT_LIMIT);
  for (let at = 0; at < end && caches.length < CACHE_LIMIT; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const match = next - at <= LINE_LIMIT ? LINE.exec(text.slice(at, next)) : null;
    if (match !== null) {
      const [activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs] = match
        .slice(2)
        .map(Number);
      if (objectBytes > 0) {
        const counts = { activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs };
        caches.push({ name: match[1], ...counts });
      }
    }
    at = next + 1;
  }
  return caches;
}
