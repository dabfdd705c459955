/**
 * LiveTable: what is outstanding in one address space, keyed by a 64-bit address. Open addressing,
 * linear probing, deletion by shifting back (no tombstones: memory and probe lengths do not depend
 * on how many events there were).
 *
 * One slot is 8 words = 32 bytes, so that an event touches one place in memory, not one per column:
 *
 *    word 0, 1   address, low and high half
 *         2, 3   time of the alloc, ns (a double: see `times`)
 *         4      row of the call path in the PathTable; 0 = the slot is empty
 *         5      size: bytes (slab, percpu), pages still held (page blocks) or pages (vmalloc)
 *         6      pid (22 bits), CPU (9 bits, see cpuBits), and OWN_BIT if the tracer itself allocated it
 *         7      comm id (low 16 bits) and cache id (high 16 bits)
 *
 * A slot number is valid until the next insert or remove. The home slot of an address is
 * floor(hash * slots / 2^32). So the number of slots need not be a power of two, and slots are in
 * order of hash except for collisions, which makes growing one sequential walk. The load stays at
 * or below 3/4 and the table grows by 4/3, so it never takes more than 57 bytes an entry (above the
 * first thousand). It never shrinks.
 *
 * Words are signed, and addresses are passed as signed halves (x | 0): V8 puts an unsigned word
 * above 2^31, like a double, on its heap whenever it is passed to a function that was not inlined.
 * That took a third of the time of pairing.
 */
import { alignedInt32 } from '../base/aligned.js';

export const SLOT_WORDS = 8;
export const LO = 0;
export const HI = 1;
export const PATH = 4;
export const SIZE = 5;
export const PID = 6;
export const NAMES = 7;
/** Sign bit of word PID: the tracer's own memory. Pids are below 2^22 (PID_MAX_LIMIT). */
export const OWN_BIT = 0x80000000 | 0;
export const PID_MASK = 0x3fffff;
const CPU_SHIFT = 22;
const CPU_MASK = 0x1ff;

/** Returns the part of word PID for a CPU as in an EventBatch: 1 + its number, which is kept up to 510; 0 = not known. */
export function cpuBits(cpu: number): number {
  return cpu <= CPU_MASK ? cpu << CPU_SHIFT : 0;
}

/** Returns the CPU of a word PID as in an EventBatch. */
export function cpuOf(pidWord: number): number {
  return (pidWord >>> CPU_SHIFT) & CPU_MASK;
}

const FIRST_SLOTS = 1024;
const MAX_LOAD = 3 / 4;
const GROWTH = 4 / 3;

export class LiveTable {
  /** Number of entries. */
  size = 0;
  slots = FIRST_SLOTS;
  words = alignedInt32(FIRST_SLOTS * SLOT_WORDS);
  /** The same memory as doubles: the time of slot s is times[s * 4 + 1]. */
  times = new Float64Array(this.words.buffer, this.words.byteOffset);
  private scale = FIRST_SLOTS / 2 ** 32;
  private limit = FIRST_SLOTS * MAX_LOAD;

  /** Returns the slot of an address, or ~slot of the empty slot where the search ended. */
  locate(hi: number, lo: number): number {
    const words = this.words;
    const slots = this.slots;
    let slot = this.homeOf(hi, lo);
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (words[at + PATH] === 0) return ~slot;
      if (words[at] === lo && words[at + HI] === hi) return slot;
      if (++slot === slots) slot = 0;
    }
  }

  /**
   * Adds an entry at the empty slot that locate() has just returned (as ~place). Returns its slot,
   * which differs from `place` if the table had to grow. The caller must then write its time, and
   * the other fields with set().
   */
  insertAt(place: number, hi: number, lo: number): number {
    let slot = place;
    if (this.size >= this.limit) {
      this.grow();
      slot = ~this.locate(hi, lo);
    }
    this.size++;
    const at = slot * SLOT_WORDS;
    this.words[at] = lo;
    this.words[at + HI] = hi;
    return slot;
  }

  /** Writes all fields except the address and the time. */
  set(slot: number, path: number, size: number, pid: number, names: number): void {
    const words = this.words;
    const at = slot * SLOT_WORDS;
    words[at + PATH] = path;
    words[at + SIZE] = size;
    words[at + PID] = pid;
    words[at + NAMES] = names;
  }

  /** Makes an empty table as long as it must be for `entries` entries. */
  reserve(entries: number): void {
    while (this.limit < entries) this.lengthen();
    this.allocate();
  }

  /** Empties a slot and moves back the entries that had been pushed past it. */
  remove(slot: number): void {
    const words = this.words;
    const slots = this.slots;
    let hole = slot;
    let next = slot;
    this.size--;
    for (;;) {
      if (++next === slots) next = 0;
      const from = next * SLOT_WORDS;
      if (words[from + PATH] === 0) break;
      // Distances are cyclic. An entry may move back to the hole only if the hole is not before its
      // home.
      let fromHome = next - this.homeOf(words[from + HI], words[from]);
      if (fromHome < 0) fromHome += slots;
      let fromHole = next - hole;
      if (fromHole < 0) fromHole += slots;
      if (fromHome < fromHole) continue;
      const to = hole * SLOT_WORDS;
      // As words: copying as a double could change the bits of a NaN.
      words[to] = words[from];
      words[to + 1] = words[from + 1];
      words[to + 2] = words[from + 2];
      words[to + 3] = words[from + 3];
      words[to + 4] = words[from + 4];
      words[to + 5] = words[from + 5];
      words[to + 6] = words[from + 6];
      words[to + 7] = words[from + 7];
      hole = next;
    }
    words[hole * SLOT_WORDS + PATH] = 0;
  }

  /** Returns the size of the entry in a slot: bytes or pages. */
  sizeAt(slot: number): number {
    return this.words[slot * SLOT_WORDS + SIZE] >>> 0;
  }

  /** Bytes of memory that the table takes. */
  get byteLength(): number {
    return this.words.byteLength;
  }

  /** Throws if an entry cannot be reached from its home or the count is wrong. For tests: walks the whole table. */
  checkInvariants(): void {
    let entries = 0;
    for (let slot = 0; slot < this.slots; slot++) {
      const at = slot * SLOT_WORDS;
      if (this.words[at + PATH] === 0) continue;
      entries++;
      const found = this.locate(this.words[at + HI], this.words[at]);
      if (found !== slot) throw new Error(`slot ${slot} is found as ${found}`);
    }
    if (entries !== this.size) throw new Error(`${entries} entries, size says ${this.size}`);
  }

  private homeOf(hi: number, lo: number): number {
    // The same as hashAddress() of AddressTable.
    let h = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b);
    h ^= h >>> 15;
    h = Math.imul(h, 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) * this.scale) | 0;
  }

  private lengthen(): void {
    this.slots = Math.ceil((this.slots * GROWTH) / 4) * 4;
    this.scale = this.slots / 2 ** 32;
    this.limit = Math.floor(this.slots * MAX_LOAD);
  }

  private allocate(): void {
    this.words = alignedInt32(this.slots * SLOT_WORDS);
    this.times = new Float64Array(this.words.buffer, this.words.byteOffset);
  }

  private grow(): void {
    const old = this.words;
    this.lengthen();
    this.allocate();
    const words = this.words;
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      if (old[from + PATH] === 0) continue;
      const to = ~this.locate(old[from + HI], old[from]) * SLOT_WORDS;
      for (let i = 0; i < SLOT_WORDS; i++) words[to + i] = old[from + i];
    }
  }
}

/** Returns the processes of all entries. */
export function holdersOf({ words, slots }: LiveTable): Set<number> {
  const holders = new Set<number>();
  for (let at = 0; at < slots * SLOT_WORDS; at += SLOT_WORDS) {
    if (words[at + PATH] !== 0) holders.add(words[at + PID] & PID_MASK);
  }
  return holders;
}
