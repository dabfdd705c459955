/**
 * RuleMatcher: finds the first rule (path-rules.ts) that matches a call path. Each function is
 * compared with the patterns once, as long as its name is remembered; each call path once until
 * symbols change.
 */
import type { StackTable } from '../../event/tables/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import { addressText, CORE_KERNEL } from '../names/frames.js';
import { bareName } from '../names/plumbing.js';
import type { PathRule } from '../report/selection.js';
import { type FramePattern, type FrameRun, globMatches, parsePattern } from './path-rules.js';

const NAMES_LIMIT = 100_000;
const NONE: readonly number[] = [];

/** A rule whose frames are numbered, consecutively over all rules. */
interface NumberedRule {
  runs: NumberedRun[];
}

/** Number of its first frame, and its length. */
interface NumberedRun {
  first: number;
  length: number;
}

export class RuleMatcher {
  readonly rules: readonly PathRule[];
  private readonly stacks: StackTable;
  private readonly symbols: SymbolTable;
  private readonly numbered: NumberedRule[] = [];
  private readonly frames: FramePattern[] = [];
  /** The rule, by the number of its first frame. */
  private readonly ruleOfFirst = new Map<number, number>();
  /** Numbers of the frames without wildcards, by symbol: in most rules, all frames. */
  private readonly bySymbol = new Map<string, number[]>();
  private readonly wild: number[] = [];
  /** By function: numbers of the patterns' frames that it matches. */
  private readonly fits = new Map<string, readonly number[]>();
  private version = -1;
  /** The same by frame id, until symbols change. */
  private frameFits: (readonly number[] | undefined)[] = [];
  /** By stack id: 0 = not asked yet, 1 = no rule, 2 + rule. */
  private answers = new Uint16Array(0);

  /** A pattern that parsePattern() refuses matches nothing. */
  constructor(stacks: StackTable, symbols: SymbolTable, rules: readonly PathRule[]) {
    this.stacks = stacks;
    this.symbols = symbols;
    this.rules = rules;
    for (const { pattern } of rules) this.add(parsePattern(pattern));
  }

  /** True if these rules would get the same answers. */
  serves(rules: readonly PathRule[]): boolean {
    if (rules === this.rules) return true;
    return (
      rules.length === this.rules.length &&
      rules.every((rule, i) => rule.pattern === this.rules[i].pattern && rule.reason === this.rules[i].reason)
    );
  }

  /**
   * Index of the first rule that matches the frames [0, end) of a call path, -1 = none. `without`:
   * positions of frames that are none of the path's own.
   */
  ruleOf(stackId: number, end: number, without: readonly number[]): number {
    if (this.version !== this.symbols.version) {
      this.version = this.symbols.version;
      this.answers.fill(0);
      this.frameFits = [];
    }
    if (stackId >= this.answers.length) {
      const answers = new Uint16Array(Math.ceil(this.stacks.size * 1.25) + 64);
      answers.set(this.answers);
      this.answers = answers;
    }
    if (this.answers[stackId] === 0) this.answers[stackId] = 2 + this.find(stackId, end, without);
    return this.answers[stackId] - 2;
  }

  private add(runs: FrameRun[] | string): void {
    const rule: NumberedRule = { runs: [] };
    if (typeof runs !== 'string') {
      this.ruleOfFirst.set(this.frames.length, this.numbered.length);
      for (const run of runs) {
        rule.runs.push({ first: this.frames.length, length: run.length });
        for (const frame of run) this.addFrame(frame);
      }
    }
    this.numbered.push(rule);
  }

  private addFrame(frame: FramePattern): void {
    const number = this.frames.push(frame) - 1;
    if (/[*?]/.test(frame.symbol)) this.wild.push(number);
    else {
      const numbers = this.bySymbol.get(frame.symbol);
      if (numbers === undefined) this.bySymbol.set(frame.symbol, [number]);
      else numbers.push(number);
    }
  }

  private find(stackId: number, end: number, without: readonly number[]): number {
    const fits: (readonly number[])[] = [];
    const candidates: number[] = [];
    for (let i = 0; i < end; i++) {
      if (without.length > 0 && without.includes(i)) continue;
      const numbers = this.fitsAt(stackId, i);
      fits.push(numbers);
      for (const number of numbers) {
        const rule = this.ruleOfFirst.get(number);
        if (rule !== undefined) candidates.push(rule);
      }
    }
    if (candidates.length === 0) return -1;
    return candidates.toSorted((a, b) => a - b).find((rule) => matches(this.numbered[rule], fits)) ?? -1;
  }

  private fitsAt(stackId: number, position: number): readonly number[] {
    const frameId = this.stacks.frameId(stackId, position);
    let numbers = this.frameFits[frameId];
    if (numbers === undefined) {
      numbers = this.fitsOf(frameId);
      this.frameFits[frameId] = numbers;
    }
    return numbers;
  }

  private fitsOf(frameId: number): readonly number[] {
    const { hi, lo } = this.stacks.frames;
    const found = this.symbols.find(hi[frameId], lo[frameId]);
    const symbol = found?.symbol ?? addressText(hi[frameId], lo[frameId]);
    const module = found === null ? '' : (found.module ?? CORE_KERNEL);
    const key = `${module}\0${symbol}`;
    let numbers = this.fits.get(key);
    if (numbers === undefined) {
      numbers = this.fitting(symbol, module);
      if (this.fits.size >= NAMES_LIMIT) this.fits.clear();
      this.fits.set(key, numbers);
    }
    return numbers;
  }

  private fitting(symbol: string, module: string): readonly number[] {
    const bare = bareName(symbol);
    const names = bare === symbol ? [symbol] : [symbol, bare];
    const numbers = new Set<number>();
    for (const name of names) {
      for (const number of this.bySymbol.get(name) ?? NONE) numbers.add(number);
      for (const number of this.wild) if (globMatches(this.frames[number].symbol, name)) numbers.add(number);
    }
    const inModule = [...numbers].filter((number) => {
      const wanted = this.frames[number].module;
      return wanted === null || globMatches(wanted, module);
    });
    return inModule.length === 0 ? NONE : inModule;
  }
}

/** Places run after run where it fits first. If a rule matches at all, it also matches in this way. */
function matches({ runs }: NumberedRule, fits: readonly (readonly number[])[]): boolean {
  let from = 0;
  for (const run of runs) {
    while (from + run.length <= fits.length && !fitsRun(fits, from, run)) from++;
    if (from + run.length > fits.length) return false;
    from += run.length;
  }
  return true;
}

function fitsRun(fits: readonly (readonly number[])[], from: number, { first, length }: NumberedRun): boolean {
  for (let i = 0; i < length; i++) if (!fits[from + i].includes(first + i)) return false;
  return true;
}
