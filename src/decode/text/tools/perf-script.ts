/**
 * PerfScriptDecoder: reads the text of `perf script` over a recording of kmem events (perf record
 * -e 'kmem:*' -g, perf kmem record), and calls the TraceSink.
 *
 *  comm pid/tid [cpu] seconds.micros: kmem:kmalloc: call_site=... ptr=... bytes_req=...
 *  <tab>ffffffff812ae0a0 __kmalloc_node+0x1a0 ([kernel.kallsyms])
 *  <empty line>
 *
 * An event is a line, the lines after it that start with a tab, and an empty line; without -g there
 * are no such lines. Where a text was copied, spaces may stand for the tab. Bad lines never throw:
 * they are counted. Format: tools/perf/builtin-script.c,
 * util/evsel_fprintf.c.
 */
import type { HostFacts } from '../../../event/host-facts.js';
import { FREE_BIT } from '../../../event/kinds.js';
import type { TraceDictionary } from '../../../event/trace-dictionary.js';
import type { TraceSink } from '../../../event/trace-sink.js';
import { CallSite } from '../call-site.js';
import { kindOfFields } from '../fields/nameless.js';
import {
  ascii,
  ByteScan,
  CLOSE_PAREN,
  HASH,
  HEX_VALUE,
  indexOfWord,
  matches,
  SPACE,
  skipSpaces,
  TAB,
} from '../text-bytes.js';
import type { TextDecoderOptions, TextTraceDecoder } from '../text-decoder.js';
import { COMPACTED_PAGES } from '../text-event-names.js';
import { CallPath } from '../text-frames.js';
import { TextHeader } from '../text-header.js';
import { LineScanner } from '../text-lines.js';
import { emptyStats, type ImportStats, noteBadLine, noteCutLine, showsEvent } from '../text-stats.js';
import { PerfHeaderReader } from './perf-header.js';
import { TextTrace } from './text-trace.js';

const NO_ROW = -1;
const RECORD = ascii('PERF_RECORD_');
const RECORD_LOST = ascii('PERF_RECORD_LOST');
const LOST = ascii('lost');
const LOST_LOUD = ascii('LOST ');
const PROCESSED = ascii('Processed ');
const AND_LOST = ascii(' and lost ');

export class PerfScriptDecoder implements TextTraceDecoder {
  readonly stats: ImportStats = emptyStats();
  private readonly trace: TextTrace;
  private readonly path: CallPath;
  private readonly header = new TextHeader();
  private readonly scanner = new LineScanner((bytes, start, end) => this.line(bytes, start, end));
  private readonly perfHeader: PerfHeaderReader;
  /** The event whose stack lines are being read. */
  private row = NO_ROW;
  /** True if its stack has a line. */
  private rowHasStack = false;
  private rowIsFree = false;
  /** True between an event's line and the empty line after it. */
  private inEvent = false;
  /** The call site of that alloc; kept only as long as no event came with a stack. */
  private readonly callSite = new CallSite();
  /** True if perf script warned that events were lost, without saying where. */
  private warnedOfLoss = false;

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: TextDecoderOptions) {
    this.trace = new TextTrace(sink, dictionary, { collector: 'perf-script', pageSize: options.pageSize }, this.stats);
    this.trace.expect(options.times ?? 'forward');
    this.path = new CallPath(dictionary, (entry) => this.trace.symbol(entry), options.userFrames);
    this.perfHeader = new PerfHeaderReader(this.trace.facts, this.trace.coverage);
  }

  get facts(): Readonly<HostFacts> {
    return this.trace.facts;
  }

  get skippedEvents(): Map<string, number> {
    return this.trace.names.skipped();
  }

  push(chunk: Uint8Array): void {
    this.scanner.push(chunk);
    // Stack lines of the last event may still come.
    this.trace.flush(this.row === NO_ROW ? 0 : 1);
  }

  finish(cut = ''): void {
    this.trace.fields.ends.isUnterminated = true;
    this.scanner.finish();
    this.closeEvent();
    this.stats.longLines = this.scanner.longLines;
    if (this.warnedOfLoss && this.stats.lostEvents === 0) this.loseUncounted(-1);
    this.trace.end(cut);
  }

  private line(bytes: Uint8Array, start: number, end: number): void {
    this.stats.lines++;
    if (start === end) {
      this.closeEvent();
      this.inEvent = false;
      return;
    }
    const first = bytes[start];
    if (first === TAB && this.inEvent) return this.frame(bytes, start, end);
    // A comm can start with "#" too, so this comes before the headers.
    if (this.header.parsePerf(bytes, start, end)) this.event(bytes, end);
    else if (first === HASH && !this.trace.started) {
      this.perfHeader.line(bytes, start, end);
      this.trace.cpus = this.trace.facts.cpus;
      this.trace.fields.pageSize = this.trace.facts.pageSize;
    } else if (this.inEvent && isFrame(bytes, start, end)) this.frame(bytes, start, end);
    else this.otherLine(bytes, start, end);
  }

  private frame(bytes: Uint8Array, start: number, end: number): void {
    if (this.row === NO_ROW) return;
    this.rowHasStack = true;
    this.path.perfLine(bytes, start, end);
  }

  private event(bytes: Uint8Array, end: number): void {
    const { header, trace } = this;
    this.closeEvent();
    this.inEvent = true;
    const kind = this.kindOf(bytes, end);
    if (kind < 0) return this.record(bytes, end);
    if (kind === 0) {
      // A skipped event starts the clock too: tracing had begun.
      trace.timeOf(header);
      return;
    }
    if (kind >= COMPACTED_PAGES) return trace.addMoves(kind, bytes, header, end);
    trace.fields.lineStart = header.lineStart;
    if (!trace.fields.parse(kind, bytes, header.fieldsStart, end)) {
      trace.timeOf(header);
      if (trace.fields.wasCut) return noteCutLine(this.stats, bytes, header.lineStart, end);
      return noteBadLine(this.stats, bytes, header.lineStart, end);
    }
    if (trace.full) trace.flush(0);
    const row = trace.add(kind, bytes, header);
    if (!trace.wantsPath(kind)) return;
    this.row = row;
    this.rowHasStack = false;
    this.rowIsFree = (kind & FREE_BIT) !== 0;
    this.path.reset();
    if (!this.stats.sawStack && !this.rowIsFree) this.keepCallSite(bytes);
  }

  /** Returns the kind of the event in `header`, 0 if it is not one of ours, -1 if the line is a record of perf's. */
  private kindOf(bytes: Uint8Array, end: number): number {
    const { nameStart, nameEnd, textStart, fieldsStart } = this.header;
    const { names } = this.trace;
    if (nameStart < nameEnd) {
      return matches(bytes, textStart, fieldsStart, RECORD) ? -1 : names.note(bytes, nameStart, nameEnd);
    }
    if (matches(bytes, textStart, end, RECORD)) return -1;
    const kind = kindOfFields(bytes, fieldsStart, end);
    names.noteKind(kind);
    if (kind !== 0) this.stats.namelessEvents++;
    return kind;
  }

  /** Kept because it is not known yet whether a stack follows, and then the event's line is gone. */
  private keepCallSite(bytes: Uint8Array): void {
    const { callSiteStart, callSiteEnd, callNameStart, callNameEnd } = this.trace.fields;
    this.callSite.setField(bytes, callSiteStart, callSiteEnd);
    this.callSite.setName(bytes, callNameStart, callNameEnd);
  }

  /** The stack of the current event is complete. */
  private closeEvent(): void {
    if (this.row === NO_ROW) return;
    if (this.rowHasStack) {
      this.stats.sawStack = true;
      this.trace.setStack(this.row, this.path.intern());
      this.stats.droppedUserFrames = this.path.droppedUserFrames;
    } else if (!this.stats.sawStack && !this.rowIsFree && this.callSite.fieldBytes > 0) {
      this.trace.setStack(this.row, this.path.internCallSite(this.callSite));
    }
    this.row = NO_ROW;
  }

  /**
   * Reads a line with task and time that is not an event: with --show-lost-events,
   * "PERF_RECORD_LOST lost 12".
   */
  private record(bytes: Uint8Array, end: number): void {
    const { header } = this;
    this.inEvent = false;
    const at = header.textStart;
    if (!matches(bytes, at, end, RECORD)) return noteBadLine(this.stats, bytes, header.commStart, end);
    if (matches(bytes, at, end, RECORD_LOST)) this.lostAfter(bytes, at, end, LOST, header.cpu);
  }

  private otherLine(bytes: Uint8Array, start: number, end: number): void {
    if (indexOfWord(bytes, start, end, RECORD_LOST) >= 0) return this.lostAfter(bytes, start, end, LOST, -1);
    if (matches(bytes, start, end, LOST_LOUD)) return this.lostAfter(bytes, start, end, LOST_LOUD, -1);
    // perf script's own warning, in the same file: "Processed 2232 events and lost 3 chunks!", "... samples and lost 25.61%!".
    if (matches(bytes, start, end, PROCESSED) && indexOfWord(bytes, start, end, AND_LOST) >= 0) {
      this.warnedOfLoss = true;
      return;
    }
    // A source line below a frame (-F +srcline), or perf's messages before the first event; no event of another tool.
    const mayBeOther = (this.inEvent && bytes[start] === SPACE) || !this.trace.started;
    if (mayBeOther && !showsEvent(bytes, start, end)) return;
    noteBadLine(this.stats, bytes, start, end);
  }

  /** Counts as lost the number after `word`. */
  private lostAfter(bytes: Uint8Array, start: number, end: number, word: Uint8Array, cpu: number): void {
    const place = indexOfWord(bytes, start, end, word);
    const scan = new ByteScan();
    const isSent = place >= 0 && scan.decimal(bytes, skipSpaces(bytes, place + word.length, end), end);
    if (isSent && scan.value <= Number.MAX_SAFE_INTEGER) this.trace.addLoss(cpu, scan.value);
    else this.loseUncounted(cpu);
  }

  /** At least one: a loss must never read as none. */
  private loseUncounted(cpu: number): void {
    this.stats.lostUncounted = true;
    this.trace.addLoss(cpu, 1);
  }
}

/**
 * Returns true for a frame whose tab became spaces, or was lost, on the text's way: an address, a space and a name.
 * A source line has no space behind such a number.
 */
function isFrame(bytes: Uint8Array, start: number, end: number): boolean {
  const at = skipSpaces(bytes, start, end);
  let i = at;
  while (i < end && HEX_VALUE[bytes[i]] !== 255) i++;
  if (i === at || i - at > 16) return false;
  if (i === end) return i - at >= 8;
  return bytes[i] === SPACE && (at > start || i - at >= 8 || bytes[end - 1] === CLOSE_PAREN);
}
