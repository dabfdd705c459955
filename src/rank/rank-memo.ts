/**
 * What rank works out from names and may use again at the next report: only a memo, never an input. Kept beside the
 * core, and gone with it.
 */
import type { PairingCore } from '../pair/pairing-core.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { CallPathFacts } from './call-path-facts.js';
import type { CompiledSelection } from './compiled-selection.js';
import { GroupKeys } from './group-keys.js';
import { PathMatcher } from './path-matcher.js';

interface Memo {
  symbols: SymbolTable;
  kernel: string;
  facts: CallPathFacts;
  matcher: PathMatcher | null;
  groupKeys: GroupKeys | null;
}

const memos = new WeakMap<PairingCore, Memo>();

export function factsOf(core: PairingCore, symbols: SymbolTable): CallPathFacts {
  return memoOf(core, symbols).facts;
}

/** The matcher of the last selection, if it serves this one too. */
export function matcherOf(core: PairingCore, symbols: SymbolTable, compiled: CompiledSelection): PathMatcher {
  const memo = memoOf(core, symbols);
  if (memo.matcher?.serves(compiled) !== true) {
    memo.matcher = new PathMatcher(core.dictionary, symbols, compiled, memo.matcher);
  }
  return memo.matcher;
}

export function groupKeysOf(core: PairingCore, symbols: SymbolTable): GroupKeys {
  const memo = memoOf(core, symbols);
  memo.groupKeys ??= new GroupKeys(core.dictionary.stacks, symbols, memo.facts);
  return memo.groupKeys;
}

function memoOf(core: PairingCore, symbols: SymbolTable): Memo {
  let memo = memos.get(core);
  const { kernel } = core.hostFacts;
  if (memo === undefined || memo.symbols !== symbols || memo.kernel !== kernel) {
    const facts = new CallPathFacts(core.dictionary.stacks, symbols, kernel);
    memo = { symbols, kernel, facts, matcher: null, groupKeys: null };
    memos.set(core, memo);
  }
  return memo;
}
