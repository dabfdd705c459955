/**
 * Growth since a mark: the memory of each call path when the mark was made, beside its memory now.
 * A mark is the totals of the core at one moment, in one array. Ids of call paths never change
 * within a trace, so a mark is also valid after a seek in a replay, even to a time before the mark.
 *
 * The parts of a selection that concern call paths apply (allocators, category, module, cache, grep
 * and hide over frames and caches, rules, own memory). The parts that concern single allocations
 * (process, size, age) have no effect, because a mark does not hold single allocations.
 */

import { topN } from '../../base/top-n.js';
import { ALLOCATOR_NAMES, type AllocatorName } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { allocatorOfKey } from '../../pair/path-table.js';
import { changeSuspicion, growthOrder, type OrderedChange } from '../diff/diff-order.js';
import { categoryOf, isAccounted } from '../names/backing.js';
import { shownPath } from '../names/frames.js';
import { MergedCaches } from '../names/merged-caches.js';
import type {
  CommShare,
  Holder,
  ReliabilityName,
  ReportFrame,
  ReportStack,
  VerdictName,
} from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { judgedRows, type RankedRow } from '../rows/call-path-rows.js';
import { holderOf } from '../rows/holder.js';
import { queryOf } from '../rows/rank-memo.js';
import { type Ranking, rankingOf } from '../rows/ranking.js';
import { memoryWeight } from '../rows/suspicion-weights.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { heldByReference, mayBeHeldBytes } from '../select/held-by-reference.js';
import { unitBytes } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { GREP } from '../select/path-matcher.js';
import type { PathQuery } from '../select/path-query.js';
import { ruleOf } from '../select/path-totals.js';
import { RowFilter } from '../select/row-filter.js';

/** The memory that every call path held at one moment. */
export interface Mark {
  timeNs: number;
  /** STRIDE numbers for each call path that held something, by ascending key. */
  held: Float64Array;
}

const STRIDE = 5;
/** Call path's id * 4 + allocator, as ReportStack.stackId. */
const KEY = 0;
/** Sizes in the allocator's unit: everything, and the tracer's own. */
const LIVE = 1;
const OWN_LIVE = 2;
const COUNT = 3;
const OWN_COUNT = 4;

export const CHANGE_NAMES = ['new', 'grown', 'shrunk', 'gone'] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];

export interface Held {
  bytes: number;
  /** Pages or objects. */
  count: number;
}

export interface ChangedPath {
  stackId: number;
  allocator: AllocatorName;
  category: string | null;
  change: ChangeName;
  before: Held;
  after: Held;
  caches: string[];
  /** Of the memory now, as in a Report. Null for a call path that shrank, or that it is too early to judge. */
  verdict: VerdictName | null;
  growth: ReportStack['growth'];
  reliability: ReliabilityName;
  /** The value of its order: the bytes of the change, weighed as in `unfreed diff`. */
  suspicion?: number;
  /** The processes that hold the memory now, the greatest first; empty for what is gone. */
  comms: CommShare[];
  /** Who holds most of it now; null for what is gone. */
  holder: Holder | null;
  /** Leaf first. */
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
}

export interface SinceMark {
  markNs: number;
  nowNs: number;
  /** Everything that passes the selection, changed or not, without backing pages. */
  before: Held;
  after: Held;
  /** Numbers of changed call paths that pass, by change. */
  changed: Record<ChangeName, number>;
  /** In the order of `unfreed diff` (diff-order.ts): growth before loss, each by bytes times its weights. */
  paths: ChangedPath[];
  /** True if parts of the selection had no effect, because a mark does not hold single allocations. */
  partly: boolean;
}

/** Least share of `limit` rows that is kept for call paths that shrank. */
const SHRUNK_SHARE = 0.25;

export function takeMark(core: PairingCore): Mark {
  const { paths } = core;
  const rows: number[] = [];
  for (let row = 1; row <= paths.size; row++) if (paths.liveCount(row) > 0) rows.push(row);
  rows.sort((a, b) => paths.keyOf(a) - paths.keyOf(b));
  const held = new Float64Array(rows.length * STRIDE);
  for (const [i, row] of rows.entries()) {
    const at = i * STRIDE;
    held[at + KEY] = paths.keyOf(row);
    held[at + LIVE] = paths.live(row);
    held[at + OWN_LIVE] = paths.ownLive[row];
    held[at + COUNT] = paths.liveCount(row);
    held[at + OWN_COUNT] = paths.ownCount[row];
  }
  return { timeNs: core.nowNs, held };
}

export function sinceMark(trace: PairedTrace, selection: Selection | CompiledSelection, mark: Mark): SinceMark {
  const query = queryOf(trace, selection);
  const changes = changesOf(query, mark);
  const ranking = rankingOf(trace, selection);
  const { limit, minSizeBytes, olderNs, comm, pid } = query.selection;
  return {
    markNs: mark.timeNs,
    nowNs: query.core.nowNs,
    before: changes.before,
    after: changes.after,
    changed: changes.changed,
    paths: changedPaths(ranking, shownOf(changes.rows, limit)),
    partly: minSizeBytes > 0 || olderNs > 0 || comm !== null || pid !== null,
  };
}

interface ChangedRow {
  /** Row of the PathTable. */
  row: number;
  key: number;
  /** Of a byte of it, without a look at its verdict (suspicion-weights.ts). */
  weight: number;
  isBacking: boolean;
  category: string | null;
  before: Held;
  after: Held;
}

interface Changes {
  rows: ChangedRow[];
  before: Held;
  after: Held;
  changed: Record<ChangeName, number>;
}

function changesOf(query: PathQuery, mark: Mark): Changes {
  const { core, facts, matcher } = query;
  const { paths } = core;
  const { includeSelf, hideAccounted, categories } = query.selection;
  const own = includeSelf ? 0 : 1;
  const wanted = wantedRows(query);
  const changes: Changes = {
    rows: [],
    before: { bytes: 0, count: 0 },
    after: { bytes: 0, count: 0 },
    changed: { new: 0, grown: 0, shrunk: 0, gone: 0 },
  };
  const marked = markedRows(core, mark);
  const held = hideAccounted ? heldByReference(query, new RowFilter(query)) : null;
  for (let row = 1; row <= paths.size; row++) {
    const at = marked[row] - 1;
    if ((at < 0 && paths.liveCount(row) === 0) || !wanted(row)) continue;
    if (ruleOf(query, matcher.suppress, row) >= 0) continue;
    if (matcher.watch !== null && ruleOf(query, matcher.watch, row) < 0) continue;
    const category = categoryOf(core, facts, row);
    // What a reference holds, no line of meminfo shows.
    const mayBeHeld = mayBeHeldBytes(held, row, Number.POSITIVE_INFINITY) > 0;
    if (hideAccounted && isAccounted(category) && !mayBeHeld) continue;
    if (categories.length > 0 && (category === null || !categories.includes(category))) continue;
    const unit = unitBytes(core, paths.allocator[row]);
    const before = {
      bytes: at < 0 ? 0 : (mark.held[at + LIVE] - own * mark.held[at + OWN_LIVE]) * unit,
      count: at < 0 ? 0 : mark.held[at + COUNT] - own * mark.held[at + OWN_COUNT],
    };
    const after = {
      bytes: (paths.live(row) - own * paths.ownLive[row]) * unit,
      count: paths.liveCount(row) - own * paths.ownCount[row],
    };
    const isBacking = category === 'backing';
    if (!isBacking) {
      addTo(changes.before, before);
      addTo(changes.after, after);
    }
    if (before.bytes === after.bytes && before.count === after.count) continue;
    const key = paths.keyOf(row);
    const weight = memoryWeight(category, facts.traitsOf(paths.stackId[row]));
    changes.rows.push({ row, key, weight, isBacking, category, before, after });
    changes.changed[changeOf(before, after)]++;
  }
  return changes;
}

function addTo(sum: Held, held: Held): void {
  sum.bytes += held.bytes;
  sum.count += held.count;
}

/** By row of the core: 1 + the index of its numbers in the mark; 0 = it held nothing then. */
function markedRows(core: PairingCore, { held }: Mark): Uint32Array {
  const places = new Uint32Array(core.paths.size + 1);
  for (let at = 0; at < held.length; at += STRIDE) {
    const key = held[at + KEY];
    const row = core.paths.findRow(key);
    // There is no row in a replay that went back to before the call path was first seen.
    if (row !== 0) places[row] = at + 1;
  }
  return places;
}

/** Tests the part of a selection that concerns call paths. */
function wantedRows(query: PathQuery): (row: number) => boolean {
  const { core, matcher, selection } = query;
  const merged = new MergedCaches(query);
  const { paths } = core;
  return (row) => {
    const stackId = paths.stackId[row];
    const { allocators, cache } = selection;
    if (allocators.length > 0 && !allocators.includes(ALLOCATOR_NAMES[paths.allocator[row]])) return false;
    if (!matcher.passesFrames(stackId)) return false;
    if (cache === null && matcher.grep === null) return true;
    const caches = paths.cachesOf(row);
    const isWanted = (id: number): boolean =>
      merged.label(id, stackId) === cache || merged.someName(id, stackId, (name) => name === cache);
    if (cache !== null && !caches.some(isWanted)) return false;
    return (
      matcher.grep === null ||
      (matcher.stack(stackId) & GREP) !== 0 ||
      caches.some((id) => merged.someName(id, stackId, (name) => matcher.cache(name)))
    );
  };
}

/**
 * A path that held nothing is 'new', one that holds nothing is 'gone'. Otherwise bytes decide, or
 * the count where bytes are equal.
 */
function changeOf(before: Held, after: Held): ChangeName {
  if (before.count === 0) return 'new';
  if (after.count === 0) return 'gone';
  return (after.bytes - before.bytes || after.count - before.count) > 0 ? 'grown' : 'shrunk';
}

/** The rows worth a judgement: the greatest by weighed bytes, a part of them for what shrank. */
function shownOf(rows: readonly ChangedRow[], limit: number): ChangedRow[] {
  const size = (row: ChangedRow): number => Math.abs(growthOf(row)) * row.weight;
  const order = (a: number, b: number): number =>
    Number(rows[a].isBacking) - Number(rows[b].isBacking) || size(rows[b]) - size(rows[a]) || rows[a].key - rows[b].key;
  const risen: number[] = [];
  const fallen: number[] = [];
  for (const [index, row] of rows.entries()) (growthOf(row) > 0 ? risen : fallen).push(index);
  const forFallen = Math.min(fallen.length, Math.max(Math.floor(limit * SHRUNK_SHARE), limit - risen.length));
  return [...topN(risen, limit - forFallen, order), ...topN(fallen, forFallen, order)].map((index) => rows[index]);
}

/** Bytes; where they are equal, a count that weighs next to nothing. */
function growthOf({ before, after }: ChangedRow): number {
  return after.bytes - before.bytes || (after.count - before.count) / 1e6;
}

function changedPaths(ranking: Ranking, rows: readonly ChangedRow[]): ChangedPath[] {
  const judged = new Map<ChangedRow, RankedRow>();
  // A mark ignores process, size and age: what does not pass them has no row in the ranking.
  const held = rows.filter(({ row }) => ranking.totals.bytes[row] > 0);
  const found = judgedRows(
    ranking,
    held.map(({ row }) => row),
  );
  for (const [index, row] of held.entries()) judged.set(row, found[index]);
  const order = growthOrder('suspect');
  return rows
    .map((row) => changedPath(ranking, row, judged.get(row) ?? null))
    .map((path) => ({ path, by: orderedChange(path) }))
    .toSorted((a, b) => order(a.by, b.by) || a.path.stackId - b.path.stackId)
    .map(({ path, by }) => ({ ...path, suspicion: changeSuspicion(by) }));
}

function orderedChange(path: ChangedPath): OrderedChange {
  const { verdict, reliability, before, after } = path;
  return {
    ...path,
    differenceBytes: after.bytes - before.bytes,
    differenceCount: after.count - before.count,
    before: { bytes: before.bytes, verdict: null, reliability },
    after: { bytes: after.bytes, verdict, reliability },
  };
}

function changedPath(ranking: Ranking, changed: ChangedRow, judged: RankedRow | null): ChangedPath {
  const { core, symbols, facts, judges } = ranking;
  const { key, row, category, before, after } = changed;
  const pathId = core.paths.stackId[row];
  const grew = after.bytes > before.bytes;
  const path = shownPath({ stacks: core.dictionary.stacks, symbols, facts }, pathId);
  const allocator = ALLOCATOR_NAMES[allocatorOfKey(key)];
  return {
    stackId: key,
    allocator,
    category,
    change: changeOf(before, after),
    before,
    after,
    caches: core.paths.cachesOf(row).map((id) => core.dictionary.caches.name(id)),
    verdict: grew ? (judged?.judgement.verdict ?? null) : null,
    growth: grew ? (judged?.judgement.growth ?? null) : null,
    reliability: judges.reliability.state(row),
    comms: judged?.detail.comms ?? [],
    holder: judged === null ? null : holderOf({ ...path, allocator, category, bytes: after.bytes }, judged.detail),
    ...path,
  };
}
