/** The last readings of sar as a text of /proc/meminfo, with the lines that its columns have. */
import type { SarRow } from './sar-rows.js';

const LINES: readonly (readonly [line: string, columns: readonly string[]])[] = [
  ['MemFree', ['kbmemfree']],
  ['MemAvailable', ['kbavail']],
  ['Buffers', ['kbbuffers']],
  ['Cached', ['kbcached']],
  ['SwapCached', ['kbswpcad']],
  ['SwapTotal', ['kbswpfree', 'kbswpused']],
  ['SwapFree', ['kbswpfree']],
  ['Dirty', ['kbdirty']],
  ['AnonPages', ['kbanonpg']],
  ['Slab', ['kbslab']],
  ['KernelStack', ['kbkstack']],
  ['PageTables', ['kbpgtbl']],
  ['Committed_AS', ['kbcommit']],
  ['VmallocUsed', ['kbvmused']],
  ['Hugetlb', ['kbhugfree', 'kbhugused']],
];
/** Readings of one moment: sar -A writes the same time into all of its tables. */
const MOMENT_MS = 2000;
/** %memused has two decimals. */
const ROUNDING = 0.006;

/** Returns null if no row is of sar -r. `timeMs`: of the newest row. */
export function meminfoOfSar(rows: readonly SarRow[]): { text: string; timeMs: number } | null {
  const { cells, timeMs } = lastMoment(rows, 'kbmemfree');
  const total = sarTotalKiB(cells);
  if (total === null || total === 0) return null;
  const lines: string[] = [];
  const add = (name: string, kib: number): void => {
    lines.push(`${`${name}:`.padEnd(16)}${Math.round(kib)} kB\n`);
  };
  add('MemTotal', total);
  for (const [line, columns] of LINES) {
    if (columns.every((column) => cells.has(column))) {
      add(
        line,
        columns.reduce((sum, column) => sum + (cells.get(column) ?? 0), 0),
      );
    }
  }
  // Beside the other lines they tell what is held by a reference, but only if the swap cache is known too.
  if (cells.has('kbswpcad')) {
    for (const [line, column] of [
      ['Active', 'kbactive'],
      ['Inactive', 'kbinact'],
    ] as const) {
      const value = cells.get(column);
      if (value !== undefined) add(line, value);
    }
  }
  return { text: lines.join(''), timeMs };
}

/** Returns the newest rows of sar -S as a text of /proc/swaps, all swap in one; null if there is no such row. */
export function swapsOfSar(rows: readonly SarRow[]): string | null {
  const { cells } = lastMoment(rows, 'kbswpfree');
  const used = cells.get('kbswpused');
  const free = cells.get('kbswpfree');
  if (used === undefined || free === undefined) return null;
  return `Filename Type Size Used Priority\nall partition ${Math.round(used + free)} ${Math.round(used)} 0\n`;
}

/** The cells of all rows of the moment in which a column has its newest value. */
function lastMoment(rows: readonly SarRow[], column: string): { cells: Map<string, number>; timeMs: number } {
  const timeMs = rows.reduce(
    (newest, row) => (row.cells.has(column) ? Math.max(newest, row.timeMs) : newest),
    Number.NEGATIVE_INFINITY,
  );
  const cells = new Map<string, number>();
  for (const row of rows) {
    if (Math.abs(timeMs - row.timeMs) > MOMENT_MS) continue;
    for (const [name, value] of row.cells) cells.set(name, value);
  }
  return { cells, timeMs };
}

/**
 * MemTotal in KiB, as far as a row of sar -r tells it. What kbmemused counts changed: all but free memory
 * (until 11.6), then all but free memory and caches, with or without slab. %memused is its share of the
 * total each time, so it tells which it is. Null if the row is not of memory.
 */
export function sarTotalKiB(cells: ReadonlyMap<string, number>): number | null {
  const of = (column: string): number => cells.get(column) ?? 0;
  const used = of('kbmemused');
  const share = of('%memused');
  if (!cells.has('kbmemfree') || !cells.has('kbmemused')) return null;
  const caches = of('kbbuffers') + of('kbcached');
  const free = of('kbmemfree');
  const candidates = [free + used, free + caches + of('kbslab') + used, of('kbavail') + used];
  const exact = candidates.find((total) => total > 0 && Math.abs((used * 100) / total - share) < ROUNDING);
  // All of these are part of it. A small share is too rough to tell more.
  const least = Math.max(free + used, of('kbavail'), cells.has('kbavail') ? free + caches + used : 0);
  return exact ?? Math.max(least, share >= 0.5 ? (used * 100) / share : 0);
}
