import { heldMeaning } from '../../coverage/meaning.js';
import { ALLOCATOR_NAMES, HEAP, isOfProcess, kindName } from '../../event/kinds.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import { poolNoteOf } from '../names/backing.js';
import { shownPath } from '../names/frames.js';
import { MergedCaches } from '../names/merged-caches.js';
import { nounOf } from '../names/nouns.js';
import type { ReportStack } from '../report/report-rows.js';
import { bytesPerSecond, unitBytes } from '../select/held-table.js';
import { heldNote, heldShare, trustOf, wholePart } from './held-rows.js';
import { holderOf } from './holder.js';
import type { Ranking } from './ranking.js';
import type { ShownDetail } from './shown-ages.js';
import { freesOf, typicalFree } from './typical-free.js';

/** A row of the PathTable that is shown. */
export interface ShownRow {
  row: number;
  detail: ShownDetail;
}

/** One row of the Report, without verdict, growth and curve (call-path-rows.ts adds them). */
export function reportStack(ranking: Ranking, { row, detail }: ShownRow, place: number): ReportStack {
  const { core, symbols, facts, totals } = ranking;
  const { reliability, lostFrees } = ranking.judges;
  const { paths, dictionary } = core;
  const stackId = paths.stackId[row];
  const allocator = paths.allocator[row];
  const merged = new MergedCaches(ranking);
  const name = ALLOCATOR_NAMES[allocator];
  const unit = unitBytes(core, allocator);
  const at = row * PATH_STATS;
  const held = heldShare(totals.held, [wholePart(totals.held, row, totals.bytes[row])]);
  const trust = trustOf(reliability.state(row), reliability.evidence(row), held);
  const path = shownPath({ stacks: dictionary.stacks, symbols, facts }, stackId);
  const category = totals.categoryOf(row);
  const isBefore = paths.isBefore(row);
  // Ages of a part would be taken for those of all.
  const hasAges = (core.before.get(row)?.withoutAge ?? 0) * 2 <= paths.liveCount(row);
  return {
    rank: place,
    stackId: paths.keyOf(row),
    allocator: name,
    kind: kindName(paths.kind[row]) ?? '',
    category,
    verdict: trust.reliability === 'unreliable' ? 'unreliable' : null,
    verdictReason: null,
    growth: null,
    curve: [],
    merged: null,
    ...trust,
    meaning: heldMeaning(core.hostFacts.coverage, paths.kind[row]),
    baseline: isBefore,
    bytes: totals.bytes[row],
    lostFreeBytes: Math.min(totals.bytes[row], lostFrees.bytes(allocator)),
    count: totals.count[row],
    allocBytes: isBefore ? 0 : paths.stats[at + ALLOC_SIZE] * unit,
    allocCount: isBefore ? 0 : paths.stats[at + ALLOC_COUNT],
    freeCount: paths.stats[at + FREE_COUNT],
    missedFrees: paths.stats[at + MISSED_COUNT],
    bytesAtHighWaterMark: paths.liveAtPeak(row) * unit,
    oldestAgeNs: hasAges ? detail.oldestAgeNs : 0,
    medianAgeNs: hasAges ? detail.medianAgeNs : 0,
    growthBytesPerSecond: isBefore ? null : bytesPerSecond(core, totals.bytes[row]),
    comms: detail.comms,
    cgroups: detail.cgroups,
    gone: detail.gone,
    holder: holderOf({ ...path, allocator: name, category, bytes: totals.bytes[row] }, detail),
    noun: nounOf({ ...path, allocator: name, baseline: isBefore, category }),
    caches: paths.cachesOf(row).map((id) => merged.label(id, stackId)),
    ...path,
    note: poolNoteOf(core, facts, row) ?? heldNote(held),
    heldByReference: held,
    ...(detail.resident !== null && { resident: detail.resident }),
    ...(isOfProcess(allocator) && allocator !== HEAP && { ranges: detail.allocations }),
    estimate: detail.estimate,
    typicalFree: typicalFree(ranking, freesOf(core, [row]), detail.heldLonger),
    watched: totals.watchOf(row),
  };
}
