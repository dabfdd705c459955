/**
 * Payloads of single messages of the collector's stream (bpf/README.md) as values. Null: the message contradicts itself.
 * Times are read by StreamDecoder, which keeps the latest.
 */
import { ALLOCATOR_COUNT, ALLOCATOR_OF_KIND, KIND_MASK, SELF_BIT } from '../../event/kinds.js';
import type { LossRow } from '../../event/losses.js';
import type { FreedRow, SymbolisedAddress } from '../../event/trace-sink.js';
import { readU32 } from './message-framer.js';

const LOSS_ROW_BYTES = 32;
const YOUNG_FREE_BYTES = 48;
const CGROUP_HEAD_BYTES = 24;
const CGROUP_REMOVED = 2;
const MAX_CGROUP_BYTES = 4096;
export const MAX_NAME_BYTES = 512;

/** The name in a COMM message, which ends at a NUL or after 16 bytes. */
export function readCommName(bytes: Uint8Array, start: number): string {
  let end = start + 8;
  while (end < start + 24 && bytes[end] !== 0) end++;
  return decodeText(bytes, start + 8, end - start - 8);
}

export function readSymbolMessage(bytes: Uint8Array, start: number, length: number): SymbolisedAddress | null {
  if (length < 16) return null;
  const nameLength = bytes[start + 12] | (bytes[start + 13] << 8);
  const moduleLength = bytes[start + 14] | (bytes[start + 15] << 8);
  const fits = 16 + nameLength + moduleLength <= length;
  if (!fits || nameLength > MAX_NAME_BYTES || moduleLength > MAX_NAME_BYTES) return null;
  const module = decodeText(bytes, start + 16 + nameLength, moduleLength);
  return {
    addressHi: readU32(bytes, start + 4),
    addressLo: readU32(bytes, start),
    symbol: decodeText(bytes, start + 16, nameLength),
    offset: readU32(bytes, start + 8),
    module: module === '' ? null : module,
  };
}

/** The path of a cgroup that is there; 'removed' of one that is not. Its time is at 0, its number at 8. */
export function readCgroupMessage(
  bytes: Uint8Array,
  start: number,
  length: number,
): { path: string } | 'removed' | null {
  if (length < CGROUP_HEAD_BYTES || length > CGROUP_HEAD_BYTES + MAX_CGROUP_BYTES) return null;
  if (bytes[start + 16] === CGROUP_REMOVED) return 'removed';
  return { path: decodeText(bytes, start + CGROUP_HEAD_BYTES, length - CGROUP_HEAD_BYTES) };
}

/** Its time is at 0. */
export function readLossMessage(bytes: Uint8Array, start: number, length: number): LossRow[] | null {
  if (length < 8) return null;
  const rows: LossRow[] = [];
  const end = start + length - LOSS_ROW_BYTES;
  for (let at = start + 8; at <= end; at += LOSS_ROW_BYTES) {
    rows.push({
      cause: bytes[at] | (bytes[at + 1] << 8),
      kind: bytes[at + 2],
      cpu: readU32(bytes, at + 4) | 0,
      count: readCount(bytes, at + 8),
      bytes: readCount(bytes, at + 16),
      countWithBytes: readCount(bytes, at + 24),
    });
  }
  return rows;
}

/**
 * One of many that were freed before their alloc was sent, with words 0, 2 and 3 of the alloc, and 2 and 3 of the free; its
 * time, that of the free, is at 0. Call paths are those of the stream. Undefined: it is of no interest.
 */
export function readYoungFree(
  bytes: Uint8Array,
  start: number,
  length: number,
  timeNs: number,
): FreedRow | undefined | null {
  if (length < YOUNG_FREE_BYTES) return null;
  const word0 = readU32(bytes, start + 8);
  const allocator = ALLOCATOR_OF_KIND[word0 & KIND_MASK & ~64];
  // What the tracer itself frees is of no interest.
  if (timeNs < 0 || allocator >= ALLOCATOR_COUNT || (word0 & SELF_BIT) !== 0) return undefined;
  const allocNs = readU32(bytes, start + 12) * 0x1000000 + (word0 >>> 8);
  return {
    allocator,
    stackId: readU32(bytes, start + 16),
    freeStackId: readU32(bytes, start + 32),
    ageNs: Math.max(0, timeNs - allocNs),
    cpu: (readU32(bytes, start + 28) + 1) & 0xffff,
    freeCpu: (readU32(bytes, start + 44) + 1) & 0xffff,
  };
}

/** Reads a u64 counter; an impossible value of 2^53 or more becomes the greatest safe integer. */
function readCount(bytes: Uint8Array, at: number): number {
  return Math.min(readU32(bytes, at + 4) * 0x100000000 + readU32(bytes, at), Number.MAX_SAFE_INTEGER);
}

/** Decodes untrusted UTF-8, NULs included; invalid UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array, start: number, length: number): string {
  return UTF8.decode(bytes.subarray(start, start + length));
}

// A byte order mark at the start of a name is part of the name.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
