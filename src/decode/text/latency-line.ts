/**
 * LatencyLine: the part of an event line before its text, in the layouts of `trace_options latency-format` (with and
 * without `verbose`), of the latency tracers, and of `trace-cmd report -l`:
 *
 *      bash-24569     1d..1. 11036620401us!: kmalloc: ...                      the kernel; the time is since the start
 *      bash-24569     1d..1. 11036.620401: kmalloc:  ...                       trace-cmd
 *              bash   24569   1 0 00000000 00000004 [291d57864] 11036620.900ms (+0.001ms): kmalloc: ...       verbose
 *
 * The comm of the first two is cut to 8 columns. Formats: lat_print_generic, lat_print_timestamp and
 * trace_print_lat_context in kernel/trace/trace_output.c; tep_print_event in libtraceevent.
 */
import { MAX_CPU } from './header-line.js';
import { trimmedEnd, wordStart } from './header-words.js';
import {
  ascii,
  ByteScan,
  CLOSE_BRACKET,
  COLON,
  DOT,
  HEX_VALUE,
  MINUS,
  matches,
  OPEN_BRACKET,
  OPEN_PAREN,
  SPACE,
  skipSpaces,
} from './text-bytes.js';

/** Columns before the cpu: a comm of 16 columns, a tid, spaces. */
const MAX_TASK_BYTES = 64;
/** Flags of a line: irqs, rescheduling, interrupt level, preempt depth, migration; kernels have 3 to 6. */
const LEAST_FLAGS = 3;
const MOST_FLAGS = 8;
/** The characters of trace_print_lat_fmt: letters, '#', '.', and the digits of depths. */
const IS_FLAG = new Uint8Array(256);
for (const character of ascii('.#0123456789abcdefDBXNnpPlLSsHhZz')) IS_FLAG[character] = 1;
/** How long the event took until the next, by trace_find_mark. */
const MARKS = ascii(' +!#*@$');
const US = ascii('us');
const MS = ascii('ms (+');

export class LatencyLine {
  commStart = 0;
  commEnd = 0;
  tid = 0;
  cpu = 0;
  seconds = 0;
  nanoseconds = 0;
  /** True if the time is a count of an unknown unit. */
  wholeTime = false;
  /** Index of the text after the time. */
  textStart = 0;
  private readonly scan = new ByteScan();

  /** Returns false if the line has neither layout. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    return this.short(bytes, start, end) || this.verbose(bytes, start, end);
  }

  /** Reads "comm-tid  cpu+flags time: ". */
  private short(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start + 1; i < limit; i++) {
      if (bytes[i - 1] !== SPACE || HEX_VALUE[bytes[i]] > 9) continue;
      const flagsEnd = this.cpuAndFlags(bytes, i, end);
      if (flagsEnd < 0 || !this.task(bytes, start, i)) continue;
      if (this.time(bytes, skipSpaces(bytes, flagsEnd, end), end)) return true;
    }
    return false;
  }

  /** Returns the end of "1d..1.", -1 if it is not there. Sets cpu. */
  private cpuAndFlags(bytes: Uint8Array, at: number, end: number): number {
    if (!this.scan.decimal(bytes, at, end) || this.scan.value > MAX_CPU) return -1;
    this.cpu = this.scan.lo;
    const flags = this.scan.position;
    let i = flags;
    while (i < end && IS_FLAG[bytes[i]] === 1) i++;
    return i - flags >= LEAST_FLAGS && i - flags <= MOST_FLAGS && i < end && bytes[i] === SPACE ? i : -1;
  }

  /** Reads "comm-tid " before `to`. */
  private task(bytes: Uint8Array, start: number, to: number): boolean {
    const at = trimmedEnd(bytes, start, to);
    let digits = at;
    while (digits > start && HEX_VALUE[bytes[digits - 1]] <= 9) digits--;
    if (digits === at || digits === start || bytes[digits - 1] !== MINUS || !this.scan.decimal(bytes, digits, at)) {
      return false;
    }
    this.tid = this.scan.lo;
    this.commStart = skipSpaces(bytes, start, digits - 1);
    this.commEnd = digits - 1;
    return true;
  }

  /** Reads "123us!: ", "1.234567: " or "123: ". */
  private time(bytes: Uint8Array, at: number, end: number): boolean {
    const { scan } = this;
    if (!scan.decimal(bytes, at, end)) return false;
    const count = scan.value;
    let i = scan.position;
    if (matches(bytes, i, end, US)) {
      this.setMicroseconds(count);
      i += US.length;
      if (i < end && MARKS.includes(bytes[i])) i++;
    } else if (i < end && bytes[i] === DOT && scan.decimal(bytes, i + 1, end)) {
      const digits = scan.position - i - 1;
      if (digits < 6 || digits > 9) return false;
      this.set(count, scan.value * 10 ** (9 - digits), false);
      i = scan.position;
    } else {
      this.set(0, count, true);
    }
    return this.colon(bytes, i, end);
  }

  /** Reads "comm tid cpu flags preempt index [time] 12.345ms (+0.001ms): ". */
  private verbose(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + 2 * MAX_TASK_BYTES);
    let open = start;
    for (;;) {
      while (open < limit && bytes[open] !== OPEN_BRACKET) open++;
      if (open >= limit) return false;
      if (this.verboseTime(bytes, open, end) && this.verboseTask(bytes, start, open)) return true;
      open++;
    }
  }

  private verboseTime(bytes: Uint8Array, open: number, end: number): boolean {
    const { scan } = this;
    if (!scan.hex(bytes, open + 1, end) || bytes[scan.position] !== CLOSE_BRACKET) return false;
    if (bytes[scan.position + 1] !== SPACE || !scan.decimal(bytes, scan.position + 2, end)) return false;
    const count = scan.value;
    let i = scan.position;
    if (bytes[i] === DOT && scan.decimal(bytes, i + 1, end) && matches(bytes, scan.position, end, MS)) {
      this.setMicroseconds(count * 1000 + scan.value);
      i = scan.position;
    } else if (bytes[i] === SPACE && bytes[i + 1] === OPEN_PAREN) {
      this.set(0, count, true);
    } else {
      return false;
    }
    while (i < end && bytes[i] !== COLON) i++;
    return this.colon(bytes, i, end);
  }

  /** Reads "comm tid cpu flags preempt index " before `to`. */
  private verboseTask(bytes: Uint8Array, start: number, to: number): boolean {
    let at = to;
    for (let word = 0; word < 4; word++) at = wordBefore(bytes, start, at);
    if (!this.scan.decimal(bytes, at, to)) return false;
    this.cpu = Math.min(this.scan.value, MAX_CPU);
    at = wordBefore(bytes, start, at);
    if (at <= start || !this.scan.decimal(bytes, at, to)) return false;
    this.tid = this.scan.lo;
    this.commStart = skipSpaces(bytes, start, at);
    this.commEnd = trimmedEnd(bytes, this.commStart, at - 1);
    return true;
  }

  private colon(bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 1 >= end || bytes[at] !== COLON || bytes[at + 1] !== SPACE) return false;
    this.textStart = skipSpaces(bytes, at + 1, end);
    return true;
  }

  private setMicroseconds(count: number): void {
    const seconds = Math.floor(count / 1e6);
    this.set(seconds, (count - seconds * 1e6) * 1000, false);
  }

  private set(seconds: number, nanoseconds: number, isWhole: boolean): void {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.wholeTime = isWhole;
  }
}

/** Returns the start of the word before `to`, `start` if there is none. */
function wordBefore(bytes: Uint8Array, start: number, to: number): number {
  return wordStart(bytes, start, trimmedEnd(bytes, start, to));
}
