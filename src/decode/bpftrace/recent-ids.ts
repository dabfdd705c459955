import { IdMap } from '../stream/id-map.js';

/**
 * RecentIds: u32 -> u32 for at least the last 65,536 definitions, and at most twice as many. A
 * trace of days that defines its ids anew every ten seconds must not exhaust memory.
 */
export class RecentIds {
  private current = new IdMap();
  private previous = new IdMap();
  private definitions = 0;

  /** Returns the value of an id, 0 if it was not defined, or too long ago. */
  get(id: number): number {
    return this.current.get(id) || this.previous.get(id);
  }

  /** Sets the value of an id, which must not be 0. */
  set(id: number, value: number): void {
    this.current.set(id, value);
    if (++this.definitions < KEPT) return;
    this.previous = this.current;
    this.current = new IdMap();
    this.definitions = 0;
  }
}

/** The capacity of the script's maps (BPFTRACE_MAP_KEYS_MAX): more ids cannot be in use at a time. */
const KEPT = 65536;
