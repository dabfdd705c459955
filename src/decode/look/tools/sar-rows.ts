/**
 * Rows of what sar printed of memory (sysstat: sar -r, -r ALL, -S, -B, -W, -H, -A), with their times.
 * Source: sysstat/sysstat, sar.c and pr_stats.c.
 */

export interface SarRow {
  /** ms since 1970; of a text without a date, of the day that was given. */
  timeMs: number;
  /** By the name of the column. Columns kb... in KiB, rates a second in their own units. */
  cells: ReadonlyMap<string, number>;
}

export interface SarClock {
  /** What local time is ahead of UTC, ms. */
  localOffsetMs: number;
  /** Midnight of the day of a text that has no date, ms since 1970. */
  dayMs: number;
}

/** What the first line of sar says: "Linux 5.14.0 (db-17)  03/02/26  _x86_64_ (64 CPU)". */
export interface SarHead {
  kernel: string;
  hostname: string;
  arch: string;
  cpus: number;
}

const LINE_LIMIT = 4_000_000;
const DAY_MS = 86_400_000;
/** The tables that say something of memory, by their first column. */
const TABLE = /^(?:kb|pgpgin\/s$|pswpin\/s$)/;
const HEAD =
  /^Linux (\S{1,128}) \(([^)\n]{0,255})\)\s+\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\s+_?(\w+?)_?\s+\((\d{1,5}) CPU\)/m;
/** sar --human; without a unit a number is in that of its column. */
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1, M: 2 ** 10, G: 2 ** 20, T: 2 ** 30, P: 2 ** 40 };

/** Returns null if the text has no such line. */
export function sarHead(text: string): SarHead | null {
  const head = HEAD.exec(text.slice(0, 1 << 16));
  return head === null ? null : { kernel: head[1], hostname: head[2], arch: head[3], cpus: Number(head[4]) };
}

/** Yields the rows of a text in its order; null where it says that the machine was started anew. Averages are left out. */
export function* sarRows(text: string, { localOffsetMs, dayMs }: SarClock): Generator<SarRow | null> {
  let day = dayMs;
  let columns: string[] | null = null;
  let midnights = 0;
  let before = -1;
  for (const line of text.split('\n', LINE_LIMIT)) {
    const row = /^(\d{2}):(\d{2}):(\d{2})( [AP]M)? +(\S.{0,1000})$/.exec(line);
    if (row === null) {
      if (line.startsWith('Linux ')) day = dayOf(line) ?? day;
      // A blank line stands before a head that is repeated within a table, too.
      if (line !== '') columns = null;
      continue;
    }
    if (row[5].startsWith('LINUX RESTART')) {
      yield null;
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
    if (columns === null || !TABLE.test(columns[0])) continue;
    const hour = row[4] === undefined ? Number(row[1]) : (Number(row[1]) % 12) + (row[4] === ' PM' ? 12 : 0);
    const clock = ((hour * 60 + Number(row[2])) * 60 + Number(row[3])) * 1000;
    // The last row of a day is of midnight: the day after.
    if (clock < before) midnights++;
    before = clock;
    const numbers = numbersOf(columns, cells);
    if (numbers.size > 0) yield { timeMs: day + midnights * DAY_MS + clock - localOffsetMs, cells: numbers };
  }
}

function numbersOf(columns: readonly string[], cells: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, column] of columns.entries()) {
    const cell = /^(\d{1,13}(?:[.,]\d{1,3})?)([kMGTP]?)%?$/.exec(cells.at(index) ?? '');
    if (cell !== null) found.set(column, Number(cell[1].replace(',', '.')) * UNITS[cell[2]]);
  }
  return found;
}

/** The date of the first line, in the order of the locale. */
function dayOf(line: string): number | null {
  const date = /\)\s+(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\s/.exec(line.slice(0, 1024));
  if (date === null) return null;
  const [a, b, c] = date.slice(1).map(Number);
  if (date[1].length === 4) return Date.UTC(a, b - 1, c);
  const year = c < 100 ? 2000 + c : c;
  // 02.03.2026 is European, 03/02/2026 American; a number above 12 decides.
  const dayFirst = a > 12 || (b <= 12 && /\d\.\d/.test(date[0]));
  return dayFirst ? Date.UTC(year, b - 1, a) : Date.UTC(year, a - 1, b);
}
