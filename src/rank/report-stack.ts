import { ALLOCATOR_COUNT, ALLOCATOR_NAMES, kindName } from '../event/kinds.js';
import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { categoryOf, poolNoteOf } from './backing.js';
import type { CallPathFacts } from './call-path-facts.js';
import type { CurveVerdicts } from './curve-verdicts.js';
import { framesOf } from './frames.js';
import type { PathTotals } from './path-totals.js';
import type { Reliability } from './reliability.js';
import type { ReportStack } from './report.js';
import { unitBytes } from './row-filter.js';
import type { ShownDetail } from './shown-ages.js';
import type { Suspicion } from './suspicion.js';

/** What rows are judged by, worked out once per report. */
export interface RowJudges {
  facts: CallPathFacts;
  reliability: Reliability;
  /** By allocator (kinds.ts): how much of it could be lost frees. */
  lostFreeBytes: number[];
  curveVerdicts: CurveVerdicts;
  suspicion: Suspicion;
}

/** One row of the Report, without what its history looks like (call-path-rows.ts). */
export function reportStack(
  core: PairingCore,
  symbols: SymbolTable,
  { facts, reliability, lostFreeBytes }: RowJudges,
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
  const state = reliability.state(row);
  return {
    rank: place,
    stackId: stackId * ALLOCATOR_COUNT + allocator,
    allocator: ALLOCATOR_NAMES[allocator],
    kind: kindName(paths.kind[row]) ?? '',
    category: categoryOf(core, facts, row),
    verdict: state === 'unreliable' ? 'unreliable' : null,
    verdictReason: null,
    growth: null,
    curve: [],
    merged: null,
    reliability: state,
    evidence: reliability.evidence(row),
    bytes: totals.bytes[row],
    lostFreeBytes: Math.min(totals.bytes[row], lostFreeBytes[allocator]),
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
    estimate: detail.estimate,
    watched: totals.watchOf(row),
  };
}
