/**
 * TextHeader: the part of an event line that tells who, where and when, up to the event's name:
 *
 *   perf script          comm  pid/tid [cpu] seconds.micros: system:name: fields
 *   tracefs, trace-cmd   comm-tid (tgid) [cpu] flags seconds.micros: name: fields
 *
 * A comm may hold spaces, brackets, slashes and digits, so the line is not read from its start: what is looked for is
 * the first "[cpu] time:" that stands where one can, and the task is read backwards from there. A comm has at most 15
 * bytes (TASK_COMM_LEN), and the shortest " [0] 0.000000:" with a pid before it has 16: no process can name itself so
 * that its events are misread. (A perf script without the cpu field has no such anchor; there a comm can.)
 *
 * Formats: perf's perf_sample__fprintf_start (tools/perf/builtin-script.c), the kernel's trace_print_context
 * (kernel/trace/trace_output.c), libtraceevent's tep_print_event.
 */
import {
  ByteScan,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  DOT,
  HEX_VALUE,
  MINUS,
  OPEN_BRACKET,
  OPEN_PAREN,
  SLASH,
  SPACE,
  skipSpaces,
  wordEnd,
} from './text-bytes.js';

/** A kworker's long comm has up to 64 bytes, a buffer's name before it some more. */
const MAX_TASK_BYTES = 512;
/** Kernels have at most 8192 CPUs. */
const MAX_CPU = 65535;
/** The kernel pads a comm to this many columns; what trace-cmd prints before it names a buffer. */
const COMM_COLUMNS = 16;
/** 10^(9 - digits): what a fraction of that many digits is multiplied by to be ns. */
const NS_OF_DIGITS = [0, 0, 0, 0, 0, 0, 1000, 100, 10, 1];

export class TextHeader {
  /** The comm is bytes[commStart .. commEnd). */
  commStart = 0;
  commEnd = 0;
  /** tgid where the line tells it, tid elsewhere; 0 = unknown. */
  pid = 0;
  tid = 0;
  /** -1 = the line has no cpu. */
  cpu = -1;
  seconds = 0;
  nanoseconds = 0;
  /** The time was a whole number (trace clocks that count in other units than seconds). */
  wholeTime = false;
  /** Where the text after the time starts: the event's name, in most lines. */
  textStart = 0;
  /** The event's name is bytes[nameStart .. nameEnd); empty when what follows the time is no name. */
  nameStart = 0;
  nameEnd = 0;
  /** Where the fields start. */
  fieldsStart = 0;

  private readonly scan = new ByteScan();
  /** tid and pid of the last numberBefore(). */
  private before = 0;

  /** False when the line is no event of perf script. */
  parsePerf(bytes: Uint8Array, start: number, end: number): boolean {
    const bracket = this.findCpu(bytes, start, end, false);
    if (bracket < 0 && !this.findTimeAlone(bytes, start, end)) return false;
    this.perfTask(bytes, start, bracket < 0 ? this.nameStart : bracket);
    this.findName(bytes, end);
    return true;
  }

  /** False when the line is no event of a tracefs trace or trace-cmd report. */
  parseFtrace(bytes: Uint8Array, start: number, end: number): boolean {
    const bracket = this.findCpu(bytes, start, end, true);
    if (bracket < 0 || !this.ftraceTask(bytes, start, bracket)) return false;
    this.findName(bytes, end);
    return true;
  }

  /** Place of the "[" of the cpu; sets cpu, time and textStart. -1 when there is none. */
  private findCpu(bytes: Uint8Array, start: number, end: number, ftrace: boolean): number {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start; i < limit; i++) {
      if (bytes[i] !== OPEN_BRACKET || HEX_VALUE[bytes[i + 1]] > 9) continue;
      let at = i + 1;
      let cpu = 0;
      while (at < end && HEX_VALUE[bytes[at]] <= 9 && cpu <= MAX_CPU) cpu = cpu * 10 + HEX_VALUE[bytes[at++]];
      if (at + 1 >= end || bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== SPACE || cpu > MAX_CPU) continue;
      at = skipSpaces(bytes, at + 1, end);
      if (this.readTime(bytes, at, end, ftrace) || (ftrace && this.readTimeAfterFlags(bytes, at, end))) {
        this.cpu = cpu;
        return i;
      }
    }
    return -1;
  }

  /** "d..2. 123.456789:"; flags are one word. */
  private readTimeAfterFlags(bytes: Uint8Array, at: number, end: number): boolean {
    return this.readTime(bytes, skipSpaces(bytes, wordEnd(bytes, at, end), end), end, true);
  }

  /** "123.456789: " at `at`; sets seconds, nanoseconds and textStart. */
  private readTime(bytes: Uint8Array, at: number, end: number, wholeAllowed: boolean): boolean {
    let i = at;
    let seconds = 0;
    while (i < end && HEX_VALUE[bytes[i]] <= 9) seconds = seconds * 10 + HEX_VALUE[bytes[i++]];
    // 2^53 has 16 digits.
    if (i === at || i - at > 16 || i >= end) return false;
    const whole = bytes[i] === COLON && wholeAllowed;
    let fraction = 0;
    if (!whole) {
      if (bytes[i] !== DOT) return false;
      const dot = i++;
      while (i < end && HEX_VALUE[bytes[i]] <= 9) fraction = fraction * 10 + HEX_VALUE[bytes[i++]];
      const digits = i - dot - 1;
      if (digits < 6 || digits > 9 || i >= end || bytes[i] !== COLON) return false;
      fraction *= NS_OF_DIGITS[digits];
    }
    this.wholeTime = whole;
    this.seconds = whole ? 0 : seconds;
    this.nanoseconds = whole ? seconds : fraction;
    this.textStart = skipSpaces(bytes, i + 1, end);
    return true;
  }

  /** The time of a line without a cpu: the first word that is one and has a number before it. Sets nameStart to it. */
  private findTimeAlone(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start + 1; i < limit; i++) {
      if (bytes[i - 1] !== SPACE || HEX_VALUE[bytes[i]] > 9) continue;
      if (this.numberBefore(bytes, start, i) >= 0 && this.readTime(bytes, i, end, false)) {
        this.cpu = -1;
        this.nameStart = i;
        return true;
      }
    }
    return false;
  }

  /** "comm pid/tid " or "comm tid " before `to`; a line without either has only a comm. */
  private perfTask(bytes: Uint8Array, start: number, to: number): void {
    this.pid = 0;
    this.tid = 0;
    let taskEnd = this.numberBefore(bytes, start, to);
    if (taskEnd < 0) {
      taskEnd = to;
    } else {
      this.pid = this.tid = this.before;
      if (taskEnd > start && bytes[taskEnd - 1] === SLASH) {
        const outer = this.numberBefore(bytes, start, taskEnd - 1);
        if (outer >= 0) {
          this.pid = this.before;
          taskEnd = outer;
        }
      }
    }
    this.setComm(bytes, start, taskEnd);
  }

  /** "comm-tid (tgid) " before the "[" of the cpu. */
  private ftraceTask(bytes: Uint8Array, start: number, bracket: number): boolean {
    let at = trimmedEnd(bytes, start, bracket);
    let tgid = -1;
    if (at > start && bytes[at - 1] === CLOSE_PAREN) {
      let open = at - 1;
      while (open > start && bytes[open] !== OPEN_PAREN) open--;
      // "(-------)" when the tgid was not recorded.
      if (this.scan.decimal(bytes, skipSpaces(bytes, open + 1, at), at)) tgid = this.scan.value;
      at = trimmedEnd(bytes, start, open);
    }
    let digits = at;
    while (digits > start && HEX_VALUE[bytes[digits - 1]] <= 9) digits--;
    if (digits === at || digits === start || bytes[digits - 1] !== MINUS) return false;
    this.scan.decimal(bytes, digits, at);
    this.tid = this.scan.lo;
    this.pid = tgid >= 0 ? tgid : this.tid;
    this.setComm(bytes, Math.max(start, digits - 1 - COMM_COLUMNS), digits - 1);
    return true;
  }

  /**
   * Reads the number that ends at or, but for spaces, before `to`, leaves it in `before` (0 for -1: a task that is
   * gone) and returns where it starts; -1 when there is none that stands by itself.
   */
  private numberBefore(bytes: Uint8Array, start: number, to: number): number {
    const end = trimmedEnd(bytes, start, to);
    let at = end;
    while (at > start && HEX_VALUE[bytes[at - 1]] <= 9) at--;
    if (at === end || !this.scan.decimal(bytes, at, end)) return -1;
    this.before = this.scan.lo;
    if (at > start && bytes[at - 1] === MINUS) {
      at--;
      this.before = 0;
    }
    return at === start || bytes[at - 1] === SPACE || bytes[at - 1] === SLASH ? at : -1;
  }

  private setComm(bytes: Uint8Array, start: number, end: number): void {
    this.commEnd = trimmedEnd(bytes, start, end);
    this.commStart = skipSpaces(bytes, start, this.commEnd);
  }

  /** The word after the time, if it ends in ":". perf may print a period before it. */
  private findName(bytes: Uint8Array, end: number): void {
    let start = this.textStart;
    let wordStop = wordEnd(bytes, start, end);
    if (
      start < end &&
      HEX_VALUE[bytes[start]] <= 9 &&
      this.scan.decimal(bytes, start, end) &&
      this.scan.position === wordStop
    ) {
      start = skipSpaces(bytes, wordStop, end);
      wordStop = wordEnd(bytes, start, end);
    }
    this.nameStart = start;
    this.nameEnd = wordStop > start && bytes[wordStop - 1] === COLON ? wordStop - 1 : start;
    this.fieldsStart = wordStop;
  }
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1] === SPACE) i--;
  return i;
}
