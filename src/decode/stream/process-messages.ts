/**
 * The messages PROCESS, IMAGE, HELD and RESIDENT of the collector's stream (bpf/README.md) as values. Null: the message
 * contradicts itself. Times are read by StreamDecoder. Texts are untrusted, and cut where they are longer than the format allows.
 */
import { HEAP, isOfProcess } from '../../event/kinds.js';
import {
  MOST_PROCESSES,
  MOST_TEXT_BYTES,
  PROCESS_REASONS,
  type ProcessEvent,
  RESIDENT_ROWS,
  type ResidentRow,
  type TracedImage,
} from '../../event/process-facts.js';
import { HELD_ROWS, type HeldRow } from '../../event/trace-sink.js';
import { readU32 } from './message-framer.js';
import { decodeText } from './messages.js';

const PROCESS_HEAD_BYTES = 40;
const IMAGE_HEAD_BYTES = 8;
/** A SHA-1 has 20; what is longer than this is none. */
const MOST_BUILD_ID_BYTES = 64;
/** Frames have 22 bits for the number of an image. */
const MOST_IMAGES = 2 ** 22 - 1;
const HELD_HEAD_BYTES = 8;
const HELD_ROW_BYTES = 32;
const RESIDENT_HEAD_BYTES = 16;
const RESIDENT_ROW_BYTES = 16;
const PAGE_BYTES = 4096;
/** Pages of an address space; the greatest number of one. */
const SPACE_PAGES = 2 ** 36;
/** Sizes are sums that stay whole numbers. */
const MOST_BYTES = 2 ** 51;

/** Undefined: a reason that this version does not know. Its time is at 0. */
export function readProcessMessage(bytes: Uint8Array, start: number, length: number): ProcessEvent | null | undefined {
  if (length < PROCESS_HEAD_BYTES) return null;
  const number = readU32(bytes, start + 8);
  const exeBytes = readU16(bytes, start + 30);
  const cmdlineBytes = readU16(bytes, start + 32);
  if (number < 1 || number > MOST_PROCESSES || PROCESS_HEAD_BYTES + exeBytes + cmdlineBytes > length) return null;
  const why = PROCESS_REASONS[bytes[start + 28]];
  if (why === undefined) return undefined;
  const parent = readU32(bytes, start + 24);
  const texts = start + PROCESS_HEAD_BYTES;
  return {
    number,
    pid: readU32(bytes, start + 12) & MAX_PID,
    startNs: Math.min(readU64(bytes, start + 16), Number.MAX_SAFE_INTEGER),
    parent: parent > MOST_PROCESSES ? 0 : parent,
    why,
    stays: why === 'exit' && (bytes[start + 29] & 1) !== 0,
    exe: decodeText(bytes, texts, Math.min(exeBytes, MOST_TEXT_BYTES)),
    cmdline: decodeText(bytes, texts + exeBytes, Math.min(cmdlineBytes, MOST_TEXT_BYTES)),
  };
}

export function readImageMessage(bytes: Uint8Array, start: number, length: number): TracedImage | null {
  if (length < IMAGE_HEAD_BYTES) return null;
  const number = readU32(bytes, start);
  const idBytes = readU16(bytes, start + 4);
  const pathBytes = readU16(bytes, start + 6);
  if (number < 1 || number > MOST_IMAGES || idBytes > MOST_BUILD_ID_BYTES) return null;
  const id = start + IMAGE_HEAD_BYTES;
  if (IMAGE_HEAD_BYTES + idBytes + pathBytes > length) return null;
  const buildId = Array.from(bytes.subarray(id, id + idBytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { number, buildId, path: decodeText(bytes, id + idBytes, Math.min(pathBytes, MOST_TEXT_BYTES)) };
}

/** What the ids of a row mean: the dictionary's id, 0 = not known. */
export interface HeldIds {
  stack(id: number): number;
  comm(id: number): number;
}

/** Facts of at most HELD_ROWS rows. `bad` counts rows that cannot be. Its time is at 0. */
export function readHeldMessage(
  bytes: Uint8Array,
  start: number,
  length: number,
  ids: HeldIds,
): { rows: HeldRow[][]; bad: number } | null {
  if (length < HELD_HEAD_BYTES) return null;
  const facts: HeldRow[][] = [];
  let bad = 0;
  const end = start + length;
  for (let at = start + HELD_HEAD_BYTES; at < end; at += HELD_ROW_BYTES) {
    const row = at + HELD_ROW_BYTES <= end ? heldRow(bytes, at, ids) : null;
    if (row === null) {
      bad++;
      continue;
    }
    const last = facts.at(-1);
    if (last === undefined || last.length === HELD_ROWS) facts.push([row]);
    else last.push(row);
  }
  return { rows: facts, bad };
}

function heldRow(bytes: Uint8Array, at: number, ids: HeldIds): HeldRow | null {
  const keyHi = readU32(bytes, at + 4);
  const keyLo = readU32(bytes, at);
  const process = keyHi >>> 16;
  const page = (keyHi & 0xffff) * 2 ** 20 + (keyLo >>> 12);
  const allocator = bytes[at + 28];
  const held = readU64(bytes, at + 8);
  const isBlock = allocator === HEAP;
  const size = isBlock ? held : Math.ceil(held / PAGE_BYTES);
  if (!isOfProcess(allocator) || process === 0 || size === 0 || size > MOST_BYTES) return null;
  const inPage = keyLo & (PAGE_BYTES - 1);
  if (!isBlock && (inPage !== 0 || page + size > SPACE_PAGES)) return null;
  const row: HeldRow = {
    stackId: ids.stack(readU32(bytes, at + 16)),
    allocator,
    size,
    count: isBlock ? 1 : size,
    pfn: process * SPACE_PAGES + page,
    ageNs: -1,
    pid: readU32(bytes, at + 24) & MAX_PID,
    commId: ids.comm(readU32(bytes, at + 20)),
    use: 0,
  };
  if (isBlock && inPage !== 0) row.inPage = inPage;
  return row;
}

/** Rows that cannot be are left out, and so are those beyond RESIDENT_ROWS: then it is not the whole process. */
export function readResidentMessage(
  bytes: Uint8Array,
  start: number,
  length: number,
): { process: number; isWhole: boolean; rows: ResidentRow[] } | null {
  if (length < RESIDENT_HEAD_BYTES) return null;
  const process = readU32(bytes, start + 8);
  if (process < 1 || process > MOST_PROCESSES) return null;
  const count = Math.ceil((length - RESIDENT_HEAD_BYTES) / RESIDENT_ROW_BYTES);
  const rows: ResidentRow[] = [];
  for (let at = start + RESIDENT_HEAD_BYTES; at + RESIDENT_ROW_BYTES <= start + length; at += RESIDENT_ROW_BYTES) {
    const [firstPage, pages, resident] = [readU64(bytes, at), readU32(bytes, at + 8), readU32(bytes, at + 12)];
    if (pages === 0 || resident > pages || firstPage + pages > SPACE_PAGES) continue;
    if (rows.length < RESIDENT_ROWS) rows.push({ firstPage, pages, resident });
  }
  return { process, isWhole: (readU32(bytes, start + 12) & 1) !== 0 && rows.length === count, rows };
}

function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 4) * 0x100000000 + readU32(bytes, at);
}

/** Process ids are positive ints. */
const MAX_PID = 0x7fffffff;
