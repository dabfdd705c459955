/**
 * StreamDecoder: reads the collector's byte stream (bpf/README.md) and calls the TraceSink in the
 * order of the stream.
 *
 * Events are gathered in one EventBatch. It is passed on when it is full, before any other call to
 * the sink, and at the end of each push(), so that no event waits for bytes that have not come.
 * Only a bad stream header throws (FormatError). A message that contradicts itself is counted
 * (LOSS_DAMAGED) and skipped. After an impossible message *header* nothing that follows can be
 * trusted, and the trace ends there as 'cut'.
 */
import { DAMAGED_SPANS_KEPT, type Damage } from '../../event/damage.js';
import { EventBatch } from '../../event/event-batch.js';
import type { HostFacts } from '../../event/host-facts.js';
import { LOSS_DAMAGED, LOSS_NAME_TABLE_FULL, LOSS_NO_STACK, type LossRow } from '../../event/losses.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { type EndReason, FREED_ROWS, type FreedRow, type TraceSink } from '../../event/trace-sink.js';
import { aliasesIn, mergedCaches } from '../../proc/slab-aliases.js';
import { FormatError } from '../format-error.js';
import { COUNTER_SOURCES, END_REASONS } from '../wire-names.js';
import { CgroupIds } from './cgroup-ids.js';
import { EventRecords, FREE_WORDS, isFreeRecord } from './event-records.js';
import { checkedHostFacts, parseHostJson } from './host-json.js';
import { IdMap } from './id-map.js';
import { readLivesMessage, readMarkMessage } from './mark-messages.js';
import { MessageFramer, readU32 } from './message-framer.js';
import {
  decodeText,
  MAX_NAME_BYTES,
  readCgroupMessage,
  readCommName,
  readLossMessage,
  readSymbolMessage,
  readYoungFree,
} from './messages.js';
import { readHeldMessage, readImageMessage, readProcessMessage, readResidentMessage } from './process-messages.js';

const HOST = 1;
const STACK = 2;
const COMM = 3;
const CACHE = 4;
const SYMBOL = 5;
const EVENTS = 6;
const LOSSES = 7;
const CLOCK = 8;
const COUNTERS = 9;
const END = 10;
const ALIASES = 12;
const CGROUP = 13;
const MARK = 14;
const LIVES = 15;
const FREE_SITE = 16;
const YOUNG_FREE = 17;
const PROCESS = 18;
const IMAGE = 19;
const HELD = 21;
const RESIDENT = 22;

const FREE_SITE_BYTES = 16;
/**
 * perf_event_max_stack is 127 by default; the kernel's table of call paths has no use for more than
 * this.
 */
const MAX_DEPTH = 1024;
const MAX_HOST_BYTES = 1 << 20;
/** slabinfo of a machine with thousands of per-cgroup caches has some 2 MB. */
const MAX_COUNTERS_BYTES = 8 << 20;
/** The collector sends at most half of this. */
const MAX_ALIASES_BYTES = 1 << 20;
const MAX_DETAIL_BYTES = 2000;

export class StreamDecoder {
  /** Describes the first thing that was skipped, null = nothing was. For --verbose. */
  firstDamage: string | null = null;
  /** The first DAMAGED_SPANS_KEPT things that were skipped; damageCount counts all. */
  readonly damagedSpans: Damage[] = [];
  damageCount = 0;

  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly framer = new MessageFramer();
  private readonly stackIds = new IdMap();
  private readonly records: EventRecords;
  private readonly cgroups: CgroupIds;
  private readonly frameIds = new Uint32Array(MAX_DEPTH);
  private scratch = new Uint32Array(16384);
  private lastTimeNs = 0;
  private host: HostFacts | null = null;
  private mergedCaches: string[][] = [];
  /** Words 2 and 3 of an alloc, for the free that comes next; empty: there are none. */
  private freeSite = NO_WORDS;
  private freed: FreedRow[] = [];
  private hasEnded = false;

  constructor(sink: TraceSink, dictionary: TraceDictionary) {
    this.sink = sink;
    this.dictionary = dictionary;
    this.cgroups = new CgroupIds(dictionary.cgroups);
    this.records = new EventRecords(new EventBatch(), this.stackIds, () => this.flushEvents());
  }

  /** True once the sink has had its end; later bytes are ignored. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Takes the next bytes of the stream; they may be reused by the caller afterwards. */
  push(chunk: Uint8Array): void {
    if (this.hasEnded) return;
    const { framer } = this;
    framer.append(chunk);
    while (!this.hasEnded && framer.next()) this.message();
    if (this.hasEnded) return;
    this.flushEvents();
    if (framer.damage !== null) this.cut(framer.damage);
  }

  /**
   * The stream is over. Ends the trace as 'cut' unless the stream itself contained its end. Throws
   * a FormatError if the stream ended within its header.
   */
  finish(): void {
    if (this.hasEnded) return;
    const { framer } = this;
    const unfinished = framer.unfinishedBytes;
    if (!framer.sawHeader) {
      throw new FormatError(`the stream is cut off: it ends after ${unfinished} bytes, before the first event`);
    }
    const at = framer.wholeOffset;
    this.end(
      'cut',
      unfinished > 0
        ? `the stream ends in the middle of a message at byte ${at}; read up to there`
        : `the stream ends at byte ${at} without an end message`,
    );
  }

  private message(): void {
    const { kind, bytes, start, length } = this.framer;
    if (kind === EVENTS) return this.onEvents(bytes, start, length);
    if (kind === STACK) return this.onStack(bytes, start, length);
    if (kind === COMM) return this.onComm(bytes, start, length);
    if (kind === CACHE) return this.onCache(bytes, start, length);
    if (kind === ALIASES) return this.onAliases(bytes, start, length);
    if (kind === CGROUP) return this.onCgroup(bytes, start, length);
    if (kind === MARK) return this.onMark(bytes, start, length);
    if (kind === LIVES) return this.onLives(bytes, start, length);
    if (kind === FREE_SITE) return this.onFreeSite(bytes, start, length);
    if (kind === YOUNG_FREE) return this.onYoungFree(bytes, start, length);
    if (kind === IMAGE) return this.onImage(bytes, start, length);
    if ((kind < HOST || kind > END) && kind !== PROCESS && kind !== HELD && kind !== RESIDENT) return;
    // Each of the other messages is a call to the sink: the events before it go first.
    this.flushEvents();
    this.flushFreed();
    if (kind === HOST) this.onHost(bytes, start, length);
    else if (kind === SYMBOL) this.onSymbol(bytes, start, length);
    else if (kind === LOSSES) this.onLosses(bytes, start, length);
    else if (kind === CLOCK) this.onClock(bytes, start, length);
    else if (kind === COUNTERS) this.onCounters(bytes, start, length);
    else if (kind === PROCESS) this.onProcess(bytes, start, length);
    else if (kind === HELD) this.onHeld(bytes, start, length);
    else if (kind === RESIDENT) this.onResident(bytes, start, length);
    else this.onEnd(bytes, start, length);
  }

  private onHost(bytes: Uint8Array, start: number, length: number): void {
    const facts = parseHostJson(length > MAX_HOST_BYTES ? '' : decodeText(bytes, start, length));
    this.records.pageSize = facts.pageSize;
    this.host = facts;
    this.sink.fact({ type: 'host', facts: this.withAliases(facts) });
  }

  /** The names of merged caches are host facts to all that follows. They hold for each later HOST too. */
  private onAliases(bytes: Uint8Array, start: number, length: number): void {
    if (length > MAX_ALIASES_BYTES) return this.damaged(0, `cache aliases of ${length} bytes`);
    this.mergedCaches = mergedCaches(aliasesIn(decodeText(bytes, start, length)));
    if (this.host === null) return;
    this.flushEvents();
    this.sink.fact({ type: 'host', facts: this.withAliases(this.host) });
  }

  private withAliases(facts: HostFacts): HostFacts {
    return this.mergedCaches.length === 0 ? facts : checkedHostFacts({ ...facts, mergedCaches: this.mergedCaches });
  }

  private onStack(bytes: Uint8Array, start: number, length: number): void {
    const id = length < 8 ? 0 : readU32(bytes, start);
    const depth = length < 8 ? 0 : bytes[start + 4] | (bytes[start + 5] << 8);
    if (id === 0 || depth > MAX_DEPTH || 8 + depth * 8 > length) return this.damaged(0, 'a malformed call path');
    const { stacks } = this.dictionary;
    for (let i = 0; i < depth; i++) {
      const at = start + 8 + i * 8;
      this.frameIds[i] = stacks.frames.intern(readU32(bytes, at + 4), readU32(bytes, at));
    }
    this.stackIds.set(id, stacks.intern(this.frameIds, depth));
  }

  private onComm(bytes: Uint8Array, start: number, length: number): void {
    const id = length < 24 ? 0 : readU32(bytes, start);
    if (id === 0) return this.damaged(0, 'a malformed comm');
    const cgroup = this.cgroups.entry(bytes, start + 24, length - 24);
    this.records.commIds.set(id, this.dictionary.comms.intern(readCommName(bytes, start), cgroup));
  }

  private onCgroup(bytes: Uint8Array, start: number, length: number): void {
    const told = readCgroupMessage(bytes, start, length);
    if (told === null) return this.damaged(0, 'a malformed cgroup');
    const timeNs = this.timeAt(bytes, start);
    if (timeNs < 0) return;
    if (told !== 'removed') return this.cgroups.define(bytes, start + 8, told.path);
    const cgroup = this.cgroups.remove(bytes, start + 8);
    if (cgroup === '') return;
    this.flushEvents();
    this.sink.fact({ type: 'cgroup-removed', timeNs, cgroup });
  }

  private onCache(bytes: Uint8Array, start: number, length: number): void {
    const id = length < 16 ? 0 : readU32(bytes, start);
    // Events name caches in 16 bits: a greater id can never be used.
    if (id === 0 || id > 0xffff || length > 16 + MAX_NAME_BYTES) return this.damaged(0, 'a malformed cache');
    const { records } = this;
    records.cacheBytesAlloc[id] = readU32(bytes, start + 4);
    records.cacheBytesReq[id] = readU32(bytes, start + 8);
    records.cacheIds[id] = this.dictionary.caches.intern(decodeText(bytes, start + 16, length - 16));
  }

  private onSymbol(bytes: Uint8Array, start: number, length: number): void {
    const entry = readSymbolMessage(bytes, start, length);
    if (entry === null) return this.damaged(0, 'a malformed symbol');
    this.sink.fact({ type: 'symbol', entry });
  }

  private onEvents(bytes: Uint8Array, start: number, length: number): void {
    const { records, freeSite } = this;
    const words = this.wordsOf(bytes, start, length);
    let first = 0;
    if (freeSite.length > 0) {
      this.freeSite = NO_WORDS;
      if (length >= FREE_WORDS * 4 && isFreeRecord(words[0])) {
        first = FREE_WORDS;
        records.decode(words, first);
        records.setFreeSite(freeSite);
      } else this.damaged(0, 'the call path of a free that does not follow');
    }
    if (length >>> 2 > first) records.decode(first === 0 ? words : words.subarray(first), (length >>> 2) - first);
    if (records.damaged > 0) {
      const events = records.damaged;
      records.damaged = 0;
      this.damaged(events, records.damage);
    } else if ((length & 3) !== 0) {
      this.damaged(1, `events of ${length} bytes, expected a multiple of 8`);
    }
    if (records.anyUnknown) this.reportUnknown();
  }

  /** The call path of the free that is the next event. */
  private onFreeSite(bytes: Uint8Array, start: number, length: number): void {
    if (length < FREE_SITE_BYTES) return this.damaged(0, 'a malformed call path of a free');
    this.freeSite = Uint32Array.from({ length: 4 }, (_, i) => readU32(bytes, start + i * 4));
  }

  private onYoungFree(bytes: Uint8Array, start: number, length: number): void {
    const row = readYoungFree(bytes, start, length, length < 8 ? -1 : this.timeAt(bytes, start));
    if (row === null) return this.damaged(0, 'a malformed free of a young allocation');
    if (row === undefined) return;
    const freeStackId = this.stackIds.get(row.freeStackId);
    if (freeStackId === 0) return;
    this.freed.push({ ...row, stackId: this.stackIds.get(row.stackId), freeStackId });
    if (this.freed.length === FREED_ROWS) this.flushFreed();
  }

  private flushFreed(): void {
    if (this.freed.length === 0) return;
    const rows = this.freed;
    this.freed = [];
    this.flushEvents();
    this.sink.fact({ type: 'freed', timeNs: this.lastTimeNs, rows });
  }

  private onLosses(bytes: Uint8Array, start: number, length: number): void {
    const rows = readLossMessage(bytes, start, length);
    if (rows === null) return this.damaged(0, 'a malformed loss message');
    const timeNs = this.timeAt(bytes, start);
    if (timeNs >= 0) this.sink.fact({ type: 'losses', timeNs, rows });
  }

  private onClock(bytes: Uint8Array, start: number, length: number): void {
    const timeNs = length < 8 ? this.timeAt(TOO_LATE, 0) : this.timeAt(bytes, start);
    if (timeNs >= 0) this.sink.fact({ type: 'clock', timeNs: this.lastTimeNs });
  }

  private onCounters(bytes: Uint8Array, start: number, length: number): void {
    if (length < 16 || length > MAX_COUNTERS_BYTES) return this.damaged(0, `kernel counters of ${length} bytes`);
    const source = COUNTER_SOURCES[bytes[start + 8]];
    const timeNs = this.timeAt(bytes, start);
    if (source === undefined || timeNs < 0) return;
    this.sink.fact({ type: 'counters', timeNs, source, text: decodeText(bytes, start + 16, length - 16) });
  }

  private onMark(bytes: Uint8Array, start: number, length: number): void {
    const mark = readMarkMessage(bytes, start, length);
    if (mark === null) return this.damaged(0, 'a malformed mark');
    this.flushEvents();
    const timeNs = this.timeAt(bytes, start);
    if (timeNs >= 0 && mark !== undefined) this.sink.fact({ type: 'mark', timeNs, mark });
  }

  private onLives(bytes: Uint8Array, start: number, length: number): void {
    const timeNs = length < 16 ? 0 : this.timeAt(bytes, start);
    if (timeNs < 0) return;
    const lives = readLivesMessage(bytes, start, length, timeNs);
    if (lives === null) return this.damaged(0, `lives of processes of ${length} bytes`);
    this.flushEvents();
    this.sink.fact({ type: 'lives', timeNs, lives });
  }

  private onProcess(bytes: Uint8Array, start: number, length: number): void {
    const process = readProcessMessage(bytes, start, length);
    if (process === null) return this.damaged(0, 'a malformed process');
    const timeNs = this.timeAt(bytes, start);
    if (timeNs >= 0 && process !== undefined) this.sink.fact({ type: 'process', timeNs, process });
  }

  private onImage(bytes: Uint8Array, start: number, length: number): void {
    const image = readImageMessage(bytes, start, length);
    if (image === null) return this.damaged(0, 'a malformed image');
    this.flushEvents();
    this.sink.fact({ type: 'image', image });
  }

  /** What processes held before the trace. */
  private onHeld(bytes: Uint8Array, start: number, length: number): void {
    const { stackIds, records } = this;
    const held = readHeldMessage(bytes, start, length, {
      stack: (id) => (id === 0 ? 0 : stackIds.get(id)),
      comm: (id) => (id === 0 ? 0 : records.commIds.get(id)),
    });
    const timeNs = held === null ? 0 : this.timeAt(bytes, start);
    if (held === null || held.bad > 0) this.damaged(0, 'malformed memory from before the trace');
    if (held === null || timeNs < 0) return;
    for (const rows of held.rows) this.sink.fact({ type: 'held', timeNs, rows });
  }

  private onResident(bytes: Uint8Array, start: number, length: number): void {
    const resident = readResidentMessage(bytes, start, length);
    if (resident === null) return this.damaged(0, 'malformed resident pages');
    const timeNs = this.timeAt(bytes, start);
    if (timeNs >= 0) this.sink.fact({ type: 'resident', timeNs, ...resident });
  }

  private onEnd(bytes: Uint8Array, start: number, length: number): void {
    if (length < 16) return this.damaged(0, 'a malformed end message');
    this.timeAt(bytes, start);
    const reason = END_REASONS[bytes[start + 8]] ?? 'stopped';
    this.end(reason, decodeText(bytes, start + 16, Math.min(length - 16, MAX_DETAIL_BYTES)));
  }

  /**
   * Reads the u64 time at a place and advances lastTimeNs. Returns -1, and counts damage, if it is
   * not below 2^53.
   */
  private timeAt(bytes: Uint8Array, at: number): number {
    const timeNs = readU32(bytes, at + 4) * 0x100000000 + readU32(bytes, at);
    if (timeNs >= Number.MAX_SAFE_INTEGER) {
      this.damaged(0, `a time of ${timeNs} ns, expected less than 2^53`);
      return -1;
    }
    if (timeNs > this.lastTimeNs) this.lastTimeNs = timeNs;
    return timeNs;
  }

  /**
   * Returns the payload as words: a view if it is aligned (it is, unless a chunk was cut oddly),
   * else a copy.
   */
  private wordsOf(bytes: Uint8Array, start: number, length: number): Uint32Array {
    const offset = bytes.byteOffset + start;
    const count = length >>> 2;
    if (LITTLE_ENDIAN && (offset & 3) === 0) return new Uint32Array(bytes.buffer, offset, count);
    if (this.scratch.length < count) this.scratch = new Uint32Array(count);
    if (LITTLE_ENDIAN) new Uint8Array(this.scratch.buffer).set(bytes.subarray(start, start + count * 4));
    else for (let i = 0; i < count; i++) this.scratch[i] = readU32(bytes, start + i * 4);
    return this.scratch;
  }

  /** Passes on the events gathered so far. */
  private flushEvents(): void {
    const { batch, maxTimeNs } = this.records;
    if (maxTimeNs > this.lastTimeNs) this.lastTimeNs = maxTimeNs;
    if (batch.length === 0) return;
    this.sink.events(batch);
    batch.clear();
  }

  /**
   * Reports events whose stack, comm or cache was never defined, as the collector would: they were
   * kept without it.
   */
  private reportUnknown(): void {
    const { records } = this;
    const rows: LossRow[] = [];
    for (let kind = 0; kind < 32; kind++) {
      if (records.unknownStacks[kind] > 0) rows.push(lossRow(LOSS_NO_STACK, kind, records.unknownStacks[kind]));
      if (records.unknownNames[kind] > 0) rows.push(lossRow(LOSS_NAME_TABLE_FULL, kind, records.unknownNames[kind]));
    }
    records.unknownStacks.fill(0);
    records.unknownNames.fill(0);
    records.anyUnknown = false;
    this.flushEvents();
    this.sink.fact({ type: 'losses', timeNs: this.lastTimeNs, rows });
  }

  private damaged(events: number, what: string): void {
    const byteOffset = this.framer.messageOffset;
    this.firstDamage ??= `message at byte ${byteOffset}: ${what}`;
    this.flushEvents();
    const { lastTimeNs } = this;
    this.damageCount++;
    if (this.damagedSpans.length < DAMAGED_SPANS_KEPT) {
      this.damagedSpans.push({ byteOffset, fromNs: lastTimeNs, toNs: lastTimeNs, events, reason: what });
    }
    this.sink.fact({ type: 'losses', timeNs: this.lastTimeNs, rows: [lossRow(LOSS_DAMAGED, 0, events)] });
  }

  private cut(damage: string): void {
    // An impossible length most likely belonged to events, but gives no bound for their number:
    // none are counted.
    this.damaged(0, damage);
    this.end('cut', `${damage}; read up to there`);
  }

  private end(reason: EndReason, detail: string): void {
    this.flushEvents();
    this.flushFreed();
    this.hasEnded = true;
    this.sink.fact({ type: 'end', timeNs: this.lastTimeNs, reason, detail });
  }
}

function lossRow(cause: number, kind: number, count: number): LossRow {
  return { cause, kind, cpu: -1, count, bytes: 0, countWithBytes: 0 };
}

const NO_WORDS = new Uint32Array(0);
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
/** Stands for a missing time: reads as 2^64 - 1. */
const TOO_LATE = new Uint8Array(8).fill(255);
