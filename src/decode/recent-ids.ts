import { IdMap } from './id-map.js';

/**
 * RecentIds: u32 -> u32 of the last 65,536 definitions at least, and at most of twice as many: ids that a trace of days
 * defines anew every ten seconds must not eat memory.
 */
export class RecentIds {
  private current = new IdMap();
  private previous = new IdMap();
  private definitions = 0;

  /** 0 if it was not defined, or too long ago. */
  get(id: number): number {
    return this.current.get(id) || this.previous.get(id);
  }

  /** id 0 must not be given. */
  set(id: number, value: number): void {
    this.current.set(id, value);
    if (++this.definitions < KEPT) return;
    this.previous = this.current;
    this.current = new IdMap();
    this.definitions = 0;
  }
}

/** As many as the script's maps hold (BPFTRACE_MAP_KEYS_MAX): more cannot be in use at a time. */
const KEPT = 65536;
