import { AddressTable } from '../event/tables/address-table.js';
import type { SymbolisedAddress } from '../event/trace-sink.js';

/** The function that an address lies in. Names are untrusted text, at most 512 characters. */
export interface AddressSymbol {
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Module name; null for the core kernel. */
  module: string | null;
}

/** KSYM_NAME_LEN is 512 since Linux 6.1. */
const TEXT_LIMIT = 512;
/** A kernel has some 10^5 call sites; a hostile trace could invent more than memory holds. */
const ENTRY_LIMIT = 2 ** 20;

/** SymbolTable: the names of return addresses, as reported by the traced machine. */
export class SymbolTable {
  /** Changes whenever an answer of find() may have changed. */
  version = 0;
  private readonly addresses = new AddressTable();
  private readonly symbols: AddressSymbol[] = [];

  /** Number of addresses that have a name. */
  get size(): number {
    return this.symbols.length;
  }

  /**
   * Adds or replaces the name of an address; the latest one counts, because another module may now
   * be at the address. New addresses beyond ENTRY_LIMIT are ignored.
   */
  add(entry: SymbolisedAddress): void {
    if (this.addresses.size >= ENTRY_LIMIT && this.find(entry.addressHi, entry.addressLo) === null) return;
    const id = this.addresses.intern(entry.addressHi, entry.addressLo);
    this.symbols[id - 1] = {
      symbol: entry.symbol.slice(0, TEXT_LIMIT),
      offset: entry.offset,
      module: entry.module === null ? null : entry.module.slice(0, TEXT_LIMIT),
    };
    this.version++;
  }

  /** Returns the name of an address, null if it has none. */
  find(hi: number, lo: number): AddressSymbol | null {
    const id = this.addresses.find(hi, lo);
    return id === 0 ? null : this.symbols[id - 1];
  }
}
