/** Who owns pages, in the words of the kernel: page_owner by stack, and allocinfo by call site. */
export interface OwnerRow {
  source: 'page_owner' | 'allocinfo';
  bytes: number;
  count: number;
  /** '' = the kernel itself. */
  module: string;
  /** Leaf first, joined by ' < '. */
  frames: string;
}

const FRAME_LIMIT = 32;
const LINE_LIMIT = 512;

/**
 * Returns the rows of /proc/allocinfo (6.10; version 2.0 may mark a line as not accurate), largest
 * first, at most `limit`; null if the text is not one:
 *
 *    allocinfo - version: 1.0
 *        4096        1 mm/slub.c:1826 [module] func:alloc_slab_page
 */
export function parseAllocinfo(text: string, limit: number): OwnerRow[] | null {
  if (!text.startsWith('allocinfo - version: ')) return null;
  const rows: OwnerRow[] = [];
  for (const [, bytes, count, place, module, name] of text.matchAll(
    /^ {0,20}(\d{1,18}) +(\d{1,18}) (\S{1,256}) (?:\[(\S{1,64})\] )?func:(\S{1,128})/gm,
  )) {
    if (bytes === '0') continue;
    const frames = `${name} (${place})`;
    rows.push({ source: 'allocinfo', bytes: Number(bytes), count: Number(count), module: module ?? '', frames });
  }
  return rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, limit);
}

/**
 * Returns the rows of page_owner_stacks/show_stacks (6.9: "stack_count:", 6.11: "nr_base_pages:"),
 * largest first, at most `limit`:
 *
 *     get_page_from_freelist+0x12/0x34
 *     __alloc_pages+0x56/0x78
 *    nr_base_pages: 16
 */
export function parsePageOwnerStacks(text: string, pageSize: number, limit: number): OwnerRow[] {
  const rows: OwnerRow[] = [];
  let frames: string[] = [];
  for (const line of text.split('\n')) {
    const count = /^(?:stack_count|nr_base_pages): (\d{1,12})$/.exec(line);
    if (count !== null) {
      if (frames.length > 0) rows.push(stackRow(frames, Number(count[1]), pageSize));
      frames = [];
    } else if (line.startsWith(' ') && line.length < LINE_LIMIT && frames.length < FRAME_LIMIT) {
      frames.push(line.trim());
    }
  }
  return rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, limit);
}

function stackRow(lines: readonly string[], count: number, pageSize: number): OwnerRow {
  const module = lines.map((line) => / \[([^\]]{1,64})\]$/.exec(line)?.[1]).find((name) => name !== undefined);
  const frames = lines.map((line) => line.replace(/\+0x[\da-f]+\/0x[\da-f]+/, '')).join(' < ');
  return { source: 'page_owner', bytes: count * pageSize, count, module: module ?? '', frames };
}
