/**
 * PairingCore: a TraceSink that matches allocs to frees and keeps what is outstanding, per call
 * path and in total (EventPairing), together with what was lost and what the kernel itself counted.
 */
import { TIME_LIMIT_NS } from '../event/event-batch.js';
import { timeOf } from '../event/facts.js';
import { type HostFacts, unknownHost } from '../event/host-facts.js';
import { ADDRESS_SPACES, PAGE } from '../event/kinds.js';
import type { EndReason, FactOf, TraceFact, TraceSink } from '../event/trace-sink.js';
import { meminfoLines } from '../proc/meminfo.js';
import { type MemoryAccount, memoryAccount } from '../proc/memory-account.js';
import { ProcessStates } from '../proc/process-states.js';
import { parseZoneinfo, type ZoneSums } from '../proc/zoneinfo.js';
import { EventPairing } from './event-pairing.js';
import { forgetUnsampled } from './forget.js';
import { holdersOf } from './live-table.js';
import { LossLedger } from './loss-ledger.js';
import { PageBalance } from './page-balance.js';
import { SampleHistory } from './sample-history.js';
import { SlabBalance } from './slab-balance.js';

/**
 * A zoneinfo and a meminfo are of one moment if their times differ by no more than this: per-CPU
 * lists fill and empty by tens of MiB a second.
 */
const PAIRED_WITHIN_NS = 100e6;

export interface ZoneSample extends ZoneSums {
  timeNs: number;
}

export class PairingCore extends EventPairing implements TraceSink {
  readonly lossLedger = new LossLedger();
  readonly sampling = new SampleHistory();
  hostFacts: HostFacts = unknownHost();
  /** Where the machine's memory was at the first and at the latest sample of meminfo. */
  firstMeminfo: MemoryAccount | null = null;
  lastMeminfo: MemoryAccount | null = null;
  /** The least memory held by references at any sample so far, bytes. */
  leastHeldBytes = Number.POSITIVE_INFINITY;
  /** The latest sample of zoneinfo, for the meminfo that follows it. */
  zones: ZoneSample | null = null;
  /** Which processes are gone, and what the others map. */
  processes = new ProcessStates();
  /** The kernel's counters, beside what was outstanding at the same moments. */
  pageBalance = new PageBalance();
  slabBalance = new SlabBalance();
  endReason: EndReason | null = null;
  /** Pages that the kernel moved, as a fact says that does not name them: none of those is followed. */
  unseenMoves = 0;

  fact(fact: TraceFact): void {
    this.version++;
    const timeNs = timeOf(fact) ?? 0;
    if (timeNs > this.nowNs && timeNs < TIME_LIMIT_NS) this.nowNs = timeNs;
    switch (fact.type) {
      case 'host':
        return this.host(fact.facts);
      case 'losses':
        return this.lossLedger.add(fact.rows);
      case 'counters':
        return this.counters(fact);
      case 'moves':
        this.unseenMoves += fact.pages;
        return;
      case 'end':
        this.endReason = fact.reason;
        return;
      default:
      // Pairing works on addresses; the ranking keeps the symbols.
    }
  }

  /**
   * Returns the outstanding bytes of all allocators together. Pages that back slabs and the like
   * count twice: only symbols show which pages those are, see distinctBytes() of rank.
   */
  outstandingBytes(): number {
    const { paths, hostFacts } = this;
    return ADDRESS_SPACES.reduce(
      (sum, { unit }, allocator) => sum + paths.totalLive(allocator) * (unit === 'pages' ? hostFacts.pageSize : 1),
      0,
    );
  }

  /** Facts may come again with another sample: what a smaller one leaves out is forgotten. */
  private host(facts: HostFacts): void {
    this.hostFacts = facts;
    const { moveCount } = this.sampling;
    const isSmaller = this.sampling.move(this.nowNs, facts.sampleOneIn, facts.overhead);
    if (this.sampling.moveCount === moveCount) return;
    if (isSmaller) forgetUnsampled(this, facts);
    // Neither the kernel's counters nor what was held before can be compared with what comes.
    this.pageBalance = new PageBalance();
    this.slabBalance = new SlabBalance();
    this.curves.forget();
  }

  private counters({ timeNs, source, text }: FactOf<'counters'>): void {
    if (source === 'zoneinfo') return this.zoneinfo(timeNs, text);
    if (source === 'processes') return this.processes.take(text, () => holdersOf(this.tableOf(PAGE)));
    if (source === 'meminfo') this.meminfo(timeNs, text);
    // The kernel counts all memory: nothing to compare a sample with.
    if (source === 'meminfo' || !this.sampling.isWhole) return;
    if (source === 'vmstat') {
      this.pageBalance.takeVmstat(timeNs, text, this, this.lossLedger.youngPages);
    } else this.slabBalance.take(timeNs, text, this.slab, this.paths, this.dictionary.caches);
  }

  private zoneinfo(timeNs: number, text: string): void {
    const sums = parseZoneinfo(text);
    if (sums !== null) this.zones = { timeNs, ...sums };
  }

  private meminfo(timeNs: number, text: string): void {
    const meminfo = meminfoLines(text);
    if (meminfo === null) return;
    const { zones } = this;
    const isPair = zones !== null && Math.abs(timeNs - zones.timeNs) <= PAIRED_WITHIN_NS;
    const sample = memoryAccount(timeNs, { meminfo, zones: isPair ? zones : null }, this.hostFacts);
    this.firstMeminfo ??= sample;
    this.lastMeminfo = sample;
    this.leastHeldBytes = Math.min(this.leastHeldBytes, sample.heldByReferenceBytes);
    if (!this.sampling.isWhole) return;
    const { totalBytes, freeBytes, perCpuFreeBytes } = sample;
    const usedBytes = totalBytes - freeBytes - (perCpuFreeBytes ?? 0);
    this.pageBalance.takeFree(timeNs, { usedBytes, isExact: perCpuFreeBytes !== null }, this);
  }
}
