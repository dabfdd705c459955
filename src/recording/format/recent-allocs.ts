import { hashAddress } from '../../event/tables/address-table.js';

/**
 * RecentAllocs: maps an address to the number of the alloc in this chunk that holds it and was not
 * freed since. Used by the encoder alone. Open addressing; an entry that was taken stays as a
 * tombstone until the chunk is over.
 */
export class RecentAllocs {
  private hi = new Uint32Array(1024);
  private lo = new Uint32Array(1024);
  /** Alloc number + 1; 0 = slot never used; TAKEN = freed again. */
  private entry = new Uint32Array(1024);

  /** Empties it and makes room for this many allocs at a load of at most 1/2. */
  reset(allocs: number): void {
    let capacity = this.entry.length;
    while (capacity < allocs * 2) capacity *= 2;
    if (capacity > this.entry.length) {
      this.hi = new Uint32Array(capacity);
      this.lo = new Uint32Array(capacity);
      this.entry = new Uint32Array(capacity);
    } else {
      this.entry.fill(0);
    }
  }

  set(hi: number, lo: number, number: number): void {
    const slot = this.slotOf(hi, lo);
    this.hi[slot] = hi;
    this.lo[slot] = lo;
    this.entry[slot] = number + 1;
  }

  /** Removes the alloc at an address and returns its number; -1 if there is none. */
  take(hi: number, lo: number): number {
    const slot = this.slotOf(hi, lo);
    const entry = this.entry[slot];
    if (entry === 0 || entry === TAKEN) return -1;
    this.entry[slot] = TAKEN;
    return entry - 1;
  }

  private slotOf(hi: number, lo: number): number {
    const mask = this.entry.length - 1;
    let slot = hashAddress(hi, lo) & mask;
    while (this.entry[slot] !== 0 && (this.lo[slot] !== lo || this.hi[slot] !== hi)) slot = (slot + 1) & mask;
    return slot;
  }
}

const TAKEN = 0xffffffff;
