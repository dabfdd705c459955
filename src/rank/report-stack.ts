import { ALLOCATOR_COUNT, ALLOCATOR_NAMES, kindName } from '../event/kinds.js';
import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { categoryOf, poolNoteOf } from './backing.js';
import type { CallPathFacts } from './call-path-facts.js';
import { framesOf } from './frames.js';
import type { PathTotals } from './path-totals.js';
import type { ReportStack } from './report.js';
import { unitBytes } from './row-filter.js';
import type { ShownDetail } from './shown-ages.js';

/** One row of the Report. */
export function reportStack(
  core: PairingCore,
  symbols: SymbolTable,
  facts: CallPathFacts,
  totals: PathTotals,
  row: number,
  place: number,
  detail: ShownDetail,
): ReportStack {
  const { paths, dictionary } = core;
  const stackId = paths.stackId[row];
  const allocator = paths.allocator[row];
  const unit = unitBytes(core, allocator);
  const at = row * PATH_STATS;
  return {
    rank: place,
    stackId: stackId * ALLOCATOR_COUNT + allocator,
    allocator: ALLOCATOR_NAMES[allocator],
    kind: kindName(paths.kind[row]) ?? '',
    category: categoryOf(core, facts, row),
    verdict: null,
    bytes: totals.bytes[row],
    count: totals.count[row],
    allocBytes: paths.stats[at + ALLOC_SIZE] * unit,
    allocCount: paths.stats[at + ALLOC_COUNT],
    freeCount: paths.stats[at + FREE_COUNT],
    missedFrees: paths.stats[at + MISSED_COUNT],
    bytesAtHighWaterMark: paths.liveAtPeak(row) * unit,
    oldestAgeNs: detail.oldestAgeNs,
    medianAgeNs: detail.medianAgeNs,
    growthBytesPerSecond: core.nowNs > 0 ? totals.bytes[row] / (core.nowNs / 1e9) : 0,
    comms: detail.comms,
    caches: paths.cachesOf(row).map((id) => dictionary.caches.name(id)),
    frames: framesOf(dictionary.stacks, symbols, stackId),
    firstFrame: facts.firstFrame(stackId),
    interruptedFrom: facts.interruptedFrom(stackId),
    note: poolNoteOf(core, facts, row),
  };
}
