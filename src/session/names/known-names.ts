/** What the rows of one trace belong to, as far as it was told. */
import type { PairingCore } from '../../pair/pairing-core.js';
import { type NamedRow, namesJson, parseNames } from '../../things/named-row.js';

/** A screen shows some dozens. */
const MOST_ROWS = 64;

export interface KnownRow extends NamedRow {
  /** When its sample was looked at. */
  timeNs: number;
}

/** What a checkpoint keeps of it. */
export type SavedNames = { timeNs: number; rows: string }[];

export class KnownNames {
  /** By call path and allocator; the last that was told is the last. */
  private readonly rows = new Map<string, KnownRow>();

  get size(): number {
    return this.rows.size;
  }

  take(timeNs: number, rows: readonly NamedRow[]): void {
    for (const row of rows) {
      const key = keyOf(row.stackId, row.allocator);
      this.rows.delete(key);
      this.rows.set(key, { ...row, timeNs });
      const [oldest] = this.rows.keys();
      if (this.rows.size > MOST_ROWS && oldest !== undefined) this.rows.delete(oldest);
    }
  }

  /** For a checkpoint: a part for each time, as JSON. */
  save(): SavedNames {
    return Array.from(this.rows.values(), ({ timeNs, ...row }) => ({ timeNs, rows: namesJson([row]) }));
  }

  /** Takes what save() returned; what is none of it is left out. */
  restore(saved: unknown): void {
    if (!Array.isArray(saved)) return;
    for (const part of saved.slice(0, MOST_ROWS) as Partial<SavedNames[number] | null>[]) {
      const { timeNs, rows } = part ?? {};
      if (typeof timeNs !== 'number' || !(timeNs >= 0) || typeof rows !== 'string') continue;
      this.take(timeNs, parseNames(rows));
    }
  }

  /** `stackId` as in a report. Null: nothing was told of it. */
  of(core: PairingCore, stackId: number): KnownRow | null {
    const row = core.paths.findRow(stackId);
    return row === 0 || core.paths.isBefore(row)
      ? null
      : (this.rows.get(keyOf(core.paths.stackId[row], core.paths.allocator[row])) ?? null);
  }
}

function keyOf(stackId: number, allocator: number): string {
  return `${stackId} ${allocator}`;
}
