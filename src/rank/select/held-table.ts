/** The outstanding allocations of one allocator, for walks over all of them. */
import { isInPages } from '../../event/kinds.js';
import { type LiveTable, PATH, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';

/** Bytes of one unit of an allocator's sizes, which are in pages or in bytes. */
export function unitBytes(core: PairingCore, allocator: number): number {
  return isInPages(allocator) ? core.hostFacts.pageSize : 1;
}

/** Bytes a second since the trace began; null if its times have no known unit. */
export function bytesPerSecond({ nowNs, hostFacts }: PairingCore, bytes: number): number | null {
  if (hostFacts.timesAreCounts) return null;
  return nowNs > 0 ? bytes / (nowNs / 1e9) : 0;
}

/** Calls back with each slot in use. */
export function eachSlot(table: LiveTable, visit: (slot: number, path: number) => void): void {
  const { words, slots } = table;
  for (let slot = 0; slot < slots; slot++) {
    const path = words[slot * SLOT_WORDS + PATH];
    if (path !== 0) visit(slot, path);
  }
}

/** A LiveTable with the units of its sizes. Slots that it is asked about are in use. */
export class HeldTable {
  /** Number of the allocator (kinds.ts). */
  readonly allocator: number;
  readonly table: LiveTable;
  /** Bytes of one unit of its sizes. */
  readonly unit: number;
  private readonly inPages: boolean;

  constructor(core: PairingCore, allocator: number) {
    this.allocator = allocator;
    this.table = core.tableOf(allocator);
    this.unit = unitBytes(core, allocator);
    this.inPages = isInPages(allocator);
  }

  bytesAt(slot: number): number {
    return this.table.sizeAt(slot) * this.unit;
  }

  /** Pages or objects. */
  countAt(slot: number): number {
    return this.inPages ? this.table.sizeAt(slot) : 1;
  }

  /** Time of the alloc. */
  timeNsAt(slot: number): number {
    return this.table.times[slot * 4 + 1];
  }

  each(visit: (slot: number, path: number) => void): void {
    eachSlot(this.table, visit);
  }
}
