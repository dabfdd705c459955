/**
 * IdMap: sparse u32 (not 0) -> u32, for the stack ids of the kernel side. Open addressing with
 * linear probing over a power of two; the load stays at or below 1/2; no entry is ever removed.
 */
export class IdMap {
  private keys = new Uint32Array(4096);
  private values = new Uint32Array(4096);
  private size = 0;

  /** Number of keys. */
  get count(): number {
    return this.size;
  }

  /** Returns the value of a key, 0 if it was never set. */
  get(key: number): number {
    const { keys } = this;
    const mask = keys.length - 1;
    let slot = mix(key) & mask;
    for (;;) {
      const found = keys[slot];
      if (found === key) return this.values[slot];
      if (found === 0) return 0;
      slot = (slot + 1) & mask;
    }
  }

  /** Sets the value of a key, which must not be 0. */
  set(key: number, value: number): void {
    const { keys } = this;
    const mask = keys.length - 1;
    let slot = mix(key) & mask;
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
    this.values[slot] = value;
    if (keys[slot] === key) return;
    keys[slot] = key;
    if (++this.size * 2 > keys.length) this.grow();
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Uint32Array(keys.length * 2);
    this.values = new Uint32Array(keys.length * 2);
    this.size = 0;
    for (let i = 0; i < keys.length; i++) if (keys[i] !== 0) this.set(keys[i], values[i]);
  }
}

/** Kernel stack ids are hash buckets or running numbers: in both cases the low bits need mixing. */
function mix(key: number): number {
  const h = Math.imul(key, 0x9e3779b1);
  return h ^ (h >>> 15);
}
