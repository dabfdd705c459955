/**
 * TupleTable: interns rows of five numbers (u32) to dense ids from 0, and counts how often each was
 * met. Open addressing; load stays at or below 1/2. Emptied for each chunk; the columns keep their
 * size.
 */
export class TupleTable {
  size = 0;
  a = new Uint32Array(1024);
  b = new Uint32Array(1024);
  c = new Uint32Array(1024);
  d = new Uint32Array(1024);
  e = new Uint32Array(1024);
  /** How often each id was met. */
  uses = new Uint32Array(1024);
  /** id + 1, 0 = empty. */
  private index = new Uint32Array(4096);

  intern(a: number, b: number, c: number, d: number, e: number): number {
    const mask = this.index.length - 1;
    let slot = hashTuple(a, b, c, d, e) & mask;
    for (;;) {
      const id = this.index[slot] - 1;
      if (id < 0) break;
      if (this.b[id] === b && this.a[id] === a && this.c[id] === c && this.d[id] === d && this.e[id] === e) {
        this.uses[id]++;
        return id;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    if (id === this.a.length) this.growColumns();
    this.a[id] = a;
    this.b[id] = b;
    this.c[id] = c;
    this.d[id] = d;
    this.e[id] = e;
    this.uses[id] = 1;
    this.index[slot] = id + 1;
    if (this.size * 2 > this.index.length) this.rehash();
    return id;
  }

  clear(): void {
    this.size = 0;
    this.index.fill(0);
  }

  private growColumns(): void {
    this.a = doubled(this.a);
    this.b = doubled(this.b);
    this.c = doubled(this.c);
    this.d = doubled(this.d);
    this.e = doubled(this.e);
    this.uses = doubled(this.uses);
  }

  private rehash(): void {
    const index = new Uint32Array(this.index.length * 2);
    const mask = index.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = hashTuple(this.a[id], this.b[id], this.c[id], this.d[id], this.e[id]) & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = id + 1;
    }
    this.index = index;
  }
}

function hashTuple(a: number, b: number, c: number, d: number, e: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ d, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ e, 0x85ebca6b);
  return (h ^ (h >>> 16)) >>> 0;
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}
