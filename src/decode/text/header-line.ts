/** HeaderLine: what TextHeader has read of a line, and the parts that all layouts share: cpu, time, name, numbers. */
import { afterWord, isExtraWord, startsFields, trimmedEnd } from './header-words.js';
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
  PLUS,
  SLASH,
  SPACE,
  skipSpaces,
  wordEnd,
} from './text-bytes.js';

/** A kworker's long comm has up to 64 bytes; the name of a buffer before it takes some more. */
export const MAX_TASK_BYTES = 512;
/** Kernels have at most 8192 CPUs. */
export const MAX_CPU = 65535;
/** 10^(9 - digits), by number of digits: converts a fraction to ns. */
const NS_OF_DIGITS = [0, 0, 0, 0, 0, 0, 1000, 100, 10, 1];
/** Texts that records of other kinds have in the place of a name. TRACE_STACK is type 4. */
export const RECORDS = ['PERF_RECORD_', '<stack trace', '<user stack trace', 'UNKNOWN TYPE 4'].map((word) =>
  ascii(word),
);
/** Most words that perf prints between the cpu and the time. */
const MOST_EXTRA_WORDS = 3;

export abstract class HeaderLine {
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
  /** False if the line has no time; it then counts as 0. */
  hasTime = true;
  /** Index of the line's first byte. */
  lineStart = 0;
  /** Index of the text after the time; in most lines the event's name. */
  textStart = 0;
  /** The event's name is bytes[nameStart .. nameEnd); empty if the text after the time is not a name. */
  nameStart = 0;
  nameEnd = 0;
  /** Index of the fields. */
  fieldsStart = 0;
  /** The events that this one stands for, by perf script -F +period; 0 = the line does not say. */
  period = 0;

  protected readonly scan = new ByteScan();
  /** The number that numberBefore() read last. */
  protected before = 0;

  /** Sets cpu, time and name. Returns the index of the "[" of the cpu, -1 if there is none. */
  protected findCpu(bytes: Uint8Array, start: number, end: number, ftrace: boolean, whole: boolean): number {
    const limit = Math.min(end, start + MAX_TASK_BYTES);
    for (let i = start; i < limit; i++) {
      if (bytes[i] !== OPEN_BRACKET || HEX_VALUE[bytes[i + 1]] > 9) continue;
      let at = i + 1;
      let cpu = 0;
      while (at < end && HEX_VALUE[bytes[at]] <= 9 && cpu <= MAX_CPU) cpu = cpu * 10 + HEX_VALUE[bytes[at++]];
      if (at + 1 >= end || bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== SPACE || cpu > MAX_CPU) continue;
      at = skipSpaces(bytes, at + 1, end);
      const isTime =
        this.readTime(bytes, at, end, whole) ||
        (ftrace
          ? this.readTime(bytes, afterWord(bytes, at, end), end, whole)
          : this.readTimeAfterWords(bytes, at, end));
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
  protected readTime(bytes: Uint8Array, at: number, end: number, whole: boolean): boolean {
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

  /** Reads a time behind words of `perf script -F +misc,+tod`. */
  private readTimeAfterWords(bytes: Uint8Array, at: number, end: number): boolean {
    let i = at;
    for (let words = 0; words < MOST_EXTRA_WORDS; words++) {
      const stop = wordEnd(bytes, i, end);
      if (!isExtraWord(bytes, i, stop)) return false;
      i = skipSpaces(bytes, stop, end);
      if (this.readTime(bytes, i, end, false)) return true;
    }
    return false;
  }

  /**
   * Reads the number that ends at `to`, or before spaces that end there, into `before` (0 for -1: a
   * task that is gone). Returns the index of its start, -1 if there is no number that stands by
   * itself.
   */
  protected numberBefore(bytes: Uint8Array, start: number, to: number): number {
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

  protected setComm(bytes: Uint8Array, start: number, end: number): void {
    this.commEnd = trimmedEnd(bytes, start, end);
    this.commStart = skipSpaces(bytes, start, this.commEnd);
  }

  /**
   * Finds "name:" after the time; perf may print a period before it. Also returns true for the
   * texts that records of other kinds have in its place: PERF_RECORD_LOST, <stack trace>.
   */
  protected findName(bytes: Uint8Array, end: number): boolean {
    this.period = 0;
    let start = this.textStart;
    // trace-cmd report --ts-diff: "(+12) ".
    if (start + 1 < end && bytes[start] === OPEN_PAREN && bytes[start + 1] === PLUS)
      start = afterWord(bytes, start, end);
    let wordStop = wordEnd(bytes, start, end);
    if (
      start < end &&
      HEX_VALUE[bytes[start]] <= 9 &&
      this.scan.decimal(bytes, start, end) &&
      this.scan.position === wordStop
    ) {
      this.period = this.scan.value;
      start = skipSpaces(bytes, wordStop, end);
      wordStop = wordEnd(bytes, start, end);
    }
    const isName = wordStop > start + 1 && bytes[wordStop - 1] === COLON;
    this.nameStart = start;
    this.nameEnd = isName ? wordStop - 1 : start;
    this.fieldsStart = wordStop;
    if (isName || RECORDS.some((word) => matches(bytes, start, end, word))) return true;
    if (!startsFields(bytes, start, end)) return false;
    this.fieldsStart = start;
    return true;
  }
}
