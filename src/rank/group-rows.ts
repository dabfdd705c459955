/**
 * The rows of a ranking that is grouped.
 *
 * A row's bytes, counts, frees and what it held at the high-water mark are sums over its call paths, its ages are those of
 * all its outstanding allocations, and processes and caches are put together. Of a call path that is in several rows (by
 * process, by cache), each has the bytes, count, ages and processes that are its own; what was ever allocated, freed and
 * missed is known of the call path as a whole, and stands in each of them.
 *
 * Reliability goes by bytes: a row is confirmed if three quarters of it are, unreliable if more than half of it is, and
 * plausible else. Verdict, growth and curve are those of the sum of its call paths' curves.
 */
import { formatShare } from '../base/format.js';
import { topN } from '../base/top-n.js';
import { ALLOCATOR_NAMES } from '../event/kinds.js';
import type { PairingCore } from '../pair/pairing-core.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../pair/path-table.js';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { categoryOf, poolNoteOf } from './backing.js';
import { isByVerdict, SPARE_ROWS } from './call-path-rows.js';
import { type GroupParts, groupParts } from './group-parts.js';
import { byBytes, GroupSums } from './group-sums.js';
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
  const sums = new GroupSums(core, judges, found, totals, selection);
  const ids = Array.from({ length: found.groups }, (_, i) => i + 1);
  const membersOfAll = membersOf(found);
  if (selection.sort === 'median-age') sums.takeValues(detailsOf(core, totals, found, membersOfAll));
  const byVerdict = isByVerdict(selection.sort);
  const first = topN(ids, byVerdict ? limit + SPARE_ROWS : limit, (a, b) => sums.compare(a, b));
  const members = first.map((group) => membersOfAll[group - 1]);
  const details = detailsOf(core, totals, found, members);
  const rows = first.map((group, i) => {
    const place = { rank: i + 1, detail: details[i] };
    const stack = mergedStack({ core, symbols, judges, totals, found }, members[i], place, sums.reliability(group));
    const caches = stack.allocator === 'slab' ? [stack.merged?.label ?? ''] : [];
    return { group, stack: by === 'cache' ? { ...stack, caches } : stack };
  });
  if (byVerdict) {
    for (const { group, stack } of rows) sums.settle(group, stack);
    rows.sort((a, b) => sums.compare(a.group, b.group));
  }
  const stacks = rows.slice(0, limit).map(({ stack }, i) => ({ ...stack, rank: i + 1 }));
  return { rows: found.groups, stacks };
}

/** Parts of each group, those of group 1 first. */
function membersOf({ parts, groups }: GroupParts): number[][] {
  const members = Array.from({ length: groups }, (): number[] => []);
  for (let part = 1; part <= parts.size; part++) members[parts.group[part] - 1].push(part);
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
  const evidence = sums.evidence();
  return {
    ...stack,
    category: sums.category,
    ...historyOf(context, members, place.detail, reliability === 'unreliable' ? evidence.reason : null),
    merged: { label: found.label(first), stacks: members.length, allocators, others },
    reliability,
    evidence,
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

/** By the sum of the curves; nothing where a call path is only in part in the row, as of parts there are no curves. */
function historyOf(
  { judges, totals, found: { parts } }: MergeContext,
  members: number[],
  detail: ShownDetail,
  unreliable: string | null,
): Pick<ReportStack, 'verdict' | 'verdictReason' | 'growth' | 'curve'> {
  const rows = members.map((part) => parts.row[part]);
  const whole = members.every((part) => parts.bytes[part] === totals.bytes[parts.row[part]]);
  if (!whole) {
    return { verdict: unreliable === null ? null : 'unreliable', verdictReason: unreliable, growth: null, curve: [] };
  }
  const ages = totals.filter.passesAll ? detail : null;
  const { verdict, reason, growth } = judges.curveVerdicts.judge(rows, ages, unreliable);
  return { verdict, verdictReason: reason, growth, curve: Array.from(judges.curveVerdicts.curveOf(rows)) };
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
