/**
 * ColumnDecoder: an EventColumns message -> rows of an EventBatch (FORMAT.md). Everything that a column says is checked
 * before it is used: counts against the bytes that must hold them, numbers against the tables they name.
 */
import type { EventBatch } from '../event/event-batch.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK } from '../event/kinds.js';
import { LOSS_NAME_TABLE_FULL, LOSS_NO_STACK, type LossRow } from '../event/losses.js';
import { AddressModel, alignShift } from './address-model.js';
import { ByteReader, unzigzag } from './bytes.js';
import { MAX_CHUNK_EVENTS } from './chunk-header.js';
import { HAS_TASK, WHOLE_ADDRESS, WHOLE_TIME } from './column-encoder.js';
import type { unfreed } from './schema.js';

/** The file's dictionary ids -> ours; 0 for one that was never defined (or stood in a chunk that is lost). */
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

export class ColumnDecoder {
  /** Events that are still to be read. */
  remaining = 0;
  /** Events were read that named what was never defined: takeUnknown() tells. */
  anyUnknown = false;

  private readonly model = new AddressModel();
  private readonly times = new ByteReader();
  private readonly shapeRefs = new ByteReader();
  private readonly taskRefs = new ByteReader();
  private readonly references = new ByteReader();
  private readonly addresses = new ByteReader();
  /** By kind, SELF_BIT off. */
  private readonly unknownStacks = new Uint32Array(32);
  private readonly unknownCaches = new Uint32Array(32);
  private lastTimeNs = 0;
  /** The address that readAlloc or readFree found. */
  private hi = 0;
  private lo = 0;

  private shapeCount = 0;
  private shapeFlags = new Uint32Array(1024);
  private shapeStack = new Uint32Array(1024);
  private shapeSize = new Uint32Array(1024);
  private shapeReq = new Uint32Array(1024);
  private shapeCache = new Uint32Array(1024);
  private shapeClass = new Uint32Array(1024);
  private taskCount = 0;
  private taskPid = new Uint32Array(1024);
  private taskComm = new Uint32Array(1024);

  /** Starts on a message, whose columns must stay as they are until it is read; false when it contradicts itself. */
  open(columns: unfreed.EventColumns.$Properties, maps: IdMaps): boolean {
    const count = columns.count ?? 0;
    const times = columns.times ?? EMPTY;
    const shapeOfEvent = columns.shapeOfEvent ?? EMPTY;
    const references = columns.references ?? EMPTY;
    this.remaining = 0;
    // Each event has at least one byte in each of these.
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
    this.remaining = count;
    return true;
  }

  /**
   * Appends up to `limit` events to the batch, which must have room for them. False when the columns turn out to be
   * wrong: the batch is then as it was, and no further events can be read.
   */
  fill(batch: EventBatch, limit: number): boolean {
    const { model, times, shapeRefs, taskRefs, shapeCount, taskCount, taskPid, taskComm } = this;
    const { shapeFlags, shapeStack, shapeSize, shapeReq, shapeCache, shapeClass } = this;
    const { timeNs, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId } = batch;
    const end = batch.length + Math.min(limit, this.remaining);
    let time = this.lastTimeNs;
    let good = true;
    for (let row = batch.length; row < end; row++) {
      const shape = shapeRefs.varint();
      const step = times.varint();
      if (step < 0x40000000) time += (step >>> 1) ^ -(step & 1);
      else if (step === WHOLE_TIME) time = times.varint();
      else time += unzigzag(step);
      if (shape >= shapeCount || !(time >= 0 && time <= Number.MAX_SAFE_INTEGER)) {
        good = false;
        break;
      }
      const flags = shapeFlags[shape];
      if (flags >= UNKNOWN_STACK) this.noteUnknown(flags);
      timeNs[row] = time;
      kind[row] = flags;
      size[row] = shapeSize[shape];
      bytesReq[row] = shapeReq[shape];
      stackId[row] = shapeStack[shape];
      cacheId[row] = shapeCache[shape];
      if ((flags & HAS_TASK) !== 0) {
        const task = taskRefs.varint();
        if (task >= taskCount) {
          good = false;
          break;
        }
        pid[row] = taskPid[task];
        commId[row] = taskComm[task];
      } else {
        pid[row] = 0;
        commId[row] = 0;
      }
      const read =
        (flags & FREE_BIT) !== 0 ? this.readFree(flags, shapeClass[shape]) : this.readAlloc(flags, shapeClass[shape]);
      if (!read) {
        good = false;
        break;
      }
      addrHi[row] = this.hi;
      addrLo[row] = this.lo;
    }
    const bad = times.bad || shapeRefs.bad || taskRefs.bad || this.references.bad || this.addresses.bad;
    if (!good || bad || model.allocCount > model.allocHi.length) {
      this.remaining = 0;
      return false;
    }
    this.lastTimeNs = time;
    this.remaining -= end - batch.length;
    batch.length = end;
    return true;
  }

  /** Counts of the events read so far that were kept without their call path or cache; then begins anew. */
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

  private readAlloc(kind: number, classId: number): boolean {
    const { model } = this;
    const depth = this.references.varint();
    if (depth === 0) {
      this.readAddress(kind, classId * 2);
    } else {
      const slot = model.slotOfFreed(classId, depth);
      if (slot < 0) return false;
      this.hi = model.freedHi[slot];
      this.lo = model.freedLo[slot];
      model.removeFreed(classId, depth);
    }
    model.addAlloc(classId, this.hi, this.lo);
    return true;
  }

  private readFree(kind: number, classId: number): boolean {
    const { model } = this;
    const back = this.references.varint();
    if (back === 0) {
      this.readAddress(kind, classId * 2 + 1);
      model.addFree(classId, this.hi, this.lo);
      return true;
    }
    const number = model.allocCount - back;
    if (number < 0) return false;
    this.hi = model.allocHi[number];
    this.lo = model.allocLo[number];
    model.addFree(model.allocClass[number], this.hi, this.lo);
    return true;
  }

  private readAddress(kind: number, context: number): void {
    const { model, addresses } = this;
    const code = addresses.varint();
    if (code === WHOLE_ADDRESS) {
      this.hi = addresses.u32();
      this.lo = addresses.u32();
    } else {
      const units = unzigzag(Math.floor(code / 2));
      const sum = model.lastLo[context] + units * (1 << alignShift(kind));
      this.lo = sum >>> 0;
      this.hi = (model.lastHi[context] + Math.floor(sum / 0x100000000)) >>> 0;
    }
    model.lastHi[context] = this.hi;
    model.lastLo[context] = this.lo;
  }

  private readShapes(count: number, bytes: Uint8Array, maps: IdMaps): boolean {
    if (count * MIN_SHAPE_BYTES > bytes.length) return false;
    if (count > this.shapeFlags.length) {
      this.shapeFlags = new Uint32Array(count);
      this.shapeStack = new Uint32Array(count);
      this.shapeSize = new Uint32Array(count);
      this.shapeReq = new Uint32Array(count);
      this.shapeCache = new Uint32Array(count);
      this.shapeClass = new Uint32Array(count);
    }
    const reader = new ByteReader(bytes);
    for (let id = 0; id < count; id++) {
      const flags = reader.varint();
      const stack = reader.varint();
      const size = reader.varint();
      const req = reader.varint();
      const cache = reader.varint();
      const sane = flags < HAS_TASK * 2 && Math.max(stack, size, req, cache) <= 0xffffffff;
      if (!sane || ALLOCATOR_OF_KIND[flags & KIND_MASK] === 255) return false;
      this.shapeStack[id] = stack === 0 ? 0 : maps.stackId(stack);
      this.shapeSize[id] = size;
      this.shapeReq[id] = req;
      this.shapeCache[id] = cache === 0 ? 0 : maps.cacheId(cache);
      const noStack = stack !== 0 && this.shapeStack[id] === 0 ? UNKNOWN_STACK : 0;
      const noCache = cache !== 0 && this.shapeCache[id] === 0 ? UNKNOWN_CACHE : 0;
      this.shapeFlags[id] = flags | noStack | noCache;
      // The writer knew the file's cache id: classes must be told apart by that one.
      this.shapeClass[id] = this.model.classOf(flags & 255, size, cache);
    }
    this.shapeCount = count;
    return reader.finished;
  }

  private readTasks(count: number, bytes: Uint8Array, maps: IdMaps): boolean {
    if (count * MIN_TASK_BYTES > bytes.length) return false;
    if (count > this.taskPid.length) {
      this.taskPid = new Uint32Array(count);
      this.taskComm = new Uint32Array(count);
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
}

const EMPTY = new Uint8Array(0);
