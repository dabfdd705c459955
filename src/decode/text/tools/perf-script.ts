/**
 * PerfScriptDecoder: reads the text of `perf script` over a recording of kmem events (perf record
 * -e 'kmem:*' -g, perf kmem record), and calls the TraceSink.
 *
 *  comm pid/tid [cpu] seconds.micros: kmem:kmalloc: call_site=... ptr=... bytes_req=...
 *  <tab>ffffffff812ae0a0 __kmalloc_node+0x1a0 ([kernel.kallsyms])
 *  <empty line>
 *
 * An event is a line, the lines after it that start with a tab, and an empty line; without -g there
 * are no such lines. Bad lines never throw: they are counted. Format: tools/perf/builtin-script.c,
 * util/evsel_fprintf.c.
 */
import { FREE_BIT } from '../../../event/kinds.js';
import type { TraceDictionary } from '../../../event/trace-dictionary.js';
import type { TraceSink } from '../../../event/trace-sink.js';
import { ascii, ByteScan, HASH, indexOfWord, matches, SPACE, skipSpaces, TAB } from '../text-bytes.js';
import type { TextDecoderOptions, TextTraceDecoder } from '../text-decoder.js';
import { COMPACTED_PAGES } from '../text-event-names.js';
import { CallPath } from '../text-frames.js';
import { TextHeader } from '../text-header.js';
import { LineScanner } from '../text-lines.js';
import { emptyStats, type ImportStats, noteBadLine } from '../text-stats.js';
import { TextTrace } from '../text-trace.js';
import { PerfHeaderReader } from './perf-header.js';

const NO_ROW = -1;
/** Room for symbol+0x1b/0x40 [module]; a kernel symbol has at most 512 bytes. */
const MAX_CALL_SITE = 600;
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
  /** The alloc whose stack lines are being read. */
  private row = NO_ROW;
  /** True if its stack has a line. */
  private rowHasStack = false;
  /** True between an event's line and the empty line after it. */
  private inEvent = false;
  /** The call site of that alloc; kept only as long as no event came with a stack. */
  private readonly callSite = new Uint8Array(MAX_CALL_SITE);
  private callSiteBytes = 0;
  /** True if perf script warned that events were lost, without saying where. */
  private warnedOfLoss = false;

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: TextDecoderOptions) {
    this.trace = new TextTrace(sink, dictionary, 'perf-script', this.stats);
    this.trace.expect(options.times ?? 'forward');
    this.path = new CallPath(dictionary, (entry) => this.trace.symbol(entry), options.userFrames);
    this.perfHeader = new PerfHeaderReader(this.trace.facts);
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
    if (first === TAB && this.inEvent) {
      if (this.row !== NO_ROW) {
        this.rowHasStack = true;
        this.path.perfLine(bytes, start, end);
      }
      return;
    }
    // A comm can start with "#" too, so this comes before the headers.
    if (this.header.parsePerf(bytes, start, end)) this.event(bytes, end);
    else if (first === HASH && !this.trace.started) {
      this.perfHeader.line(bytes, start, end);
      this.trace.cpus = this.trace.facts.cpus;
    } else this.otherLine(bytes, start, end);
  }

  private event(bytes: Uint8Array, end: number): void {
    const { header, trace } = this;
    this.closeEvent();
    this.inEvent = true;
    const isNamed = header.nameStart < header.nameEnd;
    if (!isNamed || matches(bytes, header.textStart, header.fieldsStart, RECORD)) return this.record(bytes, end);
    const kind = trace.names.note(bytes, header.nameStart, header.nameEnd);
    if (kind === 0) {
      // A skipped event starts the clock too: tracing had begun.
      trace.timeOf(header);
      return;
    }
    if (kind >= COMPACTED_PAGES) return trace.addMoves(kind, bytes, header, end);
    if (!trace.fields.parse(kind, bytes, header.fieldsStart, end))
      return noteBadLine(this.stats, bytes, header.commStart, end);
    if (trace.full) trace.flush(0);
    const row = trace.add(kind, bytes, header);
    if ((kind & FREE_BIT) !== 0) return;
    this.row = row;
    this.rowHasStack = false;
    this.path.reset();
    if (!this.stats.sawStack) this.keepCallSite(bytes);
  }

  /** Kept because it is not known yet whether a stack follows, and then the event's line is gone. */
  private keepCallSite(bytes: Uint8Array): void {
    const { callSiteStart, callSiteEnd } = this.trace.fields;
    this.callSiteBytes = Math.min(callSiteEnd - callSiteStart, this.callSite.length);
    this.callSite.set(bytes.subarray(callSiteStart, callSiteStart + this.callSiteBytes));
  }

  /** The stack of the current alloc is complete. */
  private closeEvent(): void {
    if (this.row === NO_ROW) return;
    if (this.rowHasStack) {
      this.stats.sawStack = true;
      this.trace.setStack(this.row, this.path.intern());
      this.stats.droppedUserFrames = this.path.droppedUserFrames;
    } else if (!this.stats.sawStack && this.callSiteBytes > 0) {
      this.trace.setStack(this.row, this.path.internCallSite(this.callSite, 0, this.callSiteBytes));
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
    // A source line below a frame (-F +srcline), or perf's messages before the first event.
    if ((this.inEvent && bytes[start] === SPACE) || !this.trace.started) return;
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
