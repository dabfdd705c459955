/** What a report says of the memory of a row that is held by a reference (select/held-by-reference.ts). */
import { formatBytes } from '../../base/format.js';
import type { Evidence, HeldShare, ReliabilityName } from '../report/report-rows.js';
import { type HeldByReference, suspectBytes } from '../select/held-by-reference.js';

/** Null where nothing of the row can be held by a reference. `bytes` are those of the row. */
export function heldShare(held: HeldByReference | null, row: number, bytes: number): HeldShare | null {
  const suspect = suspectBytes(held, row, bytes);
  if (held === null || suspect === 0) return null;
  const atMostBytes = held.isBound ? Math.min(bytes, Math.max(suspect, held.mostBytes[row])) : suspect;
  const isExact = !held.isBound && held.elsewhereBytes === 0;
  return { bytes: held.bytes[row], goneBytes: held.goneBytes[row], atMostBytes, isExact };
}

/** The same as a sentence; null for null. */
export function heldNote(share: HeldShare | null): string | null {
  if (share === null) return null;
  const { bytes, goneBytes, atMostBytes } = share;
  const how = 'mapped by no process, but held by a reference (a pipe, a socket, io_uring, a pin)';
  if (bytes === 0) return `up to ${formatBytes(atMostBytes)} of it may be ${how}`;
  const most = atMostBytes > bytes ? `, and up to ${formatBytes(atMostBytes)} may be` : '';
  const gone = goneBytes > 0 ? `; ${formatBytes(goneBytes)} of that was taken by processes that are gone` : '';
  return `${formatBytes(bytes)} of it is ${how}${most}${gone}`;
}

/** A row is not confirmed as long as it is open how much of it a reference holds. */
export function trustOf(
  state: ReliabilityName,
  evidence: Evidence,
  share: HeldShare | null,
): { reliability: ReliabilityName; evidence: Evidence } {
  if (share === null || share.isExact || state !== 'confirmed') return { reliability: state, evidence };
  const reason = 'its pages are in use, but how many a reference holds and how many are mapped is not known';
  return { reliability: 'plausible', evidence: { ...evidence, reason } };
}
