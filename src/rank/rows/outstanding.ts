import { type HeldMeaning, heldMeaning, sumMeaning } from '../../coverage/meaning.js';
import { ADDRESS_SPACES, byAllocator, HEAP, MAPPED, RESERVED } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { ALLOC_SIZE, PATH_STATS } from '../../pair/path-table.js';
import { isBacking } from '../names/backing.js';
import type { CallPathFacts } from '../names/call-path-facts.js';
import { isOfProcesses } from '../report/category.js';
import type { Outstanding, Report } from '../report/report.js';
import { unitBytes } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { factsOf } from './rank-memo.js';
import type { Ranking } from './ranking.js';

/**
 * Outstanding bytes, none counted twice: Report.outstanding.distinct without the rest of a report. Of the kernel's memory;
 * in a trace of processes alone of theirs: blocks of heaps, and what they mapped for anything else.
 */
export function distinctBytes(trace: PairedTrace): number {
  return distinctOf(trace.core, backingPages(trace.core, factsOf(trace)));
}

function distinctOf(core: PairingCore, backing: number): number {
  const { hostFacts, paths } = core;
  const { allocators, pageSize } = hostFacts;
  if (!isOfProcesses(allocators)) return core.outstandingBytes() - backing * pageSize;
  return paths.totalLive(HEAP) + (paths.totalLive(MAPPED) - backing) * pageSize;
}

export function outstandingOf({ core, facts, judges }: Ranking): Report['outstanding'] {
  const { paths } = core;
  const { meanings, allocated } = sumsOf(core);
  const each = byAllocator((_, allocator): Outstanding => {
    const unit = unitBytes(core, allocator);
    return {
      meaning: sumMeaning(meanings[allocator]),
      bytes: paths.totalLive(allocator) * unit,
      count: paths.totalCount(allocator),
      lostFreeBytes: judges.lostFrees.bytes(allocator),
      allocBytes: allocated[allocator] * unit,
      peakBytes: paths.peak(allocator) * unit,
      peakNs: paths.peakNs(allocator),
    };
  }, core.allocatorsSeen());
  const pages = backingPages(core, facts);
  const backing = { bytes: pages * core.hostFacts.pageSize, count: pages };
  const distinct = { bytes: distinctOf(core, pages) };
  return { ...each, distinct, backing };
}

/** By allocator: the meanings of the rows that hold something, and the sum of all allocs in the allocator's unit. */
function sumsOf({ paths, hostFacts }: PairingCore): { meanings: Set<HeldMeaning>[]; allocated: Float64Array } {
  const meanings = ADDRESS_SPACES.map(() => new Set<HeldMeaning>());
  const allocated = new Float64Array(ADDRESS_SPACES.length);
  for (let row = 1; row <= paths.size; row++) {
    const allocator = paths.allocator[row];
    if (!paths.isBefore(row)) allocated[allocator] += paths.stats[row * PATH_STATS + ALLOC_SIZE];
    if (paths.live(row) > 0) meanings[allocator].add(heldMeaning(hostFacts.coverage, paths.kind[row]));
  }
  return { meanings, allocated };
}

/** The part of distinctBytes() that is the tracer's own. */
export function ownBytes(trace: PairedTrace): number {
  const { core } = trace;
  const { paths, hostFacts } = core;
  if (!isOfProcesses(hostFacts.allocators)) return selfOf(core).bytes;
  const facts = factsOf(trace);
  let bytes = 0;
  for (let row = 1; row <= paths.size; row++) {
    const allocator = paths.allocator[row];
    if (paths.ownLive[row] === 0 || allocator === RESERVED || isBacking(core, facts, row)) continue;
    bytes += paths.ownLive[row] * unitBytes(core, allocator);
  }
  return bytes;
}

/** What was held when the trace began, and still is. */
export function beforeOf({ core, facts }: Ranking): Report['before'] {
  const { paths, hostFacts } = core;
  if (core.before.size === 0) return null;
  const collector = isOfProcesses(hostFacts.allocators) ? 'maps' : hostFacts.collector;
  const before = { source: hostFacts.heldBy === '' ? collector : hostFacts.heldBy, bytes: 0, stacks: 0 };
  for (const row of core.before.keys()) {
    if (paths.live(row) === 0) continue;
    before.stacks++;
    if (!isBacking(core, facts, row)) before.bytes += paths.live(row) * unitBytes(core, paths.allocator[row]);
  }
  return before;
}

/** The tracer's own outstanding memory. */
export function selfOf(core: PairingCore): Report['self'] {
  const { paths } = core;
  const self = { bytes: 0, count: 0 };
  for (let row = 1; row <= paths.size; row++) {
    self.bytes += paths.ownLive[row] * unitBytes(core, paths.allocator[row]);
    self.count += paths.ownCount[row];
  }
  return self;
}

function backingPages(core: PairingCore, facts: CallPathFacts): number {
  const { paths } = core;
  let pages = 0;
  for (let row = 1; row <= paths.size; row++) {
    if (paths.live(row) > 0 && isBacking(core, facts, row)) pages += paths.live(row);
  }
  return pages;
}
