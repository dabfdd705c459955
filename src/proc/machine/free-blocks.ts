/** Free blocks of the page allocator by order, and blocks by what they are kept for (mm/vmstat.c). */

/** Free blocks of a zone by order: buddyinfo. */
export interface BuddyFacts {
  node: number;
  zone: string;
  /** Free blocks of 2^index pages. */
  blocks: number[];
}

const TEXT_LIMIT = 4 << 20;
const LINE_LIMIT = 1024;
const ZONE_LIMIT = 8192;

/**
 * Returns the rows of /proc/buddyinfo; null if the text is not one:
 *
 *    Node 0, zone   Normal  13876  15860  11493   5063   2182   1957    786    329    281    206   1340
 */
export function parseBuddyinfo(text: string): BuddyFacts[] | null {
  const rows: BuddyFacts[] = [];
  for (const { node, zone, cells } of zoneLines(text)) {
    const blocks = cells.map(Number);
    if (blocks.length >= 2 && blocks.every((count) => Number.isSafeInteger(count))) rows.push({ node, zone, blocks });
  }
  return rows.length === 0 ? null : rows;
}

/**
 * Returns the page blocks of all zones by migrate type, from the last table of /proc/pagetypeinfo;
 * null if the text has none:
 *
 *    Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate
 *    Node 0, zone      DMA            1            7            0            0            0
 */
export function parsePagetypeinfo(text: string): ReadonlyMap<string, number> | null {
  const start = text.slice(0, TEXT_LIMIT).search(/^Number of blocks type /m);
  if (start < 0) return null;
  const table = text.slice(start, start + TEXT_LIMIT);
  const types = (table.split('\n', 1)[0] ?? '').slice('Number of blocks type '.length, LINE_LIMIT).trim().split(/ +/);
  const blocks = new Map<string, number>();
  for (const { cells } of zoneLines(table)) {
    for (const [index, type] of types.entries()) {
      const count = Number(cells[index] ?? 0);
      if (Number.isSafeInteger(count)) blocks.set(type, (blocks.get(type) ?? 0) + count);
    }
  }
  return blocks.size === 0 ? null : blocks;
}

/** Yields the lines "Node N, zone NAME numbers..."; others are skipped. */
function* zoneLines(text: string): Generator<{ node: number; zone: string; cells: string[] }> {
  let count = 0;
  for (const [line, node, zone] of text.slice(0, TEXT_LIMIT).matchAll(/^Node +(\d{1,5}), zone +(\w{1,16}) +\d.*$/gm)) {
    if (line.length > LINE_LIMIT) continue;
    if (count++ === ZONE_LIMIT) return;
    yield {
      node: Number(node),
      zone,
      cells: line
        .slice(line.indexOf(zone, 10) + zone.length)
        .trim()
        .split(/ +/),
    };
  }
}
