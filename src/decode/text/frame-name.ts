/**
 * Parses the names of stack frames in other tools' text. Called once per distinct frame, so it may
 * make strings.
 */
import {
  ascii,
  CLOSE_PAREN,
  decodeText,
  GREATER,
  HEX_VALUE,
  indexOfWord,
  LESS,
  lastIndexOfWord,
  matches,
  OPEN_PAREN,
  SPACE,
} from './text-bytes.js';

export interface FrameName {
  /** '' = unknown to the tool. */
  symbol: string;
  /** Bytes past the start of the function, 0 = unknown. */
  offset: number;
  /** The text that perf printed in parentheses, or a module's name in brackets; '' = none. */
  dso: string;
}

/** Longer than any kernel symbol (KSYM_NAME_LEN is 512); longer names, as in C++, are cut. */
const MAX_SYMBOL = 1024;

const DSO_START = ascii(' (');
const PATH_START = ascii(' (/');
const KERNEL_DSO_START = ascii('([kernel');
const GUEST_KERNEL_DSO_START = ascii('([guest.kernel');
const KCORE = ascii('/proc/kcore');
const VMLINUX_DSO = ascii('(vmlinux');
const PATH_DSO = ascii('(/');
const PATH_SEPARATOR = ascii('/');
const MODULE_END = ascii('])');

/** Names in brackets that perf gives to areas of a process, not of the kernel. */
const USER_AREAS = /^\[(?:vdso|vdso32|vsyscall|heap|stack|anon|unknown|uprobes|vvar)|^\[stack:/;

/** Parses `symbol+0x1b (dso)`, as perf prints a frame after its address. */
export function parsePerfName(bytes: Uint8Array, start: number, end: number): FrameName {
  let symbolEnd = end;
  let dso = '';
  if (end > start && bytes[end - 1] === CLOSE_PAREN) {
    // A path may contain " (", and so may a C++ name: look for a path first.
    let open = indexOfWord(bytes, start, end, PATH_START);
    if (open < 0) open = lastIndexOfWord(bytes, start, end, DSO_START);
    if (open >= 0) {
      symbolEnd = open;
      dso = decodeText(bytes, open + 2, end - 1);
    } else if (bytes[start] === 0x28) {
      symbolEnd = start;
      dso = decodeText(bytes, start + 1, end - 1);
    }
  }
  return { ...splitOffset(decodeText(bytes, start, symbolEnd)), dso };
}

/**
 * Parses `symbol+0x1b/0x40 [module]`: the kernel's %pS, of which options may omit parts. A build id may follow the
 * module (%pSb).
 */
export function parseFtraceName(bytes: Uint8Array, start: number, end: number): FrameName {
  const text = decodeText(bytes, start, end);
  const module = / \[([^\]\s]+)(?: [0-9a-f]+)?\]$/.exec(text);
  if (module !== null) return { ...splitOffset(text.slice(0, module.index)), dso: `[${module[1]}]` };
  // A line that was cut in the address behind its name.
  return { ...splitOffset(text.replace(/ [<(](?:0x)?[0-9a-f]*$/, '')), dso: '' };
}

/** Returns true if bytes[start .. end) ends in the dso of the kernel or of one of its modules. */
export function isKernelDso(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || bytes[end - 1] !== CLOSE_PAREN) return false;
  if (indexOfWord(bytes, start, end, KERNEL_DSO_START) >= 0) return true;
  if (indexOfWord(bytes, start, end, GUEST_KERNEL_DSO_START) >= 0) return true;
  const path = indexOfWord(bytes, start, end, PATH_DSO);
  if (path >= 0) {
    if (matches(bytes, path + 1, end, KCORE)) return true;
    const name = decodeText(bytes, lastIndexOfWord(bytes, path, end, PATH_SEPARATOR) + 1, end - 1);
    return isKernelFile(name) || isModuleFile(name);
  }
  if (lastIndexOfWord(bytes, start, end, MODULE_END) !== end - MODULE_END.length) {
    return indexOfWord(bytes, start, end, VMLINUX_DSO) >= 0;
  }
  return !USER_AREAS.test(parsePerfName(bytes, start, end).dso);
}

/**
 * Returns the module of a dso, null for the core kernel and for no dso. A user's file is its own
 * module.
 */
export function moduleOfDso(dso: string): string | null {
  if (dso === '' || dso === '[unknown]' || dso.startsWith('[kernel') || dso.startsWith('[guest.kernel')) return null;
  if (dso === '/proc/kcore') return null;
  // perf names the image after its symbol; kallsyms says [bpf].
  if (/^bpf_(?:prog|trampoline|dispatcher)_/.test(dso)) return 'bpf';
  const name = dso.slice(dso.lastIndexOf('/') + 1);
  if (isKernelFile(name)) return null;
  // The kernel's name for the module of nf-tables.ko is nf_tables.
  if (isModuleFile(name)) return name.slice(0, name.indexOf('.ko')).replaceAll('-', '_');
  const area = /^\[(?:guest\.)?([^\]]+)\]$/.exec(name);
  return area === null ? name : area[1];
}

/**
 * Returns true for a frame of the tracing code, between the tracepoint and the code that writes its
 * event.
 */
export function isTracerSymbol(symbol: string): boolean {
  return TRACER_SYMBOL.test(symbol);
}

const TRACER_SYMBOL =
  /^(?:(?:perf_trace|trace_event_raw_event|__traceiter|__probestub|__bpf_trace|bpf_trace_run)_?\w|bpf_prog_[0-9a-f]{16}|bpf_trampoline_\d|(?:__)?bpf_get_stack|(?:perf_call_bpf_enter|trace_call_bpf|trace_event_buffer_commit|trace_buffer_unlock_commit\w*|event_triggers_post_call|stacktrace_trigger|__?ftrace_trace_stack|__trace_stack|ftrace_trace_stack)(?:\.|$))/;

/** An unpacked kernel, or perf's copy of /proc/kallsyms in its cache. */
function isKernelFile(name: string): boolean {
  return name.startsWith('vmlinux') || name === 'kallsyms';
}

function isModuleFile(name: string): boolean {
  return /\.ko(?:\.(?:xz|gz|zst|bz2|lzma))?(?:\.debug)?$/.test(name);
}

function splitOffset(text: string): { symbol: string; offset: number } {
  const found = /\+0x([0-9a-f]{1,8})(?:\/0x[0-9a-f]+)?$/.exec(text);
  const symbol = (found === null ? text : text.slice(0, found.index)).trim().slice(0, MAX_SYMBOL);
  // An unknown address is printed as itself.
  const isKnown = symbol !== '[unknown]' && !/^(?:0x)?[0-9a-f]{8,16}$/.test(symbol);
  return { symbol: isKnown ? symbol : '', offset: found === null ? 0 : Number.parseInt(found[1], 16) };
}

/** Returns the index of the "<" or "(" of an address that ends the line, -1 if none does. */
export function addressStart(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1];
  if (end - start < 3 || (last !== GREATER && last !== CLOSE_PAREN)) return -1;
  let at = end - 2;
  while (at > start && HEX_VALUE[bytes[at]] !== 255) at--;
  const isOpen = bytes[at] === (last === GREATER ? LESS : OPEN_PAREN);
  // 1 to 16 digits.
  return isOpen && at < end - 2 && end - 2 - at <= 16 && (at === start || bytes[at - 1] === SPACE) ? at : -1;
}
