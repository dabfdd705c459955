import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { SymbolTable } from '../../symbols/symbol-table.js';

/** Most entries: twice those of a SymbolTable; a kernel has some 10^5 call sites. A trace with more has no checkpoints. */
const LIMIT = 2 ** 21;

/**
 * SymbolLog: the symbols of a recording, in its order. An address may be named after the first events with it, and may get
 * another name later, so a report at some time depends on the number of symbols before it. A checkpoint keeps that number,
 * and the log makes the table again.
 */
export class SymbolLog {
  private readonly entries: SymbolisedAddress[] = [];
  private full = false;

  /** Takes entry number `place`, from 0. Known ones, from a part that is read again, change nothing. */
  note(place: number, entry: SymbolisedAddress): void {
    if (place < this.entries.length) return;
    if (this.entries.length >= LIMIT) this.full = true;
    else this.entries.push(entry);
  }

  /** True if the table of the first `count` entries can be made. */
  covers(count: number): boolean {
    return !this.full && count <= this.entries.length;
  }

  /** The table of the first `count` entries; covers(count) must hold. */
  tableOf(count: number): SymbolTable {
    const table = new SymbolTable();
    for (let i = 0; i < count; i++) table.add(this.entries[i]);
    return table;
  }

  /** All entries so far. */
  all(): readonly SymbolisedAddress[] {
    return this.entries;
  }
}
