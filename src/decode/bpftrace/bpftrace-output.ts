/**
 * OrderedOutput: the part of the bpftrace decoder that comes after the lines. Rows wait in a
 * TimeOrder until their time has come. Then their ids are translated from the text's to the
 * dictionary's, and they go to the sink in batches, with the samples of the kernel's counters and
 * the losses between them.
 */
import { EventBatch } from '../../event/event-batch.js';
import { FREE_BIT, SELF_BIT } from '../../event/kinds.js';
import { FAILED_ALLOC, LOSS_DAMAGED, LOSS_NO_STACK, LOSS_REPORTED } from '../../event/losses.js';
import type { CounterSource, EndReason, TraceSink } from '../../event/trace-sink.js';
import { RecentIds } from './recent-ids.js';
import { TimeOrder } from './time-order.js';

/** Rows are sent out this often, in the trace's time. */
const RELEASE_EVERY_NS = 100e6;

export class OrderedOutput {
  readonly order = new TimeOrder();
  /** Ids of the text -> ids of the dictionary. */
  readonly stackIds = new RecentIds();
  readonly commIds = new RecentIds();
  readonly cacheIds = new RecentIds();
  /** Allocs of these processes are marked as the tracer's own. */
  selfPids: number[] = [];
  /** Counted since the last losses fact. */
  lost = 0;
  damaged = 0;
  failedAllocs = 0;
  private noStack = 0;
  private lateReported = 0;
  private readonly sink: TraceSink;
  private readonly batch = new EventBatch();
  private waiting: { timeNs: number; source: CounterSource; text: string }[] = [];
  private readonly takeRow = (row: number): void => this.toBatch(row);

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** Sends out the rows whose time has come. */
  advance(): void {
    const { order } = this;
    if (order.limitNs - order.releasedNs >= RELEASE_EVERY_NS) this.release(order.limitNs);
    if (order.full) this.release(order.medianNs());
  }

  /** Adds a sample taken now; it goes out when its time has come. */
  addCounters(source: CounterSource, text: string): void {
    this.waiting.push({ timeNs: this.order.newestNs, source, text });
  }

  /** Sends out everything that waits, then the end. */
  end(reason: EndReason, detail: string): void {
    this.release(this.order.newestNs);
    this.sink.fact({ type: 'end', timeNs: this.order.releasedNs, reason, detail });
  }

  private release(limitNs: number): void {
    const { order } = this;
    // A sample of the counters goes out after the events before it and before those after it.
    while (this.waiting.length > 0 && this.waiting[0].timeNs <= limitNs) {
      const { timeNs, source, text } = this.waiting[0];
      this.waiting.shift();
      order.release(timeNs, this.takeRow);
      this.flushEvents();
      this.sink.fact({ type: 'counters', timeNs: Math.max(timeNs, order.releasedNs), source, text });
    }
    order.release(limitNs, this.takeRow);
    this.flushEvents();
    this.sendLosses();
    this.sink.fact({ type: 'clock', timeNs: order.releasedNs });
  }

  private toBatch(row: number): void {
    const { batch, order } = this;
    if (batch.length === batch.capacity) this.flushEvents();
    const to = batch.length++;
    const kind = order.kind[row];
    batch.timeNs[to] = order.timeNs[row];
    batch.addrHi[to] = order.addrHi[row];
    batch.addrLo[to] = order.addrLo[row];
    batch.size[to] = order.size[row];
    batch.bytesReq[to] = order.bytesReq[row];
    batch.pid[to] = order.pid[row];
    batch.commId[to] = this.commIds.get(order.commId[row]);
    batch.cpu[to] = 0;
    batch.cacheId[to] = this.cacheIds.get(order.cacheId[row]);
    const isAlloc = (kind & FREE_BIT) === 0;
    const stackId = isAlloc ? this.stackIds.get(order.stackId[row]) : 0;
    batch.stackId[to] = stackId;
    if (isAlloc && stackId === 0) this.noStack++;
    const isSelf = isAlloc && this.selfPids.includes(order.pid[row]);
    batch.kind[to] = isSelf ? kind | SELF_BIT : kind;
  }

  private flushEvents(): void {
    if (this.batch.length === 0) return;
    this.sink.events(this.batch);
    this.batch.clear();
  }

  private sendLosses(): void {
    // A late row may have changed places with its free: it is as good as lost, so it counts as lost.
    const reported = this.lost + this.order.late - this.lateReported;
    const rows = [
      [LOSS_REPORTED, reported],
      [LOSS_DAMAGED, this.damaged],
      [LOSS_NO_STACK, this.noStack],
      [FAILED_ALLOC, this.failedAllocs],
    ].flatMap(([cause, count]) => (count > 0 ? [{ cause, kind: 0, cpu: -1, count, bytes: 0, countWithBytes: 0 }] : []));
    if (rows.length > 0) this.sink.fact({ type: 'losses', timeNs: this.order.releasedNs, rows });
    this.lateReported = this.order.late;
    this.lost = 0;
    this.damaged = 0;
    this.noStack = 0;
    this.failedAllocs = 0;
  }
}
