/**
 * TextHeader: the part of an event line before its fields: task, CPU, time and event name.
 *
 *  perf script          comm  pid/tid [cpu] seconds.micros: system:name: fields
 *  tracefs, trace-cmd   comm-tid (tgid) [cpu] flags seconds.micros: name: fields
 *
 * `perf script -F` leaves out any of the first columns, or adds some between the cpu and the time;
 * LatencyLine reads the layouts of latency-format.
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
import { HeaderLine, MAX_CPU, MAX_TASK_BYTES, RECORDS } from './header-line.js';
import {
  beforeExtraWords,
  beforePeriod,
  cpuBefore,
  fieldsPlace,
  ftraceNameEnd,
  perfNamePlace,
  trimmedEnd,
} from './header-words.js';
import { LatencyLine } from './latency-line.js';
import {
  CLOSE_PAREN,
  COLON,
  HEX_VALUE,
  MINUS,
  matches,
  OPEN_PAREN,
  SLASH,
  SPACE,
  skipSpaces,
  wordEnd,
} from './text-bytes.js';

/** The kernel pads a comm to this many columns; before them trace-cmd prints the name of a buffer. */
const COMM_COLUMNS = 16;
/** perf script -L prints the cpu in 3 columns behind a space; it pads a tid to more. */
const LATENCY_CPU_COLUMNS = 4;

/** How the lines of a text are written; its first event decides. */
const UNKNOWN = 0;
/** With "seconds.micros: ". */
const POINTED = 1;
/** With a count of a clock. */
const WHOLE = 2;
/** trace_options latency-format. */
const LATENCY = 3;
/** Without a time: perf script -F -time, trace_options nocontext-info. */
const TIMELESS = 4;

export class TextHeader extends HeaderLine {
  private readonly mayBeTimeless: boolean;
  private layout = UNKNOWN;
  private readonly latency = new LatencyLine();

  /** `mayBeTimeless` = false: lines without a time are no events, such as the second half of a line that was wrapped. */
  constructor(mayBeTimeless = true) {
    super();
    this.mayBeTimeless = mayBeTimeless;
  }

  /** Returns false if the line is not an event of perf script. */
  parsePerf(bytes: Uint8Array, start: number, end: number): boolean {
    this.lineStart = start;
    this.hasTime = true;
    let taskEnd = this.findCpu(bytes, start, end, false, false);
    if (taskEnd < 0) taskEnd = this.findTimeAlone(bytes, start, end);
    if (taskEnd >= 0) this.layout = POINTED;
    else if (this.layout !== POINTED && this.mayBeTimeless) taskEnd = this.findTimeless(bytes, start, end);
    if (taskEnd < 0) return false;
    this.perfTask(bytes, start, taskEnd);
    return true;
  }

  /** Returns false if the line is not an event of a tracefs trace or trace-cmd report. */
  parseFtrace(bytes: Uint8Array, start: number, end: number): boolean {
    this.lineStart = start;
    this.hasTime = true;
    const bracket = this.findFtraceCpu(bytes, start, end);
    if (bracket >= 0) return this.ftraceTask(bytes, start, bracket);
    if (this.layout === POINTED || this.layout === WHOLE) return false;
    if (this.latencyLine(bytes, start, end)) return true;
    return this.layout !== LATENCY && this.mayBeTimeless && this.bareLine(bytes, start, end);
  }

  private latencyLine(bytes: Uint8Array, start: number, end: number): boolean {
    const { latency } = this;
    if (!latency.read(bytes, start, end)) return false;
    this.textStart = latency.textStart;
    if (!this.findName(bytes, end)) return false;
    this.layout = LATENCY;
    this.commStart = latency.commStart;
    this.commEnd = latency.commEnd;
    this.pid = this.tid = latency.tid;
    this.cpu = latency.cpu;
    this.seconds = latency.seconds;
    this.nanoseconds = latency.nanoseconds;
    this.wholeTime = latency.wholeTime;
    return true;
  }

  /** Reads a line of tracefs that is only "name: fields". */
  private bareLine(bytes: Uint8Array, start: number, end: number): boolean {
    let nameEnd = ftraceNameEnd(bytes, start, end);
    if (nameEnd < 0 && RECORDS.some((word) => matches(bytes, start, end, word))) nameEnd = start;
    if (nameEnd < 0) return false;
    this.setTimeless();
    this.textStart = this.nameStart = start;
    this.nameEnd = nameEnd;
    this.fieldsStart = Math.min(nameEnd + 1, end);
    this.cpu = this.pid = this.tid = 0;
    this.commStart = this.commEnd = start;
    return true;
  }

  /**
   * Returns the index of the "[" of the cpu, for either form of time; the first event decides the
   * form for the text.
   */
  private findFtraceCpu(bytes: Uint8Array, start: number, end: number): number {
    let bracket = this.layout === WHOLE ? -1 : this.findCpu(bytes, start, end, true, false);
    if (bracket < 0 && this.layout !== POINTED) bracket = this.findCpu(bytes, start, end, true, true);
    if (bracket >= 0 && this.layout !== WHOLE) this.layout = this.wholeTime ? WHOLE : POINTED;
    return bracket;
  }

  /**
   * Finds the time of a line without a cpu: the first word that is a time and has a number before it, else the first
   * that is a time. Returns the end of the task before it, -1 if there is none.
   */
  private findTimeAlone(bytes: Uint8Array, start: number, end: number): number {
    const place = this.findTime(bytes, start, end, true);
    return place >= 0 ? place : this.findTime(bytes, start, end, false);
  }

  private findTime(bytes: Uint8Array, start: number, end: number, hasNumber: boolean): number {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start; i < limit; i++) {
      if ((i > start && bytes[i - 1] !== SPACE) || HEX_VALUE[bytes[i]] > 9) continue;
      if (!this.readTime(bytes, i, end, false)) continue;
      const taskEnd = beforeExtraWords(bytes, start, i);
      if ((hasNumber && this.numberBefore(bytes, start, taskEnd) < 0) || !this.findName(bytes, end)) continue;
      this.cpu = -1;
      return taskEnd;
    }
    return -1;
  }

  /** Finds the event of a line without a time. Returns the end of the task before it, -1 if there is no event. */
  private findTimeless(bytes: Uint8Array, start: number, end: number): number {
    let place = perfNamePlace(bytes, start, end);
    const isNamed = place >= 0;
    if (!isNamed) place = fieldsPlace(bytes, start, end);
    if (place < 0) return -1;
    // A name without a system, as the kernel prints it: "/* mm_page_free: page=... */" of function_graph.
    if (!isNamed && place > start + 1 && bytes[place - 2] === COLON) return -1;
    this.setTimeless();
    this.textStart = this.nameStart = place;
    this.fieldsStart = isNamed ? wordEnd(bytes, place, end) : place;
    this.nameEnd = isNamed ? this.fieldsStart - 1 : place;
    const taskEnd = beforeExtraWords(bytes, start, beforePeriod(bytes, start, place));
    const bracket = cpuBefore(bytes, start, taskEnd);
    this.cpu = -1;
    if (bracket < 0) return taskEnd;
    this.scan.decimal(bytes, bracket + 1, taskEnd);
    if (this.scan.value <= MAX_CPU) this.cpu = this.scan.lo;
    return bracket;
  }

  private setTimeless(): void {
    this.layout = TIMELESS;
    this.hasTime = this.wholeTime = false;
    this.seconds = this.nanoseconds = 0;
  }

  /** Reads "comm pid/tid " or "comm tid " before `to`; a line without numbers has only a comm. */
  private perfTask(bytes: Uint8Array, start: number, to: number): void {
    this.pid = 0;
    this.tid = 0;
    let taskEnd = this.numberBefore(bytes, start, to);
    if (taskEnd >= 0 && this.cpu < 0) taskEnd = this.afterLatencyCpu(bytes, start, taskEnd);
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

  /**
   * Takes the number at `at` for the cpu if it stands where perf script -L prints one, and reads the tid before it.
   * Returns the index of the tid, or `at`.
   */
  private afterLatencyCpu(bytes: Uint8Array, start: number, at: number): number {
    const cpu = this.before;
    const digits = wordEnd(bytes, at, at + LATENCY_CPU_COLUMNS) - at;
    if (at + digits - trimmedEnd(bytes, start, at) !== LATENCY_CPU_COLUMNS || cpu > MAX_CPU) return at;
    const tid = this.numberBefore(bytes, start, at);
    if (tid < 0) {
      this.before = cpu;
      return at;
    }
    this.cpu = cpu;
    return tid;
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
}
