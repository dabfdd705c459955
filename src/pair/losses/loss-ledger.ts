import { PAGE_FREE } from '../../event/kinds.js';
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
} from '../../event/losses.js';

/** A hostile trace may name any CPU: after this many rows, new ones are counted without their CPU. */
const ROW_LIMIT = 4096;

/** LossLedger: everything that was lost, summed by cause, kind and CPU. */
export class LossLedger {
  /** Events that the core never received. */
  lostEvents = 0;
  /** Failed allocs and frees of NULL, counted by the kernel instead of sent. */
  failedAllocs = 0;
  nullFrees = 0;
  /** Events dropped in the kernel by a filter that the user chose. */
  filtered = 0;
  /**
   * Pairs that the kernel matched because they were young, the bytes of their allocs, and the page
   * pairs among them.
   */
  youngPairs = 0;
  youngBytes = 0;
  youngPages = 0;
  /**
   * Young allocs: with a missed free; sent at once for lack of room; still young at the end of the
   * trace.
   */
  youngMissed = 0;
  youngDirect = 0;
  youngLeft = 0;
  /** Counts with an unknown cause. */
  unknown = 0;
  private readonly byKey = new Map<string, LossRow>();

  add(rows: LossRow[]): void {
    for (const row of rows) this.addRow(row);
  }

  /** Returns the sums, sorted by cause, kind and CPU. */
  rows(): LossRow[] {
    return [...this.byKey.values()].toSorted((a, b) => a.cause - b.cause || a.kind - b.kind || a.cpu - b.cpu);
  }

  /** Restores the sums that rows() returned, into an empty ledger. */
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
