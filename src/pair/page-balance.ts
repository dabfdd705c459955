/**
 * PageBalance: pages as the kernel and as pairing counted them, at the first and the latest sample
 * of meminfo (memory in use) and of vmstat (pgalloc_*, pgfree: every page handed out and taken back since
 * boot). For vmstat the difference is exactly what happened without an event: alloc_pages_bulk(),
 * lost events. Pages that compaction and contiguous ranges take from the free lists are in neither
 * count of allocs; both count their frees.
 */
import { PAGE } from '../event/kinds.js';
import { parseVmstat, type VmstatPages } from '../proc/vmstat.js';
import { ALLOC_COUNT, FREE_COUNT, MISSED_COUNT, PATH_STATS, type PathTable } from './path-table.js';

/** All counts are in pages, since the start of the trace; `kernel...` since boot. */
export interface PageSample {
  timeNs: number;
  /** Pages allocated and freed with an event. */
  allocs: number;
  frees: number;
  /** Pages among `frees` that were not outstanding. */
  orphans: number;
  /** Pages freed without an event, as their next alloc showed. */
  missed: number;
  held: number;
  /** Pages whose move was followed. */
  moved: number;
  /** Pages among those that the kernel moved to a page it took without an event. */
  vacated: number;
}

export interface VmstatSample extends PageSample, VmstatPages {
  /** Memory in use by the meminfo of the same moment; null without one. */
  used: UsedMemory | null;
}

export interface MemFreeSample extends PageSample, UsedMemory {}

/** Memory in use is MemTotal less free memory, so that memory which is added or taken away does not count. */
export interface UsedMemory {
  usedBytes: number;
  /** True if the free pages on the lists of the CPUs are known, and counted as free. */
  isExact: boolean;
}

/** meminfo and vmstat of one moment are read within some milliseconds. */
const SAME_MOMENT_NS = 0.5e9;

/** What pairing counted of pages. */
export interface PagePairing {
  paths: PathTable;
  /** Pages freed that were not outstanding. */
  orphanPages: number;
  moves: { movedPages: number; vacatedFrees: number };
}

export class PageBalance {
  firstVmstat: VmstatSample | null = null;
  lastVmstat: VmstatSample | null = null;
  firstFree: MemFreeSample | null = null;
  lastFree: MemFreeSample | null = null;

  /**
   * Takes a sample of vmstat; ignores other text. `youngPages` were allocated and freed with both
   * events counted in the kernel alone.
   */
  takeVmstat(timeNs: number, text: string, pairing: PagePairing, youngPages = 0): void {
    const kernel = parseVmstat(text);
    if (kernel === null) return;
    const seen = pagesSeen(timeNs, pairing);
    const { lastFree } = this;
    const isPair = lastFree !== null && Math.abs(timeNs - lastFree.timeNs) <= SAME_MOMENT_NS;
    const used = isPair ? { usedBytes: lastFree.usedBytes, isExact: lastFree.isExact } : null;
    this.lastVmstat = { ...seen, allocs: seen.allocs + youngPages, frees: seen.frees + youngPages, ...kernel, used };
    this.firstVmstat ??= this.lastVmstat;
  }

  takeFree(timeNs: number, used: UsedMemory, pairing: PagePairing): void {
    this.lastFree = { ...pagesSeen(timeNs, pairing), ...used };
    this.firstFree ??= this.lastFree;
  }

  /** Returns the samples as plain data. */
  snapshot(): object {
    const { firstVmstat, lastVmstat, firstFree, lastFree } = this;
    return { firstVmstat, lastVmstat, firstFree, lastFree };
  }

  /** Returns the balance of a snapshot(), which may have gone through JSON; null if it cannot be one. */
  static restore(data: unknown): PageBalance | null {
    if (typeof data !== 'object' || data === null) return null;
    const balance = new PageBalance();
    for (const name of ['firstVmstat', 'lastVmstat', 'firstFree', 'lastFree'] as const) {
      const sample: unknown = (data as Record<string, unknown>)[name];
      if (sample === null) continue;
      const fields = ['timeNs', 'allocs', 'frees', 'orphans', 'missed', 'held', 'moved', 'vacated'];
      fields.push(...(name.endsWith('Free') ? ['usedBytes'] : ['kernelAllocs', 'kernelFrees', 'kernelMoves']));
      if (!hasNumbers(sample, fields) || !isUsedMemory(name.endsWith('Free') ? sample : sample.used)) return null;
      Object.assign(balance, { [name]: sample });
    }
    return balance;
  }
}

function pagesSeen(timeNs: number, { paths, orphanPages, moves }: PagePairing): PageSample {
  const { movedPages: moved, vacatedFrees: vacated } = moves;
  const sample = {
    timeNs,
    allocs: 0,
    frees: orphanPages + vacated,
    orphans: orphanPages,
    missed: 0,
    held: paths.totalLive(PAGE),
    moved,
    vacated,
  };
  for (let row = 1; row <= paths.size; row++) {
    if (paths.allocator[row] !== PAGE) continue;
    sample.allocs += paths.stats[row * PATH_STATS + ALLOC_COUNT];
    sample.frees += paths.stats[row * PATH_STATS + FREE_COUNT];
    sample.missed += paths.stats[row * PATH_STATS + MISSED_COUNT];
  }
  return sample;
}

function hasNumbers(value: unknown, names: string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return names.every((name) => typeof record[name] === 'number' && record[name] >= 0);
}

/** Null is a vmstat without a meminfo beside it. */
function isUsedMemory(value: unknown): boolean {
  if (value === null) return true;
  const { usedBytes, isExact } = Object(value) as Record<string, unknown>;
  return typeof usedBytes === 'number' && typeof isExact === 'boolean';
}
