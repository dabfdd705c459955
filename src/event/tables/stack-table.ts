import { AddressTable } from './address-table.js';

/**
 * StackTable: interns call paths to dense ids from 1 (0 = no call path was recorded). A call path
 * is a list of return addresses, leaf first, as the kernel gives it. Each address is interned once
 * (`frames`), so a path costs four bytes a frame. Ids are given in the order in which paths first
 * appear, so they are the same in a live run and in its replay.
 *
 * Two paths are equal if every frame is: hashes only find candidates, then the frames are compared.
 */
export class StackTable {
  /** Number of ids given out; ids are 1..size. */
  size = 0;
  /** All return addresses of all paths. */
  readonly frames = new AddressTable();
  private frameIds = new Uint32Array(16384);
  private used = 0;
  /** A path's frames are frameIds[start[id]] up to, not including, frameIds[start[id + 1]]. */
  private start = new Uint32Array(1024);
  private hash = new Uint32Array(1024);
  private index = new Uint32Array(4096);

  constructor() {
    this.start[1] = 0;
  }

  /**
   * Returns the id of the call path frameIds[0..depth) (ids of `frames`, leaf first), a new one at
   * first sight; 0 for depth 0.
   */
  intern(frameIds: Uint32Array, depth: number): number {
    if (depth === 0) return 0;
    let h = 0x811c9dc5 ^ depth;
    for (let i = 0; i < depth; i++) {
      h = Math.imul(h ^ frameIds[i], 0x85ebca6b);
      h ^= h >>> 13;
    }
    h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35) >>> 0;
    const mask = this.index.length - 1;
    let slot = (h ^ (h >>> 15)) & mask;
    for (;;) {
      const id = this.index[slot];
      if (id === 0) break;
      if (this.hash[id] === h && this.equals(id, frameIds, depth)) return id;
      slot = (slot + 1) & mask;
    }
    return this.add(frameIds, depth, h, slot);
  }

  /** Returns the number of frames of a path, 0 for an unknown id. */
  depth(stackId: number): number {
    return stackId === 0 || stackId > this.size ? 0 : this.start[stackId + 1] - this.start[stackId];
  }

  /** Returns the frame id (of `frames`) at a position from 0, the leaf. */
  frameId(stackId: number, position: number): number {
    return this.frameIds[this.start[stackId] + position];
  }

  private equals(id: number, frameIds: Uint32Array, depth: number): boolean {
    const start = this.start[id];
    if (this.start[id + 1] - start !== depth) return false;
    for (let i = 0; i < depth; i++) if (this.frameIds[start + i] !== frameIds[i]) return false;
    return true;
  }

  private add(frameIds: Uint32Array, depth: number, hash: number, slot: number): number {
    const id = ++this.size;
    if (id + 1 >= this.start.length) {
      this.start = doubled(this.start);
      this.hash = doubled(this.hash);
    }
    while (this.used + depth > this.frameIds.length) this.frameIds = doubled(this.frameIds);
    for (let i = 0; i < depth; i++) this.frameIds[this.used + i] = frameIds[i];
    this.used += depth;
    this.start[id + 1] = this.used;
    this.hash[id] = hash;
    this.index[slot] = id;
    // The load stays at or below 1/2.
    if (this.size * 2 > this.index.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const index = new Uint32Array(this.index.length * 2);
    const mask = index.length - 1;
    for (let id = 1; id <= this.size; id++) {
      const h = this.hash[id];
      let slot = (h ^ (h >>> 15)) & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = id;
    }
    this.index = index;
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}
