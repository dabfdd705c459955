/**
 * Reconciliation: the growth of the kernel's counters since the trace began, the part of it that
 * the outstanding memory explains, and the rest; for pages, and for objects cache by cache.
 *
 * Pages: growth is vmstat's pages handed out less those taken back, held against the growth of
 * memory in use (page-growth.ts); without vmstat it is the latter alone. The pages held explain it,
 * less the pages from before the trace that were freed. Orphan frees of pages that were allocated
 * without an event (alloc_pages_bulk, contiguous ranges) return no page from before the trace.
 *
 * Slab: where a cache's active objects grew, the objects held explain as many of them.
 */
import type { AllocatorName } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { isSizeGroup, type SlabGroup, UNMATCHED } from '../../pair/slab-balance.js';
import { slabUncertainty } from '../../proc/slabinfo.js';
import type { Report } from '../report/report.js';
import type { CacheBalance, PageReconciliation, SlabReconciliation } from '../report/report-reconciliation.js';
import { pageGrowth } from './page-growth.js';
import { pageMovesOf } from './page-moves.js';
import { percpuBalance } from './percpu-balance.js';
import { groupDoubt, slabExcess } from './reliability.js';

const CACHES_SHOWN = 100;

/** Null until there are two samples of anything. */
export function reconciliationOf(core: PairingCore): Report['reconciliation'] {
  const pages = pagesOf(core);
  const slab = slabOf(core);
  const percpu = percpuBalance(core);
  return pages === null && slab === null && percpu === null ? null : { pages, slab, percpu };
}

/** True if the trace has the events of an allocator; the texts of other tools may not say. */
function isTraced({ hostFacts: { allocators } }: PairingCore, name: AllocatorName): boolean {
  return allocators.length === 0 || allocators.includes(name);
}

function pagesOf(core: PairingCore): PageReconciliation | null {
  // What is not traced explains nothing.
  if (!isTraced(core, 'page')) return null;
  const { firstVmstat, lastVmstat } = core.pageBalance;
  if (firstVmstat === null || lastVmstat === null || lastVmstat.timeNs <= firstVmstat.timeNs)
    return pagesByMemFree(core);
  const { pageSize } = core.hostFacts;
  const kernelAllocs = lastVmstat.kernelAllocs - firstVmstat.kernelAllocs;
  const kernelFrees = lastVmstat.kernelFrees - firstVmstat.kernelFrees;
  const unseenAllocs = Math.max(0, kernelAllocs - (lastVmstat.allocs - firstVmstat.allocs));
  const unseenFrees = Math.max(0, kernelFrees - (lastVmstat.frees - firstVmstat.frees));
  const orphans = lastVmstat.orphans - firstVmstat.orphans;
  const held = lastVmstat.held - firstVmstat.held;
  const unseenMoves = pageMovesOf(core)?.unseenPages ?? 0;
  const { grownBytes, withoutEventBytes } = pageGrowth(firstVmstat, lastVmstat, {
    pageSize,
    totalBytes: core.lastMeminfo?.totalBytes ?? 0,
    unseenMoves,
  });
  // Frees of memory that was allocated without an event return none from before the trace.
  const orphanBytes = Math.max(0, orphans * pageSize - Math.max(0, withoutEventBytes ?? 0));
  const seenNetBytes = held * pageSize - Math.max(0, orphanBytes - unseenAllocs * pageSize);
  // Nor does the free of the old page of a move that was not seen: the page is held as before.
  const movedBytes = Math.min(unseenMoves * pageSize, Math.max(0, grownBytes - seenNetBytes));
  const fromBeforeBytes = Math.max(0, orphanBytes - movedBytes);
  return {
    source: 'vmstat',
    timeNs: lastVmstat.timeNs,
    ...explained(grownBytes, seenNetBytes + movedBytes),
    memFreeFellBytes: memFreeFell(core),
    withoutEventBytes,
    heldBytes: held * pageSize,
    freedFromBeforeBytes: fromBeforeBytes,
    unseenAllocBytes: unseenAllocs * pageSize,
    unseenFreeBytes: unseenFrees * pageSize,
  };
}

/** Without vmstat: the growth of memory in use alone. */
function pagesByMemFree(core: PairingCore): PageReconciliation | null {
  const { firstFree, lastFree } = core.pageBalance;
  const grown = memFreeFell(core);
  if (grown === null || firstFree === null || lastFree === null || lastFree.timeNs <= firstFree.timeNs) return null;
  const { pageSize } = core.hostFacts;
  const orphans = lastFree.orphans - firstFree.orphans;
  const held = lastFree.held - firstFree.held;
  return {
    source: 'MemFree',
    timeNs: lastFree.timeNs,
    ...explained(grown, (held - orphans) * pageSize),
    memFreeFellBytes: grown,
    withoutEventBytes: null,
    heldBytes: held * pageSize,
    freedFromBeforeBytes: orphans * pageSize,
    unseenAllocBytes: null,
    unseenFreeBytes: null,
  };
}

function memFreeFell({ pageBalance: { firstFree, lastFree } }: PairingCore): number | null {
  return firstFree === null || lastFree === null ? null : lastFree.usedBytes - firstFree.usedBytes;
}

interface Explained {
  grownBytes: number;
  explainedBytes: number;
  unexplainedBytes: number;
  excessBytes: number;
}

/** `netBytes`: net growth of the held bytes by pairing. */
function explained(grownBytes: number, netBytes: number): Explained {
  const explainedBytes = Math.max(0, Math.min(grownBytes, netBytes));
  return {
    grownBytes,
    explainedBytes,
    unexplainedBytes: Math.max(0, grownBytes) - explainedBytes,
    excessBytes: Math.max(0, netBytes - Math.max(0, grownBytes)),
  };
}

function slabOf(core: PairingCore): SlabReconciliation | null {
  const { slabBalance } = core;
  if (slabBalance.samples < 2 || !isTraced(core, 'slab')) return null;
  const unmatched = slabBalance.groups[UNMATCHED];
  // Size groups, which sum up caches with lines of their own, count only where events name no
  // cache.
  const bySize = slabBalance.groups.some((group) => isSizeGroup(group) && group.held > 0);
  const groups = slabBalance.groups.filter(
    (group, id) =>
      id !== UNMATCHED && (isSizeGroup(group) ? group.held > 0 : !bySize || group.held > 0 || isOfKmalloc(group)),
  );
  const sums = { grownBytes: 0, explainedBytes: 0, unexplainedBytes: 0, excessBytes: 0 };
  for (const group of groups) {
    const grown = Math.max(0, group.active - group.activeAtStart) * group.objectBytes;
    const part = explained(grown, (group.held - group.heldAtStart) * group.objectBytes);
    for (const name of ['grownBytes', 'explainedBytes', 'unexplainedBytes', 'excessBytes'] as const) {
      sums[name] += part[name];
    }
  }
  const caches = groups.filter((group) => group.held > 0).map((group) => cacheBalance(core, group));
  caches.sort((a, b) => b.held * b.objectBytes - a.held * a.objectBytes || (a.cache < b.cache ? -1 : 1));
  return {
    timeNs: slabBalance.lastNs,
    ...sums,
    caches: caches.slice(0, CACHES_SHOWN),
    cachesHeld: caches.length,
    unmatched: { count: unmatched.held, caches: [...slabBalance.unmatchedNames] },
  };
}

function isOfKmalloc(group: SlabGroup): boolean {
  return group.name === `kmalloc-${group.objectBytes}`;
}

/** The figures of slabinfo and of pairing for a group, side by side. */
export function cacheBalance(core: PairingCore, group: SlabGroup): CacheBalance {
  const { cpus } = core.hostFacts;
  const { doubtful, contradicted } = groupDoubt(group, cpus, core.orphanObjects);
  const held = group.held - group.heldAtStart;
  return {
    cache: group.name,
    slabCaches: group.caches,
    objectBytes: group.objectBytes,
    activeAtStart: group.activeAtStart,
    active: group.active,
    held: group.held,
    excess: slabExcess(group),
    uncertain: slabUncertainty(group.objectBytes, group.objectsPerSlab, cpus),
    state: contradicted ? 'contradicted' : doubtful <= held / 4 ? 'agrees' : 'uncertain',
  };
}
