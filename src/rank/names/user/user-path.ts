/** Facts that follow from the names of the functions in a call path of a process. */
import type { AddressSymbol } from '../../../symbols/symbol-table.js';
import type { Category } from '../../report/category.js';
import { plainName } from './function-name.js';
import { type FrameKind, isOfProcess } from './user-frames.js';
import { isNamelessLibrary, type UserPart, userPart } from './user-plumbing.js';

/** A frame of a path: its address, and its name, null = none is known. */
export interface UserFrame {
  kind: FrameKind;
  name: AddressSymbol | null;
}

export interface UserPathFacts {
  /** Position of the first frame that is not plumbing; -1 if all are. */
  first: number;
  /** True if an allocator took it for blocks of its own. */
  isForHeap: boolean;
  /** What a range that was mapped by this path is. */
  category: Category;
}

/** True for the call path of a process. `kinds`: its frames, leaf first. */
export function isProcessPath(kinds: readonly FrameKind[]): boolean {
  // Behind a kernel's path may come the one of the process, but its memory is the kernel's.
  return kinds.length > 0 && kinds[0] !== 'kernel' && kinds.some(isOfProcess);
}

/** Null for a call path that is not of a process. `frames`: leaf first. */
export function userPathFacts(frames: readonly UserFrame[]): UserPathFacts | null {
  if (!isProcessPath(frames.map(({ kind }) => kind))) return null;
  const [leaf] = frames;
  if (leaf.kind === 'synthetic')
    return { first: 0, isForHeap: false, category: categoryOfBefore(leaf.name?.symbol ?? '') };
  const parts = new Set<UserPart>();
  let first = 0;
  // Frames without a name in the C library are plumbing if plumbing follows.
  for (let position = 0; position < frames.length; position++) {
    const { name } = frames[position];
    const part = name === null ? null : userPart(name.symbol, name.module);
    if (part !== null) {
      parts.add(part);
      first = position + 1;
    } else if (name === null || !isNamelessLibrary(name.symbol, name.module)) break;
  }
  return {
    first: first < frames.length ? first : -1,
    // What our own library asks the kernel for is no block of the program's.
    isForHeap: parts.has('heap') && !isOwnLibrary(leaf) && !parts.has('thread') && !parts.has('load'),
    category: isOwnLibrary(leaf) ? 'mapped' : categoryOf(parts, frames),
  };
}

function isOwnLibrary({ name }: UserFrame): boolean {
  return name?.module?.startsWith('unfreed-heap') === true;
}

/** Frames from the leaf on in which a program's own function that makes stacks may stand. */
const STACK_DEPTH = 6;
/** Functions of programs and run times that map the stack of a thread, a fibre or a coroutine for themselves. */
const MAKES_STACKS =
  /(?:^|[:_])(?:alloc(?:ate)?|create|map|mmap|make|new|get|init|reserve)_?\w*stack|stack_?(?:alloc|create|map|mmap|new|init)|(?:alloc(?:ate)?|create|make|new|map)\w*Stack|Stack(?:Alloc|Create|New)/;

function categoryOf(parts: ReadonlySet<UserPart>, frames: readonly UserFrame[]): Category {
  if (parts.has('load')) return 'file mapping';
  if (parts.has('thread')) return 'thread stack';
  if (parts.has('heap')) return 'heap';
  const near = frames.slice(0, STACK_DEPTH);
  return near.some(({ name }) => name !== null && MAKES_STACKS.test(plainName(name.symbol)))
    ? 'thread stack'
    : 'mapped';
}

/** Names of synthetic frames that stand for memory of no file (bpf/spaces/labels.c). */
const NO_FILES: ReadonlySet<string> = new Set([
  '',
  'anonymous memory',
  'shared anonymous memory',
  'System V shared memory',
]);

/** By the name of the synthetic frame of what was mapped before: '[heap]', '[stack]', 'libfoo.so', 'anonymous memory'. */
function categoryOfBefore(name: string): Category {
  if (name === '[heap]') return 'heap';
  if (name.startsWith('[stack')) return 'thread stack';
  // '[vdso]', '[anon:...]' and a memfd are of no file.
  return name.startsWith('[') || name.startsWith('/memfd:') || NO_FILES.has(name) ? 'mapped' : 'file mapping';
}
