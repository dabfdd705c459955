/**
 * Recognises the format of a file or pipe by its first bytes: first by magic numbers, then by the
 * first text line that has the shape of an event, a header or a notice of one of the tools. The
 * file's name does not matter.
 */
import { ascii, CLOSE_PAREN, COLON, HEX_VALUE, matches, SPACE, skipSpaces } from './text/text-bytes.js';
import { arrowPlace } from './text/text-frames.js';
import { TextHeader } from './text/text-header.js';

export type InputFormat =
  | 'unfreed'
  | 'stream'
  | 'gzip'
  | 'perf-script'
  | 'ftrace'
  | 'trace-cmd'
  | 'bpftrace'
  | 'perf-data'
  | 'trace-dat'
  | 'unknown';

/** The most bytes of an input that recognise() looks at. */
export const RECOGNISED_BYTES = 65536;

/** perf.data: PERF_MAGIC2 in either byte order (tools/perf/util/header.c). trace.dat: trace-cmd.dat(5). gzip: RFC 1952. */
const MAGICS: [magic: Uint8Array, format: InputFormat][] = [
  [ascii('UNFREEDR'), 'unfreed'],
  [ascii('UNFREEDS'), 'stream'],
  [Uint8Array.of(0x1f, 0x8b), 'gzip'],
  [ascii('PERFILE2'), 'perf-data'],
  [ascii('2ELIFREP'), 'perf-data'],
  [ascii('\x17\x08Dtracing'), 'trace-dat'],
];

const TRACER = ascii('# tracer:');
const CPUS = ascii('cpus=');
const PERF_HEADERS = ['# ========', '# captured on', '# hostname :', '# os release :'].map((text) => ascii(text));
/** bpf/unfreed.bt: the host line. Its start line is `B<nsecs>` in hex and nothing else. */
const BPFTRACE_HOST = ascii('H{"');
const UPPER_B = 0x42;
const KERNEL_STACK = ascii('kernel_stack:');
const STACK_TRACE = ascii('<stack trace');

/** Returns the format of an input that starts with these bytes. 64 KiB are enough; fewer usually do. */
export function recognise(bytes: Uint8Array): InputFormat {
  for (const [magic, format] of MAGICS) if (matches(bytes, 0, bytes.length, magic)) return format;
  const limit = Math.min(bytes.length, RECOGNISED_BYTES);
  const header = new TextHeader();
  let start = 0;
  while (start < limit) {
    let end = start;
    while (end < limit && bytes[end] !== 0x0a) end++;
    const format = formatOfLine(bytes, start, end, limit, header);
    if (format !== null) return format;
    start = end + 1;
  }
  return 'unknown';
}

/**
 * Returns what the user can do with an input that cannot be read as it is; nothing for formats that
 * can.
 */
export function adviceFor(format: InputFormat): string[] {
  if (format === 'perf-data') {
    return [
      'this is a binary perf.data file: run `perf script -i FILE > FILE.txt` on the machine that made it, then import that',
    ];
  }
  if (format === 'trace-dat') {
    return [
      'this is a binary trace.dat file: run `trace-cmd report -i FILE > FILE.txt` on the machine that made it, then import that',
    ];
  }
  if (format === 'unknown') {
    return [
      "what can be read: a recording of unfreed, or text of perf script (perf record -e 'kmem:*' -g), trace-cmd report or a tracefs trace",
    ];
  }
  return [];
}

/** Returns the format that a line belongs to, null if the line does not show it. */
function formatOfLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
  header: TextHeader,
): InputFormat | null {
  if (matches(bytes, start, end, TRACER)) return 'ftrace';
  if (matches(bytes, start, end, CPUS)) return 'trace-cmd';
  if (PERF_HEADERS.some((line) => matches(bytes, start, end, line))) return 'perf-script';
  if (matches(bytes, start, end, BPFTRACE_HOST) || isBpftraceStart(bytes, start, end)) return 'bpftrace';
  // ftrace lines have "-tid [cpu]", which perf's cannot have right before the cpu; perf's event
  // names have a system.
  if (header.parseFtrace(bytes, start, end)) return ftraceOrTraceCmd(bytes, header, end, limit);
  if (header.parsePerf(bytes, start, end) && hasSystem(bytes, header)) return 'perf-script';
  return null;
}

/**
 * A cut-off trace has no header. trace-cmd pads event names, calls a stack kernel_stack and puts
 * addresses in parentheses.
 */
function ftraceOrTraceCmd(bytes: Uint8Array, header: TextHeader, end: number, limit: number): InputFormat | null {
  const { textStart, nameStart, nameEnd } = header;
  if (matches(bytes, textStart, end, KERNEL_STACK)) return 'trace-cmd';
  if (matches(bytes, textStart, end, STACK_TRACE)) return 'ftrace';
  if (nameStart === nameEnd) return null;
  const fields = skipSpaces(bytes, header.fieldsStart, end);
  if (fields - header.fieldsStart > 1) return 'trace-cmd';
  const arrow = arrowPlace(bytes, end + 1, limit);
  if (arrow >= 0 && bytes[arrow - 1] !== SPACE) {
    let last = arrow;
    while (last < limit && bytes[last] !== 0x0a) last++;
    if (bytes[last - 1] === CLOSE_PAREN) return 'trace-cmd';
  }
  return 'ftrace';
}

function isBpftraceStart(bytes: Uint8Array, start: number, end: number): boolean {
  // nsecs of an uptime from 16 s to 584 years.
  if (bytes[start] !== UPPER_B || end - start < 10 || end - start > 17) return false;
  for (let i = start + 1; i < end; i++) if (HEX_VALUE[bytes[i]] === 255) return false;
  return true;
}

function hasSystem(bytes: Uint8Array, header: TextHeader): boolean {
  for (let i = header.nameStart; i < header.nameEnd; i++) if (bytes[i] === COLON) return true;
  return false;
}
