/**
 * Results that follow from names alone and serve the next report too: a memo, never an input. It is
 * kept beside the core and collected with it.
 */
import type { PairingCore } from '../../pair/pairing-core.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import { CallPathFacts } from '../names/call-path-facts.js';
import { hasProcessMemory } from '../report/category.js';
import type { Selection } from '../report/selection.js';
import { type CompiledSelection, compiledOf } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { PathMatcher } from '../select/path-matcher.js';
import type { PathQuery } from '../select/path-query.js';
import { GroupKeys } from './group-keys.js';

interface Memo {
  symbols: SymbolTable;
  kernel: string;
  hasProcesses: boolean;
  facts: CallPathFacts;
  matcher: PathMatcher | null;
  groupKeys: GroupKeys | null;
}

const memos = new WeakMap<PairingCore, Memo>();

export function factsOf(trace: PairedTrace): CallPathFacts {
  return memoOf(trace).facts;
}

/** Throws an Error if grep or hide of a plain Selection is not a regular expression. */
export function queryOf({ core, symbols }: PairedTrace, selection: Selection | CompiledSelection): PathQuery {
  const compiled = compiledOf(selection);
  const trace = { core, symbols };
  return { ...trace, selection: compiled.selection, facts: factsOf(trace), matcher: matcherOf(trace, compiled) };
}

/** Returns the matcher of the last selection if it serves this one too, else a new one. */
function matcherOf(trace: PairedTrace, compiled: CompiledSelection): PathMatcher {
  const memo = memoOf(trace);
  if (memo.matcher?.serves(compiled) !== true) {
    memo.matcher = new PathMatcher(trace, compiled, memo.matcher);
  }
  return memo.matcher;
}

export function groupKeysOf(trace: PairedTrace): GroupKeys {
  const memo = memoOf(trace);
  memo.groupKeys ??= new GroupKeys(trace.core.dictionary.stacks, trace.symbols, memo.facts);
  return memo.groupKeys;
}

function memoOf({ core, symbols }: PairedTrace): Memo {
  let memo = memos.get(core);
  const { kernel, allocators } = core.hostFacts;
  const hasProcesses = hasProcessMemory(allocators);
  const isKnown = memo?.symbols === symbols && memo.kernel === kernel && memo.hasProcesses === hasProcesses;
  if (memo === undefined || !isKnown) {
    const facts = new CallPathFacts(core.dictionary.stacks, symbols, kernel, hasProcesses);
    memo = { symbols, kernel, hasProcesses, facts, matcher: null, groupKeys: null };
    memos.set(core, memo);
  }
  return memo;
}
