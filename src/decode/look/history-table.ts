/**
 * The past of a machine as sar printed it (sysstat, sar -r ALL, -S, -B or -A): series of bytes by
 * item. Of a text that another sar made of the same day, each row counts once.
 */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';

/** KiB columns of sar, and the item each is. */
const ITEMS: Readonly<Record<string, string>> = {
  kbmemfree: 'free',
  kbavail: 'available',
  kbmemused: 'used',
  kbbuffers: 'buffers',
  kbcached: 'cached',
  kbcommit: 'committed',
  kbdirty: 'dirty',
  kbanonpg: 'anon',
  kbslab: 'slab',
  kbkstack: 'kernel stacks',
  kbpgtbl: 'page tables',
  kbvmused: 'vmalloc',
  kbswpfree: 'swap free',
  kbswpused: 'swap used',
  kbhugused: 'hugetlb used',
  kbhugfree: 'hugetlb free',
};
/** Without one of these the memory that no line shows cannot be told from the rest. */
const NEEDED = ['buffers', 'cached', 'anon', 'slab', 'kernel stacks', 'page tables'];
const POINT_LIMIT = 400_000;
const LINE_LIMIT = 4_000_000;
const DAY_MS = 86_400_000;

export interface HistoryMachine {
  localOffsetMs: number;
  /** kernelNumber() of its release. */
  kernel: number;
  /** MemTotal; 0 = unknown. */
  totalBytes: number;
}

/** Returns the text of table/history; null if the bundle has no text of sar with memory in it. */
export function historyTable(texts: NamedTexts, machine: HistoryMachine): string | null {
  const points = new Map<string, readonly [timeMs: number, item: string, bytes: number]>();
  for (const { text } of [...texts.startingWith('sar/'), ...texts.command('sar')]) {
    for (const point of pointsOf(text, machine)) {
      if (points.size >= POINT_LIMIT) break;
      points.set(`${point[0]} ${point[1]}`, point);
    }
  }
  if (points.size === 0) return null;
  return tableText(
    'table/history',
    [...points.values()].toSorted((a, b) => a[0] - b[0]),
  );
}

function* pointsOf(text: string, machine: HistoryMachine): Generator<readonly [number, string, number]> {
  let day: number | null = null;
  let columns: string[] | null = null;
  let midnights = 0;
  let before = -1;
  for (const line of text.split('\n', LINE_LIMIT)) {
    const row = /^(\d{2}):(\d{2}):(\d{2})( [AP]M)? +(.*)$/.exec(line);
    if (row === null) {
      if (line.startsWith('Linux ')) day = dayOf(line);
      // A blank line stands before a head that is repeated within a table, too.
      if (line === '') continue;
      columns = null;
      continue;
    }
    const cells = row[5].trim().split(/\s+/);
    if (!/^[\d-]/.test(cells[0])) {
      if (cells.join() !== columns?.join()) {
        midnights = 0;
        before = -1;
      }
      columns = cells;
      continue;
    }
    if (columns?.[0].startsWith('kb') !== true || day === null) continue;
    const hour = row[4] === undefined ? Number(row[1]) : (Number(row[1]) % 12) + (row[4] === ' PM' ? 12 : 0);
    const clock = ((hour * 60 + Number(row[2])) * 60 + Number(row[3])) * 1000;
    // The last row of a day is of midnight: the day after.
    if (clock < before) midnights++;
    before = clock;
    yield* rowPoints(day + midnights * DAY_MS + clock - machine.localOffsetMs, { columns, cells }, machine);
  }
}

function* rowPoints(
  timeMs: number,
  { columns, cells }: { columns: readonly string[]; cells: readonly string[] },
  machine: HistoryMachine,
): Generator<readonly [number, string, number]> {
  const found = new Map<string, number>();
  for (const [index, column] of columns.entries()) {
    const item = ITEMS[column];
    const cell = cells.at(index) ?? '';
    if (item === undefined || !/^\d{1,13}$/.test(cell)) continue;
    found.set(item, Number(cell) * 1024);
    yield [timeMs, item, Number(cell) * 1024];
  }
  const total = machine.totalBytes || totalOf(columns, cells);
  if (total === 0 || !NEEDED.every((item) => found.has(item))) return;
  const of = (item: string): number => found.get(item) ?? 0;
  // vmalloc is memory since 5.3, with the stacks in it. Huge pages and percpu are in no column: they stay in the rest.
  const areas = machine.kernel >= 5003 ? Math.max(0, of('vmalloc') - of('kernel stacks')) : 0;
  const known = NEEDED.reduce((sum, item) => sum + of(item), of('free') + areas);
  yield [timeMs, 'in no line', Math.max(0, total - known)];
}

/**
 * What kbmemused counts changed twice (it was the total without free, then without caches, now without
 * what is available), but %memused is its share of the total. 0 if that is too rough.
 */
function totalOf(columns: readonly string[], cells: readonly string[]): number {
  const used = Number(cells.at(columns.indexOf('kbmemused')));
  const share = Number(cells.at(columns.indexOf('%memused')));
  return used > 0 && share >= 10 ? Math.round((used * 1024 * 100) / share) : 0;
}

/** "Linux 5.14.0 (db-17)  03/02/26  _x86_64_ (64 CPU)", with the date in the order of the locale. */
function dayOf(line: string): number | null {
  const date = /\)\s+(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\s/.exec(line);
  if (date === null) return null;
  const [a, b, c] = date.slice(1).map(Number);
  if (date[1].length === 4) return Date.UTC(a, b - 1, c);
  const year = c < 100 ? 2000 + c : c;
  // 02.03.2026 is European, 03/02/2026 American; a number above 12 decides.
  const dayFirst = a > 12 || (b <= 12 && /\d\.\d/.test(date[0]));
  return dayFirst ? Date.UTC(year, b - 1, a) : Date.UTC(year, a - 1, b);
}
