import type { PairingCore } from '../../pair/pairing-core.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';

/** The input of every ranking: a core as it is now, and the names of the addresses in its call paths. */
export interface PairedTrace {
  readonly core: PairingCore;
  readonly symbols: SymbolTable;
}
