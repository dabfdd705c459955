/**
 * PathMatcher: decides which call paths pass the part of a selection that depends on names: module,
 * grep, hide. Each frame and each call path is tested once until symbols change, and each process
 * name once.
 */
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import { addressText } from '../names/frames.js';
import type { PathRule } from '../report/selection.js';
import type { CompiledSelection } from './compiled-selection.js';
import type { PairedTrace } from './paired-trace.js';
import { RuleMatcher } from './rule-matcher.js';

/** Bits of a frame. A call path has the bits of all its frames. */
const KNOWN = 1;
export const GREP = 2;
export const HIDE = 4;
export const MODULE = 8;

export class PathMatcher {
  readonly grep: RegExp | null;
  /** Null without such rules. */
  readonly suppress: RuleMatcher | null;
  readonly watch: RuleMatcher | null;
  private readonly hide: RegExp | null;
  private readonly module: string | null;
  private readonly dictionary: TraceDictionary;
  private readonly symbols: SymbolTable;
  private version = -1;
  private frameBits = new Uint8Array(0);
  private stackBits = new Uint8Array(0);
  private commBits = new Uint8Array(0);

  /**
   * `before`: the matcher of an earlier selection. Its answers about rules are reused where the
   * rules are the same.
   */
  constructor({ core, symbols }: PairedTrace, compiled: CompiledSelection, before: PathMatcher | null = null) {
    const { dictionary } = core;
    this.dictionary = dictionary;
    this.symbols = symbols;
    this.grep = compiled.grep;
    this.hide = compiled.hide;
    this.module = compiled.selection.module;
    const matcherOf = (rules: PathRule[], known: RuleMatcher | null): RuleMatcher | null => {
      if (rules.length === 0) return null;
      return known?.serves(rules) === true ? known : new RuleMatcher(dictionary.stacks, symbols, rules);
    };
    this.suppress = matcherOf(compiled.selection.suppress, before?.suppress ?? null);
    this.watch = matcherOf(compiled.selection.watch, before?.watch ?? null);
  }

  /** True if this selection would get the same answers. */
  serves(compiled: CompiledSelection): boolean {
    const { module, suppress, watch } = compiled.selection;
    return (
      this.grep?.source === compiled.grep?.source &&
      this.hide?.source === compiled.hide?.source &&
      this.module === module &&
      (this.suppress?.serves(suppress) ?? suppress.length === 0) &&
      (this.watch?.serves(watch) ?? watch.length === 0)
    );
  }

  /** True if hide matches no frame, and a frame is in the module if one is selected. For grep see stack(). */
  passesFrames(stackId: number): boolean {
    if (this.hide === null && this.module === null) return true;
    const bits = this.stack(stackId);
    return (bits & HIDE) === 0 && (this.module === null || (bits & MODULE) !== 0);
  }

  /** GREP, HIDE and MODULE of all frames of a call path, combined. */
  stack(stackId: number): number {
    const { stacks } = this.dictionary;
    if (this.version !== this.symbols.version) {
      this.frameBits = new Uint8Array(0);
      this.stackBits = new Uint8Array(0);
      this.version = this.symbols.version;
    }
    if (stackId >= this.stackBits.length) this.stackBits = longer(this.stackBits, stacks.size + 1);
    if (this.frameBits.length <= stacks.frames.size) this.frameBits = longer(this.frameBits, stacks.frames.size + 1);
    if (this.stackBits[stackId] !== 0) return this.stackBits[stackId];
    let bits = KNOWN;
    const depth = stacks.depth(stackId);
    for (let i = 0; i < depth; i++) bits |= this.frame(stacks.frameId(stackId, i));
    this.stackBits[stackId] = bits;
    return bits;
  }

  /** True if grep matches a process name. */
  comm(commId: number): boolean {
    if (commId >= this.commBits.length) this.commBits = longer(this.commBits, this.dictionary.comms.size + 1);
    if (this.commBits[commId] === 0) this.commBits[commId] = KNOWN | this.grepBit(this.dictionary.comms.name(commId));
    return (this.commBits[commId] & GREP) !== 0;
  }

  /** True if grep matches a slab cache's name. */
  cache(name: string): boolean {
    return this.grepBit(name) !== 0;
  }

  private grepBit(text: string): number {
    return this.grep?.test(text) === true ? GREP : 0;
  }

  private frame(frameId: number): number {
    if (this.frameBits[frameId] !== 0) return this.frameBits[frameId];
    const { hi, lo } = this.dictionary.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    const symbol = found?.symbol ?? addressText(hi[frameId], lo[frameId]);
    const module = found?.module ?? null;
    const texts = module === null ? [symbol] : [symbol, `${symbol} [${module}]`];
    let bits = KNOWN;
    for (const text of texts) {
      bits |= this.grepBit(text);
      if (this.hide?.test(text) === true) bits |= HIDE;
    }
    if (module !== null && module === this.module) bits |= MODULE;
    this.frameBits[frameId] = bits;
    return bits;
  }
}

/** A copy of at least `length`, with a quarter more room. */
function longer(bits: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.ceil(length * 1.25) + 64);
  grown.set(bits);
  return grown;
}
