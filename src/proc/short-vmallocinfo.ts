/**
 * /proc/vmallocinfo in short: one line for all areas of one caller and kind, in the kernel's own form, with their sums
 * and `count=`. A machine has an area for each thread and each BPF map, and some dozens of callers.
 */

const HEAD = /^0x[\da-f]{1,16}-0x[\da-f]{1,16} +(\d{1,16}) /;
const PAGES = /^pages=(\d{1,12})$/;
/** Words that differ from area to area: where it lies, and on which nodes. */
const OF_ONE = /^(?:phys=|N\d{1,5}=)/;
const LINE_LIMIT = 1024;
/** Callers are functions: a kernel has some hundred that allocate areas. */
const CALLER_LIMIT = 4096;

/** Returns the short text; lines that are no areas are left out, as are callers beyond CALLER_LIMIT. */
export function shortVmallocinfo(text: string): string {
  const sums = new Map<string, { bytes: number; pages: number; count: number }>();
  for (let at = 0; at < text.length; ) {
    let next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    if (next - at <= LINE_LIMIT) add(sums, text.slice(at, next));
    at = next + 1;
  }
  return [...sums]
    .map(
      ([rest, { bytes, pages, count }]) =>
        `0x0-0x0 ${bytes} ${rest}${pages > 0 ? ` pages=${pages}` : ''} count=${count}\n`,
    )
    .join('');
}

function add(sums: Map<string, { bytes: number; pages: number; count: number }>, line: string): void {
  const head = HEAD.exec(line);
  if (head === null) return;
  let pages = 0;
  const words: string[] = [];
  for (const word of line.slice(head[0].length).split(' ')) {
    const counted = PAGES.exec(word);
    if (counted !== null) pages = Number(counted[1]);
    else if (!OF_ONE.test(word)) words.push(word);
  }
  const rest = words.join(' ');
  const sum = sums.get(rest) ?? { bytes: 0, pages: 0, count: 0 };
  sum.bytes += Number(head[1]);
  sum.pages += pages;
  sum.count++;
  if (sums.size < CALLER_LIMIT || sums.has(rest)) sums.set(rest, sum);
}
