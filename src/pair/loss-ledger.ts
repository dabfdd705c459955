import { FAILED_ALLOC, FILTERED, isEventLoss, LOSS_RING_FULL, type LossRow, NULL_FREE } from '../event/losses.js';

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
    if (row.cause < LOSS_RING_FULL || row.cause > FILTERED) this.unknown += row.count;
    else if (row.cause === FAILED_ALLOC) this.failedAllocs += row.count;
    else if (row.cause === NULL_FREE) this.nullFrees += row.count;
    else if (row.cause === FILTERED) this.filtered += row.count;
    else {
      if (isEventLoss(row.cause)) this.lostEvents += row.count;
      this.sum(row);
    }
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
