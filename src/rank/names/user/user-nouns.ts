/** Nouns for the memory of processes: 'heap memory of parse', 'thread stacks of start', '[heap], from before the trace'. */
import { plainName } from './function-name.js';

/** By category (report/category.ts), and by what the trace counts already. */
const KINDS: Readonly<Record<string, string>> = {
  heap: 'heap memory',
  mapped: 'mappings',
  'thread stack': 'thread stacks',
  'file mapping': 'files mapped',
  reserved: 'reserved address space',
  backing: 'pages under the heap',
};

export interface UserMemory {
  category: string | null;
  /** True for memory from before the trace: its frame says what it is. */
  isBefore: boolean;
  /** The first function that is not plumbing; null without a call path. Untrusted. */
  symbol: string | null;
}

/** Untrusted text. */
export function userNoun({ category, isBefore, symbol }: UserMemory): string {
  if (isBefore) return `${symbol === null || symbol === '' ? 'memory' : symbol}, from before the trace`;
  const kind = (category !== null && Object.hasOwn(KINDS, category) ? KINDS[category] : undefined) ?? 'memory';
  return symbol === null ? `${kind} without a call path` : `${kind} of ${plainName(symbol)}`;
}
