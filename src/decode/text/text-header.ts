/**
 * TextHeader: the part of an event line before its fields: task, CPU, time and event name.
 *
 *  perf script          comm  pid/tid [cpu] seconds.micros: system:name: fields
 *  tracefs, trace-cmd   comm-tid (tgid) [cpu] flags seconds.micros: name: fields
 *
 * A comm may contain spaces, brackets, slashes and digits, so the line is not read from its start.
 * The parser looks for the first "[cpu] time: name:" in a possible place and reads the task
 * backwards from there. A comm that its owner chose has at most 15 bytes (TASK_COMM_LEN), and the
 * shortest "[0] 0.000000: a:" has 16: no process can choose a name that makes its events misread.
 * (It can where perf printed no cpu, or the trace clock counts in whole numbers.)
 *
 * Formats: perf's perf_sample__fprintf_start (tools/perf/builtin-script.c), the kernel's
 * trace_print_context (kernel/trace/trace_output.c), libtraceevent's tep_print_event.
 */
import {
  ascii,
  ByteScan,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  DOT,
  HEX_VALUE,
  MINUS,
  matches,
  OPEN_BRACKET,
  OPEN_PAREN,
  SLASH,
  SPACE,
  skipSpaces,
  wordEnd,
} from './text-bytes.js';

/** A kworker's long comm has up to 64 bytes; the name of a buffer before it takes some more. */
const MAX_TASK_BYTES = 512;
/** Kernels have at most 8192 CPUs. */
const MAX_CPU = 65535;
/** The kernel pads a comm to this many columns; before them trace-cmd prints the name of a buffer. */
const COMM_COLUMNS = 16;
/** 10^(9 - digits), by number of digits: converts a fraction to ns. */
const NS_OF_DIGITS = [0, 0, 0, 0, 0, 0, 1000, 100, 10, 1];
const RECORDS = ['PERF_RECORD_', '<stack trace', '<user stack trace'].map((word) => ascii(word));

/** How the times of a text are written. */
const UNKNOWN = 0;
const POINTED = 1;
const WHOLE = 2;

export class TextHeader {
  /** The comm is bytes[commStart .. commEnd). */
  commStart = 0;
  commEnd = 0;
  /** tgid if the line has it, else tid; 0 = unknown. */
  pid = 0;
  tid = 0;
  /** -1 = the line has no cpu. */
  cpu = -1;
  seconds = 0;
  nanoseconds = 0;
  /** True if the time was a whole number (trace clocks that count in other units than seconds). */
  wholeTime = false;
  /** Index of the text after the time; in most lines the event's name. */
  textStart = 0;
  /** The event's name is bytes[nameStart .. nameEnd); empty if the text after the time is not a name. */
  nameStart = 0;
  nameEnd = 0;
  /** Index of the fields. */
  fieldsStart = 0;

  private timeKind = UNKNOWN;
  private readonly scan = new ByteScan();
  /** The number that numberBefore() read last. */
  private before = 0;

  /** Returns false if the line is not an event of perf script. */
  parsePerf(bytes: Uint8Array, start: number, end: number): boolean {
    let taskEnd = this.findCpu(bytes, start, end, false, false);
    if (taskEnd < 0) taskEnd = this.findTimeAlone(bytes, start, end);
    if (taskEnd < 0) return false;
    this.perfTask(bytes, start, taskEnd);
    return true;
  }

  /** Returns false if the line is not an event of a tracefs trace or trace-cmd report. */
  parseFtrace(bytes: Uint8Array, start: number, end: number): boolean {
    const bracket = this.findFtraceCpu(bytes, start, end);
    return bracket >= 0 && this.ftraceTask(bytes, start, bracket);
  }

  /**
   * Returns the index of the "[" of the cpu, for either form of time; the first event decides the
   * form for the text.
   */
  private findFtraceCpu(bytes: Uint8Array, start: number, end: number): number {
    let bracket = this.timeKind === WHOLE ? -1 : this.findCpu(bytes, start, end, true, false);
    if (bracket < 0 && this.timeKind !== POINTED) bracket = this.findCpu(bytes, start, end, true, true);
    if (bracket >= 0 && this.timeKind === UNKNOWN) this.timeKind = this.wholeTime ? WHOLE : POINTED;
    return bracket;
  }

  /** Sets cpu, time and name. Returns the index of the "[" of the cpu, -1 if there is none. */
  private findCpu(bytes: Uint8Array, start: number, end: number, ftrace: boolean, whole: boolean): number {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start; i < limit; i++) {
      if (bytes[i] !== OPEN_BRACKET || HEX_VALUE[bytes[i + 1]] > 9) continue;
      let at = i + 1;
      let cpu = 0;
      while (at < end && HEX_VALUE[bytes[at]] <= 9 && cpu <= MAX_CPU) cpu = cpu * 10 + HEX_VALUE[bytes[at++]];
      if (at + 1 >= end || bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== SPACE || cpu > MAX_CPU) continue;
      at = skipSpaces(bytes, at + 1, end);
      const isTime =
        this.readTime(bytes, at, end, whole) || (ftrace && this.readTime(bytes, afterWord(bytes, at, end), end, whole));
      if (!isTime || !this.findName(bytes, end)) continue;
      this.cpu = cpu;
      return i;
    }
    return -1;
  }

  /**
   * Reads "123.456789: " at `at`; sets seconds, nanoseconds and textStart. Returns false if it is
   * not there.
   */
  private readTime(bytes: Uint8Array, at: number, end: number, whole: boolean): boolean {
    let i = at;
    let seconds = 0;
    while (i < end && HEX_VALUE[bytes[i]] <= 9) seconds = seconds * 10 + HEX_VALUE[bytes[i++]];
    // 2^53 has 16 digits.
    if (i === at || i - at > 16 || i >= end) return false;
    let fraction = 0;
    if (!whole) {
      if (bytes[i] !== DOT) return false;
      const dot = i++;
      while (i < end && HEX_VALUE[bytes[i]] <= 9) fraction = fraction * 10 + HEX_VALUE[bytes[i++]];
      const digits = i - dot - 1;
      if (digits < 6 || digits > 9) return false;
      fraction *= NS_OF_DIGITS[digits];
    }
    if (i + 1 >= end || bytes[i] !== COLON || bytes[i + 1] !== SPACE) return false;
    this.wholeTime = whole;
    this.seconds = whole ? 0 : seconds;
    this.nanoseconds = whole ? seconds : fraction;
    this.textStart = skipSpaces(bytes, i + 1, end);
    return true;
  }

  /**
   * Finds the time of a line without a cpu: the first word that is a time and has a number before
   * it. Returns its index, -1 if there is none.
   */
  private findTimeAlone(bytes: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start + 1; i < limit; i++) {
      if (bytes[i - 1] !== SPACE || HEX_VALUE[bytes[i]] > 9) continue;
      if (this.numberBefore(bytes, start, i) < 0 || !this.readTime(bytes, i, end, false)) continue;
      if (!this.findName(bytes, end)) continue;
      this.cpu = -1;
      return i;
    }
    return -1;
  }

  /** Reads "comm pid/tid " or "comm tid " before `to`; a line without numbers has only a comm. */
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

  /** Reads "comm-tid (tgid) " before the "[" of the cpu. Returns false if it is not there. */
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
   * Reads the number that ends at `to`, or before spaces that end there, into `before` (0 for -1: a
   * task that is gone). Returns the index of its start, -1 if there is no number that stands by
   * itself.
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

  /**
   * Finds "name:" after the time; perf may print a period before it. Also returns true for the
   * texts that records of other kinds have in its place: PERF_RECORD_LOST, <stack trace>.
   */
  private findName(bytes: Uint8Array, end: number): boolean {
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
    const isName = wordStop > start + 1 && bytes[wordStop - 1] === COLON;
    this.nameStart = start;
    this.nameEnd = isName ? wordStop - 1 : start;
    this.fieldsStart = wordStop;
    return isName || RECORDS.some((word) => matches(bytes, start, end, word));
  }
}

function afterWord(bytes: Uint8Array, at: number, end: number): number {
  return skipSpaces(bytes, wordEnd(bytes, at, end), end);
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1] === SPACE) i--;
  return i;
}
