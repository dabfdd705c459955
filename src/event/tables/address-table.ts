/**
 * AddressTable: interns 64-bit addresses to dense ids from 1. Open addressing over a power-of-two
 * index; ids never change and are never reused. A kernel address does not fit in a Number, hence
 * two columns of 32 bits.
 */
export class AddressTable {
  /** Number of ids given out; ids are 1..size. */
  size = 0;
  hi = new Uint32Array(1024);
  lo = new Uint32Array(1024);
  private index = new Uint32Array(4096);

  /** Returns the id of an address, a new one at first sight. */
  intern(hi: number, lo: number): number {
    const mask = this.index.length - 1;
    let slot = hashAddress(hi, lo) & mask;
    for (;;) {
      const id = this.index[slot];
      if (id === 0) break;
      if (this.lo[id] === lo && this.hi[id] === hi) return id;
      slot = (slot + 1) & mask;
    }
    const id = ++this.size;
    if (id >= this.hi.length) this.growColumns();
    this.hi[id] = hi;
    this.lo[id] = lo;
    this.index[slot] = id;
    // The load stays at or below 1/2.
    if (this.size * 2 > this.index.length) this.rehash();
    return id;
  }

  /** Returns the id of an address, 0 if it was never interned. */
  find(hi: number, lo: number): number {
    const mask = this.index.length - 1;
    let slot = hashAddress(hi >>> 0, lo >>> 0) & mask;
    for (;;) {
      const id = this.index[slot];
      if (id === 0) return 0;
      if (this.lo[id] === lo >>> 0 && this.hi[id] === hi >>> 0) return id;
      slot = (slot + 1) & mask;
    }
  }

  private growColumns(): void {
    const hi = new Uint32Array(this.hi.length * 2);
    const lo = new Uint32Array(this.lo.length * 2);
    hi.set(this.hi);
    lo.set(this.lo);
    this.hi = hi;
    this.lo = lo;
  }

  private rehash(): void {
    const index = new Uint32Array(this.index.length * 2);
    const mask = index.length - 1;
    for (let id = 1; id <= this.size; id++) {
      let slot = hashAddress(this.hi[id], this.lo[id]) & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = id;
    }
    this.index = index;
  }
}

/** 32-bit mix of an address (two multiplies and shifts, after murmur3's finaliser). */
export function hashAddress(hi: number, lo: number): number {
  let h = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
