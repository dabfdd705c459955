/**
 * PairingCore: matches allocs to frees and keeps what is outstanding, per call path and in total. A TraceSink like any
 * other; it never throws on event data, and the same events give the same state however they are cut into batches.
 *
 * events() is the loop; the record... methods are the verbs, one per thing that can happen. Per event nothing is
 * allocated. Each run of AHEAD events is first walked to read the memory that it will need: those reads do not depend
 * on each other, so the processor waits for many of them at once instead of for one after the other. It changes
 * nothing else.
 */
import type { EventBatch } from '../event/event-batch.js';
import { type HostFacts, unknownHost } from '../event/host-facts.js';
import { ALLOCATOR_OF_KIND, FREE_BIT, KIND_MASK, PAGE, PERCPU, SELF_BIT, SLAB, VMALLOC } from '../event/kinds.js';
import type { LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { LivePages, MAX_PAGES, PFN_HI_LIMIT } from './live-pages.js';
import { LiveTable, OWN_BIT, PATH, PID, PID_MASK, SIZE, SLOT_WORDS } from './live-table.js';
import { LossLedger } from './loss-ledger.js';
import { type MeminfoSample, parseMeminfo } from './meminfo.js';
import { PathTable } from './path-table.js';

/** Addresses up to ZERO_SIZE_PTR are no memory: NULL, or what kmalloc(0) gives. */
const ZERO_SIZE_PTR = 16;
const ALL_ONES = 0xffffffff;
/** Times beyond this are no longer exact in a Number: such an event is damaged. */
const TIME_LIMIT_NS = 2 ** 53;
/** Events whose memory is read ahead of them: enough to overlap the waiting, few enough to stay in the first cache. */
const AHEAD = 64;

export class PairingCore implements TraceSink {
  readonly dictionary: TraceDictionary;
  readonly paths = new PathTable();
  readonly pages = new LivePages(this.paths);
  readonly slab = new LiveTable();
  readonly percpu = new LiveTable();
  readonly vmalloc = new LiveTable();
  readonly lossLedger = new LossLedger();
  hostFacts: HostFacts = unknownHost();
  /** Latest time seen, ns since the start of the trace. */
  nowNs = 0;
  /** All events seen: allocs + frees + failed allocs + null frees + bad ones. */
  eventCount = 0;
  /** Allocs that gave memory. */
  allocEvents = 0;
  /** Frees of something. */
  freeEvents = 0;
  /** Pages or objects that were freed and not outstanding. */
  orphanFrees = 0;
  /** Pages or objects whose address was allocated again: their free was not seen. */
  missedFrees = 0;
  failedAllocs = 0;
  nullFrees = 0;
  /** Allocs without a call path. */
  stackMisses = 0;
  /** Events of a kind, size, address or time that cannot be. */
  badEvents = 0;
  firstMeminfo: MeminfoSample | null = null;
  lastMeminfo: MeminfoSample | null = null;
  endReason: EndReason | null = null;
  private stackLimit = 0;
  /** Means nothing; written so that the reads of touchAhead() are not optimised away. */
  readAhead = 0;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  host(facts: HostFacts): void {
    this.hostFacts = facts;
  }

  /** Pairing works on addresses; whoever ranks keeps the symbols. */
  symbol(_entry: SymbolisedAddress): void {}

  events(batch: EventBatch): void {
    this.stackLimit = this.dictionary.stacks.size;
    this.eventCount += batch.length;
    for (let start = 0; start < batch.length; start += AHEAD) {
      const end = Math.min(start + AHEAD, batch.length);
      this.touchAhead(batch, start, end);
      this.apply(batch, start, end);
    }
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.lossLedger.add(rows);
    this.clock(timeNs);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.clock(timeNs);
    if (source !== 'meminfo') return;
    const sample = parseMeminfo(timeNs, text);
    if (sample === null) return;
    this.firstMeminfo ??= sample;
    this.lastMeminfo = sample;
  }

  clock(timeNs: number): void {
    if (timeNs > this.nowNs && timeNs < TIME_LIMIT_NS) this.nowNs = timeNs;
  }

  end(timeNs: number, reason: EndReason, _detail: string): void {
    this.clock(timeNs);
    this.endReason = reason;
  }

  /** The table of an address space; of pages, the table of their blocks. */
  tableOf(allocator: number): LiveTable {
    if (allocator === PAGE) return this.pages.blocks;
    if (allocator === SLAB) return this.slab;
    return allocator === PERCPU ? this.percpu : this.vmalloc;
  }

  /**
   * Outstanding bytes of all allocators together. Pages that back slabs and the like count twice: which those are, only
   * symbols tell, see distinctBytes() of rank.
   */
  outstandingBytes(): number {
    const { paths, hostFacts } = this;
    const pages = paths.totalLive(PAGE) + paths.totalLive(VMALLOC);
    return pages * hostFacts.pageSize + paths.totalLive(SLAB) + paths.totalLive(PERCPU);
  }

  /** Bytes of memory held for outstanding allocations, not counting what is kept per call path. */
  get liveByteLength(): number {
    return this.pages.byteLength + this.slab.byteLength + this.percpu.byteLength + this.vmalloc.byteLength;
  }

  /** Throws if the tables contradict each other or the totals. For tests: walks everything. */
  checkInvariants(): void {
    this.pages.checkInvariants();
    for (let allocator = 0; allocator < 4; allocator++) {
      const table = this.tableOf(allocator);
      table.checkInvariants();
      let live = 0;
      for (let at = 0; at < table.words.length; at += SLOT_WORDS)
        if (table.words[at + PATH] !== 0) live += table.words[at + SIZE];
      if (live !== this.paths.totalLive(allocator)) throw new Error(`allocator ${allocator}: ${live} in the table`);
    }
  }

  private touchAhead(batch: EventBatch, start: number, end: number): void {
    const { kind, addrHi, addrLo, size } = batch;
    let sum = 0;
    for (let i = start; i < end; i++) {
      const allocator = ALLOCATOR_OF_KIND[kind[i] & KIND_MASK];
      if (allocator === PAGE) sum += this.pages.touch(addrHi[i], addrLo[i], size[i]);
      else if (allocator === SLAB) sum += this.slab.touch(addrHi[i], addrLo[i]);
    }
    this.readAhead = sum | 0;
  }

  private apply(batch: EventBatch, start: number, end: number): void {
    const { timeNs, kind, addrHi, addrLo, size, stackId, pid, commId, cacheId } = batch;
    for (let i = start; i < end; i++) {
      const bare = kind[i] & KIND_MASK;
      const allocator = ALLOCATOR_OF_KIND[bare];
      const time = timeNs[i];
      if (allocator > VMALLOC || !(time >= 0 && time < TIME_LIMIT_NS)) {
        this.badEvents++;
        continue;
      }
      if (time > this.nowNs) this.nowNs = time;
      if ((bare & FREE_BIT) !== 0) {
        if (allocator === PAGE) this.recordPageFree(addrHi[i], addrLo[i], size[i], time);
        else this.recordFree(allocator, addrHi[i], addrLo[i], time);
        continue;
      }
      const pidWord = (pid[i] & PID_MASK) | ((kind[i] & SELF_BIT) << 24);
      // Ids go up to 65536 (TraceDictionary); that last one becomes 0, unknown.
      const names = (commId[i] & 0xffff) | (cacheId[i] << 16);
      if (allocator === PAGE) {
        this.recordPageAlloc(bare, addrHi[i], addrLo[i], size[i], stackId[i], time, pidWord, names);
      } else {
        this.recordAlloc(allocator, bare, addrHi[i], addrLo[i], size[i], stackId[i], time, pidWord, names);
      }
    }
  }

  private recordPageAlloc(
    kind: number,
    pfnHi: number,
    pfnLo: number,
    pages: number,
    stackId: number,
    timeNs: number,
    pid: number,
    names: number,
  ): void {
    if (pfnHi === ALL_ONES && pfnLo === ALL_ONES) {
      this.failedAllocs++;
      return;
    }
    if (!isPageRange(pfnHi, pfnLo, pages)) {
      this.badEvents++;
      return;
    }
    const path = this.pathOf(stackId, PAGE, kind);
    const missed = this.pages.alloc(pfnHi, pfnLo, pages, path, timeNs, pid, names);
    if (missed < 0) {
      this.badEvents++;
      return;
    }
    this.allocEvents++;
    this.missedFrees += missed;
    if (pid >>> 31 !== 0) this.paths.chargeOwn(path, pages, pages);
    this.paths.chargeAlloc(PAGE, path, pages, pages, timeNs);
  }

  private recordPageFree(pfnHi: number, pfnLo: number, pages: number, timeNs: number): void {
    if (!isPageRange(pfnHi, pfnLo, pages)) {
      this.badEvents++;
      return;
    }
    this.freeEvents++;
    this.orphanFrees += this.pages.free(pfnHi, pfnLo, pages, timeNs);
  }

  private recordAlloc(
    allocator: number,
    kind: number,
    hi: number,
    lo: number,
    size: number,
    stackId: number,
    timeNs: number,
    pid: number,
    names: number,
  ): void {
    if (hi === 0 && lo <= ZERO_SIZE_PTR) {
      this.failedAllocs++;
      return;
    }
    if (allocator === VMALLOC && size === 0) {
      this.badEvents++;
      return;
    }
    this.allocEvents++;
    const table = this.tableOf(allocator);
    const path = this.pathOf(stackId, allocator, kind);
    let slot = table.locate(hi, lo);
    if (slot >= 0) this.retireUnseen(table, allocator, slot);
    else slot = table.insertAt(~slot, hi, lo);
    table.set(slot, path, size, timeNs, pid, names);
    const count = allocator === VMALLOC ? size : 1;
    if (names >>> 16 !== 0) this.paths.noteCache(path, names >>> 16);
    if (pid >>> 31 !== 0) this.paths.chargeOwn(path, size, count);
    this.paths.chargeAlloc(allocator, path, size, count, timeNs);
  }

  /** The address is being allocated again, so its free was not seen (pairing rule 3). The slot stays, to be reused. */
  private retireUnseen(table: LiveTable, allocator: number, slot: number): void {
    const at = slot * SLOT_WORDS;
    const path = table.words[at + PATH];
    const size = table.words[at + SIZE];
    const count = allocator === VMALLOC ? size : 1;
    this.missedFrees += count;
    if ((table.words[at + PID] & OWN_BIT) !== 0) this.paths.chargeOwn(path, -size, -count);
    this.paths.chargeMissedFree(allocator, path, size, count);
  }

  private recordFree(allocator: number, hi: number, lo: number, timeNs: number): void {
    if (hi === 0 && lo <= ZERO_SIZE_PTR) {
      this.nullFrees++;
      return;
    }
    this.freeEvents++;
    const table = this.tableOf(allocator);
    const slot = table.locate(hi, lo);
    if (slot < 0) {
      this.orphanFrees++;
      return;
    }
    const at = slot * SLOT_WORDS;
    const path = table.words[at + PATH];
    const size = table.words[at + SIZE];
    const count = allocator === VMALLOC ? size : 1;
    if ((table.words[at + PID] & OWN_BIT) !== 0) this.paths.chargeOwn(path, -size, -count);
    this.paths.chargeFree(allocator, path, size, count, timeNs - table.times[slot * 4 + 1]);
    table.remove(slot);
  }

  private pathOf(stackId: number, allocator: number, kind: number): number {
    if (stackId !== 0 && stackId <= this.stackLimit) return this.paths.rowOf(stackId, allocator, kind);
    this.stackMisses++;
    return this.paths.rowOf(0, allocator, kind);
  }
}

function isPageRange(pfnHi: number, pfnLo: number, pages: number): boolean {
  if (pages === 0 || pages > MAX_PAGES || pfnHi >= PFN_HI_LIMIT) return false;
  return pages === 1 || pfnHi * 2 ** 32 + pfnLo + pages <= PFN_HI_LIMIT * 2 ** 32;
}
