/**
 * The past of a machine as sar printed it: series of bytes by item, and of bytes a second. Of a text
 * that another sar made of the same day, each row counts once. What was before the last start of the
 * machine is left out: it says nothing of the pace since.
 */
import { tableText } from '../../proc/look-tables.js';
import type { NamedTexts } from './members.js';
import { sarTotalKiB } from './tools/sar-meminfo.js';
import { type SarRow, sarRows } from './tools/sar-rows.js';

/** KiB columns of sar, and the item each is. */
const ITEMS: Readonly<Record<string, string>> = {
  kbmemfree: 'free',
  kbavail: 'available',
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
/** Columns that count pages a second. */
const RATES: Readonly<Record<string, string>> = {
  'pgscank/s': 'scanned by kswapd a second',
  'pgscand/s': 'scanned by tasks a second',
  'pgsteal/s': 'reclaimed a second',
  'majflt/s': 'read back a second',
  'pswpin/s': 'swapped in a second',
  'pswpout/s': 'swapped out a second',
};
/** Without one of these the memory that no line shows cannot be told from the rest. */
const NEEDED = ['buffers', 'cached', 'anon', 'slab', 'kernel stacks', 'page tables'];
/** Of more rows every second one goes: a reading each second of a day has as many. */
const ROW_LIMIT = 200_000;
/** Moments of a history: with all items they fit into a table. */
const MOMENT_LIMIT = 8000;
const DAY_MS = 86_400_000;

export interface HistoryMachine {
  localOffsetMs: number;
  /** When the text was written, for those without a date; null = unknown. */
  fileTimeMs: number | null;
  /** kernelNumber() of its release. */
  kernel: number;
  /** MemTotal; 0 = unknown. */
  totalBytes: number;
  pageSize: number;
}

/** Returns the rows of all texts of sar, since the last start of the machine, oldest first. */
export function sarRowsOf(
  texts: NamedTexts,
  { localOffsetMs, fileTimeMs }: Pick<HistoryMachine, 'localOffsetMs' | 'fileTimeMs'>,
): SarRow[] {
  let rows: SarRow[] = [];
  let startedMs = Number.NEGATIVE_INFINITY;
  const dayMs = Math.floor((fileTimeMs ?? 0) / DAY_MS) * DAY_MS;
  for (const { text } of [...texts.startingWith('sar/'), ...texts.command('sar')]) {
    let last = Number.NEGATIVE_INFINITY;
    for (const row of sarRows(text, { localOffsetMs, dayMs })) {
      if (rows.length >= ROW_LIMIT) rows = rows.filter((_, index) => index % 2 === 1);
      if (row === null) startedMs = Math.max(startedMs, last);
      else {
        rows.push(row);
        last = row.timeMs;
      }
    }
  }
  rows.sort((one, other) => one.timeMs - other.timeMs);
  const since = rows.filter(({ timeMs }) => timeMs > startedMs);
  return since.length > 0 ? since : rows;
}

/** Returns the text of table/history; null if there is no row. */
export function historyTable(rows: readonly SarRow[], machine: HistoryMachine): string | null {
  if (rows.length === 0) return null;
  const points = new Map<string, readonly [timeMs: number, item: string, bytes: number]>();
  const kept = keptMoments(rows);
  for (const row of rows) {
    if (!kept.has(row.timeMs)) continue;
    for (const point of pointsOf(row, machine)) points.set(`${point[0]} ${point[1]}`, point);
  }
  return tableText('table/history', points.values());
}

/** Times of the rows, evenly fewer if they are very many; the newest is among them. */
function keptMoments(rows: readonly SarRow[]): ReadonlySet<number> {
  const times = [...new Set(rows.map(({ timeMs }) => timeMs))].toSorted((one, other) => other - one);
  const step = Math.ceil(times.length / MOMENT_LIMIT);
  return new Set(times.filter((_, index) => index % step === 0));
}

/** Memory in use without caches: kbmemused, which counted them until sysstat 11.6. */
function usedKiB(cells: ReadonlyMap<string, number>): number {
  const of = (column: string): number => cells.get(column) ?? 0;
  const withCaches = sarTotalKiB(cells) === of('kbmemfree') + of('kbmemused');
  return of('kbmemused') - (withCaches ? of('kbbuffers') + of('kbcached') + of('kbslab') : 0);
}

function* pointsOf({ timeMs, cells }: SarRow, machine: HistoryMachine): Generator<readonly [number, string, number]> {
  const found = new Map<string, number>();
  for (const [column, value] of cells) {
    if (column === 'kbmemused') {
      const used = usedKiB(cells) * 1024;
      if (used >= 0) yield [timeMs, 'used', Math.round(used)];
    } else if (Object.hasOwn(ITEMS, column)) {
      found.set(ITEMS[column], value * 1024);
      yield [timeMs, ITEMS[column], Math.round(value * 1024)];
    } else if (Object.hasOwn(RATES, column)) {
      yield [timeMs, RATES[column], Math.round(value * machine.pageSize)];
    }
  }
  const total = machine.totalBytes || (sarTotalKiB(cells) ?? 0) * 1024;
  if (total === 0 || !NEEDED.every((item) => found.has(item))) return;
  const of = (item: string): number => found.get(item) ?? 0;
  // vmalloc is memory since 5.3, with the stacks in it. Huge pages and percpu are in no column: they stay in the rest.
  const areas = machine.kernel >= 5003 ? Math.max(0, of('vmalloc') - of('kernel stacks')) : 0;
  const known = NEEDED.reduce((sum, item) => sum + of(item), of('free') + areas);
  yield [timeMs, 'in no line', Math.round(Math.max(0, total - known))];
}
