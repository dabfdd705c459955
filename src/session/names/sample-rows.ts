/** Samples of what rows hold: blocks of pages, and objects with their addresses. Pure. */
import { PAGE, PERCPU } from '../../event/kinds.js';
import { HI, LO, OWN_BIT, PATH, PID, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { HeldTable } from '../../rank/select/held-table.js';

export interface WantedRow {
  /** `stackId` of a report's row. */
  stackId: number;
  /** Most blocks or objects. */
  most: number;
}

/** A block of pages or an object that is held. */
export interface HeldItem {
  /** Of the PathTable. */
  row: number;
  allocator: number;
  addressHi: number;
  addressLo: number;
  timeNs: number;
  bytes: number;
}

/**
 * Returns for each row what it holds, at most `most` of it. A table is in the order of a hash of the addresses, so the
 * first ones are as good as any; a walk ends when all rows have enough. What the tracer holds itself is left out.
 */
export function sampleRows(core: PairingCore, wanted: readonly WantedRow[]): HeldItem[][] {
  const samples: HeldItem[][] = wanted.map(() => []);
  const byAllocator = new Map<number, Map<number, number>>();
  for (const [index, { stackId }] of wanted.entries()) {
    const row = core.paths.findRow(stackId);
    // What was held before the trace is no row of its own in a recording; per-CPU memory has no address of its own.
    if (row === 0 || core.paths.isBefore(row) || core.paths.allocator[row] === PERCPU) continue;
    const rows = byAllocator.get(core.paths.allocator[row]) ?? new Map<number, number>();
    byAllocator.set(core.paths.allocator[row], rows.set(row, index));
  }
  for (const [allocator, rows] of byAllocator) {
    const held = new HeldTable(core, allocator);
    const { words, slots } = held.table;
    let open = rows.size;
    for (let slot = 0; slot < slots && open > 0; slot++) {
      const at = slot * SLOT_WORDS;
      const index = words[at + PATH] === 0 ? undefined : rows.get(words[at + PATH]);
      if (index === undefined || (words[at + PID] & OWN_BIT) !== 0) continue;
      const sample = samples[index];
      if (sample.length >= wanted[index].most) continue;
      sample.push(itemAt(held, slot));
      if (sample.length === wanted[index].most) open--;
    }
  }
  return samples;
}

/** True if it is held still: the same one, not another that has come to its address. */
export function isHeld(core: PairingCore, { allocator, addressHi, addressLo, row, timeNs }: HeldItem): boolean {
  const held = new HeldTable(core, allocator);
  const slot = held.table.locate(addressHi, addressLo);
  return slot >= 0 && held.table.words[slot * SLOT_WORDS + PATH] === row && held.timeNsAt(slot) === timeNs;
}

/** The collector's word for it. */
export function askedOf({ allocator, addressHi, addressLo }: HeldItem): `page ${string}` | `object ${string}` {
  const low = addressLo >>> 0;
  // A block's key holds its order above the pfn.
  if (allocator === PAGE) return `page ${((addressHi & 0xff) * 2 ** 32 + low).toString(16)}`;
  return `object ${(addressHi >>> 0).toString(16)}${low.toString(16).padStart(8, '0')}`;
}

function itemAt(held: HeldTable, slot: number): HeldItem {
  const { words } = held.table;
  const at = slot * SLOT_WORDS;
  return {
    row: words[at + PATH],
    allocator: held.allocator,
    addressHi: words[at + HI],
    addressLo: words[at + LO],
    timeNs: held.timeNsAt(slot),
    bytes: held.bytesAt(slot),
  };
}
