import type { SymbolisedAddress } from '../../event/trace-sink.js';
import { SymbolTable } from '../../symbols/symbol-table.js';

/** A kernel has some 10^5 call sites; twice what a SymbolTable takes. A trace with more has no checkpoints. */
const LIMIT = 2 ** 21;

/**
 * SymbolLog: what a recording told of symbols, in its order. An address may be named after events that name it, and may
 * get another name later, so a report at some time depends on how many had been told by then: a checkpoint keeps that
 * number, and the log makes the table again.
 */
export class SymbolLog {
  private readonly entries: SymbolisedAddress[] = [];
  private full = false;

  /** The entry that is told as number `place`, from 0. When a part of the recording is read again it is known. */
  note(place: number, entry: SymbolisedAddress): void {
    if (place < this.entries.length) return;
    if (this.entries.length >= LIMIT) this.full = true;
    else this.entries.push(entry);
  }

  /** Can the table of the first `count` entries be made? */
  covers(count: number): boolean {
    return !this.full && count <= this.entries.length;
  }

  /** The table as it was when `count` entries had been told. */
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
