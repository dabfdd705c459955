/**
 * The Curves in a checkpoint: the step and the lengths of the snapshots, then the values row by
 * row, since most rows do not change from one point to the next. A snapshot shared by several
 * points is saved once.
 *
 * A row begins with 0 if it never held anything, otherwise with 1 + the number of low bits that are
 * 0 in all its values (object sizes are multiples of 8 and more). Then come its differences from
 * point to point, divided by that power of two, as zigzag varints; after a difference of 0 comes
 * the number of further zeros.
 */

import { type Curves, FIRST_STEP_NS, GREATEST, POINTS, ROW_LIMIT } from '../curves.js';
import { CheckpointError, type StateReader, type StateWriter } from './checkpoint-bytes.js';

/** The step is FIRST_STEP_NS times a power of two, and times are below 2^53 ns. */
const MAX_DOUBLINGS = 27;
const MAX_SHIFT = 15;

export function saveCurves(writer: StateWriter, curves: Curves): void {
  const { snapshots, stepNs } = curves;
  writer.varint(Math.log2(stepNs / FIRST_STEP_NS));
  writer.varint(snapshots.length);
  const distinct = snapshots.filter((snapshot, i) => snapshot !== snapshots[i - 1]);
  for (const [i, snapshot] of snapshots.entries()) {
    writer.varint(snapshot === snapshots[i - 1] ? 0 : snapshot.length);
  }
  const rows = distinct.at(-1)?.length ?? 1;
  const values = new Float64Array(distinct.length);
  for (let row = 1; row < rows; row++) {
    let bits = 0;
    for (let i = 0; i < values.length; i++) {
      values[i] = row < distinct[i].length ? distinct[i][row] : 0;
      bits |= values[i];
    }
    saveRow(writer, values, bits);
  }
}

/**
 * Restores curves that have no points yet; `rows` is the number of rows of the PathTable. Throws a
 * CheckpointError.
 */
export function restoreCurves(reader: StateReader, curves: Curves, rows: number): void {
  const stepNs = FIRST_STEP_NS * 2 ** reader.upTo(MAX_DOUBLINGS);
  const snapshots: Float32Array[] = [];
  const distinct: Float32Array[] = [];
  for (let points = reader.upTo(POINTS - 1); points > 0; points--) {
    const length = reader.upTo(Math.min(rows, ROW_LIMIT) + 1);
    const before = snapshots.at(-1);
    if (length < (before?.length ?? 1) && length !== 0) throw new CheckpointError('call paths that went away');
    if (length > 0) distinct.push(new Float32Array(length));
    else if (before === undefined) throw new CheckpointError('a first point that is as the one before');
    snapshots.push(distinct[distinct.length - 1]);
  }
  for (let row = 1; row < (distinct.at(-1)?.length ?? 1); row++) restoreRow(reader, distinct, row);
  curves.restore(stepNs, snapshots);
}

/** `bits` is the bitwise OR of all values. */
function saveRow(writer: StateWriter, values: Float64Array, bits: number): void {
  // A value with no low bits is 0, or so large that the length of its encoding does not matter here.
  const shift = bits === 0 ? 0 : Math.min(MAX_SHIFT, 31 - Math.clz32(bits & -bits));
  if (bits === 0 && values.every((value) => value === 0)) {
    writer.varint(0);
    return;
  }
  writer.varint(shift + 1);
  const unit = 2 ** -shift;
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    const delta = (values[i] - last) * unit;
    writer.varint(delta < 0 ? -delta * 2 - 1 : delta * 2);
    last = values[i];
    if (delta !== 0) continue;
    let more = 0;
    while (i + 1 < values.length && values[i + 1] === last) {
      more++;
      i++;
    }
    writer.varint(more);
  }
}

function restoreRow(reader: StateReader, snapshots: Float32Array[], row: number): void {
  const header = reader.upTo(MAX_SHIFT + 1);
  if (header === 0) return;
  const unit = 2 ** (header - 1);
  let value = 0;
  for (let i = 0; i < snapshots.length; i++) {
    const code = reader.varint();
    if (code === 0) {
      for (let more = reader.upTo(snapshots.length - 1 - i); more > 0; more--) put(snapshots[i++], row, value);
      put(snapshots[i], row, value);
      continue;
    }
    value += (code % 2 === 0 ? code / 2 : -(code + 1) / 2) * unit;
    if (!(value >= 0 && value <= GREATEST)) throw new CheckpointError(`a call path that held ${value}`);
    put(snapshots[i], row, value);
  }
}

function put(snapshot: Float32Array, row: number, value: number): void {
  if (row < snapshot.length) snapshot[row] = value;
  else if (value > 0) throw new CheckpointError('a call path that held something before it was there');
}
