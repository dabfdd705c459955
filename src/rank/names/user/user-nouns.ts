/** Nouns for the memory of processes: 'heap memory of parse', 'files mapped by load', '[heap], from before the trace'. */
import { plainName } from './function-name.js';

/** By category (report/category.ts), with the function behind; and without one. */
const KINDS: Readonly<Record<string, readonly [of: string, alone: string]>> = {
  heap: ['heap memory of', 'heap memory'],
  mapped: ['mappings of', 'mappings'],
  'thread stack': ['thread stacks of', 'thread stacks'],
  'file mapping': ['files mapped by', 'files mapped'],
  reserved: ['address space reserved by', 'reserved address space'],
  backing: ['pages under heap blocks of', 'pages under heap blocks'],
};
const MEMORY = ['memory of', 'memory'] as const;

export interface UserMemory {
  category: string | null;
  /** True for memory from before the trace. */
  isBefore: boolean;
  /** True where the frame says what the memory is, not who took it: nobody saw that. */
  isNamed: boolean;
  /** The first function that is not plumbing; null without a call path. Untrusted. */
  symbol: string | null;
}

/** Untrusted text. */
export function userNoun({ category, isBefore, isNamed, symbol }: UserMemory): string {
  const [of, alone] = category !== null && Object.hasOwn(KINDS, category) ? KINDS[category] : MEMORY;
  if (isBefore || isNamed) {
    const name = symbol === null || symbol === '' ? alone : symbol;
    return isBefore ? `${name}, from before the trace` : name;
  }
  return symbol === null ? `${alone} without a call path` : `${of} ${plainName(symbol)}`;
}
