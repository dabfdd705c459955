/**
 * TextTrace: the output side that the importers of text share: the batch of events, time since the
 * first event, host facts, losses and counts.
 *
 * Rows have a running number over the whole trace, so that a call path can be set after its event
 * was added. flush(keep) passes on all but the last `keep` rows, which can still be completed.
 */
import { EventBatch } from '../../../event/event-batch.js';
import { type HostFacts, unknownHost } from '../../../event/host-facts.js';
import { ALLOCATOR_NAMES, ALLOCATOR_OF_KIND, FREE_BIT, KMEM_CACHE_ALLOC, SLAB } from '../../../event/kinds.js';
import { LOSS_REPORTED, type LossRow } from '../../../event/losses.js';
import type { TraceDictionary } from '../../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../../event/trace-sink.js';
import { TextCoverage } from '../../coverage/text-coverage.js';
import { orderSentences, secondTrace } from '../../order/order-sentences.js';
import { TextOrder } from '../../order/text-order.js';
import type { TimeShape } from '../../order/time-shape.js';
import { movedPagesIn } from '../fields/moved-pages.js';
import { PointerHashes } from '../fields/pointer-hashes.js';
import { TextFields } from '../fields/text-fields.js';
import { decodeText } from '../text-bytes.js';
import { TextEventNames } from '../text-event-names.js';
import type { TextHeader } from '../text-header.js';
import { ByteNames } from '../text-names.js';
import { type ImportStats, importNotes, noteBadLine } from '../text-stats.js';

/** As many as the dictionary keeps. */
const MAX_COMMS = 65536;
/** Kernels print far shorter comms and cache names; a longer one is damage, and is cut. */
const MAX_NAME_BYTES = 256;
/** Time reaches 2^53 ns after 104 days, and is not exact after that. */
const MAX_TIME_NS = 2 ** 53 - 1;

/** Where a text is from. */
export interface TextSource {
  collector: string;
  /** Bytes; absent = not given by the user. */
  pageSize?: number;
}

/** Of 2^4 frees one has its call path. */
const PATH_SHIFT = 4;
/** 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e3779b1;

export class TextTrace {
  readonly stats: ImportStats;
  readonly facts: HostFacts;
  readonly fields = new TextFields();
  readonly names = new TextEventNames();
  readonly coverage: TextCoverage;
  /** True once an event was read, even a skipped one. */
  started = false;
  /** Frees that wantsPath() was asked about. */
  private frees = 0;

  private readonly sink: TraceSink;
  private readonly dictionary: TraceDictionary;
  private readonly batch = new EventBatch();
  /** Running number of the batch's row 0. */
  private firstRow = 0;
  private startSeconds = 0;
  private startNanoseconds = 0;
  private readonly order: TextOrder;
  /** True if each time is the difference to that of the event before it. */
  private isDifference = false;
  private summedNs = 0;
  private hostSent = false;
  /** The allocators seen, and those sent to the sink, as bits. */
  private allocators = 0;
  private sentAllocators = 0;
  private readonly pointers = new PointerHashes();
  private readonly comms = new ByteNames(MAX_COMMS);
  private readonly caches = new ByteNames(MAX_COMMS);
  /** Ids of `comms` and `caches` -> ids of the dictionary. */
  private readonly commIds: number[] = [0];
  private readonly cacheIds: number[] = [0];
  /** CPU -> events reported lost since the last flush. */
  private readonly lost = new Map<number, number>();
  /** Pages moved, by the kind of event that says so. */
  private readonly movedBy = new Map<number, number>();

  constructor(sink: TraceSink, dictionary: TraceDictionary, source: TextSource, stats: ImportStats) {
    this.sink = sink;
    this.dictionary = dictionary;
    this.stats = stats;
    this.facts = { ...unknownHost(), collector: source.collector };
    this.coverage = new TextCoverage(this.facts, this.names, source.pageSize ?? 0);
    this.fields.pageSize = this.facts.pageSize;
    this.order = new TextOrder((given) => {
      this.sendHost();
      this.sink.events(given);
    });
  }

  /** Says how time runs in the text. Must be called before the first event. */
  expect(times: TimeShape): void {
    this.isDifference = times === 'differences';
    if (times === 'one-cpu' || times === 'falling') this.order.hold(times === 'falling');
  }

  /** Online CPUs of the traced machine. */
  set cpus(cpus: number) {
    this.facts.cpus = cpus;
    this.fields.cpus = cpus;
  }

  /** The number of the next row. */
  get nextRow(): number {
    return this.firstRow + this.batch.length;
  }

  get full(): boolean {
    return this.batch.length === this.batch.capacity;
  }

  /** Returns the ns since the first event of the text; negative for an earlier time, until the order is known. */
  timeOf(header: TextHeader): number {
    this.coverage.event(header);
    if (this.isDifference) {
      this.started = true;
      this.summedNs += header.seconds * 1e9 + header.nanoseconds;
      return Math.min(this.summedNs, MAX_TIME_NS);
    }
    if (!this.started) {
      this.started = true;
      this.startSeconds = header.seconds;
      this.startNanoseconds = header.nanoseconds;
    }
    const timeNs = (header.seconds - this.startSeconds) * 1e9 + (header.nanoseconds - this.startNanoseconds);
    return Math.min(timeNs, MAX_TIME_NS);
  }

  /** Adds the event in `header` and `fields`. Returns its row. The batch must not be full. */
  add(kind: number, bytes: Uint8Array, header: TextHeader): number {
    const { batch, fields } = this;
    const row = batch.length++;
    const timeNs = this.timeOf(header);
    if (header.wholeTime || !header.hasTime) this.facts.timesAreCounts = true;
    this.order.note(timeNs, header, this.stats.lines);
    batch.timeNs[row] = timeNs;
    batch.kind[row] = kind;
    batch.addrHi[row] = fields.addrHi;
    batch.addrLo[row] = fields.addrLo;
    batch.size[row] = fields.size;
    batch.stackId[row] = 0;
    const isAlloc = (kind & FREE_BIT) === 0;
    batch.bytesReq[row] = isAlloc ? fields.bytesReq : 0;
    batch.pid[row] = isAlloc ? header.pid : 0;
    batch.commId[row] = isAlloc ? this.commId(bytes, header.commStart, header.commEnd) : 0;
    batch.cpu[row] = 0;
    batch.cacheId[row] = kind === KMEM_CACHE_ALLOC ? this.cacheId(bytes, fields.cacheStart, fields.cacheEnd) : 0;
    const allocator = ALLOCATOR_OF_KIND[kind];
    this.allocators |= 1 << allocator;
    if (allocator === SLAB) this.pointers.note(fields.addrHi, fields.addrLo, fields.pointerDigits);
    if (fields.byPointer) this.stats.pagesByPointer++;
    this.stats.events++;
    if (!header.hasTime) this.stats.timelessEvents++;
    return this.firstRow + row;
  }

  /**
   * Called once for each event: true if its call path is wanted, should there be one. It is of all allocs, and of one
   * free in 16: that tells where memory is freed, and a call path takes longer to read than its event. Multiples
   * of the golden ratio do not fall into step with frees that repeat.
   */
  wantsPath(kind: number): boolean {
    return (kind & FREE_BIT) === 0 || Math.imul(this.frees++, GOLDEN) >>> (32 - PATH_SHIFT) === 0;
  }

  /** Sets the call path of a row. Returns false if the row has been passed on. */
  setStack(row: number, stackId: number): boolean {
    if (row < this.firstRow) return false;
    this.batch.stackId[row - this.firstRow] = stackId;
    return true;
  }

  /** Returns the call path of a row, 0 if it has none or has been passed on. */
  stackOf(row: number): number {
    return row < this.firstRow ? 0 : this.batch.stackId[row - this.firstRow];
  }

  addLoss(cpu: number, events: number): void {
    // Another trace, of which nothing is read.
    if (this.order.other !== null) return;
    this.lost.set(cpu, (this.lost.get(cpu) ?? 0) + events);
    this.stats.lostEvents += events;
  }

  /** Takes an event that says how many pages were moved (MIGRATED_PAGES, COMPACTED_PAGES). */
  addMoves(kind: number, bytes: Uint8Array, header: TextHeader, end: number): void {
    const timeNs = this.timeOf(header);
    const pages = movedPagesIn(bytes, header.fieldsStart, end);
    if (pages === null) return noteBadLine(this.stats, bytes, header.commStart, end);
    // A move by compaction may be in both sums.
    this.movedBy.set(kind, (this.movedBy.get(kind) ?? 0) + pages);
    const more = Math.max(...this.movedBy.values()) - this.stats.movedPages;
    if (more <= 0) return;
    this.stats.movedPages += more;
    this.sendHost();
    this.sink.fact({ type: 'moves', timeNs, pages: more });
  }

  symbol(entry: SymbolisedAddress): void {
    this.coverage.frame(entry.symbol, entry.addressHi);
    this.sendHost();
    this.sink.fact({ type: 'symbol', entry });
  }

  /** Passes on all but the last `keep` rows, and the losses so far. */
  flush(keep: number): void {
    const { batch } = this;
    const kept = Math.min(keep, batch.length);
    const given = batch.length - kept;
    if (given > 0) {
      batch.length = given;
      this.order.events(batch);
      moveRows(batch, given, kept);
      this.firstRow += given;
    }
    if (this.lost.size === 0 || this.order.isHolding) return;
    this.sendHost();
    this.sink.fact({ type: 'losses', timeNs: this.order.lastNs, rows: lossRows(this.lost) });
    this.lost.clear();
  }

  /**
   * The text is over: passes on everything and ends the trace. `cut` says why the text is not
   * whole, '' = it is.
   */
  end(cut = ''): void {
    this.flush(0);
    this.order.end();
    this.flush(0);
    this.noteOrder();
    this.hostSent = false;
    this.facts.hooks = this.names.hooks();
    this.stats.onlyFrees = this.names.isAnyKnown && this.names.kinds().every((kind) => (kind & FREE_BIT) !== 0);
    this.stats.hashedPointers = this.pointers.areHashed;
    this.stats.pagesWithoutPlace = this.fields.pagesWithoutPlace;
    this.coverage.finish(this.facts.timesAreCounts ? 0 : this.order.lastNs);
    this.facts.notes = importNotes(this.stats, this.names.skipped());
    this.sendHost();
    if (cut !== '') return this.sink.fact({ type: 'end', timeNs: this.order.lastNs, reason: 'cut', detail: cut });
    this.sink.fact({
      type: 'end',
      timeNs: this.order.lastNs,
      reason: 'stopped',
      detail: this.names.isAnyKnown ? '' : 'the text holds no allocation event',
    });
  }

  private noteOrder(): void {
    const { order, stats } = this;
    if (this.isDifference) stats.repairs.push('times are differences between events, and were summed up');
    const startNs = this.startSeconds * 1e9 + this.startNanoseconds;
    const { repairs, problems } = orderSentences(order, { startNs, events: stats.events, isCount: stats.wholeTimes });
    stats.repairs.push(...repairs);
    stats.problems.push(...problems);
    if (stats.secondHeader > 0 && order.merged === 0 && order.sorted === 0 && order.other === null) {
      stats.problems.push(secondTrace(stats.secondHeader));
    }
    stats.events -= order.other?.events ?? 0;
  }

  private sendHost(): void {
    if (this.hostSent && this.allocators === this.sentAllocators) return;
    this.hostSent = true;
    this.sentAllocators = this.allocators;
    this.sink.fact({
      type: 'host',
      facts: {
        ...this.facts,
        allocators: ALLOCATOR_NAMES.filter((_, allocator) => (this.allocators & (1 << allocator)) !== 0),
      },
    });
  }

  private commId(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const id = this.comms.intern(bytes, start, Math.min(end, start + MAX_NAME_BYTES));
    this.commIds[id] ??= this.dictionary.comms.intern(decodeText(bytes, start, Math.min(end, start + MAX_NAME_BYTES)));
    return this.commIds[id];
  }

  private cacheId(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const id = this.caches.intern(bytes, start, Math.min(end, start + MAX_NAME_BYTES));
    this.cacheIds[id] ??= this.dictionary.caches.intern(
      decodeText(bytes, start, Math.min(end, start + MAX_NAME_BYTES)),
    );
    return this.cacheIds[id];
  }
}

/** Moves rows [from, from + count) to the front; the batch then holds only these. */
function moveRows(batch: EventBatch, from: number, count: number): void {
  batch.length = count;
  if (count === 0) return;
  const end = from + count;
  batch.timeNs.copyWithin(0, from, end);
  batch.kind.copyWithin(0, from, end);
  batch.addrHi.copyWithin(0, from, end);
  batch.addrLo.copyWithin(0, from, end);
  batch.size.copyWithin(0, from, end);
  batch.bytesReq.copyWithin(0, from, end);
  batch.stackId.copyWithin(0, from, end);
  batch.pid.copyWithin(0, from, end);
  batch.commId.copyWithin(0, from, end);
  batch.cacheId.copyWithin(0, from, end);
  batch.cpu.copyWithin(0, from, end);
}

function lossRows(lost: Map<number, number>): LossRow[] {
  const rows: LossRow[] = [];
  for (const [cpu, count] of lost)
    rows.push({ cause: LOSS_REPORTED, kind: 0, cpu, count, bytes: 0, countWithBytes: 0 });
  return rows;
}
