/**
 * CheckpointStore: checkpoints of a recording by their place in it, within a budget of memory. It says when another one
 * is worth making; when there are too many, the one goes whose neighbours are nearest to each other, so that what is
 * left stays evenly spread.
 */
export interface StoredCheckpoint<Mark> {
  /** Events before it. */
  events: number;
  /** Greatest time of anything before it, ns. */
  timeNs: number;
  /** Bytes of memory; 0 = it lies in the file. */
  byteLength: number;
  /** What restorePipeline() takes, and where in the recording reading goes on; null = cannot be had after all. */
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
   * Is a checkpoint at this place worth its memory and the time it takes? It would be of about `size` bytes, of about
   * `total` events in all; where memory does not matter they are to be `spacing` events apart.
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

  add(checkpoint: StoredCheckpoint<Mark>): void {
    const { sorted } = this;
    const next = sorted.findIndex((each) => each.events > checkpoint.events);
    sorted.splice(next < 0 ? sorted.length : next, 0, checkpoint);
    this.usedBytes += checkpoint.byteLength;
    while (this.usedBytes > this.budgetBytes) this.dropOne();
  }

  /** It turned out to be unreadable. */
  remove(checkpoint: StoredCheckpoint<Mark>): void {
    const at = this.sorted.indexOf(checkpoint);
    if (at < 0) return;
    this.sorted.splice(at, 1);
    this.usedBytes -= checkpoint.byteLength;
  }

  /** The last one at which everything that happened had happened by `timeNs`; null = there is none. */
  latest(timeNs: number): StoredCheckpoint<Mark> | null {
    let best: StoredCheckpoint<Mark> | null = null;
    for (const each of this.sorted) if (each.timeNs <= timeNs) best = each;
    return best;
  }

  /** Are there some, and no two next to each other more than so many events apart? */
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
      // Those in the file cost nothing; the last one spares the most reading.
      if (each.byteLength === 0 || (i === sorted.length - 1 && sorted.length > 1)) continue;
      const gap = (sorted[i + 1]?.events ?? each.events) - (sorted[i - 1]?.events ?? 0);
      if (gap < least) {
        least = gap;
        victim = each;
      }
    }
    // Only the last one is left in memory, and it is too large.
    victim ??= sorted.findLast((each) => each.byteLength > 0) ?? null;
    if (victim !== null) this.remove(victim);
    else this.usedBytes = 0;
  }
}
