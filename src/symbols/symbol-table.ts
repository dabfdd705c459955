import { AddressTable } from '../event/address-table.js';
import type { SymbolisedAddress } from '../event/trace-sink.js';

/** What an address stands for. Names are untrusted text, at most 512 characters. */
export interface AddressSymbol {
  symbol: string;
  /** Bytes past the start of the function. */
  offset: number;
  /** Null for the core kernel. */
  module: string | null;
}

/** KSYM_NAME_LEN is 512 since Linux 6.1. */
const TEXT_LIMIT = 512;
/** A kernel has some 10^5 call sites; a hostile trace may make up more than memory holds. */
const ENTRY_LIMIT = 2 ** 20;

/** SymbolTable: the names of return addresses, as the traced machine gave them. */
export class SymbolTable {
  /** Moves whenever an answer of find() may have changed. */
  version = 0;
  private readonly addresses = new AddressTable();
  private readonly symbols: AddressSymbol[] = [];

  /** Number of addresses with a name. */
  get size(): number {
    return this.symbols.length;
  }

  /** The latest name of an address holds: a module may have gone and another come in its place. */
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

  find(hi: number, lo: number): AddressSymbol | null {
    const id = this.addresses.find(hi, lo);
    return id === 0 ? null : this.symbols[id - 1];
  }
}
