import { PAGE_FREE } from '../event/kinds.js';
import {
  FAILED_ALLOC,
  FILTERED,
  isEventLoss,
  LOSS_RING_FULL,
  type LossRow,
  NULL_FREE,
  YOUNG_DIRECT,
  YOUNG_LEFT,
  YOUNG_MISSED,
  YOUNG_PAIR,
} from '../event/losses.js';

/** A hostile trace may name any CPU: after so many rows, what is new is counted without its CPU. */
const ROW_LIMIT = 4096;

/** LossLedger: everything that was lost, summed up by cause, kind and CPU. */
export class LossLedger {
  /** Events that the core never saw. */
  lostEvents = 0;
  /** Allocs that failed and frees of NULL, counted by the kernel instead of sent. */
  failedAllocs = 0;
  nullFrees = 0;
  /** Left out in the kernel because the user asked for it. */
  filtered = 0;
  /** Pairs that the kernel matched because they were young, the bytes of their allocs, and those of them that were pages. */
  youngPairs = 0;
  youngBytes = 0;
  youngPages = 0;
  /** Young allocs whose free was not seen; that were sent at once for want of room; that were young at the end. */
  youngMissed = 0;
  youngDirect = 0;
  youngLeft = 0;
  /** Rows of a cause that does not exist. */
  unknown = 0;
  private readonly byKey = new Map<string, LossRow>();

  add(rows: LossRow[]): void {
    for (const row of rows) this.addRow(row);
  }

  /** Sums by (cause, kind, CPU), in that order. */
  rows(): LossRow[] {
    return [...this.byKey.values()].toSorted((a, b) => a.cause - b.cause || a.kind - b.kind || a.cpu - b.cpu);
  }

  /** Takes the sums that rows() gave, into an empty ledger. */
  restoreRows(rows: LossRow[]): void {
    for (const row of rows) this.byKey.set(`${row.cause} ${row.kind} ${row.cpu}`, { ...row });
  }

  private addRow(row: LossRow): void {
    if (!(row.count > 0)) return;
    if (row.cause < LOSS_RING_FULL || row.cause > YOUNG_LEFT) this.unknown += row.count;
    else if (row.cause === FAILED_ALLOC) this.failedAllocs += row.count;
    else if (row.cause === NULL_FREE) this.nullFrees += row.count;
    else if (row.cause === FILTERED) this.filtered += row.count;
    else if (row.cause > FILTERED) this.addYoung(row);
    else {
      if (isEventLoss(row.cause)) this.lostEvents += row.count;
      this.sum(row);
    }
  }

  private addYoung(row: LossRow): void {
    if (row.cause === YOUNG_PAIR) {
      this.youngPairs += row.count;
      this.youngBytes += row.bytes;
      if (row.kind === PAGE_FREE) this.youngPages += row.count;
    } else if (row.cause === YOUNG_MISSED) this.youngMissed += row.count;
    else if (row.cause === YOUNG_DIRECT) this.youngDirect += row.count;
    else this.youngLeft += row.count;
  }

  private sum(row: LossRow): void {
    let { kind, cpu } = row;
    let key = `${row.cause} ${kind} ${cpu}`;
    let sum = this.byKey.get(key);
    if (sum === undefined && this.byKey.size >= ROW_LIMIT) {
      // Kinds are bytes and causes few, so these rows are bounded too.
      kind &= 0xff;
      cpu = -1;
      key = `${row.cause} ${kind} -1`;
      sum = this.byKey.get(key);
    }
    if (sum === undefined) {
      sum = { cause: row.cause, kind, cpu, count: 0, bytes: 0, countWithBytes: 0 };
      this.byKey.set(key, sum);
    }
    sum.count += row.count;
    sum.bytes += row.bytes;
    sum.countWithBytes += row.countWithBytes;
  }
}
