import { ascii, ByteScan, indexOfWord } from '../text-bytes.js';

const MOVE_COUNTS = [ascii('nr_succeeded='), ascii('nr_migrated=')];

/**
 * Returns the pages that an event in bytes[start .. end) says were moved, huge pages counted by
 * their pages; null if it does not say (include/trace/events/{migrate,compaction}.h):
 * "mm_migrate_pages: nr_succeeded=4 nr_failed=0 ...", "mm_compaction_migratepages: nr_migrated=4 nr_failed=0".
 */
export function movedPagesIn(bytes: Uint8Array, start: number, end: number): number | null {
  for (const count of MOVE_COUNTS) {
    const place = indexOfWord(bytes, start, end, count);
    const scan = new ByteScan();
    if (place < 0 || !scan.decimal(bytes, place + count.length, end)) continue;
    return scan.value <= Number.MAX_SAFE_INTEGER ? scan.value : null;
  }
  return null;
}
