/** How much of what processes mapped is in memory, summed up by row. */
import { MAPPED } from '../../event/kinds.js';
import { pageOf, processOf } from '../../pair/live-ranges.js';
import { SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { ResidentShare } from '../report/report-rows.js';
import type { HeldTable } from './held-table.js';

export class ResidentSums {
  private readonly core: PairingCore;
  private readonly resident: Float64Array;
  /** Pages whose residence is known. */
  private readonly known: Float64Array;

  constructor(core: PairingCore, length: number) {
    this.core = core;
    this.resident = new Float64Array(length);
    this.known = new Float64Array(length);
  }

  /** Adds the range in a slot; of other tables than that of mappings nothing. */
  add(index: number, held: HeldTable, slot: number): void {
    if (held.allocator !== MAPPED) return;
    const { words } = held.table;
    const at = slot * SLOT_WORDS;
    const pages = held.table.sizeAt(slot);
    const resident = this.core.processMemory.residentPages(processOf(words, at), pageOf(words, at), pages);
    if (resident === null) return;
    this.resident[index] += resident;
    this.known[index] += pages;
  }

  /** Null where nothing was read. */
  share(index: number): ResidentShare | null {
    if (this.known[index] === 0) return null;
    const { pageSize } = this.core.hostFacts;
    return { bytes: Math.round(this.resident[index]) * pageSize, ofBytes: this.known[index] * pageSize };
  }
}
