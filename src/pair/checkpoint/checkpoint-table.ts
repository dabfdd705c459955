/**
 * The entries of a LiveTable in a checkpoint: some ten bytes each, in the order of the slots. That
 * is the order of the hashes except for collisions, so saving and restoring both walk memory from
 * front to back. An address is written as the difference of its hash to the hash before (given the
 * high word, the hash can be inverted). Sorting by address or time made the checkpoint no smaller,
 * and restoring in such an order is a cache miss per entry.
 *
 * Columns, one value per entry unless noted:
 *
 *    hashes   varint zigzag(hash - the hash before)
 *    highs    varint index in the list of high words
 *    ages     u32, the low half of (now - time); all times are doubles instead if one has a fraction
 *    epochs   varint, the high half; none beside doubles
 *    paths    varint 2 x row of the call path, + 1 if size or cache differ from the path's last entry
 *    odd      varints size and cache id, for those entries alone
 *    tasks    varint index in the list of (word PID, comm id)
 */
import { writeVarint } from '../../base/varint.js';
import { AddressTable, hashAddress } from '../../event/tables/address-table.js';
import { HI, type LiveTable, LO, NAMES, PATH, PID, SIZE, SLOT_WORDS } from '../live-table.js';
import { CheckpointError, StateReader, type StateWriter } from './checkpoint-bytes.js';

/** Least bytes of an entry: one in each of four columns, and its age. */
const MIN_ENTRY_BYTES = 8;
const WHOLE_TIMES = 0;
const DOUBLE_TIMES = 1;
/** Entries that are decoded at a time. */
const RUN = 2048;

/** A column of varints with room for all values; the parts that are not written take no memory. */
class Column {
  private readonly buffer: Uint8Array<ArrayBuffer>;
  private used = 0;

  constructor(values: number) {
    this.buffer = new Uint8Array(values * 5);
  }

  /** 0 <= value < 2^35. */
  varint(value: number): void {
    this.used = writeVarint(this.buffer, this.used, value);
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }
}

/** Sums over the entries of each call path, indexed by row of the PathTable. */
export interface PathSums {
  size: Float64Array;
  entries: Float64Array;
}

/**
 * Saves a table. `nowNs` must not be before any time in it; `pathRows` is the number of rows of the
 * PathTable.
 */
export function saveTable(writer: StateWriter, table: LiveTable, nowNs: number, pathRows: number): void {
  const { words, times, size } = table;
  const doubles = hasFraction(table);
  const hashes = new Column(size);
  const highs = new Column(size);
  const epochs = new Column(doubles ? 0 : size);
  const paths = new Column(size);
  const odd = new Column(size * 2);
  const tasks = new Column(size);
  const ages = new Uint32Array(doubles ? 0 : size);
  const timesNs = new Float64Array(doubles ? size : 0);
  const highList = new AddressTable();
  const taskList = new AddressTable();
  const expected = new Expected(pathRows);
  let lastHash = 0;
  let entry = 0;
  for (let slot = 0; slot < table.slots; slot++) {
    const at = slot * SLOT_WORDS;
    const path = words[at + PATH];
    if (path === 0) continue;
    const hi = words[at + HI] >>> 0;
    const hash = hashAddress(hi, words[at + LO] >>> 0);
    const step = hash - lastHash;
    hashes.varint(step < 0 ? -2 * step - 1 : 2 * step);
    lastHash = hash;
    highs.varint(highList.intern(0, hi));
    if (doubles) {
      timesNs[entry++] = times[slot * 4 + 1];
    } else {
      const age = nowNs - times[slot * 4 + 1];
      const epoch = Math.floor(age / 0x100000000);
      ages[entry++] = age - epoch * 0x100000000;
      epochs.varint(epoch);
    }
    const entrySize = words[at + SIZE] >>> 0;
    const cache = words[at + NAMES] >>> 16;
    if (expected.is(path, entrySize, cache)) {
      paths.varint(path * 2);
    } else {
      paths.varint(path * 2 + 1);
      odd.varint(entrySize);
      odd.varint(cache);
    }
    tasks.varint(taskList.intern(words[at + PID] >>> 0, words[at + NAMES] & 0xffff));
  }
  writer.varint(size);
  writer.varint(doubles ? DOUBLE_TIMES : WHOLE_TIMES);
  writeList(writer, highList);
  writeList(writer, taskList);
  writer.block(new Uint8Array((doubles ? timesNs : ages).buffer));
  for (const column of [hashes, highs, epochs, paths, odd, tasks]) writer.block(column.bytes());
}

/**
 * Fills the empty table of an allocator. `allocators` holds the allocator of each row of the
 * PathTable; the entries of each row are added to `sums`. Throws a CheckpointError.
 */
export function restoreTable(
  reader: StateReader,
  table: LiveTable,
  nowNs: number,
  allocators: Uint8Array,
  allocator: number,
  sums: PathSums,
): void {
  const size = reader.count(MIN_ENTRY_BYTES);
  const doubles = reader.upTo(DOUBLE_TIMES) === DOUBLE_TIMES;
  const highList = readList(reader);
  const taskList = readList(reader);
  const timeBytes = reader.block();
  if (timeBytes.length !== size * (doubles ? 8 : 4)) throw new CheckpointError('times that are not one an entry');
  // Copied, because a view must be aligned; not with slice(), which on a Buffer does not copy.
  const { buffer } = new Uint8Array(timeBytes);
  const ages = doubles ? EMPTY_AGES : new Uint32Array(buffer);
  const timesNs = doubles ? new Float64Array(buffer) : EMPTY_TIMES;
  const hashes = new StateReader(reader.block());
  const highs = new StateReader(reader.block());
  const epochs = new StateReader(reader.block());
  const paths = new StateReader(reader.block());
  const odd = new StateReader(reader.block());
  const tasks = new StateReader(reader.block());
  const expected = new Expected(sums.size.length);
  table.reserve(size);
  const highCount = highList.length / 2;
  const taskCount = taskList.length / 2;
  const run = Math.min(size, RUN);
  const steps = new Float64Array(run);
  const highOf = new Float64Array(run);
  const taskOf = new Float64Array(run);
  const codes = new Float64Array(run);
  const epochOf = new Float64Array(doubles ? 0 : run);
  let hash = 0;
  for (let entry = 0; entry < size; entry++) {
    const i = entry % RUN;
    if (i === 0) {
      const count = Math.min(RUN, size - entry);
      hashes.varints(steps, count);
      highs.varints(highOf, count);
      tasks.varints(taskOf, count);
      paths.varints(codes, count);
      if (!doubles) epochs.varints(epochOf, count);
    }
    const step = steps[i];
    // A bit test instead of %, which becomes a call where V8 assumes a double.
    hash += (step & 1) === 0 ? step / 2 : -(step + 1) / 2;
    if (!(hash >= 0 && hash <= 0xffffffff)) throw new CheckpointError(`a hash of ${hash}`);
    if (highOf[i] >= highCount || taskOf[i] >= taskCount) throw new CheckpointError('a name of nothing');
    const task = taskOf[i] | 0;
    const hi = highList[(highOf[i] | 0) * 2 + 1] | 0;
    const lo = unhashAddress(hi, hash | 0) | 0;
    const code = codes[i] | 0;
    const path = code >> 1;
    if (path <= 0 || path >= sums.size.length || allocators[path] !== allocator)
      throw new CheckpointError(`call path ${path} of another allocator`);
    if ((code & 1) === 1) expected.is(path, odd.upTo(0xffffffff), odd.upTo(0xffff));
    const entrySize = expected.size[path];
    const time = doubles ? timesNs[entry] : nowNs - (epochOf[i] * 0x100000000 + ages[entry]);
    // Memory from before the trace has a time below 0.
    if (!(time >= -Number.MAX_SAFE_INTEGER && time <= nowNs))
      throw new CheckpointError(`an alloc at ${time} ns, after ${nowNs} ns`);
    const place = table.locate(hi, lo);
    if (place >= 0) throw new CheckpointError('an address that is outstanding twice');
    const slot = table.insertAt(~place, hi, lo);
    table.times[slot * 4 + 1] = time;
    const names = taskList[task * 2 + 1] | (expected.cache[path] << 16);
    table.set(slot, path, entrySize | 0, taskList[task * 2] | 0, names);
    sums.size[path] += entrySize;
    sums.entries[path]++;
  }
  for (const column of [hashes, highs, epochs, paths, odd, tasks]) column.expectEnd();
}

const EMPTY_AGES = new Uint32Array(0);
const EMPTY_TIMES = new Float64Array(0);

/** Size and cache of each call path's last entry: nearly always the next entry has the same. */
class Expected {
  readonly size: Uint32Array;
  readonly cache: Uint32Array;

  constructor(pathRows: number) {
    this.size = new Uint32Array(pathRows + 1);
    this.cache = new Uint32Array(pathRows + 1);
  }

  /** Returns true if the path's last entry had this size and cache, and remembers these. */
  is(path: number, size: number, cache: number): boolean {
    if (this.size[path] === size && this.cache[path] === cache) return true;
    this.size[path] = size;
    this.cache[path] = cache;
    return false;
  }
}

function hasFraction(table: LiveTable): boolean {
  for (let slot = 0; slot < table.slots; slot++) {
    if (table.words[slot * SLOT_WORDS + PATH] !== 0 && !Number.isInteger(table.times[slot * 4 + 1])) return true;
  }
  return false;
}

/** Writes the list's pairs of words; id 0 stands for no entry. */
function writeList(writer: StateWriter, list: AddressTable): void {
  writer.varint(list.size);
  for (let id = 1; id <= list.size; id++) {
    writer.varint(list.hi[id]);
    writer.varint(list.lo[id]);
  }
}

function readList(reader: StateReader): Uint32Array {
  const count = reader.count(2);
  const list = new Uint32Array((count + 1) * 2);
  for (let i = 2; i < list.length; i++) list[i] = reader.upTo(0xffffffff);
  return list;
}

/**
 * Returns the low word for which hashAddress(hi, lo) is `hash`: each step of that function can be
 * inverted.
 */
export function unhashAddress(hi: number, hash: number): number {
  let h = hash ^ (hash >>> 16);
  // 0xc2b2ae35 and 0x85ebca6b have these inverses modulo 2^32.
  h = Math.imul(h, 0x7ed1b41d);
  h ^= (h >>> 15) ^ (h >>> 30);
  return (Math.imul(h, 0xa5cb9243) ^ Math.imul(hi, 0x9e3779b1)) >>> 0;
}
