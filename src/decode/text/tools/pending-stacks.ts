/**
 * PendingStacks: for each CPU, the events whose stack record has not come yet. Four deep: a task, a
 * softirq, a hard interrupt and an NMI can each be between their event and its stack; the oldest
 * beyond that is dropped.
 */
export const NO_ROW = -1;

const DEPTH = 4;

export class PendingStacks {
  /** Rows and tids of CPU c begin at c * DEPTH, oldest first; count[c] of them are set. */
  private rows = new Float64Array(16 * DEPTH);
  private tids = new Float64Array(16 * DEPTH);
  private count = new Uint8Array(16);
  /** The row and tid whose stack came last on each CPU. */
  private takenRow = new Float64Array(16).fill(NO_ROW);
  private takenTid = new Float64Array(16);

  /** Adds an event; NO_ROW stands for one whose stack is not wanted. `cpu` must be below 65536. */
  push(cpu: number, tid: number, row: number): void {
    while (cpu >= this.count.length) this.grow();
    const base = cpu * DEPTH;
    if (this.count[cpu] === DEPTH) {
      this.rows.copyWithin(base, base + 1, base + DEPTH);
      this.tids.copyWithin(base, base + 1, base + DEPTH);
      this.count[cpu]--;
    }
    const at = base + this.count[cpu]++;
    this.rows[at] = row;
    this.tids[at] = tid;
  }

  /**
   * Removes and returns the row of the newest event without a stack, NO_ROW if it is another task's
   * or there is none.
   */
  take(cpu: number, tid: number): number {
    if (cpu >= this.count.length || this.count[cpu] === 0) return NO_ROW;
    const at = cpu * DEPTH + this.count[cpu] - 1;
    if (this.tids[at] !== tid) return NO_ROW;
    this.count[cpu]--;
    this.takenRow[cpu] = this.rows[at];
    this.takenTid[cpu] = tid;
    return this.rows[at];
  }

  /** Returns the row that take() returned last on that CPU, NO_ROW if it was another task's. */
  lastTaken(cpu: number, tid: number): number {
    return cpu < this.count.length && this.takenTid[cpu] === tid ? this.takenRow[cpu] : NO_ROW;
  }

  private grow(): void {
    this.rows = doubled(this.rows);
    this.tids = doubled(this.tids);
    this.takenRow = doubled(this.takenRow).fill(NO_ROW, this.takenRow.length);
    this.takenTid = doubled(this.takenTid);
    const count = new Uint8Array(this.count.length * 2);
    count.set(this.count);
    this.count = count;
  }
}

function doubled(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(column.length * 2);
  wider.set(column);
  return wider;
}
