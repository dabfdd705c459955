/**
 * FtraceNotices: the lines of a tracefs trace or trace-cmd report that are not events: headers and
 * losses.
 */
import { ascii, ByteScan, decodeText, indexOfWord, matches } from '../text-bytes.js';
import { showsEvent } from '../text-stats.js';
import type { TextTrace } from './text-trace.js';

const CPU_COLON = ascii('CPU:');
const LOST = ascii('LOST');
const DROPPED = ascii('DROPPED');
/** Of the function tracer: "vfs_read <-ksys_read". */
const CALLED_BY = ascii(' <-');
const TRACER = ascii('# tracer:');
const CPUS = ascii('cpus=');
const ENTRIES = ascii('entries-written: ');
const LATENCY = ascii(' latency');
/** Longer than any line of a header. */
const MAX_COMMENT = 512;
const PLAIN_COUNTS = /: (\d{1,15})\/(\d{1,15})\s+#P:(\d{1,5})/;
const LATENCY_COUNTS = / latency: .* #(\d{1,15})\/(\d{1,15}), CPU#\d+ .*#P:(\d{1,5})/;
const DIGITS = /\[(?:LOST )?(\d{1,15})? ?EVENTS?(?: DROPPED)?\]/;

export class FtraceNotices {
  private readonly trace: TextTrace;
  private readonly scan = new ByteScan();
  /** The last header below an event; 0 = none. */
  private headerLine = 0;

  constructor(trace: TextTrace) {
    this.trace = trace;
  }

  /**
   * Reads a line that starts with "#". Of use are "# entries-in-buffer/entries-written: 1150/3166
   * #P:2" and, with latency-format (print_trace_header in kernel/trace/trace.c), "# nop latency
   * trace v1.1.5 on 6.18.44" and "# latency: 0 us, #1150/3166, CPU#0 | (M:PREEMPT VP:0 #P:2)".
   */
  comment(bytes: Uint8Array, start: number, end: number): void {
    if (this.trace.started && matches(bytes, start, end, TRACER)) this.headerLine = this.trace.stats.lines;
    const isPlain = indexOfWord(bytes, start, end, ENTRIES) >= 0;
    if (!isPlain && indexOfWord(bytes, start, end, LATENCY) < 0) return;
    const text = decodeText(bytes, start, Math.min(end, start + MAX_COMMENT));
    const release = / latency trace v[\d.]+ on (\S+)/.exec(text);
    if (release !== null) this.trace.facts.kernel = release[1];
    const found = (isPlain ? PLAIN_COUNTS : LATENCY_COUNTS).exec(text);
    if (found === null) return;
    const overwritten = Number(found[2]) - Number(found[1]);
    this.trace.cpus = Number(found[3]);
    this.trace.coverage.entriesInBuffer(Number(found[1]));
    if (overwritten <= 0) return;
    // The overwritten events were the oldest of the busiest CPUs, so they may include frees of what
    // other CPUs still show.
    this.trace.stats.overwritten += overwritten;
    this.trace.addLoss(-1, overwritten);
  }

  /** An event follows. */
  event(): void {
    const { stats } = this.trace;
    if (this.headerLine > 0 && stats.secondHeader === 0) stats.secondHeader = this.headerLine;
  }

  /** Reads a line that is not an event. Returns false if the line is unknown. */
  line(bytes: Uint8Array, start: number, end: number): boolean {
    if (matches(bytes, start, end, CPU_COLON)) return this.lost(bytes, start, end);
    if (matches(bytes, start, end, CPUS)) {
      if (this.scan.decimal(bytes, start + CPUS.length, end)) this.trace.cpus = this.scan.lo;
      return true;
    }
    if (indexOfWord(bytes, start, end, CALLED_BY) >= 0) return true;
    // "version = 6", "CPU 3 is empty", lines that look blank: before the first event, every other
    // line is a header, if it is no event of another tool.
    return !this.trace.started && !showsEvent(bytes, start, end);
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
