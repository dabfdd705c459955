/**
 * SlabSamples: all columns of /proc/slabinfo at its first and at its latest sample of a trace, for the
 * list of caches: what each was at the start, and what it is now.
 */
import { type CacheFacts, parseSlabRows } from './slab-rows.js';

export interface SlabSample {
  timeNs: number;
  caches: CacheFacts[];
}

/** The columns of a cache, in the order in which they are saved. */
const COLUMNS = [
  'activeObjects',
  'objects',
  'objectBytes',
  'objectsPerSlab',
  'pagesPerSlab',
  'activeSlabs',
  'slabs',
] as const;

export class SlabSamples {
  /** Null before the first sample. */
  first: SlabSample | null = null;
  last: SlabSample | null = null;

  /** Takes a sample. A text that is not a slabinfo, or has no cache, is ignored. */
  take(timeNs: number, text: string): void {
    const caches = parseSlabRows(text);
    if (caches === null || caches.length === 0) return;
    this.last = { timeNs, caches };
    this.first ??= this.last;
  }

  /** Returns both samples as plain data, for JSON. */
  save(): unknown[] {
    const { first, last } = this;
    return [first, last === first ? null : last].map((sample) =>
      sample === null
        ? null
        : [sample.timeNs, sample.caches.map((cache) => [cache.name, ...COLUMNS.map((name) => cache[name])])],
    );
  }

  /** Returns the samples of a save(); null if it cannot be one. */
  static restore(data: unknown): SlabSamples | null {
    if (!Array.isArray(data) || data.length !== 2) return null;
    const [first, last] = data.map(sampleOf);
    if (first === undefined || last === undefined || (first === null && last !== null)) return null;
    const samples = new SlabSamples();
    samples.first = first;
    samples.last = last ?? first;
    return samples;
  }
}

/** Returns undefined for what cannot be a sample. */
function sampleOf(saved: unknown): SlabSample | null | undefined {
  if (saved === null) return null;
  const [timeNs, rows] = (Array.isArray(saved) ? saved : []) as unknown[];
  if (!isCount(timeNs) || !Array.isArray(rows)) return undefined;
  const caches: CacheFacts[] = [];
  for (const row of rows as unknown[]) {
    const [name, ...counts] = (Array.isArray(row) ? row : []) as unknown[];
    if (typeof name !== 'string' || counts.length !== COLUMNS.length || !counts.every(isCount)) return undefined;
    caches.push({ name, ...Object.fromEntries(COLUMNS.map((column, index) => [column, counts[index]])) } as CacheFacts);
  }
  return { timeNs, caches };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
