/**
 * FtraceNotices: the lines of a tracefs trace or trace-cmd report that are not events: headers and
 * losses.
 */
import { ascii, ByteScan, decodeText, indexOfWord, matches } from '../text-bytes.js';
import type { TextTrace } from './text-trace.js';

const CPU_COLON = ascii('CPU:');
const LOST = ascii('LOST');
const DROPPED = ascii('DROPPED');
const CPUS = ascii('cpus=');
const ENTRIES = ascii('entries-written: ');
const DIGITS = /\[(?:LOST )?(\d{1,15})? ?EVENTS?(?: DROPPED)?\]/;

export class FtraceNotices {
  private readonly trace: TextTrace;
  private readonly scan = new ByteScan();

  constructor(trace: TextTrace) {
    this.trace = trace;
  }

  /**
   * Reads a line that starts with "#". One is of use: "# entries-in-buffer/entries-written:
   * 1150/3166 #P:2".
   */
  comment(bytes: Uint8Array, start: number, end: number): void {
    if (indexOfWord(bytes, start, end, ENTRIES) < 0) return;
    const found = /: (\d{1,15})\/(\d{1,15})\s+#P:(\d{1,5})/.exec(decodeText(bytes, start, end));
    if (found === null) return;
    const overwritten = Number(found[2]) - Number(found[1]);
    this.trace.cpus = Number(found[3]);
    if (overwritten <= 0) return;
    // The overwritten events were the oldest of the busiest CPUs, so they may include frees of what
    // other CPUs still show.
    this.trace.stats.overwritten += overwritten;
    this.trace.addLoss(-1, overwritten);
  }

  /** Reads a line that is not an event. Returns false if the line is unknown. */
  line(bytes: Uint8Array, start: number, end: number): boolean {
    if (matches(bytes, start, end, CPU_COLON)) return this.lost(bytes, start, end);
    if (matches(bytes, start, end, CPUS)) {
      if (this.scan.decimal(bytes, start + CPUS.length, end)) this.trace.cpus = this.scan.lo;
      return true;
    }
    // "version = 6", "CPU 3 is empty", lines that look blank: before the first event, every other
    // line is a header.
    return !this.trace.started;
  }

  /**
   * Reads "CPU:1 [LOST 123 EVENTS]", "CPU:1 [LOST EVENTS]" (tracefs); "CPU:1 [123 EVENTS DROPPED]"
   * (trace-cmd).
   */
  private lost(bytes: Uint8Array, start: number, end: number): boolean {
    if (indexOfWord(bytes, start, end, LOST) < 0 && indexOfWord(bytes, start, end, DROPPED) < 0) return false;
    const cpu = this.scan.decimal(bytes, start + CPU_COLON.length, end) ? this.scan.lo : -1;
    const told = DIGITS.exec(decodeText(bytes, start, end))?.[1];
    if (told === undefined) {
      // At least one: a loss must never read as none.
      this.trace.stats.lostUncounted = true;
      this.trace.addLoss(cpu, 1);
    } else {
      this.trace.addLoss(cpu, Number(told));
    }
    return true;
  }
}
