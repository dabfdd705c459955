/**
 * CheckpointStore: checkpoints of a recording, ordered by their place in it, within a budget of memory. It decides when
 * another one is worth making. When memory is short, it drops the one whose neighbours are nearest to each other, so that
 * the rest stays evenly spread.
 */
export interface StoredCheckpoint<Mark> {
  /** The number of events before it. */
  events: number;
  /** The greatest time of anything before it, ns. */
  timeNs: number;
  /** Bytes of memory that it takes; 0 = it lies in the file. */
  byteLength: number;
  /** The bytes for restorePipeline() and the place to read on from; null = it cannot be read after all. */
  load(): Promise<{ state: Uint8Array; mark: Mark } | null>;
}

export class CheckpointStore<Mark> {
  private readonly budgetBytes: number;
  /** In order of events. */
  private readonly sorted: StoredCheckpoint<Mark>[] = [];
  private usedBytes = 0;

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  get count(): number {
    return this.sorted.length;
  }

  get byteLength(): number {
    return this.usedBytes;
  }

  /**
   * True if a checkpoint after `events` events is worth its memory and time. It would take about `size` bytes; the
   * recording has about `total` events. Checkpoints must be `spacing` events apart, or more when memory is short.
   */
  wants(events: number, size: number, total: number, spacing: number): boolean {
    const { budgetBytes } = this;
    if (size > budgetBytes / 2) return false;
    const apart = Math.max(spacing, total / Math.floor(budgetBytes / size));
    const next = this.sorted.findIndex((each) => each.events > events);
    const before = this.sorted[(next < 0 ? this.sorted.length : next) - 1]?.events ?? 0;
    const after = next < 0 ? Number.POSITIVE_INFINITY : this.sorted[next].events;
    return events - before >= apart && after - events >= Math.min(apart, (after - before) / 3);
  }

  /** Adds one; drops others until the budget holds. */
  add(checkpoint: StoredCheckpoint<Mark>): void {
    const { sorted } = this;
    const next = sorted.findIndex((each) => each.events > checkpoint.events);
    sorted.splice(next < 0 ? sorted.length : next, 0, checkpoint);
    this.usedBytes += checkpoint.byteLength;
    while (this.usedBytes > this.budgetBytes) this.dropOne();
  }

  /** Removes one, such as one that could not be read. */
  remove(checkpoint: StoredCheckpoint<Mark>): void {
    const at = this.sorted.indexOf(checkpoint);
    if (at < 0) return;
    this.sorted.splice(at, 1);
    this.usedBytes -= checkpoint.byteLength;
  }

  /** The last checkpoint with nothing later than `timeNs` before it; null when there is none. */
  latest(timeNs: number): StoredCheckpoint<Mark> | null {
    let best: StoredCheckpoint<Mark> | null = null;
    for (const each of this.sorted) if (each.timeNs <= timeNs) best = each;
    return best;
  }

  /** True if there are checkpoints and no gap before one of them, from the start on, has more events than this. */
  covers(events: number): boolean {
    let before = 0;
    for (const each of this.sorted) {
      if (each.events - before > events) return false;
      before = each.events;
    }
    return this.sorted.length > 0;
  }

  private dropOne(): void {
    const { sorted } = this;
    let least = Number.POSITIVE_INFINITY;
    let victim: StoredCheckpoint<Mark> | null = null;
    for (const [i, each] of sorted.entries()) {
      // Checkpoints in the file cost no memory; the last one saves the most reading.
      if (each.byteLength === 0 || (i === sorted.length - 1 && sorted.length > 1)) continue;
      const gap = (sorted[i + 1]?.events ?? each.events) - (sorted[i - 1]?.events ?? 0);
      if (gap < least) {
        least = gap;
        victim = each;
      }
    }
    // Only the last one is left in memory, and it is larger than the budget.
    victim ??= sorted.findLast((each) => each.byteLength > 0) ?? null;
    if (victim !== null) this.remove(victim);
    else this.usedBytes = 0;
  }
}
