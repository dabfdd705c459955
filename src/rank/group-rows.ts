/**
 * The rows of a ranking that is grouped.
 *
 * A row's bytes, counts, frees and what it held at the high-water mark are sums over its call paths, its ages are those of
 * all its outstanding allocations, and processes and caches are put together. Of a call path that is in several rows (by
 * process, by cache), each has the bytes, count, ages and processes that are its own; what was ever allocated, freed and
 * missed is known of the call path as a whole, and stands in each of them.
 *
 * Reliability goes by bytes: a row is confirmed if three quarters of it are, unreliable if more than half of it is, and
 * plausible else. Rows are ordered as call paths are (rank-order.ts).
 */
import { formatShare } from '../base/format.js';
import { topN } from '../base/top-n.js';
import { ALLOCATOR_NAMES } from '../event/kinds.js';
import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { categoryOf, isBacking, poolNoteOf } from './backing.js';
import { type GroupParts, groupParts } from './group-parts.js';
import type { PathTotals } from './path-totals.js';
import { groupKeysOf } from './rank-memo.js';
import type { Evidence, ReliabilityName, ReportStack } from './report.js';
import { type RowJudges, reportStack } from './report-stack.js';
import { unitBytes } from './row-filter.js';
import type { Selection } from './selection.js';
import { type ShownDetail, slotDetails } from './shown-ages.js';

/** The rows of a report by `selection.group`, which is not 'stack', and how many there are, shown or not. */
export function groupedRows(
  core: PairingCore,
  symbols: SymbolTable,
  judges: RowJudges,
  totals: PathTotals,
  selection: Selection,
): { rows: number; stacks: ReportStack[] } {
  const { group: by, limit } = selection;
  if (by === 'stack') throw new Error('call paths are not grouped');
  const context = { core, facts: judges.facts, keys: groupKeysOf(core, symbols), totals };
  const found = groupParts(context, by);
  const sums = new GroupSums(core, judges, found, selection);
  const ids = Array.from({ length: found.groups }, (_, i) => i + 1);
  const shown = topN(ids, limit, (a, b) => sums.compare(a, b));
  const members = membersOf(found, shown);
  const details = detailsOf(core, totals, found, members);
  const stacks = shown.map((group, i) => {
    const place = { rank: i + 1, detail: details[i] };
    const stack = mergedStack({ core, symbols, judges, totals, found }, members[i], place, sums.reliability(group));
    return by === 'cache' ? { ...stack, caches: stack.allocator === 'slab' ? [stack.merged?.label ?? ''] : [] } : stack;
  });
  return { rows: found.groups, stacks };
}

const BACKING_TIER = 2;
const UNRELIABLE_TIER = 1;
const CONFIRMED_SHARE = 3 / 4;
const UNRELIABLE_SHARE = 1 / 2;

/** What groups are ordered by. All columns are by group. */
class GroupSums {
  private readonly found: GroupParts;
  private readonly core: PairingCore;
  private readonly judges: RowJudges;
  private readonly bytes: Float64Array;
  private readonly value: Float64Array;
  private readonly confirmedBytes: Float64Array;
  private readonly unreliableBytes: Float64Array;
  /** The part that holds most. */
  private readonly first: Uint32Array;
  private readonly tiers: Uint8Array;

  constructor(core: PairingCore, judges: RowJudges, found: GroupParts, selection: Selection) {
    this.core = core;
    this.judges = judges;
    this.found = found;
    const length = found.groups + 1;
    this.bytes = new Float64Array(length);
    this.value = new Float64Array(length);
    this.confirmedBytes = new Float64Array(length);
    this.unreliableBytes = new Float64Array(length);
    this.first = new Uint32Array(length);
    this.tiers = new Uint8Array(length);
    const valueOf = partValue(core, found, selection);
    const { parts } = found;
    for (let part = 1; part <= parts.size; part++) {
      const group = parts.group[part];
      this.bytes[group] += parts.bytes[part];
      const value = valueOf(part);
      this.value[group] = selection.sort === 'age' ? Math.max(this.value[group], value) : this.value[group] + value;
      const state = judges.reliability.state(parts.row[part]);
      if (state === 'confirmed') this.confirmedBytes[group] += parts.bytes[part];
      else if (state === 'unreliable') this.unreliableBytes[group] += parts.bytes[part];
      if (this.first[group] === 0 || byBytes(core, found, part, this.first[group]) < 0) this.first[group] = part;
    }
    const byHeld = selection.sort !== 'allocs' && selection.sort !== 'missed';
    for (let group = 1; group < length; group++) {
      if (isBacking(core, judges.facts, parts.row[this.first[group]])) this.tiers[group] = BACKING_TIER;
      else if (byHeld && this.reliability(group) === 'unreliable') this.tiers[group] = UNRELIABLE_TIER;
    }
  }

  reliability(group: number): ReliabilityName {
    const bytes = this.bytes[group];
    if (bytes === 0) return this.judges.reliability.state(this.found.parts.row[this.first[group]]);
    if (this.confirmedBytes[group] >= bytes * CONFIRMED_SHARE) return 'confirmed';
    return this.unreliableBytes[group] > bytes * UNRELIABLE_SHARE ? 'unreliable' : 'plausible';
  }

  /** As rankOrder(): ties go by the call paths that the groups begin with, and by name where that is one and the same. */
  compare(a: number, b: number): number {
    const { tiers, value, bytes, first, found } = this;
    const order = tiers[a] - tiers[b] || value[b] - value[a] || bytes[b] - bytes[a];
    if (order !== 0) return order;
    const byId = byPathId(this.core, found.parts.row[first[a]], found.parts.row[first[b]]);
    return byId !== 0 ? byId : found.label(first[a]) < found.label(first[b]) ? -1 : 1;
  }
}

function partValue(core: PairingCore, { parts }: GroupParts, { sort }: Selection): (part: number) => number {
  const { paths } = core;
  switch (sort) {
    case 'count':
      return (part) => parts.count[part];
    case 'age':
      return (part) => core.nowNs - parts.oldestNs[part];
    case 'allocs':
      return (part) => paths.stats[parts.row[part] * PATH_STATS + ALLOC_COUNT];
    case 'peak':
      return (part) => paths.liveAtPeak(parts.row[part]) * unitBytes(core, paths.allocator[parts.row[part]]);
    case 'missed':
      return (part) => paths.stats[parts.row[part] * PATH_STATS + MISSED_COUNT];
    default:
      return (part) => parts.bytes[part];
  }
}

function byBytes(core: PairingCore, { parts }: GroupParts, a: number, b: number): number {
  return parts.bytes[b] - parts.bytes[a] || byPathId(core, parts.row[a], parts.row[b]);
}

function byPathId({ paths }: PairingCore, a: number, b: number): number {
  return paths.stackId[a] - paths.stackId[b] || paths.allocator[a] - paths.allocator[b];
}

/** Parts of each group that is shown. */
function membersOf({ parts, groups }: GroupParts, shown: number[]): number[][] {
  const places = new Uint32Array(groups + 1);
  for (const [i, group] of shown.entries()) places[group] = i + 1;
  const members = shown.map((): number[] => []);
  for (let part = 1; part <= parts.size; part++) {
    const place = places[parts.group[part]];
    if (place !== 0) members[place - 1].push(part);
  }
  return members;
}

function detailsOf(core: PairingCore, totals: PathTotals, found: GroupParts, members: number[][]): ShownDetail[] {
  const places = new Uint32Array(found.parts.size + 1);
  const allocators = new Set<number>();
  for (const [i, parts] of members.entries()) {
    for (const part of parts) {
      places[part] = i + 1;
      allocators.add(core.paths.allocator[found.parts.row[part]]);
    }
  }
  return slotDetails(core, totals.filter, {
    length: members.length,
    allocators,
    placeOf: (row, table, slot) => places[found.partOf(row, table, slot)],
  });
}

interface MergeContext {
  core: PairingCore;
  symbols: SymbolTable;
  judges: RowJudges;
  totals: PathTotals;
  found: GroupParts;
}

/** One row, of all these parts. */
function mergedStack(
  context: MergeContext,
  members: number[],
  place: { rank: number; detail: ShownDetail },
  reliability: ReliabilityName,
): ReportStack {
  const { core, symbols, judges, totals, found } = context;
  const { parts } = found;
  let first = members[0];
  for (const part of members) if (byBytes(core, found, part, first) < 0) first = part;
  const stack = reportStack(core, symbols, judges, totals, parts.row[first], place.rank, place.detail);
  const sums = new MemberSums(context, members);
  const others = {
    stacks: members.length - 1,
    bytes: sums.bytes - parts.bytes[first],
    count: sums.count - parts.count[first],
  };
  const allocators = ALLOCATOR_NAMES.filter((_, allocator) => sums.allocators.has(allocator));
  return {
    ...stack,
    category: sums.category,
    verdict: reliability === 'unreliable' ? 'unreliable' : null,
    verdictReason: null,
    growth: null,
    curve: [],
    merged: { label: found.label(first), stacks: members.length, allocators, others },
    reliability,
    evidence: sums.evidence(),
    bytes: sums.bytes,
    lostFreeBytes: sums.lostFreeBytes(),
    count: sums.count,
    allocBytes: sums.allocBytes,
    allocCount: sums.allocCount,
    freeCount: sums.freeCount,
    missedFrees: sums.missedFrees,
    bytesAtHighWaterMark: sums.peakBytes,
    growthBytesPerSecond: core.nowNs > 0 ? sums.bytes / (core.nowNs / 1e9) : 0,
    caches: sums.caches(),
    note: sums.note,
    watched: sums.watched,
  };
}

/** Sums over the parts of one row. */
class MemberSums {
  bytes = 0;
  count = 0;
  allocBytes = 0;
  allocCount = 0;
  freeCount = 0;
  missedFrees = 0;
  peakBytes = 0;
  readonly allocators = new Set<number>();
  /** Those that all its call paths have, null where they differ. */
  readonly category: string | null;
  readonly note: string | null;
  readonly watched: string | null;
  private readonly context: MergeContext;
  private compared = 0;
  private doubtful = 0;
  private readonly bytesOfState: Record<ReliabilityName, number> = { confirmed: 0, plausible: 0, unreliable: 0 };
  private readonly bytesOfCache = new Map<number, number>();

  constructor(context: MergeContext, members: number[]) {
    this.context = context;
    const { core, judges, found } = context;
    const rows = members.map((part) => found.parts.row[part]);
    for (const part of members) this.add(part);
    this.category = common(rows, (row) => categoryOf(core, judges.facts, row));
    this.watched = common(rows, (row) => context.totals.watchOf(row));
    this.note = common(rows, (row) => poolNoteOf(core, judges.facts, row));
  }

  evidence(): Evidence {
    const { compared, doubtful, missedFrees, freeCount, bytes } = this;
    const shares = (['confirmed', 'plausible', 'unreliable'] as const)
      .filter((state) => this.bytesOfState[state] > 0)
      .map((state) => `${formatShare(this.bytesOfState[state], bytes)} ${state}`);
    return {
      missedShare: missedFrees === 0 ? 0 : missedFrees / (missedFrees + freeCount),
      compared: compared > 0 ? compared : null,
      doubtful: compared > 0 ? doubtful : null,
      reason: `by bytes of its call paths: ${shares.length === 0 ? 'nothing held' : shares.join(', ')}`,
    };
  }

  /** The bounds of its allocators, all of which may be this row's. */
  lostFreeBytes(): number {
    let bound = 0;
    for (const allocator of this.allocators) bound += this.context.judges.lostFreeBytes[allocator];
    return Math.min(this.bytes, bound);
  }

  /** Names, those of the call paths with most bytes first. */
  caches(): string[] {
    const { caches } = this.context.core.dictionary;
    return [...this.bytesOfCache]
      .map(([id, bytes]): [string, number] => [caches.name(id), bytes])
      .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([name]) => name);
  }

  private add(part: number): void {
    const { core, judges, found } = this.context;
    const { paths } = core;
    const row = found.parts.row[part];
    const unit = unitBytes(core, paths.allocator[row]);
    const at = row * PATH_STATS;
    const bytes = found.parts.bytes[part];
    this.bytes += bytes;
    this.count += found.parts.count[part];
    this.allocBytes += paths.stats[at + ALLOC_SIZE] * unit;
    this.allocCount += paths.stats[at + ALLOC_COUNT];
    this.freeCount += paths.stats[at + FREE_COUNT];
    this.missedFrees += paths.stats[at + MISSED_COUNT];
    this.peakBytes += paths.liveAtPeak(row) * unit;
    this.allocators.add(paths.allocator[row]);
    const [compared, doubtful] = judges.reliability.figures(row);
    this.compared += compared;
    this.doubtful += doubtful;
    this.bytesOfState[judges.reliability.state(row)] += bytes;
    for (const id of paths.cachesOf(row)) this.bytesOfCache.set(id, (this.bytesOfCache.get(id) ?? 0) + bytes);
  }
}

function common<T>(rows: number[], valueOf: (row: number) => T | null): T | null {
  const value = valueOf(rows[0]);
  return rows.every((row) => valueOf(row) === value) ? value : null;
}
