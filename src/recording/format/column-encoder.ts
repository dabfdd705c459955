/**
 * ColumnEncoder: the events of one chunk -> the bytes columns of an EventColumns message
 * (FORMAT.md). Two passes: the first finds the distinct shapes and tasks and how often each occurs,
 * the second writes, most frequent shape first, so that the shape of nearly every event takes one
 * byte.
 */
import type { EventBatch } from '../../event/event-batch.js';
import { FREE_BIT } from '../../event/kinds.js';
import { TupleTable } from '../../event/tables/tuple-table.js';
import { AddressModel, ALLOC_WORDS, alignShift, isKeyed, RecentAllocs } from './address-model.js';
import { ByteWriter, wholeTime, zigzag } from './bytes.js';
import type { unfreed } from './generated/schema.js';

/** Added to a shape's kind when its events carry a task. */
export const HAS_TASK = 256;
/** Ends an address that is written whole, as two u32, instead of as a difference. */
export const WHOLE_ADDRESS = 1;

/** Stands before a time that is written whole, because its difference is too great. */
export const WHOLE_TIME = Number.MAX_SAFE_INTEGER;

/** Differences from here on do not fit a varint of 53 bits beside their sign and flag. */
const MAX_DIFFERENCE = 2 ** 50;

export class ColumnEncoder {
  /** a kind | HAS_TASK, b stack id, c size, d bytesReq or number of the process, e cache id. */
  private readonly shapes = new TupleTable();
  /** a pid, b comm id, c CPU. */
  private readonly tasks = new TupleTable();
  private readonly model: AddressModel;
  private readonly recent = new RecentAllocs();
  private readonly shapeOfEvent: Uint32Array;
  /** First-pass shape id -> its place by frequency. */
  private shapeRank = new Uint32Array(1024);
  private shapeClass = new Uint32Array(1024);

  private readonly shapeBytes = new ByteWriter();
  private readonly taskBytes = new ByteWriter();
  private readonly taskCpus = new ByteWriter();
  private readonly times = new ByteWriter(1 << 16);
  private readonly shapeRefs = new ByteWriter(1 << 16);
  private readonly taskRefs = new ByteWriter(1 << 16);
  private readonly references = new ByteWriter(1 << 16);
  private readonly addresses = new ByteWriter(1 << 16);

  /** Makes room for batches of up to `capacity` events. */
  constructor(capacity: number) {
    this.shapeOfEvent = new Uint32Array(capacity);
    this.model = new AddressModel(capacity);
  }

  /** Returns a message whose byte columns are valid until the next call. */
  encode(batch: EventBatch): unfreed.EventColumns.$Properties {
    this.clear(batch.length);
    this.findShapes(batch);
    this.writeShapes();
    this.writeEvents(batch);
    this.writeTasks();
    return {
      count: batch.length,
      shapeCount: this.shapes.size,
      shapes: this.shapeBytes.bytes(),
      taskCount: this.tasks.size,
      tasks: this.taskBytes.bytes(),
      taskCpus: this.taskCpus.bytes(),
      times: this.times.bytes(),
      shapeOfEvent: this.shapeRefs.bytes(),
      taskOfEvent: this.taskRefs.bytes(),
      references: this.references.bytes(),
      addresses: this.addresses.bytes(),
    };
  }

  private clear(events: number): void {
    this.shapes.clear();
    this.tasks.clear();
    this.model.reset(events);
    this.recent.reset(events);
    this.shapeBytes.clear();
    this.taskBytes.clear();
    this.taskCpus.clear();
    this.times.clear();
    this.shapeRefs.clear();
    this.taskRefs.clear();
    this.references.clear();
    this.addresses.clear();
  }

  private findShapes(batch: EventBatch): void {
    const { shapes, shapeOfEvent } = this;
    const { kind, stackId, size, bytesReq, cacheId, pid, commId, cpu, addrHi } = batch;
    for (let row = 0; row < batch.length; row++) {
      const flags = (pid[row] | commId[row] | cpu[row]) !== 0 ? kind[row] | HAS_TASK : kind[row];
      const req = isKeyed(kind[row]) ? addrHi[row] >>> 16 : bytesReq[row];
      shapeOfEvent[row] = shapes.intern(flags, stackId[row], size[row], req, cacheId[row]);
    }
  }

  private writeShapes(): void {
    const { shapes, shapeBytes, model } = this;
    const { uses } = shapes;
    if (shapes.size > this.shapeRank.length) {
      this.shapeRank = new Uint32Array(shapes.a.length);
      this.shapeClass = new Uint32Array(shapes.a.length);
    }
    const order = Uint32Array.from({ length: shapes.size }, (_, id) => id);
    // By frequency; among equals the one met first goes first, so that the bytes do not depend on
    // the sort.
    order.sort((a, b) => uses[b] - uses[a] || a - b);
    for (let rank = 0; rank < order.length; rank++) {
      const id = order[rank];
      this.shapeRank[id] = rank;
      const kind = shapes.a[id] & 255;
      this.shapeClass[id] = model.classOf(kind, shapes.c[id], shapes.e[id], isKeyed(kind) ? shapes.d[id] : 0);
      shapeBytes.varint(shapes.a[id]);
      shapeBytes.varint(shapes.b[id]);
      shapeBytes.varint(shapes.c[id]);
      shapeBytes.varint(shapes.d[id]);
      shapeBytes.varint(shapes.e[id]);
    }
  }

  private writeEvents(batch: EventBatch): void {
    const { tasks, times, shapeRefs, taskRefs, shapeOfEvent, shapeRank, shapeClass } = this;
    const { timeNs, kind, pid, commId, cpu, addrHi, addrLo } = batch;
    let lastTime = 0;
    for (let row = 0; row < batch.length; row++) {
      const shape = shapeOfEvent[row];
      const time = wholeTime(timeNs[row]);
      const step = time - lastTime;
      if (Math.abs(step) < MAX_DIFFERENCE) {
        times.varint(zigzag(step));
      } else {
        times.varint(WHOLE_TIME);
        times.varint(time);
      }
      lastTime = time;
      shapeRefs.varint(shapeRank[shape]);
      if ((pid[row] | commId[row] | cpu[row]) !== 0)
        taskRefs.varint(tasks.intern(pid[row], commId[row], cpu[row], 0, 0));
      if ((kind[row] & FREE_BIT) !== 0) this.writeFree(kind[row], shapeClass[shape], addrHi[row], addrLo[row]);
      else this.writeAlloc(kind[row], shapeClass[shape], addrHi[row], addrLo[row]);
    }
  }

  private writeAlloc(kind: number, classId: number, hi: number, lo: number): void {
    const { model } = this;
    const depth = model.depthOfFreed(classId, hi, lo);
    this.references.varint(depth);
    if (depth > 0) model.removeFreed(classId, depth);
    else this.writeAddress(kind, classId * 2, hi, lo);
    this.recent.set(hi, lo, model.allocCount);
    model.addAlloc(classId, hi, lo);
  }

  private writeFree(kind: number, classId: number, hi: number, lo: number): void {
    const { model } = this;
    const number = this.recent.take(hi, lo);
    if (number >= 0) {
      this.references.varint(model.allocCount - number);
      model.addFree(model.allocs[number * ALLOC_WORDS + 2], hi, lo);
    } else {
      this.references.varint(0);
      this.writeAddress(kind, classId * 2 + 1, hi, lo);
      model.addFree(classId, hi, lo);
    }
  }

  /** Writes an address as the difference to the last one of the same context if that is exact, else whole. */
  private writeAddress(kind: number, context: number, keyHi: number, lo: number): void {
    const { model, addresses } = this;
    const hi = isKeyed(kind) ? keyHi & 0xffff : keyHi;
    const unit = 1 << alignShift(kind);
    // Exact below 2^53; a greater difference, even if rounded, fails the next test anyway.
    const difference = ((hi - model.lastHi[context]) * 0x100000000 + (lo - model.lastLo[context])) / unit;
    if (Math.abs(difference) < MAX_DIFFERENCE / unit && Number.isInteger(difference)) {
      addresses.varint(zigzag(difference) * 2);
    } else {
      addresses.varint(WHOLE_ADDRESS);
      addresses.u32(hi);
      addresses.u32(lo);
    }
    model.lastHi[context] = hi;
    model.lastLo[context] = lo;
  }

  private writeTasks(): void {
    const { tasks, taskBytes, taskCpus } = this;
    let hasCpus = false;
    for (let id = 0; id < tasks.size; id++) {
      taskBytes.varint(tasks.a[id]);
      taskBytes.varint(tasks.b[id]);
      if (tasks.c[id] !== 0) hasCpus = true;
    }
    if (!hasCpus) return;
    for (let id = 0; id < tasks.size; id++) taskCpus.varint(tasks.c[id]);
  }
}
