/**
 * CgroupIds: the kernel's numbers of cgroups -> ids of the dictionary. A number that is used again for
 * another cgroup, or a cgroup with a new name, gets an entry of its own.
 */
import { cgroupText } from '../../event/tables/cgroups.js';
import type { NameTable } from '../../event/tables/name-table.js';
import { readU32 } from './message-framer.js';

/** Cgroups that are known at one time. A machine has thousands; more than these have no path. */
const MOST = 1 << 18;
/** Removed ones whose number is still known. */
const MOST_REMOVED = 1 << 14;

export class CgroupIds {
  private readonly table: NameTable;
  private readonly ids = new Map<string, number>();
  /** Those that were removed, latest last. */
  private readonly removed = new Map<string, number>();

  constructor(table: NameTable) {
    this.table = table;
  }

  /** Returns the entry of the u64 number at a place, 0 if it is 0 or not within `length` bytes. */
  entry(bytes: Uint8Array, at: number, length: number): number {
    const id = length < 8 ? '0' : idAt(bytes, at);
    if (id === '0') return 0;
    return this.ids.get(id) ?? this.removed.get(id) ?? this.add(id, '');
  }

  define(bytes: Uint8Array, at: number, path: string): void {
    const id = idAt(bytes, at);
    if (id !== '0') this.add(id, path);
  }

  /**
   * Returns the text of a cgroup that is no longer there, '' if it had no entry. Its number stays known for a while: its
   * last tasks may be named after its end, and a number that is used again is defined again.
   */
  remove(bytes: Uint8Array, at: number): string {
    const id = idAt(bytes, at);
    const entry = this.ids.get(id) ?? 0;
    this.ids.delete(id);
    if (entry === 0) return '';
    this.removed.set(id, entry);
    const [oldest] = this.removed.keys();
    if (this.removed.size > MOST_REMOVED && oldest !== undefined) this.removed.delete(oldest);
    return this.table.name(entry);
  }

  private add(id: string, path: string): number {
    const entry = this.table.intern(cgroupText({ id, path }));
    if (this.ids.size < MOST || this.ids.has(id)) this.ids.set(id, entry);
    return entry;
  }
}

function idAt(bytes: Uint8Array, at: number): string {
  return ((BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at))).toString();
}
