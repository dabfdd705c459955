/**
 * ColumnDecoder: an EventColumns message -> rows of an EventBatch (FORMAT.md). Every number in a
 * column is checked before it is used: counts against the bytes that must hold them, ids against
 * the tables they refer to.
 */
import type { EventBatch } from '../../event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK } from '../../event/kinds.js';
import { LOSS_NAME_TABLE_FULL, LOSS_NO_STACK, type LossRow } from '../../event/losses.js';
import { AddressModel, ALLOC_WORDS, alignShift, isKeyed } from './address-model.js';
import { ByteReader, unzigzag } from './bytes.js';
import { MAX_CHUNK_EVENTS } from './chunk-header.js';
import { HAS_TASK, WHOLE_ADDRESS, WHOLE_TIME } from './column-encoder.js';
import type { unfreed } from './generated/schema.js';

/**
 * Maps the file's dictionary ids to ours; 0 for an id that was never defined, or only in a chunk
 * that is lost.
 */
export interface IdMaps {
  stackId(fileId: number): number;
  commId(fileId: number): number;
  cacheId(fileId: number): number;
}

/** A shape is at least 5 bytes long, a task 2. */
const MIN_SHAPE_BYTES = 5;
const MIN_TASK_BYTES = 2;

/** Set beside HAS_TASK on a shape whose call path or cache was defined in a chunk that is lost. */
const UNKNOWN_STACK = 512;
const UNKNOWN_CACHE = 1024;

/**
 * Words of a shape: FLAGS (kind and the bits above), the fields that its events share, class and
 * unit of their addresses.
 */
const SHAPE_WORDS = 8;
const STACK = 1;
const SIZE = 2;
const REQ = 3;
const CACHE = 4;
const CLASS = 5;
const UNIT = 6;
/** Number of a process << 16: the upper bits of the addresses; 0 of the kernel's. */
const PROCESS = 7;

export class ColumnDecoder {
  /** Events that fill() has not read yet. */
  remaining = 0;
  /** True once events were read whose call path or cache was never defined; takeUnknown() counts them. */
  anyUnknown = false;

  private readonly model = new AddressModel();
  private readonly times = new ByteReader();
  private readonly shapeRefs = new ByteReader();
  private readonly taskRefs = new ByteReader();
  private readonly references = new ByteReader();
  private readonly addresses = new ByteReader();
  /** Counts by kind, without SELF_BIT. */
  private readonly unknownStacks = new Uint32Array(32);
  private readonly unknownCaches = new Uint32Array(32);
  private lastTimeNs = 0;
  /** The address that readAlloc or readFree found, in signed halves: V8 keeps those as they are. */
  private hi = 0;
  private lo = 0;
  /** Shape numbers and references of the events that are being read. */
  private shapeIds = new Int32Array(1024);
  private referenceOf = new Int32Array(1024);

  private shapeCount = 0;
  /** SHAPE_WORDS of each shape, side by side in memory, because an event needs them all. */
  private shapes = new Uint32Array(1024 * SHAPE_WORDS);
  private taskCount = 0;
  private taskPid = new Uint32Array(1024);
  private taskComm = new Uint32Array(1024);
  private taskCpu = new Uint16Array(1024);

  /**
   * Begins a message, whose columns must not change until all its events are read. Returns false if
   * it contradicts itself.
   */
  open(columns: unfreed.EventColumns.$Properties, maps: IdMaps): boolean {
    const count = columns.count ?? 0;
    const times = columns.times ?? EMPTY;
    const shapeOfEvent = columns.shapeOfEvent ?? EMPTY;
    const references = columns.references ?? EMPTY;
    this.remaining = 0;
    // Each event takes at least one byte in each of these columns.
    if (count > MAX_CHUNK_EVENTS || count > times.length) return false;
    if (count > shapeOfEvent.length || count > references.length) return false;
    this.model.reset(count);
    this.times.reset(times);
    this.shapeRefs.reset(shapeOfEvent);
    this.taskRefs.reset(columns.taskOfEvent ?? EMPTY);
    this.references.reset(references);
    this.addresses.reset(columns.addresses ?? EMPTY);
    this.lastTimeNs = 0;
    if (!this.readShapes(columns.shapeCount ?? 0, columns.shapes ?? EMPTY, maps)) return false;
    if (!this.readTasks(columns.taskCount ?? 0, columns.tasks ?? EMPTY, maps)) return false;
    if (!this.readTaskCpus(columns.taskCpus ?? EMPTY)) return false;
    this.remaining = count;
    return true;
  }

  /**
   * Appends up to `limit` events to the batch, which must have room for them. Returns false if the
   * columns turn out to be wrong: the batch is then as it was, and no further events can be read.
   */
  fill(batch: EventBatch, limit: number): boolean {
    const from = batch.length;
    const count = Math.min(limit, this.remaining);
    if (count > this.shapeIds.length) {
      this.shapeIds = new Int32Array(count);
      this.referenceOf = new Int32Array(count);
    }
    this.shapeRefs.ints(this.shapeIds, count);
    this.references.ints(this.referenceOf, count);
    const good = this.readTimes(batch.timeNs, from, from + count) && this.readRows(batch, from, count);
    const { model, times, shapeRefs, taskRefs, references, addresses } = this;
    const bad = times.bad || shapeRefs.bad || taskRefs.bad || references.bad || addresses.bad;
    if (!good || bad || model.allocCount * ALLOC_WORDS > model.allocs.length) {
      this.remaining = 0;
      return false;
    }
    this.remaining -= count;
    batch.length = from + count;
    return true;
  }

  /**
   * Returns loss rows that count the events kept without their call path or cache, and sets the
   * counts to 0.
   */
  takeUnknown(): LossRow[] {
    const rows: LossRow[] = [];
    for (let kind = 0; kind < 32; kind++) {
      const row = { kind, cpu: -1, bytes: 0, countWithBytes: 0 };
      if (this.unknownStacks[kind] > 0) rows.push({ ...row, cause: LOSS_NO_STACK, count: this.unknownStacks[kind] });
      if (this.unknownCaches[kind] > 0)
        rows.push({ ...row, cause: LOSS_NAME_TABLE_FULL, count: this.unknownCaches[kind] });
    }
    this.unknownStacks.fill(0);
    this.unknownCaches.fill(0);
    this.anyUnknown = false;
    return rows;
  }

  private noteUnknown(flags: number): void {
    this.anyUnknown = true;
    if ((flags & UNKNOWN_STACK) !== 0) this.unknownStacks[flags & 31]++;
    if ((flags & UNKNOWN_CACHE) !== 0) this.unknownCaches[flags & 31]++;
  }

  private readTimes(timeNs: Float64Array, from: number, end: number): boolean {
    const { times } = this;
    let time = this.lastTimeNs;
    for (let row = from; row < end; row++) {
      const step = times.varint();
      if (step < 0x40000000) time += (step >>> 1) ^ -(step & 1);
      else if (step === WHOLE_TIME) time = times.varint();
      else time += unzigzag(step);
      if (!(time >= 0 && time <= Number.MAX_SAFE_INTEGER)) return false;
      timeNs[row] = time;
    }
    this.lastTimeNs = time;
    return true;
  }

  /** Reads all columns but the times, which have been read before. */
  private readRows(batch: EventBatch, from: number, count: number): boolean {
    const { taskRefs, shapeIds, shapes, shapeCount, taskCount, taskPid, taskComm, taskCpu } = this;
    const { kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId, cpu } = batch;
    for (let i = 0; i < count; i++) {
      const row = from + i;
      if (shapeIds[i] >= shapeCount) return false;
      const shape = shapeIds[i] * SHAPE_WORDS;
      const flags = shapes[shape];
      if (flags >= UNKNOWN_STACK) this.noteUnknown(flags);
      kind[row] = flags;
      size[row] = shapes[shape + SIZE];
      bytesReq[row] = shapes[shape + REQ];
      stackId[row] = shapes[shape + STACK];
      cacheId[row] = shapes[shape + CACHE];
      if ((flags & HAS_TASK) !== 0) {
        const task = taskRefs.varint();
        if (task >= taskCount) return false;
        pid[row] = taskPid[task];
        commId[row] = taskComm[task];
        cpu[row] = taskCpu[task];
      } else {
        pid[row] = 0;
        commId[row] = 0;
        cpu[row] = 0;
      }
      const read = (flags & FREE_BIT) !== 0 ? this.readFree(i, shape) : this.readAlloc(i, shape);
      if (!read) return false;
      addrHi[row] = this.hi;
      addrLo[row] = this.lo;
    }
    return true;
  }

  private readAlloc(i: number, shape: number): boolean {
    const { model } = this;
    const depth = this.referenceOf[i];
    const classId = this.shapes[shape + CLASS] | 0;
    if (depth === 0) {
      this.readAddress(classId * 2, this.shapes[shape + UNIT] | 0);
      this.hi |= this.shapes[shape + PROCESS];
    } else {
      const slot = model.slotOfFreed(classId, depth);
      if (slot < 0) return false;
      this.hi = model.freed[slot] | 0;
      this.lo = model.freed[slot + 1] | 0;
      model.removeFreed(classId, depth);
    }
    model.addAlloc(classId, this.hi, this.lo);
    return true;
  }

  private readFree(i: number, shape: number): boolean {
    const { model } = this;
    const back = this.referenceOf[i];
    if (back === 0) {
      const classId = this.shapes[shape + CLASS] | 0;
      this.readAddress(classId * 2 + 1, this.shapes[shape + UNIT] | 0);
      this.hi |= this.shapes[shape + PROCESS];
      model.addFree(classId, this.hi, this.lo);
      return true;
    }
    const at = (model.allocCount - back) * ALLOC_WORDS;
    if (at < 0) return false;
    this.hi = model.allocs[at] | 0;
    this.lo = model.allocs[at + 1] | 0;
    model.addFree(model.allocs[at + 2] | 0, this.hi, this.lo);
    return true;
  }

  private readAddress(context: number, unit: number): void {
    const { model, addresses } = this;
    const code = addresses.varint();
    if (code === WHOLE_ADDRESS) {
      this.hi = addresses.u32() | 0;
      this.lo = addresses.u32() | 0;
    } else {
      const units = unzigzag(code <= 0x7fffffff ? code >>> 1 : Math.floor(code / 2));
      const sum = model.lastLo[context] + units * unit;
      const carry = sum >= 0 && sum < 0x100000000 ? 0 : Math.floor(sum / 0x100000000);
      this.hi = (model.lastHi[context] + carry) | 0;
      this.lo = sum | 0;
    }
    model.lastHi[context] = this.hi;
    model.lastLo[context] = this.lo;
  }

  private readShapes(count: number, bytes: Uint8Array, maps: IdMaps): boolean {
    if (count * MIN_SHAPE_BYTES > bytes.length) return false;
    if (count * SHAPE_WORDS > this.shapes.length) this.shapes = new Uint32Array(count * SHAPE_WORDS);
    const { shapes } = this;
    const reader = new ByteReader(bytes);
    for (let id = 0; id < count; id++) {
      const flags = reader.varint();
      const stack = reader.varint();
      const size = reader.varint();
      const req = reader.varint();
      const cache = reader.varint();
      const isOfProcess = isKeyed(flags);
      const sane = flags < HAS_TASK * 2 && Math.max(stack, size, req, cache) <= 0xffffffff;
      if (!sane || (isOfProcess && req > 0xffff) || ALLOCATOR_OF_KIND[flags & KIND_MASK] === 255) return false;
      const at = id * SHAPE_WORDS;
      const stackId = stack === 0 ? 0 : maps.stackId(stack);
      const cacheId = cache === 0 ? 0 : maps.cacheId(cache);
      const noStack = stack !== 0 && stackId === 0 ? UNKNOWN_STACK : 0;
      const noCache = cache !== 0 && cacheId === 0 ? UNKNOWN_CACHE : 0;
      shapes[at] = flags | noStack | noCache;
      shapes[at + STACK] = stackId;
      shapes[at + SIZE] = size;
      shapes[at + REQ] = isOfProcess ? 0 : req;
      shapes[at + PROCESS] = isOfProcess ? req << 16 : 0;
      shapes[at + CACHE] = cacheId;
      // The writer distinguishes classes by the file's cache id, not ours, so this must too.
      shapes[at + CLASS] = this.model.classOf(flags & 255, size, cache, isOfProcess ? req : 0);
      shapes[at + UNIT] = 1 << alignShift(flags);
    }
    this.shapeCount = count;
    return reader.finished;
  }

  private readTasks(count: number, bytes: Uint8Array, maps: IdMaps): boolean {
    if (count * MIN_TASK_BYTES > bytes.length) return false;
    if (count > this.taskPid.length) {
      this.taskPid = new Uint32Array(count);
      this.taskComm = new Uint32Array(count);
      this.taskCpu = new Uint16Array(count);
    }
    const reader = new ByteReader(bytes);
    for (let id = 0; id < count; id++) {
      this.taskPid[id] = reader.varint();
      const comm = reader.varint();
      this.taskComm[id] = comm === 0 ? 0 : maps.commId(comm);
    }
    this.taskCount = count;
    return reader.finished;
  }

  /** Older recordings, and most texts, have no CPUs. */
  private readTaskCpus(bytes: Uint8Array): boolean {
    const { taskCpu, taskCount } = this;
    if (bytes.length === 0) {
      taskCpu.fill(0, 0, taskCount);
      return true;
    }
    if (taskCount > bytes.length) return false;
    const reader = new ByteReader(bytes);
    for (let id = 0; id < taskCount; id++) {
      const cpu = reader.varint();
      if (cpu > 0xffff) return false;
      taskCpu[id] = cpu;
    }
    return reader.finished;
  }
}

const EMPTY = new Uint8Array(0);
