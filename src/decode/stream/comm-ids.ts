/**
 * CommIds: ids of task names in the stream (32-bit hashes) -> ids of the dictionary. The kernel side
 * forgets names that are not used (bpf/programs/maps.bpf.h) and describes them again when they come
 * back, so this forgets too: a machine with a new name for each job must not fill our memory.
 *
 * Two generations: what has been used since the last change is in `young`, the rest in `old`; when
 * `young` is full, it becomes `old`. Each holds many times the names that the kernel side keeps, so
 * a name that it still knows is in one of them.
 */
import { IdMap } from './id-map.js';

/** Names in a generation: 16 times those of the kernel's table. */
const GENERATION = 1 << 18;

export class CommIds {
  private young = new IdMap();
  private old = new IdMap();
  private readonly limit: number;
  private lastKey = 0;
  private lastValue = 0;

  constructor(limit = GENERATION) {
    this.limit = limit;
  }

  /** Returns the value of a key, 0 if it is not known. Most events are of the task of the one before. */
  get(key: number): number {
    if (key === this.lastKey) return this.lastValue;
    let value = this.young.get(key);
    if (value === 0) {
      value = this.old.get(key);
      if (value !== 0) this.add(key, value);
    }
    this.lastKey = key;
    this.lastValue = value;
    return value;
  }

  /** Sets the value of a key, which must not be 0. */
  set(key: number, value: number): void {
    this.lastKey = 0;
    this.lastValue = 0;
    this.add(key, value);
  }

  private add(key: number, value: number): void {
    if (this.young.count >= this.limit) {
      this.old = this.young;
      this.young = new IdMap();
    }
    this.young.set(key, value);
  }
}
