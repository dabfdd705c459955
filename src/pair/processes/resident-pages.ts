/**
 * ResidentPages: how many pages of each range of a process were in memory at the latest look. A look replaces the one before;
 * at most MOST_ROWS ranges are kept of all processes together, those of the oldest look are forgotten first.
 */
import { MOST_PROCESSES, RESIDENT_ROWS, type ResidentRow } from '../../event/process-facts.js';

const MOST_ROWS = 2 ** 18;
/** Pages of the address space of a process. */
const SPACE_PAGES = 2 ** 36;
/** Numbers of a row: first page, pages, resident. */
const FIELDS = 3;

interface Look {
  timeNs: number;
  isWhole: boolean;
  /** FIELDS a range, in order of their first pages, none over another. */
  rows: Float64Array;
}

export class ResidentPages {
  /** By number of the process; the oldest look first. */
  private readonly looks = new Map<number, Look>();
  private rowCount = 0;

  /** Takes a look. Rows that cannot be are left out. */
  take(process: number, timeNs: number, isWhole: boolean, rows: readonly ResidentRow[]): void {
    if (!Number.isInteger(process) || process < 1 || process > MOST_PROCESSES) return;
    this.forget(process);
    const sane = rows.slice(0, RESIDENT_ROWS).filter(isRow);
    const sorted = sane.toSorted((a, b) => a.firstPage - b.firstPage);
    const kept: number[] = [];
    let end = 0;
    for (const { firstPage, pages, resident } of sorted) {
      if (firstPage < end) continue;
      kept.push(firstPage, pages, resident);
      end = firstPage + pages;
    }
    const isCut = kept.length < rows.length * FIELDS;
    this.add(process, { timeNs, isWhole: isWhole && !isCut, rows: Float64Array.from(kept) });
  }

  /** The process has ended, or runs another program. */
  forget(process: number): void {
    this.rowCount -= (this.looks.get(process)?.rows.length ?? 0) / FIELDS;
    this.looks.delete(process);
  }

  /**
   * How many of the pages from `first` on were resident at the latest look; null if there was none, or if it did not tell of
   * all pages and not of these. Of a range that was counted as one and is asked for in part, each page counts alike.
   */
  pages(process: number, first: number, pages: number): number | null {
    const look = this.looks.get(process);
    if (look === undefined) return null;
    const { rows, isWhole } = look;
    const end = first + pages;
    let sum = 0;
    let told = isWhole;
    for (let at = rowBefore(rows, first) * FIELDS; at < rows.length && rows[at] < end; at += FIELDS) {
      const shared = Math.min(end, rows[at] + rows[at + 1]) - Math.max(first, rows[at]);
      if (shared <= 0) continue;
      told = true;
      sum += (rows[at + 2] * shared) / rows[at + 1];
    }
    return told ? sum : null;
  }

  /** Time of the latest look at a process, ns; null if there was none. */
  timeNs(process: number): number | null {
    return this.looks.get(process)?.timeNs ?? null;
  }

  /** Resident pages of all ranges of a process at the latest look; null if there was none. */
  total(process: number): number | null {
    return this.pages(process, 0, SPACE_PAGES);
  }

  private add(process: number, look: Look): void {
    this.rowCount += look.rows.length / FIELDS;
    this.looks.set(process, look);
    for (const oldest of this.looks.keys()) {
      if (this.rowCount <= MOST_ROWS || oldest === process) break;
      this.forget(oldest);
    }
  }

  /** About the bytes of save() as JSON. */
  get savedBytes(): number {
    return this.looks.size * 32 + this.rowCount * 18;
  }

  /** Returns the looks as plain data. */
  save(): unknown {
    return Array.from(this.looks, ([process, { timeNs, isWhole, rows }]) => [process, timeNs, isWhole, [...rows]]);
  }

  /** Returns the looks of save(), which may have gone through JSON; null if `saved` cannot be one. */
  static restore(saved: unknown): ResidentPages | null {
    if (!Array.isArray(saved)) return null;
    const pages = new ResidentPages();
    for (const each of saved as unknown[]) {
      const [process, timeNs, isWhole, rows] = (Array.isArray(each) ? each : []) as unknown[];
      const isSane =
        isCount(process) && isCount(timeNs) && typeof isWhole === 'boolean' && Array.isArray(rows) && areRows(rows);
      if (!isSane || pages.looks.has(process)) return null;
      pages.add(process, { timeNs, isWhole, rows: Float64Array.from(rows as number[]) });
    }
    return pages;
  }
}

/** Index of the last row that begins at a page or before it; 0 if there is none. */
function rowBefore(rows: Float64Array, page: number): number {
  let [low, high] = [0, rows.length / FIELDS];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle * FIELDS] <= page) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function isRow({ firstPage, pages, resident }: ResidentRow): boolean {
  return (
    [firstPage, pages, resident].every((each) => Number.isSafeInteger(each) && each >= 0) &&
    pages > 0 &&
    resident <= pages &&
    firstPage + pages <= SPACE_PAGES
  );
}

function areRows(rows: readonly unknown[]): boolean {
  if (rows.length % FIELDS !== 0 || !rows.every(isCount)) return false;
  let end = 0;
  for (let at = 0; at < rows.length; at += FIELDS) {
    const [firstPage, pages, resident] = rows.slice(at, at + FIELDS);
    if (firstPage < end || !isRow({ firstPage, pages, resident })) return false;
    end = firstPage + pages;
  }
  return true;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
