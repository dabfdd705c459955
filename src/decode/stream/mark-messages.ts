/** The messages MARK and LIVES of the collector's stream (bpf/README.md). */
import { LIFE_EVENTS, type LifeRow, type Lives, MOST_LIFE_ROWS } from '../../event/marks/lives.js';
import { boundedMark, MARK_KINDS, type Mark } from '../../event/marks/marks.js';
import { readU32 } from './message-framer.js';

const MARK_HEAD_BYTES = 40;
const COMM_AT = 16;
const COMM_BYTES = 16;
const LIVES_HEAD_BYTES = 16;
const LIFE_ROW_BYTES = 16;

/** Undefined: a kind that this version does not know. Null: the message contradicts itself. */
export function readMarkMessage(bytes: Uint8Array, start: number, length: number): Mark | null | undefined {
  if (length < MARK_HEAD_BYTES) return null;
  const kind = MARK_KINDS[bytes[start + 8]];
  const end = start + length;
  let at = start + MARK_HEAD_BYTES;
  if (at + bytes[start + 9] * 8 > end) return null;
  const values: number[] = [];
  for (let left = bytes[start + 9]; left > 0; left--, at += 8) values.push(signedAt(bytes, at));
  const texts: string[] = [];
  for (let left = bytes[start + 10]; left > 0; left--) {
    const size = at + 2 <= end ? bytes[at] | (bytes[at + 1] << 8) : -1;
    if (size < 0 || at + 2 + size > end) return null;
    texts.push(textOf(bytes.subarray(at + 2, at + 2 + size)));
    at += 2 + size;
  }
  if (kind === undefined) return undefined;
  const comm = bytes.subarray(start + COMM_AT, start + COMM_AT + COMM_BYTES);
  const nul = comm.indexOf(0);
  const name = textOf(nul < 0 ? comm : comm.subarray(0, nul));
  return boundedMark({ kind, pid: readU32(bytes, start + 12), comm: name, values, texts });
}

/** Null: the message contradicts itself. `timeNs` is its time. Rows of an unknown kind are left out. */
export function readLivesMessage(bytes: Uint8Array, start: number, length: number, timeNs: number): Lives | null {
  const count = Math.floor((length - LIVES_HEAD_BYTES) / LIFE_ROW_BYTES);
  if (count < 0 || count > MOST_LIFE_ROWS || LIVES_HEAD_BYTES + count * LIFE_ROW_BYTES !== length) return null;
  const rows: LifeRow[] = [];
  for (let at = start + LIVES_HEAD_BYTES; at < start + length; at += LIFE_ROW_BYTES) {
    const what = LIFE_EVENTS[bytes[at]];
    // The time is the word without its lowest byte.
    const ns = readU32(bytes, at + 4) * 0x1000000 + (readU32(bytes, at) >>> 8);
    const agoNs = Math.min(Math.max(0, timeNs - ns), timeNs);
    if (what !== undefined) {
      rows.push({ agoNs, what, pid: readU32(bytes, at + 8) & MAX_PID, parent: readU32(bytes, at + 12) & MAX_PID });
    }
  }
  return { rows, lostRows: readU32(bytes, start + 8), lostMarks: readU32(bytes, start + 12) };
}

/** An s64; what a number does not hold exactly is cut off by boundedMark(). */
function signedAt(bytes: Uint8Array, at: number): number {
  return (readU32(bytes, at + 4) | 0) * 0x100000000 + readU32(bytes, at);
}

/** Untrusted UTF-8: what is none becomes U+FFFD. */
function textOf(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

/** Process ids are positive ints. */
const MAX_PID = 0x7fffffff;
// A byte order mark at the start of a name is part of the name.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
