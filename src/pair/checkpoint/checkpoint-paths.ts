/** The PathTable and its Lifetimes in a checkpoint: row by row, every number exact. */
import { ALLOCATOR_COUNT, BEFORE_BIT, FREE_BIT, KIND_MASK } from '../../event/kinds.js';
import { LIFETIME_BARS, type Lifetimes } from '../lifetimes.js';
import { allocatorOfKey, CACHE, PATH_STATS, type PathTable, pathKey, stackOfKey } from '../path-table.js';
import { CheckpointError, type StateReader, type StateWriter } from './checkpoint-bytes.js';

/** Least bytes of a row: one for each of its numbers. */
const MIN_ROW_BYTES = 4 + CACHE + 1;

export function savePaths(writer: StateWriter, paths: PathTable): void {
  for (const total of paths.totals) writer.exact(total);
  writer.varint(paths.size);
  for (let row = 1; row <= paths.size; row++) {
    writer.varint(pathKey(paths.stackId[row], paths.allocator[row]));
    writer.varint(paths.kind[row]);
    writer.exact(paths.ownLive[row]);
    writer.exact(paths.ownCount[row]);
    // All but the first cache, which is in the list that follows.
    for (let i = 0; i < CACHE; i++) writer.exact(paths.stats[row * PATH_STATS + i]);
    const caches = paths.cachesOf(row);
    writer.varint(caches.length);
    for (const cacheId of caches) writer.varint(cacheId);
  }
  saveLifetimes(writer, paths.lifetimes);
}

/**
 * Restores an empty table; `stackCount` is the number of call paths in the dictionary. Throws a
 * CheckpointError.
 */
export function restorePaths(reader: StateReader, paths: PathTable, stackCount: number): void {
  for (let i = 0; i < paths.totals.length; i++) paths.totals[i] = exactCount(reader);
  // rowOf() sets a new row's epoch from the totals, but the saved row brings its own.
  const rows = reader.count(MIN_ROW_BYTES);
  for (let row = 1; row <= rows; row++) {
    const key = reader.varint();
    const stackId = stackOfKey(key);
    if (stackId > stackCount) throw new CheckpointError(`call path ${stackId} of ${stackCount}`);
    const kind = reader.upTo(KIND_MASK);
    const allocator = allocatorOfKey(key);
    if (allocator >= ALLOCATOR_COUNT) throw new CheckpointError(`a call path of address space ${allocator}`);
    const allocKind = kind & ~BEFORE_BIT;
    const isBefore = allocKind !== kind;
    const found = isBefore ? paths.rowBefore(stackId, allocator, allocKind) : paths.rowOf(stackId, allocator, kind);
    if (allocKind >= FREE_BIT || found !== row) {
      throw new CheckpointError('a call path that is none, or there twice');
    }
    paths.ownLive[row] = exactCount(reader);
    paths.ownCount[row] = exactCount(reader);
    for (let i = 0; i < CACHE; i++) paths.stats[row * PATH_STATS + i] = exactCount(reader);
    for (let caches = reader.count(); caches > 0; caches--) paths.noteCache(row, reader.upTo(0xffff));
  }
  restoreLifetimes(reader, paths.lifetimes);
}

/**
 * Saves for each row its first bar that is not 0, the number of bars up to the last such one, and
 * those bars.
 */
function saveLifetimes(writer: StateWriter, lifetimes: Lifetimes): void {
  writer.varint(lifetimes.size);
  for (let row = 1; row <= lifetimes.size; row++) {
    const bars = lifetimes.barsOf(row);
    let first = 0;
    let end = LIFETIME_BARS;
    while (end > 0 && bars[end - 1] === 0) end--;
    while (first < end && bars[first] === 0) first++;
    writer.varint(first);
    writer.varint(end - first);
    for (let bar = first; bar < end; bar++) writer.varint(bars[bar]);
  }
}

function restoreLifetimes(reader: StateReader, lifetimes: Lifetimes): void {
  const rows = reader.count(2);
  // restorePaths() has made the rows.
  if (rows !== lifetimes.size) throw new CheckpointError(`${rows} rows of lifetimes, expected ${lifetimes.size}`);
  const bars = new Float64Array(LIFETIME_BARS);
  for (let row = 1; row <= rows; row++) {
    bars.fill(0);
    const first = reader.upTo(LIFETIME_BARS);
    const count = reader.upTo(LIFETIME_BARS - first);
    for (let bar = first; bar < first + count; bar++) bars[bar] = reader.varint();
    lifetimes.restoreBars(row, bars);
  }
}

/** Reads a sum or count, which must be 0 or more, and finite. */
function exactCount(reader: StateReader): number {
  const value = reader.exact();
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new CheckpointError(`a sum of ${value}`);
  return value;
}
