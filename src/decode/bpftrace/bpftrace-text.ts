/**
 * BpftraceTextDecoder: reads the lines of bpf/unfreed.bt (documented at its head) and calls the
 * TraceSink in order of time.
 *
 * Lines are parsed as bytes, because there may be 200,000 a second; only definitions become
 * strings. No bytes make it throw: a line that is not one of ours is counted (LOSS_DAMAGED) and
 * skipped. Process names cannot forge a line: buf() escapes them, control characters included.
 */
import type { HostFacts } from '../../event/host-facts.js';
import { FREE_BIT, PAGE_ALLOC, PAGE_FREE, VMALLOC_ALLOC } from '../../event/kinds.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { CounterSource, EndReason, TraceSink } from '../../event/trace-sink.js';
import { parseHostJson } from '../stream/host-json.js';
import { BpftraceFrames, type FrameLookup } from './bpftrace-frames.js';
import { OrderedOutput } from './bpftrace-output.js';
import { isAttaching, KIND_OF_LETTER, lostEvents, unescapeBuf } from './bpftrace-words.js';
import { HexWords } from './hex-words.js';
import { LineSplitter } from './line-splitter.js';

/** The clocks that the decoder of a live trace needs. */
export interface BpftraceClocks {
  /** Called once with nsecs at the start. Returns the wall-clock time at that moment, ms since 1970. */
  start(nsecs: bigint): number;
  /** Returns the ns since that moment. */
  elapsedNs(): number;
}

export interface BpftraceTextOptions {
  /** Looks up the addresses of frames; without it all are made up. */
  lookup?: FrameLookup;
  /** Name of the collector in the host facts; absent = the name in the text. */
  collector?: string;
  /** For a live trace only: the clocks of the machine that bpftrace runs on. */
  clocks?: BpftraceClocks;
}

const SPACE = 32;
const TAB = 9;
/** The script's time is nsecs << 12 | cpu in 64 bits, so nsecs is modulo 2^52: 52 days. */
const TIME_SPAN_NS = 2 ** 52;
/** A clock line read within this time did not wait behind other lines. */
const UP_TO_DATE_NS = 100e6;
const MAX_ORDER = 20;

export class BpftraceTextDecoder {
  /** The first line that was skipped, shortened; null = none was. For --verbose. */
  firstDamage: string | null = null;
  /** Number of lines that were skipped. */
  damagedLines = 0;
  /** True once the clock ticks: then all probes are attached. */
  ticking = false;

  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly options: BpftraceTextOptions;
  private readonly frames: BpftraceFrames;
  private readonly lines = new LineSplitter();
  private readonly words = new HexWords();
  private readonly out: OrderedOutput;
  private readonly utf8 = new TextDecoder();
  private host: HostFacts | null = null;
  /** nsecs at the start, modulo TIME_SPAN_NS. */
  private startNs: number | null = null;
  private startUnixMs = 0;
  /** Id of the call path whose frames are being read, 0 = none. */
  private openStack = 0;
  private failedAllocs = 0;
  private stderrRest = '';
  private sawEnd = false;
  private hasEnded = false;

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: BpftraceTextOptions = {}) {
    this.sink = sink;
    this.out = new OrderedOutput(sink);
    this.dictionary = dictionary;
    this.options = options;
    this.frames = new BpftraceFrames(sink, dictionary, options.lookup ?? (() => null));
  }

  /** Takes the next bytes of bpftrace's stdout. */
  push(chunk: Uint8Array): void {
    if (this.hasEnded) return;
    const { lines } = this;
    lines.append(chunk);
    while (lines.next()) this.line(lines.bytes, lines.start, lines.end);
    if (lines.overlong > 0) {
      lines.overlong = 0;
      this.damage(lines.bytes, 0, 0);
    }
    this.out.advance();
  }

  /**
   * Takes text of bpftrace's stderr and counts its "Lost N events". The caller shows everything
   * else in it.
   */
  pushStderr(text: string): void {
    const joined = this.stderrRest + text;
    const end = joined.lastIndexOf('\n');
    this.stderrRest = joined.slice(end + 1).slice(-1000);
    for (const line of joined.slice(0, end + 1).split('\n')) this.out.lost += lostEvents(line);
  }

  /** Adds a sample of the kernel's own counters, taken now; it goes out when its time has come. */
  addCounters(source: CounterSource, text: string): void {
    this.out.addCounters(source, text);
  }

  /** The input is over: sends out everything that waits, then the end. */
  finish(reason: EndReason = 'stopped', detail = ''): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const cut = !this.sawEnd && reason === 'stopped';
    this.out.end(cut ? 'cut' : reason, cut ? 'the text ends without an end line' : detail);
  }

  private line(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const letter = bytes[start];
    if (this.openStack !== 0) return this.stackLine(bytes, start, end);
    const kind = KIND_OF_LETTER[letter];
    const read = kind === 0 ? this.otherLine(bytes, start, end) : this.eventLine(kind, bytes, start + 1, end);
    // Not damage: bpftrace's message at its start, and maps that events filled again after the end.
    if (!read && !this.sawEnd && !isAttaching(bytes, start)) this.damage(bytes, start, end);
  }

  /**
   * Frames are indented. The first line that is not ends the call path; it is "." unless lines were
   * lost.
   */
  private stackLine(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start] === SPACE || bytes[start] === TAB) {
      if (!this.frames.add(this.text(bytes, start, end).trim())) this.damage(bytes, start, end);
      return;
    }
    this.out.stackIds.set(this.openStack, this.frames.end());
    this.openStack = 0;
    const isDot = end - start === 1 && bytes[start] === 46;
    if (!isDot) this.line(bytes, start, end);
  }

  private eventLine(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { words } = this;
    words.at = start;
    if (!words.read(bytes, end)) return false;
    const timeNs = this.timeOfWord();
    if (!words.read(bytes, end)) return false;
    let addrHi = words.hi;
    const addrLo = words.lo;
    let size = 0;
    if (kind === PAGE_ALLOC || kind === PAGE_FREE) {
      const order = addrHi >>> 24;
      if (order > MAX_ORDER) return false;
      size = 2 ** order;
      addrHi &= 0xffffff;
    }
    let stackId = 0;
    let pid = 0;
    let commId = 0;
    let cacheId = 0;
    let bytesReq = 0;
    if ((kind & FREE_BIT) === 0) {
      if (!words.read(bytes, end)) return false;
      stackId = words.hi;
      pid = words.lo;
      if (!words.read(bytes, end)) return false;
      commId = words.hi;
      cacheId = words.lo;
      if (kind !== PAGE_ALLOC) {
        if (!words.read(bytes, end)) return false;
        if (kind === VMALLOC_ALLOC) size = this.pagesOfWord();
        else {
          size = words.hi;
          bytesReq = words.lo;
        }
      }
    }
    if (words.at < end) return false;
    const { order } = this.out;
    const row = order.add(timeNs);
    order.kind[row] = kind;
    order.addrHi[row] = addrHi;
    order.addrLo[row] = addrLo;
    order.size[row] = size;
    order.bytesReq[row] = bytesReq;
    order.stackId[row] = stackId;
    order.pid[row] = pid;
    order.commId[row] = commId;
    order.cacheId[row] = cacheId;
    return true;
  }

  /** Reads any line that is not an event. Returns false if it is not one of ours. */
  private otherLine(bytes: Uint8Array, start: number, end: number): boolean {
    const { words } = this;
    const letter = String.fromCharCode(bytes[start]);
    words.at = start + 1;
    // "Skipped N events" also begins with S but opens no call path: it is tried at the end.
    if (letter === 'S' && this.openStackLine(bytes, end)) return true;
    if (letter === 'T') return this.clockLine(bytes, end);
    if (letter === 'N' || letter === 'G') return this.nameLine(letter, bytes, end);
    const text = this.text(bytes, start + 1, end);
    if (letter === 'B') return this.startLine(text);
    if (letter === 'H') {
      this.host = parseHostJson(text);
      return true;
    }
    if (letter === 'O') {
      this.sendHost(text.split(' ').map((pid) => Number.parseInt(pid, 16)));
      return true;
    }
    // The first line of the text: unfreed-bpftrace 1
    if (letter === 'u') return text === 'nfreed-bpftrace 1';
    if (letter === 'X' && text === '') {
      this.sawEnd = true;
      return true;
    }
    const lost = lostEvents(letter + text);
    this.out.lost += lost;
    return lost > 0;
  }

  private openStackLine(bytes: Uint8Array, end: number): boolean {
    const { words } = this;
    if (!words.read(bytes, end) || words.lo === 0) return false;
    const isEmpty = end - words.at === 1 && bytes[words.at] === 46;
    if (isEmpty) this.out.stackIds.set(words.lo, 0);
    else this.openStack = words.lo;
    this.frames.begin();
    return true;
  }

  private clockLine(bytes: Uint8Array, end: number): boolean {
    const { words } = this;
    if (!words.read(bytes, end)) return false;
    const timeNs = this.timeOfWord();
    this.out.order.see(timeNs);
    const { clocks } = this.options;
    if (clocks !== undefined && clocks.elapsedNs() - timeNs < UP_TO_DATE_NS) this.out.order.caughtUp(timeNs);
    this.ticking = true;
    if (!words.read(bytes, end)) return true;
    if (words.lo > this.failedAllocs) {
      this.out.failedAllocs += words.lo - this.failedAllocs;
      this.failedAllocs = words.lo;
    }
    return true;
  }

  private nameLine(letter: 'N' | 'G', bytes: Uint8Array, end: number): boolean {
    const { words } = this;
    if (!words.read(bytes, end) || words.lo === 0) return false;
    const id = words.lo;
    if (letter === 'G') this.out.cacheIds.set(id, this.dictionary.caches.intern(this.text(bytes, words.at, end)));
    else this.out.commIds.set(id, this.dictionary.comms.intern(this.utf8.decode(unescapeBuf(bytes, words.at, end))));
    return true;
  }

  private startLine(text: string): boolean {
    if (!/^[0-9a-f]{1,16}$/.test(text)) return false;
    const nsecs = BigInt(`0x${text}`);
    this.startNs = Number(nsecs % BigInt(TIME_SPAN_NS));
    this.startUnixMs = this.options.clocks?.start(nsecs) ?? 0;
    return true;
  }

  private sendHost(ownPids: number[]): void {
    const facts = this.host ?? { ...parseHostJson(''), collector: 'bpftrace' };
    const collector = this.options.collector ?? facts.collector;
    this.host = { ...facts, collector, startUnixMs: facts.startUnixMs || this.startUnixMs };
    if (facts.self === 'mark') this.out.selfPids = ownPids;
    this.sink.fact({ type: 'host', facts: this.host });
  }

  private timeOfWord(): number {
    const { words } = this;
    const nsecs = words.hi * 2 ** 20 + (words.lo >>> 12);
    // Without its start line, a text starts at its first time.
    this.startNs ??= nsecs;
    const passed = nsecs - this.startNs;
    const timeNs = passed < 0 ? passed + TIME_SPAN_NS : passed;
    // An event printed just before the start seems to be 52 days after it.
    return timeNs > TIME_SPAN_NS / 2 ? 0 : timeNs;
  }

  private pagesOfWord(): number {
    const { words } = this;
    const pageSize = this.host?.pageSize ?? 4096;
    return Math.min(Math.ceil((words.hi * 2 ** 32 + words.lo) / pageSize), 0xffffffff);
  }

  private text(bytes: Uint8Array, start: number, end: number): string {
    return this.utf8.decode(bytes.subarray(start, end));
  }

  private damage(bytes: Uint8Array, start: number, end: number): void {
    this.out.damaged++;
    this.damagedLines++;
    this.firstDamage ??= this.text(bytes, start, Math.min(end, start + 200));
  }
}
