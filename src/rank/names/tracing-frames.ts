/**
 * Frames of tracing itself in the middle of call paths: code that the kernel makes at run time to
 * call BPF programs and probes. Such code has an image and no source. No memory belongs
 * to it: it stands between a function and that function's caller.
 *
 * A function that has a fentry or fexit program calls its trampoline first, which then calls the
 * function's body. The path of an allocation in it therefore has two frames more:
 *
 *   alloc_pages_bulk_noprof+0x379        the body
 *   bpf_trampoline_6442491387 [bpf]      the trampoline
 *   alloc_pages_bulk_noprof+0x9          behind the call to it, the function's first instruction
 *   __vmalloc_node_range_noprof+0x24f    the caller
 *
 * A trampoline that was made after the symbols were read, or that kallsyms does not show, has no
 * name, or that of the image or module below it. Its place between two frames of one function tells it all the
 * same: nothing else returns to the first instructions of a function.
 *
 * Names: kernel/bpf/{core,trampoline,dispatcher,bpf_struct_ops}.c, and kallsyms' own names for the
 * areas of ftrace and kprobes. Linux 5.4 to 7.3.
 */
import type { AddressSymbol } from '../../symbols/symbol-table.js';

/** Names of areas, which kallsyms shows as modules, that hold nothing but images. */
const IMAGE_AREAS: ReadonlySet<string | null> = new Set(['bpf', '__builtin__ftrace', '__builtin__kprobes']);
/** The same where a text has no module: the kernel's own bpf_prog_alloc() must not be among them. */
const IMAGE_NAME =
  /^(?:bpf_prog_[0-9a-f]{16}(?:_|$)|bpf_trampoline_\d+(?:_\d+)?$|bpf_dispatcher_(?:xdp|\w+_func)$|ftrace_trampoline$|kprobe_(?:insn|optinsn)_page$)/;
/**
 * Offsets behind a call that is a function's first or second instruction, made by -mfentry or
 * -fpatchable-function-entry: 5 on x86, 9 behind endbr64; 8 on arm64 and riscv64, 12 behind bti; 6 on
 * s390x. 0 = the text has no offsets.
 */
const ENTRY_OFFSETS: ReadonlySet<number> = new Set([0, 5, 6, 8, 9, 12]);

/** True for code that the kernel made at run time for BPF, ftrace or kprobes. */
export function isImage({ symbol, module }: AddressSymbol): boolean {
  return IMAGE_AREAS.has(module) || IMAGE_NAME.test(symbol);
}

/** True for an image that only passes calls on: a path shows the same without it. A program's image is none. */
function isTrampoline(frame: AddressSymbol): boolean {
  return isImage(frame) && !frame.symbol.startsWith('bpf_prog_');
}

/**
 * True if `frame`, null = without a name, is the trampoline of the function whose body `body` and
 * whose entry `entry` are the frames on both sides of it.
 */
export function isBetween(
  body: AddressSymbol | null,
  frame: AddressSymbol | null,
  entry: AddressSymbol | null,
): boolean {
  if (body === null || entry === null || body.module !== entry.module) return false;
  // The compiler may have moved the allocation to foo.cold, but never the function's start.
  if (body.symbol !== entry.symbol && !body.symbol.startsWith(`${entry.symbol}.`)) return false;
  if (!ENTRY_OFFSETS.has(entry.offset) || body.offset < entry.offset) return false;
  if (frame === null || isImage(frame)) return true;
  // Without offsets, a function of a module may be that of a stacked file system: vfs_read < ovl_read < vfs_read.
  return frame.module !== null && entry.offset > 0;
}

/** What a path's frames are, as far as tracing is concerned. */
export interface TracingFrames {
  /** Positions that belong to tracing: neither site, category nor group is theirs. Ascending. */
  readonly own: readonly number[];
  /** Those of them that are not shown. Ascending. */
  readonly hidden: readonly number[];
}

const NONE: TracingFrames = { own: [], hidden: [] };

/** Finds them among the first `depth` frames of a path; `nameAt` gives a frame's name, null without one. */
export function findTracingFrames(depth: number, nameAt: (position: number) => AddressSymbol | null): TracingFrames {
  let own: number[] | null = null;
  const hidden: number[] = [];
  let before: AddressSymbol | null = null;
  let here = depth > 0 ? nameAt(0) : null;
  for (let position = 0; position < depth; position++) {
    const after = position + 1 < depth ? nameAt(position + 1) : null;
    // Images lie in the area of modules: most frames of most paths end here.
    if (here === null || here.module !== null || IMAGE_NAME.test(here.symbol)) {
      own ??= [];
      if (isBetween(before, here, after)) {
        own.push(position, position + 1);
        hidden.push(position, position + 1);
      } else if (here !== null && isImage(here) && own.at(-1) !== position) {
        own.push(position);
        if (isTrampoline(here)) hidden.push(position);
      }
    }
    before = here;
    here = after;
  }
  return own === null || own.length === 0 ? NONE : { own, hidden };
}

/** The index of a position among the frames that are shown. */
export function shownIndex(position: number, hidden: readonly number[]): number {
  let before = 0;
  while (before < hidden.length && hidden[before] < position) before++;
  return position - before;
}
