/**
 * FtraceTextDecoder: reads the text of a tracefs `trace` (or trace_pipe) file or of `trace-cmd
 * report`, with kmem events and the stacktrace option or trigger on, and calls the TraceSink.
 *
 *  comm-tid (tgid) [cpu] flags seconds.micros: kmalloc: call_site=... ptr=...
 *  comm-tid (tgid) [cpu] flags seconds.micros: <stack trace>            or, by trace-cmd, kernel_stack: <stack trace >
 *   => __kmalloc+0x1a0/0x2b0 <ffffffff812ae0a0>                          or => __kmalloc (ffffffff812ae0a0)
 *
 * A stack is a record of its own, and events of other CPUs may stand between it and its event. It
 * belongs to the last event of its CPU and task that has no stack yet (an interrupt's event and
 * stack may stand between those of a task). Bad lines never throw: they are counted. Formats:
 * kernel/trace/trace_output.c, libtraceevent.
 */
import type { HostFacts } from '../../../event/host-facts.js';
import { FREE_BIT } from '../../../event/kinds.js';
import type { TraceDictionary } from '../../../event/trace-dictionary.js';
import type { TraceSink } from '../../../event/trace-sink.js';
import { CallSite } from '../call-site.js';
import { ascii, HASH, LESS, matches } from '../text-bytes.js';
import type { TextDecoderOptions, TextTraceDecoder } from '../text-decoder.js';
import { COMPACTED_PAGES } from '../text-event-names.js';
import { arrowPlace, CallPath } from '../text-frames.js';
import { TextHeader } from '../text-header.js';
import { LineScanner } from '../text-lines.js';
import { emptyStats, type ImportStats, noteBadLine, noteCutLine } from '../text-stats.js';
import { FtraceNotices } from './ftrace-notices.js';
import { NO_ROW, PendingStacks } from './pending-stacks.js';
import { TextTrace } from './text-trace.js';

/**
 * Rows held back for their stacks. A stack follows its event at once on its own CPU; in the merged
 * text only events that other CPUs had in those few microseconds stand between.
 */
const HELD_ROWS = 1024;

const STACK_TRACE = ascii('<stack trace');
const USER_STACK_TRACE = ascii('<user stack trace');
/** TRACE_STACK is type 4 (kernel/trace/trace.h); options/fields has no fields to print for it. */
const UNKNOWN_STACK = ascii('UNKNOWN TYPE 4');
const KERNEL_STACK = ascii('kernel_stack');
const USER_STACK = ascii('user_stack');

export class FtraceTextDecoder implements TextTraceDecoder {
  readonly stats: ImportStats = emptyStats();
  private readonly trace: TextTrace;
  private readonly path: CallPath;
  private readonly userFrames: boolean;
  private readonly header = new TextHeader();
  private readonly scanner = new LineScanner((bytes, start, end) => this.line(bytes, start, end));
  private readonly notices: FtraceNotices;
  private readonly pending = new PendingStacks();
  private readonly callSite = new CallSite();
  /** True while lines with "=>" belong to a stack. */
  private inStack = false;
  /** True once that stack has a frame: trace-cmd report -R prints them as numbers. */
  private hasFrame = false;
  /** The row that the current stack belongs to; NO_ROW = to none that is wanted. */
  private row = NO_ROW;

  constructor(
    sink: TraceSink,
    dictionary: TraceDictionary,
    options: TextDecoderOptions & { collector: 'ftrace' | 'trace-cmd' },
  ) {
    this.userFrames = options.userFrames;
    this.trace = new TextTrace(sink, dictionary, options, this.stats);
    this.trace.expect(options.times ?? 'forward');
    this.path = new CallPath(dictionary, (entry) => this.trace.symbol(entry), options.userFrames);
    this.notices = new FtraceNotices(this.trace);
  }

  get facts(): Readonly<HostFacts> {
    return this.trace.facts;
  }

  get skippedEvents(): Map<string, number> {
    return this.trace.names.skipped();
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
    this.trace.flush(HELD_ROWS);
  }

  finish(cut = ''): void {
    this.trace.fields.ends.isUnterminated = true;
    this.scanner.finish();
    this.closeStack();
    this.stats.longLines = this.scanner.longLines;
    this.trace.end(cut);
  }

  private line(bytes: Uint8Array, start: number, end: number): void {
    this.stats.lines++;
    if (start === end) return;
    if (this.inStack) {
      const arrow = arrowPlace(bytes, start, end);
      if (
        arrow >= 0 &&
        (this.row === NO_ROW || this.path.ftraceLine(bytes, arrow, end, () => this.isEvent(bytes, start, end)))
      ) {
        this.hasFrame = this.stats.sawStack = true;
        return;
      }
      this.closeStack();
    }
    if (bytes[start] === HASH) this.notices.comment(bytes, start, end);
    else if (this.isEvent(bytes, start, end)) this.event(bytes, end);
    else if (!this.notices.line(bytes, start, end)) noteBadLine(this.stats, bytes, start, end);
  }

  private isEvent(bytes: Uint8Array, start: number, end: number): boolean {
    return this.header.parseFtrace(bytes, start, end);
  }

  private event(bytes: Uint8Array, end: number): void {
    const { header, trace } = this;
    trace.coverage.entry();
    this.notices.event();
    if (header.wholeTime) this.stats.wholeTimes = true;
    const { nameStart, nameEnd, textStart } = header;
    if (bytes[textStart] === LESS) {
      if (matches(bytes, textStart, end, STACK_TRACE)) return this.kernelStack();
      if (matches(bytes, textStart, end, USER_STACK_TRACE)) return this.userStack();
    }
    if (nameStart === nameEnd) return this.nameless(bytes, end);
    if (matches(bytes, nameStart, nameEnd, KERNEL_STACK)) return this.kernelStack();
    if (matches(bytes, nameStart, nameEnd, USER_STACK)) return this.userStack();
    const kind = trace.names.note(bytes, nameStart, nameEnd);
    // A skipped event has a stack too, which must not go to another event.
    if (kind === 0) {
      trace.timeOf(header);
      return this.pending.push(header.cpu, header.tid, NO_ROW);
    }
    if (kind >= COMPACTED_PAGES) {
      trace.addMoves(kind, bytes, header, end);
      return this.pending.push(header.cpu, header.tid, NO_ROW);
    }
    trace.fields.lineStart = header.lineStart;
    if (!trace.fields.parse(kind, bytes, header.fieldsStart, end)) {
      trace.timeOf(header);
      if (trace.fields.wasCut) noteCutLine(this.stats, bytes, header.lineStart, end);
      else noteBadLine(this.stats, bytes, header.lineStart, end);
      return this.pending.push(header.cpu, header.tid, NO_ROW);
    }
    if (trace.full) trace.flush(HELD_ROWS);
    const row = trace.add(kind, bytes, header);
    const isAlloc = (kind & FREE_BIT) === 0;
    this.pending.push(header.cpu, header.tid, trace.wantsPath(kind) ? row : NO_ROW);
    const { callSiteStart, callSiteEnd, callNameStart, callNameEnd } = trace.fields;
    if (isAlloc && !this.stats.sawStack && callSiteEnd > callSiteStart) {
      this.callSite.setField(bytes, callSiteStart, callSiteEnd);
      this.callSite.setName(bytes, callNameStart, callNameEnd);
      trace.setStack(row, this.path.internCallSite(this.callSite));
    }
  }

  /** Reads a line with task and time whose text is no event. */
  private nameless(bytes: Uint8Array, end: number): void {
    const { header, stats } = this;
    if (matches(bytes, header.textStart, end, UNKNOWN_STACK)) stats.unprintedStacks++;
    else noteBadLine(stats, bytes, header.lineStart, end);
  }

  private kernelStack(): void {
    const { header } = this;
    this.inStack = true;
    this.row = this.pending.take(header.cpu, header.tid);
    this.path.reset();
  }

  /** A user stack follows the kernel stack of the same event and continues it. */
  private userStack(): void {
    const { header } = this;
    this.inStack = true;
    const row = this.pending.lastTaken(header.cpu, header.tid);
    this.row = this.userFrames ? row : NO_ROW;
    if (!this.userFrames && row !== NO_ROW) this.stats.droppedUserFrames = true;
    if (this.row !== NO_ROW) this.path.resume(this.trace.stackOf(this.row));
  }

  private closeStack(): void {
    if (!this.inStack) return;
    this.inStack = false;
    if (this.row !== NO_ROW && this.hasFrame) this.trace.setStack(this.row, this.path.intern());
    this.row = NO_ROW;
    this.hasFrame = false;
  }
}
