/**
 * ByteNames: interns byte ranges to dense ids from 1 without making a string. Open addressing over
 * a power-of-two index (load at or below 1/2); the bytes of all names lie end to end in one arena;
 * names are equal if every byte is. At most `limit` names are kept, so that damaged text cannot
 * exhaust memory; later new names have id 0.
 */
export class ByteNames {
  size = 0;
  private readonly limit: number;
  private arena = new Uint8Array(16384);
  /** A name is the bytes of the arena from start[id] up to, not including, start[id + 1]. */
  private start = new Uint32Array(1024);
  private hash = new Uint32Array(1024);
  private index = new Uint32Array(2048);

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Returns the id of bytes[from..to), 0 if it was never interned. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(bytes, from, to);
    const { index } = this;
    const mask = index.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = index[slot];
      if (id === 0 || (this.hash[id] === hash && this.equals(id, bytes, from, to))) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** Returns the id of bytes[from..to), a new one at first sight; 0 if it is new and the table is full. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    const known = this.find(bytes, from, to);
    if (known !== 0 || this.size >= this.limit) return known;
    const id = ++this.size;
    if (id + 1 >= this.start.length) {
      this.start = grown(this.start);
      this.hash = grown(this.hash);
    }
    const used = this.start[id];
    while (used + to - from > this.arena.length) this.growArena();
    this.arena.set(bytes.subarray(from, to), used);
    this.start[id + 1] = used + to - from;
    this.hash[id] = hashBytes(bytes, from, to);
    if (this.size * 2 > this.index.length) this.index = new Uint32Array(this.index.length * 2);
    else return this.place(id);
    for (let other = 1; other <= id; other++) this.place(other);
    return id;
  }

  private place(id: number): number {
    const mask = this.index.length - 1;
    let slot = this.hash[id] & mask;
    while (this.index[slot] !== 0) slot = (slot + 1) & mask;
    this.index[slot] = id;
    return id;
  }

  private equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { arena } = this;
    const start = this.start[id];
    const length = to - from;
    if (this.start[id + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (arena[start + i] !== bytes[from + i]) return false;
    return true;
  }

  private growArena(): void {
    const arena = new Uint8Array(this.arena.length * 2);
    arena.set(this.arena);
    this.arena = arena;
  }
}

/** FNV-1a, with its high bits folded in: the index uses the low ones. */
function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(column.length * 2);
  wider.set(column);
  return wider;
}
