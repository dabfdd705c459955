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
  let rows: OwnerRow[] = [];
  for (const [, figure, unit, count, place, module, name] of text.slice(0, ALLOCINFO_LIMIT).matchAll(SITE)) {
    const bytes = Math.round(Number(figure) * 1024 ** UNITS.indexOf(unit?.[0] ?? 'B'));
    if (!(bytes > 0 && bytes < MOST_BYTES)) continue;
    const frames = `${name} (${place})`;
    rows.push({ source: 'allocinfo', bytes, count: Number(count), module: module ?? '', frames });
    if (rows.length >= MOST_TIMES * limit) rows = largestRows(rows, limit);
  }
  if (rows.length === 0 && !text.startsWith('allocinfo - version: ')) return null;
  return largestRows(rows, limit);
}

/** A kernel with all modules has some 10,000 lines. */
const ALLOCINFO_LIMIT = 16 << 20;
/** Rows are sorted and cut when there are so many times more than are wanted. */
const MOST_TIMES = 8;

function largestRows(rows: readonly OwnerRow[], limit: number): OwnerRow[] {
  return rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, limit);
}

/** Parts of the file that sort and numfmt have made lack its first line, and have rounded figures: "38.4 MiB", "1.2Gi". */
const SITE =
  /^[ \t]{0,20}(\d{1,18}(?:\.\d{1,3})?) ?([KMGT]i?B?|B)?[ \t]+(\d{1,15}) (\S{1,256}:\d{1,7}) (?:\[(\S{1,64})\] )?func:(\S{1,128})/gm;
const UNITS = 'BKMGT';
/** More memory than any machine has. */
const MOST_BYTES = 2 ** 50;

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

const MOST_ORDER = 20;
const MOST_PAGES = 2 ** 40;
/** Call paths that are told apart: a machine at work has some thousands. */
const PATH_LIMIT = 200_000;

/**
 * Returns the sums by call path of page_owner in any of its forms, largest first, at most `limit`; null if
 * the text is none of them: the file of debugfs, one record an allocation (mm/page_owner.c), the output of
 * page_owner_sort, and page_owner_stacks:
 *
 *    Page allocated via order 2, mask 0x..., pid 1, tgid 1 (x), ts 1 ns       450000 times, 450000 pages:
 *    PFN 4096 type Unmovable ...                                             Page allocated via order 0, ...
 *     get_page_from_freelist+0x12/0x34                                        get_page_from_freelist+0x12/0x34
 */
export function parsePageOwner(text: string, pageSize: number, limit: number): OwnerRow[] | null {
  const sums = new Map<string, { frames: string[]; pages: number }>();
  let block = { times: -1, pages: -1, order: -1, frames: [] as string[] };
  let known = false;
  const close = (): void => {
    const { times, pages, order, frames } = block;
    block = { times: -1, pages: -1, order: -1, frames: [] };
    const all = pages >= 0 ? pages : order < 0 && times < 0 ? 0 : Math.max(1, times) * 2 ** Math.max(0, order);
    if (frames.length === 0 || order > MOST_ORDER || !(all > 0 && all <= MOST_PAGES)) return;
    const key = frames.join('\n');
    const sum = sums.get(key);
    if (sum !== undefined) sum.pages += all;
    else if (sums.size < PATH_LIMIT) sums.set(key, { frames, pages: all });
    known = true;
  };
  for (let at = 0; at < text.length; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const line = text.slice(at, Math.min(next, at + LINE_LIMIT));
    at = next + 1;
    const order = /^Page allocated via order (\d{1,3}),/.exec(line);
    const times = order === null ? /^\s{0,20}(\d{1,12}) times(?:, (\d{1,13}) pages)?(?:[,:]|$)/.exec(line) : null;
    const sum = /^\s{0,20}(?:nr_base_pages|stack_count): (\d{1,13})\s*$/.exec(line);
    if (times !== null) {
      close();
      block.times = Number(times[1]);
      if (times[2] !== undefined) block.pages = Number(times[2]);
    } else if (order !== null) {
      // A sorted block has a line of its own above its header.
      if (block.times < 0 || block.frames.length > 0) close();
      block.order = Number(order[1]);
    } else if (sum !== null) {
      block.pages = Number(sum[1]);
      close();
    } else if (/^[ \t]{1,8}\S/.test(line)) {
      if (block.frames.length < FRAME_LIMIT) block.frames.push(line.trim());
    } else if (line.trim() === '' && (block.order >= 0 || block.times >= 0) && block.frames.length > 0) {
      close();
    }
  }
  close();
  if (!known) return null;
  return [...sums.values()]
    .map(({ frames, pages }) => stackRow(frames, pages, pageSize))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, limit);
}

function stackRow(lines: readonly string[], count: number, pageSize: number): OwnerRow {
  const module = lines.map((line) => / \[([^\]]{1,64})\]$/.exec(line)?.[1]).find((name) => name !== undefined);
  const frames = lines
    .map((line) => line.replace(/^\[<[\da-f]{8,16}>\] /, '').replace(/\+0x[\da-f]+\/0x[\da-f]+/, ''))
    .join(' < ');
  return { source: 'page_owner', bytes: count * pageSize, count, module: module ?? '', frames };
}
