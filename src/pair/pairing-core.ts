/**
 * PairingCore: a TraceSink that matches allocs to frees and keeps what is outstanding, per call
 * path and in total (EventPairing), together with what was lost and what the kernel itself counted.
 */

import { TIME_LIMIT_NS } from '../event/event-batch.js';
import { timeOf } from '../event/facts.js';
import { type HostFacts, unknownHost } from '../event/host-facts.js';
import {
  ADDRESS_SPACES,
  ALLOCATOR_COUNT,
  ALLOCATOR_NAMES,
  type AllocatorName,
  HEAP,
  isOfProcess,
  PAGE,
} from '../event/kinds.js';
import { ProcessLives } from '../event/marks/process-lives.js';
import { MOST_PROCESSES } from '../event/process-facts.js';
import type { EndReason, FactOf, TraceFact, TraceSink } from '../event/trace-sink.js';
import { type FreedRow, type HeldRow, PAGE_USES } from '../event/trace-sink.js';
import { SlabSamples } from '../proc/machine/slab-samples.js';
import { meminfoLines } from '../proc/meminfo.js';
import { type MemoryAccount, memoryAccount } from '../proc/memory-account.js';
import { ContainerNames } from '../proc/process/container-names.js';
import { ProcessStates } from '../proc/process-states.js';
import { parseZoneinfo, type ZoneSums } from '../proc/zoneinfo.js';
import { EventPairing, type HeldBefore } from './event-pairing.js';
import { forgetUnsampled } from './forget.js';
import { MAX_PAGES, PFN_HI_LIMIT } from './live-pages.js';
import { keyHi, keyLo, SPACE_PAGES } from './live-ranges.js';
import { holdersOf, PID_MASK } from './live-table.js';
import { LossLedger } from './losses/loss-ledger.js';
import { SampleHistory } from './losses/sample-history.js';
import { PageBalance } from './page-balance.js';
import { pathKey } from './path-table.js';
import { MOST_BLOCK_BYTES } from './process-memory.js';
import { SlabBalance } from './slab-balance.js';

/**
 * A zoneinfo and a meminfo are of one moment if their times differ by no more than this: per-CPU
 * lists fill and empty by tens of MiB a second.
 */
const PAIRED_WITHIN_NS = 100e6;

/** Pfns are below this. */
const PFN_LIMIT = PFN_HI_LIMIT * 2 ** 32;

export interface ZoneSample extends ZoneSums {
  timeNs: number;
}

/** Removed cgroups that are remembered: as many as the table of cgroups has. */
const REMOVED_CGROUPS = 65535;

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
  /** All columns of slabinfo, of whatever share of events is traced. */
  slabSamples = new SlabSamples();
  endReason: EndReason | null = null;
  /** Which processes have ended. */
  readonly lives = new ProcessLives();
  /** When cgroups were removed, ns, by their text in the trace's table of cgroups. */
  removedCgroups = new Map<string, number>();
  /** Short names of cgroups; setContainers() gives those of pods. */
  containers = new ContainerNames();
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
      case 'lives':
        return this.lives.take(fact.timeNs, fact.lives, () => this.holders());
      case 'cgroup-removed':
        if (this.removedCgroups.size < REMOVED_CGROUPS) this.removedCgroups.set(fact.cgroup, fact.timeNs);
        return;
      case 'held':
        for (const row of fact.rows) this.takeHeld(fact.timeNs, row);
        return;
      case 'process':
        return this.process(fact);
      case 'image':
        return this.processMemory.images.take(fact.image);
      case 'resident':
        return this.processMemory.resident.take(fact.process, fact.timeNs, fact.isWhole, fact.rows);
      case 'freed':
        for (const row of fact.rows) this.takeFreed(row);
        return;
      case 'end':
        this.endReason = fact.reason;
        return;
      default:
      // Pairing works on addresses; the ranking keeps the symbols.
    }
  }

  /** Returns the processes that hold something. */
  holders(): Set<number> {
    const all = new Set<number>();
    for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
      for (const pid of holdersOf(this.tableOf(allocator))) all.add(pid);
    }
    return all;
  }

  /** Takes the names of pods and containers that a look has. */
  setContainers(containers: ContainerNames): void {
    this.version++;
    this.containers = containers;
  }

  /**
   * Returns the outstanding bytes of all allocators of the kernel together. Pages that back slabs and the like
   * count twice: only symbols show which pages those are, see distinctBytes() of rank.
   */
  outstandingBytes(): number {
    const { paths, hostFacts } = this;
    return ADDRESS_SPACES.reduce((sum, { domain, unit }, allocator) => {
      if (domain !== 'kernel') return sum;
      return sum + paths.totalLive(allocator) * (unit === 'pages' ? hostFacts.pageSize : 1);
    }, 0);
  }

  /** The address spaces of the kernel, and those of processes that were traced or hold something. */
  allocatorsSeen(): AllocatorName[] {
    const { paths, hostFacts } = this;
    return ALLOCATOR_NAMES.filter(
      (name, allocator) => !isOfProcess(allocator) || hostFacts.allocators.includes(name) || paths.peak(allocator) > 0,
    );
  }

  /**
   * Takes what was held before the trace (pairing rule 10). Pages with their numbers go into the
   * table, so that their frees find them; sums are only counted.
   */
  private takeHeld(timeNs: number, held: HeldRow): void {
    const { paths, dictionary, pages } = this;
    const { allocator, size, count, pfn, ageNs, pid, commId, use } = held;
    const stackId = held.stackId <= dictionary.stacks.size ? held.stackId : 0;
    const [[kind]] = ADDRESS_SPACES[allocator].kinds;
    if (!isAmount(size) || !isAmount(count) || size === 0 || count === 0) return this.badHeld();
    const row = paths.rowBefore(stackId, allocator, kind);
    const known = this.before.get(row) ?? { sumSize: 0, sumCount: 0, withoutAge: 0, uses: PAGE_USES.map(() => 0) };
    if (pfn >= 0 && isOfProcess(allocator)) return this.takeHeldOfProcess(timeNs, held, row, known);
    if (pfn >= 0) {
      if (allocator !== PAGE || size !== count || size > MAX_PAGES || pfn + size > PFN_LIMIT) return this.badHeld();
      // Younger than nothing: memory of unknown age is as old as the dump, and withoutAge says so.
      paths.eventNs[0] = timeNs - Math.max(0, ageNs);
      const [hi, lo] = [Math.floor(pfn / 2 ** 32), pfn | 0];
      const missed = pages.alloc(hi, lo, size, row, pid & PID_MASK, commId & 0xffff);
      if (missed < 0) return this.badHeld();
      this.missedFrees += missed;
    } else {
      known.sumSize += size;
      known.sumCount += count;
    }
    this.before.set(row, known);
    if (ageNs < 0) known.withoutAge += count;
    known.uses[use] += count;
    paths.eventNs[0] = timeNs;
    paths.chargeAlloc(allocator, row, size, count);
  }

  /** A range or a heap block of a process; what an event has told of is left out. */
  private takeHeldOfProcess(timeNs: number, held: HeldRow, row: number, known: HeldBefore): void {
    const { allocator, size, count, pfn, inPage = 0, pid, commId, use } = held;
    const process = Math.floor(pfn / SPACE_PAGES);
    const first = pfn % SPACE_PAGES;
    const piece = { first, pages: size, path: row, pid: pid & PID_MASK, names: commId & 0xffff, timeNs };
    const isBlock = allocator === HEAP;
    if (!Number.isSafeInteger(pfn) || count !== (isBlock ? 1 : size)) return this.badHeld();
    if (process < 1 || process > MOST_PROCESSES || !(inPage >= 0 && inPage < 4096)) return this.badHeld();
    const [hi, lo] = [keyHi(process, first), keyLo(first) | inPage];
    const { processMemory, paths } = this;
    const placed = isBlock
      ? processMemory.holdBlock(hi, lo, piece)
      : processMemory.holdRange(allocator, process, piece);
    if (placed < 0) return this.badHeld();
    if (placed === 0) return;
    this.before.set(row, known);
    known.withoutAge += placed;
    known.uses[use] += placed;
    paths.eventNs[0] = timeNs;
    paths.chargeAlloc(allocator, row, isBlock ? Math.min(size, MOST_BLOCK_BYTES) : placed, placed);
  }

  /** A process began or ended: what it holds is copied or released at that time. */
  private process({ timeNs, process }: FactOf<'process'>): void {
    if (!(timeNs >= 0 && timeNs < TIME_LIMIT_NS)) return;
    this.curves.advance(timeNs, this.paths);
    if (!this.processMemory.take(timeNs, process)) this.badEvents++;
  }

  /** Its alloc and its free are no events: it counts for where such memory is freed, and for nothing else. */
  private takeFreed({ allocator, stackId, freeStackId, ageNs, cpu, freeCpu }: FreedRow): void {
    const { size } = this.dictionary.stacks;
    if (allocator >= ALLOCATOR_COUNT || stackId > size || freeStackId === 0 || freeStackId > size) return;
    this.freeSites.note(pathKey(stackId, allocator), freeStackId, ageNs, cpu, freeCpu);
  }

  private badHeld(): void {
    this.badEvents++;
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
    if (source === 'spaces') return this.processMemory.history.take(timeNs, text);
    if (source === 'processes') return this.processes.take(text, () => holdersOf(this.tableOf(PAGE)));
    if (source === 'meminfo') this.meminfo(timeNs, text);
    if (source === 'slabinfo') this.slabSamples.take(timeNs, text);
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

/** A sum that stays a whole number when others are added to it. */
function isAmount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 2 ** 51;
}
