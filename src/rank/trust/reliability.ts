/**
 * Reliability: how far the kernel's own counters bear out the memory that a call path seems to hold
 * (pairing rule 7). Objects that are freed without an event (in bulk, by RCU) stay outstanding
 * until their address is used again. Such a path must not stand above one that really holds memory.
 *
 * Slab. At the last sample of slabinfo, pairing may hold more objects of a cache than its active
 * objects in slabinfo have grown by; the difference is called the excess. It consists of objects
 * that were freed unseen, plus the number of objects from before the trace that were freed. However
 * the excess is spread over the call paths, at most the excess, plus the uncertainty of slabinfo
 * (slabUncertainty()), can be false in any one of them.
 *
 * Pages. vmstat counts every page that is freed. The pages freed without an event, less those that
 * were allocated again, bound the number of false ones. Without vmstat (other collectors), the part
 * that the fall of MemFree leaves unexplained is the bound.
 *
 * A page that the kernel moved unseen looks freed. Rows whose pages can move are never confirmed
 * after that: they may hold up to as many more pages (page-moves.ts).
 *
 *   confirmed   in the worst case, at most a quarter of the compared amount can be false
 *   unreliable  not confirmed, and one in twenty of its own frees went unseen (three or more; if it
 *               holds a hundred times as many, they cannot explain it); or more than half of it is
 *               in caches where at least a quarter of the seemingly held objects cannot exist, not
 *               even if all objects from before the trace were freed
 *   plausible   all others: too little to stand out in the counters, or no counters. Vmalloc has
 *               none; percpu has the line Percpu of meminfo (percpu-balance.ts).
 *
 * Missed frees of ordinary paths are below 0.1 % of frees; of caches that are freed in bulk they
 * are 18 to 98 % (measured on 6.18). Any limit between separates the two.
 */
import { formatCount } from '../../base/format.js';
import { heldMeaning } from '../../coverage/meaning.js';
import { coverageReason } from '../../coverage/sentences.js';
import { isOfProcess, PAGE, PERCPU, SLAB } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import { SHARE_WORDS, type SlabGroup, UNMATCHED } from '../../pair/slab-balance.js';
import { slabUncertainty } from '../../proc/slabinfo.js';
import type { Evidence, ReliabilityName } from '../report/report-rows.js';
import { pageMovesOf, UNDER_WAY } from './page-moves.js';
import { percpuBalance } from './percpu-balance.js';

const CONFIRMED_SHARE = 1 / 4;
const MISSED_SHARE = 0.05;
const LEAST_MISSED = 3;
const FEW_MISSED = 100;
const CONTRADICTED_GROUP = 1 / 4;
const CONTRADICTED_PATH = 1 / 2;

/** Judges the rows of one core at one instant. */
export class Reliability {
  private readonly core: PairingCore;
  /**
   * By row: objects compared; of those, how many at worst are false; and how many are in
   * contradicted caches.
   */
  private readonly compared: Float64Array;
  private readonly doubtful: Float64Array;
  private readonly contradicted: Float64Array;
  private readonly falsePages: number | null;
  private readonly allMovedUnseen: number;
  private readonly percpuExcess: number | null;
  private readonly canMove: (row: number) => boolean;

  /** `canMove`: whether the kernel may move the pages of a row. */
  constructor(core: PairingCore, canMove: (row: number) => boolean) {
    this.core = core;
    this.canMove = canMove;
    this.percpuExcess = percpuBalance(core)?.excessBytes ?? null;
    this.allMovedUnseen = pageMovesOf(core)?.unseenPages ?? 0;
    this.compared = new Float64Array(core.paths.size + 1);
    this.doubtful = new Float64Array(core.paths.size + 1);
    this.contradicted = new Float64Array(core.paths.size + 1);
    this.falsePages = falsePages(core);
    this.addShares();
  }

  state(row: number): ReliabilityName {
    // Frees that were not traced are missing, not missed: no counter can bear out such a row or contradict it.
    if (this.uncovered(row) !== null || this.core.paths.isBefore(row)) return 'plausible';
    const { compared } = this;
    const [count, doubtful] = this.figures(row);
    if (count > 0 && doubtful <= count * CONFIRMED_SHARE && this.movedUnseen(row) === 0) return 'confirmed';
    if (this.missesTooMuch(row)) return 'unreliable';
    return this.contradicted[row] > compared[row] * CONTRADICTED_PATH ? 'unreliable' : 'plausible';
  }

  evidence(row: number): Evidence {
    const [count, doubtful] = this.figures(row);
    return {
      missedShare: this.missedShare(row),
      compared: count > 0 ? count : null,
      doubtful: count > 0 ? doubtful : null,
      movedUnseen: this.movedUnseen(row),
      reason: this.reason(row),
    };
  }

  /** Why the trace cannot tell what a row holds; null if it can. */
  private uncovered(row: number): string | null {
    const { coverage } = this.core.hostFacts;
    if (coverage.length === 0) return null;
    const kind = this.core.paths.kind[row];
    if (heldMeaning(coverage, kind) === 'outstanding') return null;
    const reasons = coverage.filter((gap) => heldMeaning([gap], kind) !== 'outstanding').map(coverageReason);
    return reasons.filter((reason) => reason !== null).join('; ');
  }

  private reason(row: number): string {
    const uncovered = this.uncovered(row);
    if (uncovered !== null) return uncovered;
    if (this.core.paths.isBefore(row)) {
      return isOfProcess(this.core.paths.allocator[row])
        ? 'there when the trace began, by the mappings of the process'
        : "held before the trace began, by the kernel's own accounting";
    }
    if (isOfProcess(this.core.paths.allocator[row]) && this.state(row) !== 'unreliable') {
      return 'nothing counts the memory of a call path but its events';
    }
    const [count, doubtful] = this.figures(row);
    const unit = this.core.paths.allocator[row] === PAGE ? 'pages' : 'objects';
    const bound = `${formatCount(doubtful)} of ${formatCount(count)} ${unit} may have been freed unseen`;
    switch (this.state(row)) {
      case 'confirmed':
        return `the kernel's counters bear it out: at most ${bound}`;
      case 'unreliable':
        return this.missesTooMuch(row)
          ? `${(this.missedShare(row) * 100).toFixed(0)} % of its frees were not seen`
          : `slabinfo contradicts: it counts fewer ${unit} in these caches than seem to be held`;
      default:
        if (this.movedUnseen(row) > 0) {
          return `the kernel moved ${formatCount(this.movedUnseen(row))} pages unseen: up to as many more may be held`;
        }
        if (count === 0) return "none of the kernel's counters to compare with";
        return `too little to stand out in the kernel's counters: at worst, ${bound}`;
    }
  }

  /** Returns the pages or objects that could be compared, and how many of them at worst are false. */
  figures(row: number): [count: number, doubtful: number] {
    if (this.core.paths.allocator[row] === PERCPU) return this.percpuFigures(row);
    if (this.core.paths.allocator[row] !== PAGE) return [this.compared[row], this.doubtful[row]];
    if (this.falsePages === null) return [0, 0];
    const held = this.core.paths.liveCount(row);
    return [held, Math.min(held, this.falsePages)];
  }

  /** Pages that a row may hold beside those that it shows; 0 if none, or too few to tell. */
  movedUnseen(row: number): number {
    if (this.core.paths.allocator[row] !== PAGE || this.allMovedUnseen <= UNDER_WAY) return 0;
    return this.canMove(row) ? this.allMovedUnseen : 0;
  }

  /** All bytes that the line Percpu does not bear out may belong to this row. */
  private percpuFigures(row: number): [count: number, doubtful: number] {
    const { paths } = this.core;
    const bytes = paths.live(row);
    if (this.percpuExcess === null || bytes === 0) return [0, 0];
    const count = paths.liveCount(row);
    return [count, Math.ceil((count * Math.min(bytes, this.percpuExcess)) / bytes)];
  }

  private missedShare(row: number): number {
    const { stats } = this.core.paths;
    const missed = stats[row * PATH_STATS + MISSED_COUNT];
    return missed === 0 ? 0 : missed / (missed + stats[row * PATH_STATS + FREE_COUNT]);
  }

  private missesTooMuch(row: number): boolean {
    const { paths } = this.core;
    const missed = paths.stats[row * PATH_STATS + MISSED_COUNT];
    if (missed < LEAST_MISSED || this.missedShare(row) < MISSED_SHARE) return false;
    return paths.liveCount(row) < missed * FEW_MISSED;
  }

  private addShares(): void {
    const { slabBalance, hostFacts, orphanObjects, paths } = this.core;
    // One sample shows no growth.
    if (slabBalance.samples < 2) return;
    const groups = slabBalance.groups.map((group) => groupDoubt(group, hostFacts.cpus, orphanObjects));
    const { shares } = slabBalance;
    for (let i = 0; i < shares.length; i += SHARE_WORDS) {
      const [row, group, count] = [shares[i], shares[i + 1], shares[i + 2]];
      if (group === UNMATCHED || row > paths.size || paths.allocator[row] !== SLAB) continue;
      this.compared[row] += count;
      this.doubtful[row] += Math.min(count, groups[group].doubtful);
      if (groups[group].contradicted) this.contradicted[row] += count;
    }
  }
}

/** Objects that pairing holds in excess, if slabinfo is exact; negative where it holds too few. */
export function slabExcess(group: SlabGroup): number {
  return group.held - group.heldAtStart - (group.active - group.activeAtStart);
}

/** `doubtful`: at most this many objects of a group are false. `contradicted`: many certainly are. */
export function groupDoubt(
  group: SlabGroup,
  cpus: number,
  orphanObjects: number,
): { doubtful: number; contradicted: boolean } {
  const excess = slabExcess(group);
  const uncertain = slabUncertainty(group.objectBytes, group.objectsPerSlab, cpus);
  const certain = excess - uncertain - Math.min(group.activeAtStart, orphanObjects);
  return {
    doubtful: Math.max(0, excess + uncertain),
    contradicted: certain > 0 && certain >= group.held * CONTRADICTED_GROUP,
  };
}

/** Upper bound of the pages that were freed unseen and still seem held; null without samples. */
function falsePages(core: PairingCore): number | null {
  const { firstVmstat, lastVmstat, firstFree, lastFree } = core.pageBalance;
  if (firstVmstat !== null && lastVmstat !== null && lastVmstat.timeNs > firstVmstat.timeNs) {
    const kernel = lastVmstat.kernelFrees - firstVmstat.kernelFrees;
    const seen = lastVmstat.frees - firstVmstat.frees;
    const healed = lastVmstat.missed - firstVmstat.missed;
    return Math.max(0, kernel - seen - healed);
  }
  if (firstFree === null || lastFree === null || lastFree.timeNs <= firstFree.timeNs) return null;
  const fall = (lastFree.usedBytes - firstFree.usedBytes) / core.hostFacts.pageSize;
  const net = lastFree.held - firstFree.held - (lastFree.orphans - firstFree.orphans);
  return Math.max(0, Math.ceil(net - fall));
}
