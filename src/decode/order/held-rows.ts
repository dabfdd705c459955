/** HeldRows: rows of events that wait to be put in order, in batches that grow with them. */
import { DEFAULT_BATCH_CAPACITY, EventBatch } from '../../event/event-batch.js';

export class HeldRows {
  length = 0;
  private batches: EventBatch[] = [];

  /** Appends rows [from, to) of a batch. */
  append(batch: EventBatch, from: number, to: number): void {
    let at = from;
    while (at < to) {
      let last = this.batches.at(-1);
      if (last === undefined || last.length === last.capacity) {
        last = new EventBatch();
        this.batches.push(last);
      }
      const next = Math.min(to, at + last.capacity - last.length);
      last.append(batch, at, next);
      this.length += next - at;
      at = next;
    }
  }

  timeOf(row: number): number {
    return this.batches[Math.floor(row / DEFAULT_BATCH_CAPACITY)].timeNs[row % DEFAULT_BATCH_CAPACITY];
  }

  /** Passes on all rows as they came; then they are gone. */
  release(emit: (batch: EventBatch) => void): void {
    for (const batch of this.batches) emit(batch);
    this.clear();
  }

  /** Passes on these rows in this order, their times less `startNs`; then all rows are gone. */
  releaseSorted(rows: Uint32Array, startNs: number, emit: (batch: EventBatch) => void): void {
    const out = new EventBatch();
    for (const row of rows) {
      copyRow(this.batches[Math.floor(row / DEFAULT_BATCH_CAPACITY)], row % DEFAULT_BATCH_CAPACITY, out);
      out.timeNs[out.length - 1] -= startNs;
      if (out.length < out.capacity) continue;
      emit(out);
      out.clear();
    }
    if (out.length > 0) emit(out);
    this.clear();
  }

  clear(): void {
    this.batches = [];
    this.length = 0;
  }
}

/** Appends one row of a batch to another batch. */
function copyRow(from: EventBatch, row: number, to: EventBatch): void {
  const at = to.length++;
  to.timeNs[at] = from.timeNs[row];
  to.kind[at] = from.kind[row];
  to.addrHi[at] = from.addrHi[row];
  to.addrLo[at] = from.addrLo[row];
  to.size[at] = from.size[row];
  to.bytesReq[at] = from.bytesReq[row];
  to.stackId[at] = from.stackId[row];
  to.pid[at] = from.pid[row];
  to.commId[at] = from.commId[row];
  to.cacheId[at] = from.cacheId[row];
  to.cpu[at] = from.cpu[row];
}
