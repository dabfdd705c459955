/**
 * PartList: the parts of a grouped ranking, in columns. A part is what one call path has in one
 * group.
 */
import type { LiveTable } from '../../pair/live-table.js';
import type { PartExcess } from '../rows/held-rows.js';
import type { PathTotals } from '../select/path-totals.js';

/** Stands for a name that is not known. */
export const UNKNOWN = '(unknown)';

export interface GroupParts {
  parts: PartList;
  /** Groups are 1..groups, in no particular order. */
  groups: number;
  /** Returns the part of the allocation in a slot of a row; 0 = its call path is not in the ranking. */
  partOf: (row: number, table: LiveTable, slot: number) => number;
  /** Returns the common name of a part's group; untrusted text. */
  label: (part: number) => string;
  /** What of the pages of each part its processes do not map; null where call paths of pages are whole. */
  excess: PartExcess | null;
}

/** Columns of the parts. */
export class PartList {
  /** Parts are 1..size. */
  size = 0;
  /** Row of the PathTable. */
  row = new Uint32Array(1024);
  group = new Uint32Array(1024);
  bytes = new Float64Array(1024);
  count = new Float64Array(1024);
  /** Time of the oldest allocation, if a walk or the totals found it. */
  oldestNs = new Float64Array(1024).fill(Number.POSITIVE_INFINITY);

  add(row: number, group: number): number {
    const part = ++this.size;
    if (part >= this.row.length) this.grow();
    this.row[part] = row;
    this.group[part] = group;
    return part;
  }

  /** Gives a part all of its call path that passes the selection. */
  holdWhole(part: number, { bytes, count, oldestNs }: PathTotals): void {
    const row = this.row[part];
    this.bytes[part] = bytes[row];
    this.count[part] = count[row];
    if (oldestNs !== null) this.oldestNs[part] = oldestNs[row];
  }

  private grow(): void {
    const length = this.row.length * 2;
    const longer = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(length);
      grown.set(column);
      return grown;
    };
    const longerSums = (column: Float64Array, empty: number): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(length).fill(empty);
      grown.set(column);
      return grown;
    };
    this.row = longer(this.row);
    this.group = longer(this.group);
    this.bytes = longerSums(this.bytes, 0);
    this.count = longerSums(this.count, 0);
    this.oldestNs = longerSums(this.oldestNs, Number.POSITIVE_INFINITY);
  }
}

/** Returns the number of a key's group, a new one for a new key. */
export function groupOf(groups: Map<number, number>, key: number): number {
  let group = groups.get(key);
  if (group === undefined) {
    group = groups.size + 1;
    groups.set(key, group);
  }
  return group;
}
