/** What a report says of the memory of a row that is held by a reference (select/held-by-reference.ts). */
import { formatBytes } from '../../base/format.js';
import { PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { Evidence, HeldShare, ReliabilityName } from '../report/report-rows.js';
import { type Excess, factBytes, type HeldByReference, MAY_HOLD_ANON } from '../select/held-by-reference.js';
import type { HeldTable } from '../select/held-table.js';

/** The excess of the parts of call paths (group-parts.ts), by part. */
export class PartExcess {
  private readonly held: HeldByReference;
  private readonly bytes = new Map<number, number>();
  private readonly goneBytes = new Map<number, number>();

  constructor(held: HeldByReference) {
    this.held = held;
  }

  /** Adds the pages in a slot to its part. */
  add(table: HeldTable, slot: number, { part, row }: { part: number; row: number }): void {
    const { shareOfPid, gone, mayHold } = this.held;
    if (mayHold[row] !== MAY_HOLD_ANON) return;
    const pid = table.table.words[slot * SLOT_WORDS + PID] & PID_MASK;
    const share = shareOfPid.get(pid);
    if (share === undefined) return;
    const bytes = table.bytesAt(slot) * share;
    this.bytes.set(part, (this.bytes.get(part) ?? 0) + bytes);
    if (gone.has(pid)) this.goneBytes.set(part, (this.goneBytes.get(part) ?? 0) + bytes);
  }

  /** What of a part is surely held by a reference. */
  factBytes(part: number): number {
    return factBytes(this.held, this.bytes.get(part) ?? 0);
  }

  of(part: number): Excess {
    return { bytes: this.bytes.get(part) ?? 0, goneBytes: this.goneBytes.get(part) ?? 0 };
  }
}

/** Some allocations of one call path. */
export interface HeldPart {
  row: number;
  bytes: number;
  excess: Excess;
}

/** Returns a row's own part. */
export function wholePart(held: HeldByReference | null, row: number, bytes: number): HeldPart {
  const excess = { bytes: held?.excessBytes[row] ?? 0, goneBytes: held?.goneBytes[row] ?? 0 };
  return { row, bytes, excess };
}

/** Null where nothing of the parts can be held by a reference, or too little to be told. */
export function heldShare(held: HeldByReference | null, parts: readonly HeldPart[]): HeldShare | null {
  if (held === null) return null;
  const sum: Excess = { bytes: 0, goneBytes: 0 };
  let anonBytes = 0;
  let otherBytes = 0;
  for (const { row, bytes, excess } of parts) {
    if (held.mayHold[row] === 0) continue;
    if (held.mayHold[row] === MAY_HOLD_ANON) anonBytes += bytes;
    else otherBytes += bytes;
    sum.bytes += excess.bytes;
    sum.goneBytes += excess.goneBytes;
  }
  const told = (bytes: number): number => (bytes < held.leastToldBytes ? 0 : Math.round(bytes));
  const bytes = told(factBytes(held, sum.bytes));
  const lacking = held.isBound ? sum.bytes : bytes;
  const anonMost = Math.min(anonBytes, lacking + held.elsewhereBytes);
  const otherMost = Math.min(otherBytes, held.notAnonBytes);
  // What no process is known to lack is there once, not once in each part.
  const open = Math.max(anonBytes > 0 ? held.elsewhereBytes : 0, otherMost);
  const atMostBytes = told(Math.min(anonMost + otherMost, held.mostBytes, lacking + open));
  if (atMostBytes === 0) return null;
  const goneBytes = told(factBytes(held, sum.goneBytes));
  return { bytes, goneBytes, atMostBytes, isExact: !held.isBound && open === 0 };
}

/** The same as a sentence; null for null. */
export function heldNote(share: HeldShare | null): string | null {
  if (share === null) return null;
  const { bytes, goneBytes, atMostBytes } = share;
  const holder = 'but held by a reference (a pipe, a socket, io_uring, a pin)';
  if (bytes === 0)
    return `up to ${formatBytes(atMostBytes)} of it may be mapped by no process and in no file, ${holder}`;
  const most = atMostBytes > bytes ? `, and up to ${formatBytes(atMostBytes)} may be` : '';
  const gone = goneBytes > 0 ? `; ${formatBytes(goneBytes)} of that was taken by processes that are gone` : '';
  return `${formatBytes(bytes)} of it is mapped by no process, ${holder}${most}${gone}`;
}

/** A row is not confirmed as long as it is open how much of it a reference holds. */
export function trustOf(
  state: ReliabilityName,
  evidence: Evidence,
  share: HeldShare | null,
): { reliability: ReliabilityName; evidence: Evidence } {
  if (share === null || share.isExact || state !== 'confirmed') return { reliability: state, evidence };
  const reason = 'its pages are in use, but how many only a reference holds is not known';
  return { reliability: 'plausible', evidence: { ...evidence, reason } };
}
