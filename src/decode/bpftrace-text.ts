/**
 * BpftraceTextDecoder: the lines of bpf/unfreed.bt (told at its head) in, TraceSink calls out, in order of time.
 *
 * Lines are looked at as bytes, for there may be 200,000 a second; only definitions become strings. Any bytes are
 * survived: a line that is not one of ours is counted (LOSS_DAMAGED) and left out. Process names cannot forge a line:
 * they come in buf()'s escapes, and their control characters with them.
 */
import type { HostFacts } from '../event/host-facts.js';
import { FREE_BIT, PAGE_ALLOC, PAGE_FREE, VMALLOC_ALLOC } from '../event/kinds.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, TraceSink } from '../event/trace-sink.js';
import { BpftraceFrames, type FrameLookup } from './bpftrace-frames.js';
import { OrderedOutput } from './bpftrace-output.js';
import { isAttaching, KIND_OF_LETTER, lostEvents, unescapeBuf } from './bpftrace-words.js';
import { HexWords } from './hex-words.js';
import { parseHostJson } from './host-json.js';
import { LineSplitter } from './line-splitter.js';

/** What a decoder of a live trace has to know about time. */
export interface BpftraceClocks {
  /** Told once: nsecs at the start. Answers with the wall clock at that moment, ms since 1970. */
  start(nsecs: bigint): number;
  /** ns since that moment. */
  elapsedNs(): number;
}

export interface BpftraceTextOptions {
  /** Addresses for the frames; all are made up unless given. */
  lookup?: FrameLookup;
  /** Name of the collector in the host facts; absent = what the text says. */
  collector?: string;
  /** Only when live: the clocks of the machine that bpftrace runs on. */
  clocks?: BpftraceClocks;
}

const SPACE = 32;
const TAB = 9;
/** The script's time is nsecs << 12 | cpu in 64 bits: nsecs modulo 2^52, 52 days. */
const TIME_SPAN_NS = 2 ** 52;
/** A clock line that is read this soon was not waiting behind others. */
const UP_TO_DATE_NS = 100e6;
const MAX_ORDER = 20;

export class BpftraceTextDecoder {
  /** The first line that was left out, shortened; null = none was. For --verbose. */
  firstDamage: string | null = null;
  /** Lines that were left out. */
  damagedLines = 0;
  /** True once the clock ticks: all probes are attached. */
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

  /** Takes text of bpftrace's stderr: "Lost N events". What it says beside that is the caller's to show. */
  pushStderr(text: string): void {
    const joined = this.stderrRest + text;
    const end = joined.lastIndexOf('\n');
    this.stderrRest = joined.slice(end + 1).slice(-1000);
    for (const line of joined.slice(0, end + 1).split('\n')) this.out.lost += lostEvents(line);
  }

  /** A sample of the kernel's own counters, taken now: it goes out when its time has come. */
  addCounters(source: CounterSource, text: string): void {
    this.out.addCounters(source, text);
  }

  /** Nothing comes any more: everything that waits goes out, then the end. */
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
    // bpftrace's own words: what it says when it starts, and maps that events filled again after the end.
    if (!read && !this.sawEnd && !isAttaching(bytes, start)) this.damage(bytes, start, end);
  }

  /** Frames are indented; the first line that is not ends the call path, and is "." unless lines were lost. */
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

  /** Everything but events. False when it is nothing of ours. */
  private otherLine(bytes: Uint8Array, start: number, end: number): boolean {
    const { words } = this;
    const letter = String.fromCharCode(bytes[start]);
    words.at = start + 1;
    // "Skipped N events" is no call path: on to the end.
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
      this.tellHost(text.split(' ').map((pid) => Number.parseInt(pid, 16)));
      return true;
    }
    // The first line: unfreed-bpftrace 1
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

  private tellHost(ownPids: number[]): void {
    const facts = this.host ?? { ...parseHostJson(''), collector: 'bpftrace' };
    const collector = this.options.collector ?? facts.collector;
    this.host = { ...facts, collector, startUnixMs: facts.startUnixMs || this.startUnixMs };
    if (facts.self === 'mark') this.out.selfPids = ownPids;
    this.sink.host(this.host);
  }

  private timeOfWord(): number {
    const { words } = this;
    const nsecs = words.hi * 2 ** 20 + (words.lo >>> 12);
    // A text without its start line starts with its first time.
    this.startNs ??= nsecs;
    const passed = nsecs - this.startNs;
    const timeNs = passed < 0 ? passed + TIME_SPAN_NS : passed;
    // What was printed just before the start looks like 52 days after it.
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
