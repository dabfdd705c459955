/**
 * Recognises the format of a file or pipe by its first bytes: first by magic numbers, then by the
 * lines of its text. Every line that has the shape of an event of one of the tools is a vote, since
 * a process can choose a name that makes one line look like another tool's; headers decide where
 * the votes do not. The file's name does not matter.
 */
import { type DumpFormat, dumpFormatOf } from './dump/dump-format.js';
import { type LineTime, type TimeShape, timeShapeOf } from './order/time-shape.js';
import { kindOfFields } from './text/fields/nameless.js';
import {
  ascii,
  CLOSE_PAREN,
  COLON,
  EQUALS,
  HASH,
  HEX_VALUE,
  matches,
  OPEN_PAREN,
  SPACE,
  skipSpaces,
  TAB,
} from './text/text-bytes.js';
import { arrowPlace } from './text/text-frames.js';
import { TextHeader } from './text/text-header.js';
import type { TextFormat } from './text-decoders.js';
import { textToBytes } from './transit/byte-text.js';
import { cleanHead } from './transit/find-damage.js';
import { findWrap, LineJoiner } from './transit/line-joiner.js';
import type { TransitDamage } from './transit/text-cleaner.js';

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
  | DumpFormat
  | 'unknown';

/** Bytes that nearly always suffice. */
export const RECOGNISED_BYTES = 65536;
/** The most bytes of an input that recognise() looks at: a log may stand before a trace. */
export const SEARCHED_BYTES = 1 << 20;

/** What the first bytes of an input show. */
export interface Recognised {
  format: InputFormat;
  /** What was done to a text on its way; null = nothing. */
  damage: TransitDamage | null;
  /** How time runs in a text of another tool. */
  times: TimeShape;
  /** The first lines of a text in no format that is read, without the damage; else empty. */
  lines: readonly string[];
}

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
/** Its events are comments between the calls, without a task and a time: they cannot be read. */
const FUNCTION_GRAPH = ascii('# tracer: function_graph');
/** Most strange lines for each event of a text without times. */
const STRANGE_SHARE = 0.05;
const CPUS = ascii('cpus=');
/** "CPU 3 is empty", "CPU:1 [12 EVENTS DROPPED]". */
const TRACE_CMD_LINES = ['version = ', 'CPU'].map((text) => ascii(text));
/** Of a machine with one CPU: "# entries-in-buffer/entries-written: 3/3   #P:1". */
const ONE_CPU = ascii('#P:1');
const PERF_HEADERS = ['# ========', '# captured on', '# hostname :', '# os release :'].map((text) => ascii(text));
/** bpf/unfreed.bt: the host line. Its start line is `B<nsecs>` in hex and nothing else. */
const BPFTRACE_HOST = ascii('H{"');
const UPPER_B = 0x42;
const KERNEL_STACK = ascii('kernel_stack:');
const STACK_TRACE = ascii('<stack trace');

/** Returns the format of an input that starts with these bytes. 64 KiB are enough; fewer usually do. */
export function recognise(bytes: Uint8Array): InputFormat {
  return examine(bytes).format;
}

/** Returns the format by the magic number at the start, 'unknown' if there is none: a text has none. */
export function recogniseMagic(bytes: Uint8Array): InputFormat {
  for (const [magic, format] of MAGICS) if (matches(bytes, 0, bytes.length, magic)) return format;
  return 'unknown';
}

/** Returns all that the first bytes of an input show. */
export function examine(bytes: Uint8Array): Recognised {
  const magic = recogniseMagic(bytes);
  if (magic !== 'unknown') return { format: magic, damage: null, times: 'forward', lines: [] };
  const first = examineText(bytes, RECOGNISED_BYTES);
  if (first.format !== 'unknown' || bytes.length <= RECOGNISED_BYTES) return first;
  return examineText(bytes, SEARCHED_BYTES);
}

function examineText(bytes: Uint8Array, mostBytes: number): Recognised {
  const isWhole = bytes.length < mostBytes;
  const { lines, padded, damage } = cleanHead(isWhole ? bytes : bytes.subarray(0, mostBytes), isWhole);
  const direct = voteOf(lines);
  const { format, times } = direct;
  if (isTextFormat(format)) {
    const wrap = findWrap(padded, format);
    if (wrap === null) return { format, damage, times, lines: [] };
    return { format, damage: { utf16: null, lines: null, ...damage, wrap }, times, lines: [] };
  }
  if (format !== 'unknown') return { format, damage, times, lines: [] };
  // All event lines may have been wrapped before the name of the event.
  for (const tried of mostBytes > RECOGNISED_BYTES ? [] : (['ftrace', 'perf-script'] as const)) {
    const joined: string[] = [];
    const joiner = new LineJoiner(tried, 0, (line) => joined.push(line));
    for (const line of lines) joiner.push(line);
    joiner.flush();
    const found = joiner.joined === 0 ? direct : voteOf(joined);
    if (isTextFormat(found.format)) {
      return { ...found, damage: { utf16: null, lines: null, ...damage, wrap: 0 }, lines: [] };
    }
  }
  // perf script -F -time, trace_options nocontext-info: only where no line can be the half of another.
  const timeless = voteOf(lines, true);
  if (!isTextFormat(timeless.format)) {
    const dump = dumpFormatOf(lines);
    if (dump !== null) return { format: dump, damage, times: 'forward', lines: [] };
  }
  return { ...timeless, damage, lines: isTextFormat(timeless.format) ? [] : lines };
}

function isTextFormat(format: InputFormat): format is TextFormat {
  return format === 'perf-script' || format === 'ftrace' || format === 'trace-cmd';
}

/** Returns the format that most lines show, 'unknown' if no line shows one, and how time runs in them. */
function voteOf(lines: readonly string[], mayBeTimeless = false): { format: InputFormat; times: TimeShape } {
  const bytes = textToBytes(lines.join('\n'));
  const ballot = new Ballot(bytes, mayBeTimeless);
  let start = 0;
  while (start < bytes.length) {
    let end = start;
    while (end < bytes.length && bytes[end] !== 0x0a) end++;
    if (end > start) ballot.line(start, end);
    start = end + 1;
  }
  const format = ballot.format();
  return { format, times: ballot.times(format) };
}

/** Counts for each format the lines that show it. */
class Ballot {
  private readonly bytes: Uint8Array;
  /** Each latches on to the kind of time it sees first. */
  private readonly perf: TextHeader;
  private readonly ftrace: TextHeader;
  private readonly perfTimes: LineTime[] = [];
  private readonly ftraceTimes: LineTime[] = [];
  private perfLines = 0;
  private ftraceLines = 0;
  private traceCmdLines = 0;
  private bpftraceLines = 0;
  private header: InputFormat = 'unknown';
  private isOneCpu = false;
  private readonly mayBeTimeless: boolean;
  /** Lines that are neither events nor may stand below one; counted only where events may have no time. */
  private strangeLines = 0;
  /** Lines that are neither events nor comments nor of a CPU's buffer. */
  private otherLines = 0;

  constructor(bytes: Uint8Array, mayBeTimeless: boolean) {
    this.bytes = bytes;
    this.mayBeTimeless = mayBeTimeless;
    this.perf = new TextHeader(mayBeTimeless);
    this.ftrace = new TextHeader(mayBeTimeless);
  }

  line(start: number, end: number): void {
    const { bytes, perf, ftrace } = this;
    const header = headerFormat(bytes, start, end);
    if (bytes[start] === HASH && endsWith(bytes, start, end, ONE_CPU)) this.isOneCpu = true;
    if (header !== 'unknown') {
      if (this.header === 'unknown') this.header = header;
      return;
    }
    if (matches(bytes, start, end, BPFTRACE_HOST) || isBpftraceStart(bytes, start, end)) {
      this.bpftraceLines++;
      return;
    }
    // perf's event names have a system. Of a task that is gone perf prints the thread -1, and the
    // line has "-tid [cpu]" as those of the kernel.
    if (perf.parsePerf(bytes, start, end) && isOfPerf(bytes, perf, end)) {
      this.perfLines++;
      if (perf.hasTime) this.perfTimes.push(timeOf(perf));
    } else if (ftrace.parseFtrace(bytes, start, end) && mayBeOfKernel(bytes, ftrace, end)) {
      if (ftrace.hasTime) this.ftraceTimes.push(timeOf(ftrace));
      if (ftraceOrTraceCmd(bytes, ftrace, end) === 'trace-cmd') this.traceCmdLines++;
      else this.ftraceLines++;
    } else {
      if (bytes[start] !== HASH && !TRACE_CMD_LINES.some((word) => matches(bytes, start, end, word))) this.otherLines++;
      if (this.mayBeTimeless && !mayStandBelow(bytes, start, end)) this.strangeLines++;
    }
  }

  times(format: InputFormat): TimeShape {
    if (format === 'perf-script') return timeShapeOf(this.perfTimes, true);
    if (format === 'trace-cmd') return timeShapeOf(this.ftraceTimes, true);
    return format === 'ftrace' ? timeShapeOf(this.ftraceTimes, this.isOneCpu) : 'forward';
  }

  format(): InputFormat {
    const { perfLines, ftraceLines, traceCmdLines, bpftraceLines, header } = this;
    const kernelLines = ftraceLines + traceCmdLines;
    if (bpftraceLines > perfLines + kernelLines) return 'bpftrace';
    // options/raw, trace-cmd report --stat: a header above lines of another kind. perf's header may stand above many.
    if (perfLines === 0 && kernelLines === 0) {
      return header === 'perf-script' || this.otherLines === 0 ? header : 'unknown';
    }
    // Halves of wrapped lines, or prose about events.
    if (this.strangeLines > (perfLines + kernelLines) * STRANGE_SHARE) return header;
    if (perfLines > kernelLines || (perfLines === kernelLines && header === 'perf-script')) return 'perf-script';
    if (header === 'ftrace' || header === 'trace-cmd') return header;
    return traceCmdLines >= ftraceLines ? 'trace-cmd' : 'ftrace';
  }
}

function timeOf({ seconds, nanoseconds, cpu, wholeTime }: TextHeader): LineTime {
  return { time: seconds * 1e9 + nanoseconds, cpu, isCount: wholeTime };
}

function headerFormat(bytes: Uint8Array, start: number, end: number): InputFormat {
  if (matches(bytes, start, end, TRACER)) return matches(bytes, start, end, FUNCTION_GRAPH) ? 'unknown' : 'ftrace';
  if (matches(bytes, start, end, CPUS)) return 'trace-cmd';
  if (PERF_HEADERS.some((line) => matches(bytes, start, end, line))) return 'perf-script';
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
      "unfreed reads its own files, text of perf script (perf record -e 'kmem:*' -g), trace-cmd report and tracefs, and dumps of page_owner, allocinfo, slabinfo and vmallocinfo",
    ];
  }
  return [];
}

/**
 * A cut-off trace has no header. trace-cmd pads event names, calls a stack kernel_stack and puts
 * addresses in parentheses.
 */
function ftraceOrTraceCmd(bytes: Uint8Array, header: TextHeader, end: number): 'ftrace' | 'trace-cmd' {
  const limit = bytes.length;
  const { textStart, nameStart, nameEnd } = header;
  if (matches(bytes, textStart, end, KERNEL_STACK)) return 'trace-cmd';
  if (matches(bytes, textStart, end, STACK_TRACE)) return 'ftrace';
  if (nameStart === nameEnd) return 'ftrace';
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

/** Returns true for a frame, a source line below a frame, or a comment. */
function mayStandBelow(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === TAB || bytes[start] === HASH || arrowPlace(bytes, start, end) >= 0) return true;
  return bytes[start] === SPACE && bytes[start + 1] === SPACE && bytes[start + 2] !== SPACE;
}

/**
 * Returns true for an event whose name has a system, or that has no name and fields of ours. perf
 * trace prints "system:name(field: value)".
 */
function isOfPerf(bytes: Uint8Array, header: TextHeader, end: number): boolean {
  if (header.nameStart === header.nameEnd) return kindOfFields(bytes, header.fieldsStart, end) !== 0;
  let colons = 0;
  for (let i = header.nameStart; i < header.nameEnd; i++) {
    if (bytes[i] === COLON) colons++;
    else if (bytes[i] === OPEN_PAREN) return false;
  }
  return colons > 0;
}

/** Returns false for "entries: 0": a line without a time is an event only if it has fields, or is a record of a stack. */
function mayBeOfKernel(bytes: Uint8Array, header: TextHeader, end: number): boolean {
  if (header.hasTime || header.nameStart === header.nameEnd) return true;
  const equals = bytes.indexOf(EQUALS, header.fieldsStart);
  return equals >= 0 && equals < end;
}

function endsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  return end - word.length >= start && matches(bytes, end - word.length, end, word);
}
