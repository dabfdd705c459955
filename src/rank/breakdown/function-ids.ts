import type { StackTable } from '../../event/tables/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import { isEntry } from '../names/entries.js';
import { addressText } from '../names/frames.js';
import { bareName } from '../names/plumbing.js';
import { plainName } from '../names/user/function-name.js';
import { isUserEntry } from '../names/user/user-entries.js';
import { frameKind, isOfProcess } from '../names/user/user-frames.js';

/** Numbers the functions of frames from 1. Frames of one function differ only in their offsets. */
export class FunctionIds {
  readonly symbol: string[] = [''];
  readonly module: (string | null)[] = [null];
  /** True for functions of kernel entry (names/entries.ts), and for those by which a program begins. */
  readonly isEntry: boolean[] = [false];
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private readonly byFrame: Uint32Array;
  private readonly byName = new Map<string, number>();

  constructor(stacks: StackTable, symbols: SymbolTable) {
    this.stacks = stacks;
    this.symbols = symbols;
    this.byFrame = new Uint32Array(stacks.frames.size + 1);
  }

  of(frameId: number): number {
    const known = this.byFrame[frameId];
    if (known !== 0) return known;
    const { hi, lo } = this.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    const symbol = found?.symbol ?? addressText(hi[frameId], lo[frameId]);
    const module = found?.module ?? null;
    const name = `${symbol} ${module ?? ''}`;
    let id = this.byName.get(name);
    if (id === undefined) {
      id = this.symbol.push(symbol) - 1;
      this.module.push(module);
      this.isEntry.push(this.isEntryFrame(hi[frameId], symbol, module));
      this.byName.set(name, id);
    }
    this.byFrame[frameId] = id;
    return id;
  }

  private isEntryFrame(hi: number, symbol: string, module: string | null): boolean {
    if (module === null) return isEntry(bareName(symbol));
    return isOfProcess(frameKind(hi)) && isUserEntry(plainName(symbol));
  }

  /** By name, because ids depend on which nodes are open. */
  order(a: number, b: number): number {
    const [nameA, nameB] = [this.symbol[a], this.symbol[b]];
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    return (this.module[a] ?? '') < (this.module[b] ?? '') ? -1 : 1;
  }
}

/**
 * FNV-1a twice over, from the parent's key on, to 53 bits: among a million nodes, two share a key
 * once in 20,000 traces.
 */
export function keyBelow(parent: number, name: string): number {
  let hi = (0x811c9dc5 ^ Math.floor(parent / 2 ** 32)) >>> 0;
  let lo = (0x01000193 ^ (parent % 2 ** 32)) >>> 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    hi = Math.imul(hi ^ code, 0x01000193);
    lo = Math.imul(lo ^ code ^ (hi >>> 15), 0x85ebca6b);
  }
  hi ^= lo >>> 13;
  return (hi & 0x1fffff) * 2 ** 32 + (lo >>> 0);
}
