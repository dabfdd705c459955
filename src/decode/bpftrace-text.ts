/**
 * BpftraceTextDecoder: the lines of bpf/unfreed.bt (told at its head) in, TraceSink calls out, in order of time.
 *
 * Lines are looked at as bytes, for there may be 200,000 a second; only definitions become strings. Any bytes are
 * survived: a line that is not one of ours is counted (LOSS_DAMAGED) and left out. Process names cannot forge a line:
 * they come in buf()'s escapes, and their control characters with them.
 */
import { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import {
  FREE_BIT,
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  KMEM_CACHE_FREE,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  PERCPU_FREE,
  SELF_BIT,
  VMALLOC_ALLOC,
  VMALLOC_FREE,
} from '../event/kinds.js';
import { FAILED_ALLOC, LOSS_DAMAGED, LOSS_NO_STACK, LOSS_REPORTED } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, TraceSink } from '../event/trace-sink.js';
import { BpftraceFrames, type FrameLookup } from './bpftrace-frames.js';
import { parseHostJson } from './host-json.js';
import { LineSplitter } from './line-splitter.js';
import { RecentIds } from './recent-ids.js';
import { TimeOrder } from './time-order.js';

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
  /** Only when live: the clocks of the machine that bpftrace runs on. */
  clocks?: BpftraceClocks;
}

/** Letter of an event line -> kind, 0 = no event. */
const KIND_OF_LETTER = new Uint8Array(256);
for (const [letter, kind] of [
  ['a', KMALLOC],
  ['b', KMEM_CACHE_ALLOC],
  ['c', PAGE_ALLOC],
  ['d', PERCPU_ALLOC],
  ['e', VMALLOC_ALLOC],
  ['A', KFREE],
  ['F', KMEM_CACHE_FREE],
  ['C', PAGE_FREE],
  ['D', PERCPU_FREE],
  ['E', VMALLOC_FREE],
] as const) {
  KIND_OF_LETTER[letter.charCodeAt(0)] = kind;
}

const HEX = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) HEX['0123456789abcdef'.charCodeAt(i)] = i;

const SPACE = 32;
const TAB = 9;
/** The script's time is nsecs << 12 | cpu in 64 bits: nsecs modulo 2^52, 52 days. */
const TIME_SPAN_NS = 2 ** 52;
/** A clock line that is read this soon was not waiting behind others. */
const UP_TO_DATE_NS = 100e6;
/** Rows are taken out this often in the trace's time. */
const RELEASE_EVERY_NS = 100e6;
const MAX_ORDER = 20;

export class BpftraceTextDecoder {
  /** The first line that was left out, shortened; null = none was. For --verbose. */
  firstDamage: string | null = null;
  /** True once the clock ticks: all probes are attached. */
  ticking = false;

  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly options: BpftraceTextOptions;
  private readonly frames: BpftraceFrames;
  private readonly lines = new LineSplitter();
  private readonly order = new TimeOrder();
  private readonly batch = new EventBatch();
  private readonly stackIds = new RecentIds();
  private readonly commIds = new RecentIds();
  private readonly cacheIds = new RecentIds();
  private readonly utf8 = new TextDecoder();
  private host: HostFacts | null = null;
  /** nsecs at the start, modulo TIME_SPAN_NS. */
  private startNs: number | null = null;
  private startUnixMs = 0;
  private selfPids: number[] = [];
  /** Id of the call path whose frames are being read, 0 = none. */
  private openStack = 0;
  private wordHi = 0;
  private wordLo = 0;
  private at = 0;
  private failedAllocs = 0;
  private lateReported = 0;
  private lostReported = 0;
  private damaged = 0;
  private noStack = 0;
  private failedNew = 0;
  private stderrRest = '';
  private waiting: { timeNs: number; source: CounterSource; text: string }[] = [];
  private sawEnd = false;
  private hasEnded = false;
  private readonly takeRow = (row: number): void => this.toBatch(row);

  constructor(sink: TraceSink, dictionary: TraceDictionary, options: BpftraceTextOptions = {}) {
    this.sink = sink;
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
    if (this.order.limitNs - this.order.releasedNs >= RELEASE_EVERY_NS) this.release(this.order.limitNs);
    if (this.order.full) this.release(this.order.medianNs());
  }

  /** Takes text of bpftrace's stderr: "Lost N events". What it says beside that is the caller's to show. */
  pushStderr(text: string): void {
    const joined = this.stderrRest + text;
    const end = joined.lastIndexOf('\n');
    this.stderrRest = joined.slice(end + 1).slice(-1000);
    for (const line of joined.slice(0, end + 1).split('\n')) this.lostReported += lostEvents(line);
  }

  /** A sample of the kernel's own counters, taken now: it goes out when its time has come. */
  addCounters(source: CounterSource, text: string): void {
    this.waiting.push({ timeNs: this.order.newestNs, source, text });
  }

  /** Nothing comes any more: everything that waits goes out, then the end. */
  finish(reason: EndReason = 'stopped', detail = ''): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.release(this.order.newestNs);
    const cut = !this.sawEnd && reason === 'stopped';
    this.sink.end(this.order.releasedNs, cut ? 'cut' : reason, cut ? 'the text ends without an end line' : detail);
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
    this.stackIds.set(this.openStack, this.frames.end());
    this.openStack = 0;
    const isDot = end - start === 1 && bytes[start] === 46;
    if (!isDot) this.line(bytes, start, end);
  }

  private eventLine(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.at = start;
    if (!this.word(bytes, end)) return false;
    const timeNs = this.timeOfWord();
    if (!this.word(bytes, end)) return false;
    let addrHi = this.wordHi;
    const addrLo = this.wordLo;
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
      if (!this.word(bytes, end)) return false;
      stackId = this.wordHi;
      pid = this.wordLo;
      if (!this.word(bytes, end)) return false;
      commId = this.wordHi;
      cacheId = this.wordLo;
      if (kind !== PAGE_ALLOC) {
        if (!this.word(bytes, end)) return false;
        if (kind === VMALLOC_ALLOC) size = this.pagesOfWord();
        else {
          size = this.wordHi;
          bytesReq = this.wordLo;
        }
      }
    }
    if (this.at < end) return false;
    const { order } = this;
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
    const letter = String.fromCharCode(bytes[start]);
    this.at = start + 1;
    if (letter === 'S') return this.openStackLine(bytes, end);
    if (letter === 'T') return this.clockLine(bytes, end);
    if (letter === 'N' || letter === 'G') return this.nameLine(letter, bytes, end);
    const text = this.text(bytes, start + 1, end);
    if (letter === 'B') return this.startLine(text);
    if (letter === 'H') {
      this.host = parseHostJson(text);
      return true;
    }
    if (letter === 'O') {
      this.selfPids = text.split(' ').map((pid) => Number.parseInt(pid, 16));
      this.tellHost();
      return true;
    }
    if (letter === 'X' && text === '') {
      this.sawEnd = true;
      return true;
    }
    const lost = lostEvents(letter + text);
    this.lostReported += lost;
    return lost > 0;
  }

  private openStackLine(bytes: Uint8Array, end: number): boolean {
    if (!this.word(bytes, end) || this.wordLo === 0) return false;
    const isEmpty = end - this.at === 1 && bytes[this.at] === 46;
    if (isEmpty) this.stackIds.set(this.wordLo, 0);
    else this.openStack = this.wordLo;
    this.frames.begin();
    return true;
  }

  private clockLine(bytes: Uint8Array, end: number): boolean {
    if (!this.word(bytes, end)) return false;
    const timeNs = this.timeOfWord();
    this.order.see(timeNs);
    const { clocks } = this.options;
    if (clocks !== undefined && clocks.elapsedNs() - timeNs < UP_TO_DATE_NS) this.order.caughtUp(timeNs);
    this.ticking = true;
    if (!this.word(bytes, end)) return true;
    if (this.wordLo > this.failedAllocs) {
      this.failedNew += this.wordLo - this.failedAllocs;
      this.failedAllocs = this.wordLo;
    }
    return true;
  }

  private nameLine(letter: 'N' | 'G', bytes: Uint8Array, end: number): boolean {
    if (!this.word(bytes, end) || this.wordLo === 0) return false;
    const id = this.wordLo;
    if (letter === 'G') this.cacheIds.set(id, this.dictionary.caches.intern(this.text(bytes, this.at, end)));
    else this.commIds.set(id, this.dictionary.comms.intern(this.unescaped(bytes, this.at, end)));
    return true;
  }

  private startLine(text: string): boolean {
    if (!/^[0-9a-f]{1,16}$/.test(text)) return false;
    const nsecs = BigInt(`0x${text}`);
    this.startNs = Number(nsecs % BigInt(TIME_SPAN_NS));
    this.startUnixMs = this.options.clocks?.start(nsecs) ?? 0;
    return true;
  }

  private tellHost(): void {
    const facts = this.host ?? { ...parseHostJson(''), collector: 'bpftrace' };
    this.host = { ...facts, startUnixMs: facts.startUnixMs || this.startUnixMs };
    this.sink.host(this.host);
  }

  /** Reads a hexadecimal word and the blank behind it into wordHi and wordLo. */
  private word(bytes: Uint8Array, end: number): boolean {
    let hi = 0;
    let lo = 0;
    let at = this.at;
    const start = at;
    for (; at < end; at++) {
      const digit = HEX[bytes[at]];
      if (digit === 255) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    const digits = at - start;
    if (digits === 0 || digits > 16 || (at < end && bytes[at] !== SPACE)) return false;
    this.wordHi = hi >>> 0;
    this.wordLo = lo >>> 0;
    this.at = at < end ? at + 1 : end;
    return true;
  }

  private timeOfWord(): number {
    const nsecs = this.wordHi * 2 ** 20 + (this.wordLo >>> 12);
    // A text without its start line starts with its first time.
    this.startNs ??= nsecs;
    const passed = nsecs - this.startNs;
    const timeNs = passed < 0 ? passed + TIME_SPAN_NS : passed;
    // What was printed just before the start looks like 52 days after it.
    return timeNs > TIME_SPAN_NS / 2 ? 0 : timeNs;
  }

  private pagesOfWord(): number {
    const pageSize = this.host?.pageSize ?? 4096;
    return Math.min(Math.ceil((this.wordHi * 2 ** 32 + this.wordLo) / pageSize), 0xffffffff);
  }

  private text(bytes: Uint8Array, start: number, end: number): string {
    return this.utf8.decode(bytes.subarray(start, end));
  }

  /** buf()'s text as the bytes it stands for, up to the first NUL. */
  private unescaped(bytes: Uint8Array, start: number, end: number): string {
    const out: number[] = [];
    for (let at = start; at < end && out.length < 64; at++) {
      const high = at + 3 < end && bytes[at] === 92 && bytes[at + 1] === 120 ? HEX[bytes[at + 2]] : 255;
      const low = high === 255 ? 255 : HEX[bytes[at + 3]];
      if (low === 255) out.push(bytes[at]);
      else {
        if ((high | low) === 0) break;
        out.push(high * 16 + low);
        at += 3;
      }
    }
    return this.utf8.decode(Uint8Array.from(out));
  }

  private release(limitNs: number): void {
    const { order } = this;
    // Samples of the counters go out between the events before them and those after.
    while (this.waiting.length > 0 && this.waiting[0].timeNs <= limitNs) {
      const { timeNs, source, text } = this.waiting[0];
      this.waiting.shift();
      order.release(timeNs, this.takeRow);
      this.flushEvents();
      this.sink.counters(Math.max(timeNs, order.releasedNs), source, text);
    }
    order.release(limitNs, this.takeRow);
    this.flushEvents();
    this.tellLosses();
    this.sink.clock(order.releasedNs);
  }

  private toBatch(row: number): void {
    const { batch, order } = this;
    if (batch.length === batch.capacity) this.flushEvents();
    const to = batch.length++;
    const kind = order.kind[row];
    batch.timeNs[to] = order.timeNs[row];
    batch.addrHi[to] = order.addrHi[row];
    batch.addrLo[to] = order.addrLo[row];
    batch.size[to] = order.size[row];
    batch.bytesReq[to] = order.bytesReq[row];
    batch.pid[to] = order.pid[row];
    batch.commId[to] = this.commIds.get(order.commId[row]);
    batch.cacheId[to] = this.cacheIds.get(order.cacheId[row]);
    const isAlloc = (kind & FREE_BIT) === 0;
    const stackId = isAlloc ? this.stackIds.get(order.stackId[row]) : 0;
    batch.stackId[to] = stackId;
    if (isAlloc && stackId === 0) this.noStack++;
    const isSelf = isAlloc && this.host?.self === 'mark' && this.selfPids.includes(order.pid[row]);
    batch.kind[to] = isSelf ? kind | SELF_BIT : kind;
  }

  private flushEvents(): void {
    if (this.batch.length === 0) return;
    this.sink.events(this.batch);
    this.batch.clear();
  }

  private tellLosses(): void {
    // A row that came too late may have changed places with its free: as good as lost, so it counts as that.
    const reported = this.lostReported + this.order.late - this.lateReported;
    const rows = [
      [LOSS_REPORTED, reported],
      [LOSS_DAMAGED, this.damaged],
      [LOSS_NO_STACK, this.noStack],
      [FAILED_ALLOC, this.failedNew],
    ].flatMap(([cause, count]) => (count > 0 ? [{ cause, kind: 0, cpu: -1, count, bytes: 0, countWithBytes: 0 }] : []));
    if (rows.length > 0) this.sink.losses(this.order.releasedNs, rows);
    this.lateReported = this.order.late;
    this.lostReported = 0;
    this.damaged = 0;
    this.noStack = 0;
    this.failedNew = 0;
  }

  private damage(bytes: Uint8Array, start: number, end: number): void {
    this.damaged++;
    this.firstDamage ??= this.text(bytes, start, Math.min(end, start + 200));
  }
}

/** "Attaching 15 probes...": 'A' is also a kfree's letter, but 't' is no digit. */
function isAttaching(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === 65 && bytes[start + 1] === 116 && bytes[start + 2] === 116;
}

/** The N of "Lost N events" or (0.21 on) "Skipped N events", in whatever way it is dressed; 0 = another line. */
function lostEvents(line: string): number {
  const match = /^(?:WARNING: )?(?:Lost|Skipped) (\d{1,15}) events/.exec(line.trim());
  return match === null ? 0 : Number(match[1]);
}
