/** TextEventNames: maps the event names of a text to kinds, and counts each name. */
import {
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  PERCPU_FREE,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../../event/kinds.js';
import { ascii, decodeText } from './text-bytes.js';
import { ByteNames } from './text-names.js';

const KNOWN: [name: string, kind: number][] = [
  ['kmem:kmalloc', KMALLOC],
  // Separate events until 6.0 (kernel commit 11e9734bcb6a).
  ['kmem:kmalloc_node', KMALLOC],
  ['kmem:kmem_cache_alloc', KMEM_CACHE_ALLOC],
  ['kmem:kmem_cache_alloc_node', KMEM_CACHE_ALLOC],
  ['kmem:mm_page_alloc', PAGE_ALLOC],
  ['kmem:kfree', KFREE],
  ['kmem:kmem_cache_free', KMEM_CACHE_FREE],
  // mm_page_free_batched is missing on purpose: it is a second event for a page that mm_page_free
  // has reported.
  ['kmem:mm_page_free', PAGE_FREE],
  // The names before 3.3. There mm_pagevec_free is the only event of a page that is freed in a batch.
  ['kmem:mm_page_free_direct', PAGE_FREE],
  ['kmem:mm_pagevec_free', PAGE_FREE],
  ['percpu:percpu_alloc_percpu', PERCPU_ALLOC],
  ['percpu:percpu_free_percpu', PERCPU_FREE],
  ['vmalloc:alloc_vmap_area', VMALLOC_ALLOC],
  ['vmalloc:free_vmap_area_noflush', VMALLOC_FREE],
];

/**
 * Events that say how many pages the kernel has moved, and not which: no kinds of the stream. A move
 * by compaction may have both.
 */
export const MIGRATED_PAGES = 254;
export const COMPACTED_PAGES = 253;
const KNOWN_MOVES: [name: string, kind: number][] = [
  ['migrate:mm_migrate_pages', MIGRATED_PAGES],
  ['compaction:mm_compaction_migratepages', COMPACTED_PAGES],
];

/** A kernel has some 2,000 tracepoints; damaged text must not cost more than this. */
const MAX_NAMES = 4096;
/** Stands for the name of an event that has none. */
const UNNAMED = 'without a name';
/** Longer than the name of any tracepoint. */
const MAX_NAME_BYTES = 128;

export class TextEventNames {
  private readonly names = new ByteNames(MAX_NAMES);
  private readonly kindOf = new Uint8Array(MAX_NAMES + 1);
  private readonly countOf = new Float64Array(MAX_NAMES + 1);
  private readonly textOf: string[] = [];

  constructor() {
    // perf prints system:name, the kernel and trace-cmd only the name.
    for (const [name, kind] of [...KNOWN, ...KNOWN_MOVES]) {
      for (const form of [name, name.slice(name.indexOf(':') + 1)]) {
        const bytes = ascii(form);
        const id = this.names.intern(bytes, 0, bytes.length);
        this.kindOf[id] = kind;
        this.textOf[id] = name;
      }
    }
  }

  /**
   * Counts the event named bytes[start .. end). Returns its kind, one of the two above, or 0 if it
   * is not one of ours.
   */
  note(bytes: Uint8Array, start: number, end: number): number {
    const nameEnd = Math.min(end, start + MAX_NAME_BYTES);
    const id = this.names.intern(bytes, start, nameEnd);
    this.textOf[id] ??= id === 0 ? 'others' : decodeText(bytes, start, nameEnd);
    this.countOf[id]++;
    return this.kindOf[id];
  }

  /** Counts an event without a name, by its kind; 0 = it is not one of ours. */
  noteKind(kind: number): void {
    const name = KNOWN.find((row) => row[1] === kind)?.[0] ?? UNNAMED;
    this.note(ascii(name), 0, name.length);
  }

  /** Returns the skipped events by name, most frequent first. */
  skipped(): Map<string, number> {
    const rows: [string, number][] = [];
    for (let id = 0; id <= this.names.size; id++) {
      if (this.kindOf[id] === 0 && this.countOf[id] > 0) rows.push([this.textOf[id], this.countOf[id]]);
    }
    return new Map(rows.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
  }

  /** Returns the tracepoints that had events. */
  hooks(): string[] {
    const seen = new Set<string>();
    for (let id = 1; id <= this.names.size; id++) {
      if (this.kindOf[id] !== 0 && this.kindOf[id] < COMPACTED_PAGES && this.countOf[id] > 0) seen.add(this.textOf[id]);
    }
    return [...seen];
  }

  /** Returns the kind of the event that perf names so, 'kmem:kmalloc'; 0 if it is not one of ours. */
  kindNamed(name: string): number {
    return KNOWN.find(([known]) => known === name)?.[1] ?? 0;
  }

  /** Returns the number of events of a kind (kinds.ts). */
  countOfKind(kind: number): number {
    let count = 0;
    for (let id = 1; id <= this.names.size; id++) if (this.kindOf[id] === kind) count += this.countOf[id];
    return count;
  }

  /** Returns the kinds that had events. */
  kinds(): number[] {
    return [...new Set(this.kindOf)].filter((kind) => kind !== 0 && this.countOfKind(kind) > 0);
  }

  get isAnyKnown(): boolean {
    return this.hooks().length > 0;
  }
}
