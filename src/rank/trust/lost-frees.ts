/**
 * Pairing rule 5: how much of the outstanding memory could be lost frees. Lost frees of known size
 * count with their bytes. In the worst case, the others were of the largest allocations that are
 * still outstanding. A loss of unknown kind counts for every allocator. The bound is never above
 * the outstanding bytes of the allocator.
 */
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK } from '../../event/kinds.js';
import { isEventLoss } from '../../event/losses.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { eachSlot, unitBytes } from '../select/held-table.js';

/** The bounds of one core's allocators at one instant. Each is worked out on first use. */
export class LostFrees {
  private readonly core: PairingCore;
  private readonly known: number[] = [];

  constructor(core: PairingCore) {
    this.core = core;
  }

  /** How many of the allocator's outstanding bytes (kinds.ts) could be lost frees. */
  bytes(allocator: number): number {
    this.known[allocator] ??= lostFreeBytes(this.core, allocator);
    return this.known[allocator];
  }
}

function lostFreeBytes(core: PairingCore, allocator: number): number {
  let known = 0;
  let unknownFrees = 0;
  for (const row of core.lossLedger.rows()) {
    if (!isEventLoss(row.cause)) continue;
    const kind = row.kind & KIND_MASK;
    const isFree = (kind & FREE_BIT) !== 0 && ALLOCATOR_OF_KIND[kind] === allocator;
    if (row.kind !== 0 && !isFree) continue;
    known += row.bytes;
    unknownFrees += Math.max(0, row.count - row.countWithBytes);
  }
  const outstanding = core.paths.totalLive(allocator) * unitBytes(core, allocator);
  const unknown = unknownFrees === 0 || known >= outstanding ? 0 : largest(core, allocator, unknownFrees);
  return Math.min(known + unknown, outstanding);
}

/**
 * At least the bytes of the n largest outstanding allocations: exact down to the power of two in
 * which n runs out.
 */
function largest(core: PairingCore, allocator: number, n: number): number {
  const table = core.tableOf(allocator);
  const unit = unitBytes(core, allocator);
  // Indexed by the number of significant bits of the size.
  const counts = new Float64Array(33);
  const sizes = new Float64Array(33);
  eachSlot(table, (slot) => {
    const size = table.sizeAt(slot);
    counts[32 - Math.clz32(size)]++;
    sizes[32 - Math.clz32(size)] += size;
  });
  let left = n;
  let sum = 0;
  for (let bits = 32; bits > 0 && left > 0; bits--) {
    sum += left >= counts[bits] ? sizes[bits] : Math.min(left * (2 ** bits - 1), sizes[bits]);
    left -= counts[bits];
  }
  return sum * unit;
}
