/**
 * The rows of a grouped ranking.
 *
 * Bytes, counts, frees and bytes at the high-water mark of a row are sums over its call paths; its
 * ages are of all its outstanding allocations, and it has the processes and caches of all. If a
 * call path is in several rows (by process, by cache), each row has its own share of bytes, count,
 * ages and processes. The allocations, frees and missed frees of the whole trace are known only for
 * the call path as a whole, and are in each of these rows.
 *
 * Reliability goes by bytes: a row is confirmed if three quarters of it are, unreliable if more
 * than half of it is, otherwise plausible. Verdict, growth and curve are those of the sum of its
 * call paths' curves.
 */
import { formatShare } from '../../base/format.js';
import { topN } from '../../base/top-n.js';
import { type HeldMeaning, heldMeaning, sumMeaning } from '../../coverage/meaning.js';
import { ALLOCATOR_NAMES } from '../../event/kinds.js';
import { ALLOC_COUNT, ALLOC_SIZE, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import { poolNoteOf } from '../names/backing.js';
import { MergedCaches } from '../names/merged-caches.js';
import type { Category } from '../report/category.js';
import type { Evidence, HeldShare, ReliabilityName, ReportStack } from '../report/report-rows.js';
import { isByVerdict, SPARE_ROWS } from '../rows/call-path-rows.js';
import { type HeldPart, heldNote, heldShare, trustOf, wholePart } from '../rows/held-rows.js';
import { holderOf } from '../rows/holder.js';
import type { Ranking } from '../rows/ranking.js';
import { reportStack } from '../rows/report-stack.js';
import { type ShownDetail, slotDetails } from '../rows/shown-ages.js';
import { freesOf, latestFreeNs, typicalFree } from '../rows/typical-free.js';
import { bytesPerSecond, unitBytes } from '../select/held-table.js';
import { isWholePath, type PathTotals } from '../select/path-totals.js';
import { findingPaths } from './finding-paths.js';
import { groupParts } from './group-parts.js';
import { byBytes, GroupSums } from './group-sums.js';
import type { GroupParts } from './part-list.js';

/**
 * Returns the rows of a report by `selection.group`, which must not be 'stack', and their number,
 * shown or not.
 */
export function groupedRows(ranking: Ranking): { rows: number; stacks: ReportStack[] } {
  const { group: by, limit, sort } = ranking.selection;
  if (by === 'stack') throw new Error('call paths are not grouped');
  const found = groupParts(ranking, by);
  const sums = new GroupSums(ranking, found);
  const ids = Array.from({ length: found.groups }, (_, i) => i + 1);
  if (sort === 'median-age') sums.takeValues(detailsOf(ranking, found, membersOf(found, ids)));
  const byVerdict = isByVerdict(sort);
  const first = topN(ids, byVerdict ? limit + SPARE_ROWS : limit, (a, b) => sums.compare(a, b));
  const members = membersOf(found, first);
  const details = detailsOf(ranking, found, members);
  const rows = first.map((group, i) => {
    const merged = { members: members[i], detail: details[i], reliability: sums.reliability(group) };
    const stack = mergedStack({ ranking, found }, merged, i + 1);
    return { group, stack: asGrouped(ranking, found, members[i], stack) };
  });
  if (byVerdict) {
    for (const { group, stack } of rows) sums.settle(group, stack);
    rows.sort((a, b) => sums.compare(a.group, b.group));
  }
  const stacks = rows.slice(0, limit).map(({ group, stack }, i): ReportStack => {
    const suspicion = sort === 'suspect' ? { suspicion: sums.valueOf(group) } : {};
    return { ...stack, ...suspicion, rank: i + 1 };
  });
  return { rows: found.groups, stacks };
}

/** Adds what rows of this grouping alone have. */
function asGrouped(ranking: Ranking, found: GroupParts, members: number[], stack: ReportStack): ReportStack {
  const by = ranking.selection.group;
  if (by === 'cache') return { ...stack, caches: stack.allocator === 'slab' ? [stack.merged?.label ?? ''] : [] };
  if (by !== 'finding' || stack.merged === null) return stack;
  const paths = findingPaths(ranking, found, members);
  // A finding is named by its greatest call path, whose line of meminfo has most of it.
  return { ...stack, category: stack.category ?? paths[0].category, merged: { ...stack.merged, paths } };
}

/** Parts of each of these groups, in their order. A trace may have a million groups, of which few are shown. */
function membersOf({ parts, groups }: GroupParts, wanted: readonly number[]): number[][] {
  const places = new Uint32Array(groups + 1);
  for (const [i, group] of wanted.entries()) places[group] = i + 1;
  const members = wanted.map((): number[] => []);
  for (let part = 1; part <= parts.size; part++) {
    const place = places[parts.group[part]];
    if (place > 0) members[place - 1].push(part);
  }
  return members;
}

function detailsOf({ core, totals }: Ranking, found: GroupParts, members: number[][]): ShownDetail[] {
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
    latestFreeNs: Float64Array.from(members, (parts) => latestFreeNs(freesOf(core, rowsOf(found, parts)))),
    placeOf: (row, table, slot) => places[found.partOf(row, table, slot)],
  });
}

/** Rows of the PathTable, each once. */
function rowsOf({ parts }: GroupParts, members: readonly number[]): number[] {
  return [...new Set(members.map((part) => parts.row[part]))];
}

interface MergeContext {
  ranking: Ranking;
  found: GroupParts;
}

/** A group that is shown. */
interface ShownGroup {
  /** Its parts. */
  members: number[];
  detail: ShownDetail;
  reliability: ReliabilityName;
}

/** One row, of all parts of a group. */
function mergedStack(context: MergeContext, group: ShownGroup, place: number): ReportStack {
  const { ranking, found } = context;
  const { core } = ranking;
  const { parts } = found;
  const { members, detail, reliability } = group;
  const order = byBytes(core, found);
  let first = members[0];
  for (const part of members) if (order(part, first) < 0) first = part;
  const stack = reportStack(ranking, { row: parts.row[first], detail }, place);
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
    ...historyOf(context, group, reliability === 'unreliable' ? evidence.reason : null),
    merged: { label: found.label(first), stacks: members.length, allocators, others },
    ...trustOf(reliability, evidence, sums.held),
    meaning: sumMeaning(sums.meanings),
    bytes: sums.bytes,
    lostFreeBytes: sums.lostFreeBytes(),
    count: sums.count,
    allocBytes: sums.allocBytes,
    allocCount: sums.allocCount,
    freeCount: sums.freeCount,
    missedFrees: sums.missedFrees,
    bytesAtHighWaterMark: sums.peakBytes,
    growthBytesPerSecond: stack.baseline ? null : bytesPerSecond(core, sums.bytes),
    holder: holderOf({ ...stack, bytes: sums.bytes }, detail),
    caches: sums.caches(),
    note: sums.note ?? heldNote(sums.held),
    heldByReference: sums.held,
    typicalFree: typicalFree(ranking, freesOf(core, rowsOf(found, members)), detail.heldLonger),
    watched: sums.watched,
  };
}

/**
 * The verdict on the sum of the curves. A row that has only a part of a call path has no curve, and
 * is judged by what it holds itself (part.ts).
 */
function historyOf(
  { ranking, found: { parts } }: MergeContext,
  { members, detail }: ShownGroup,
  unreliable: string | null,
): Pick<ReportStack, 'verdict' | 'verdictReason' | 'growth' | 'curve'> {
  const rows = members.map((part) => parts.row[part]);
  const { judges, totals } = ranking;
  const whole = members.every((part) => {
    const row = parts.row[part];
    return parts.count[part] === totals.count[row] && isWholePath(ranking, totals, row);
  });
  const counters = {
    fewestPoints: Math.max(...rows.map((row) => judges.countersAgree.fewestPoints(row))),
    unreliable,
  };
  if (!whole && ranking.selection.olderNs > 0) {
    return { verdict: unreliable === null ? null : 'unreliable', verdictReason: unreliable, growth: null, curve: [] };
  }
  if (!whole) {
    const bytes = members.reduce((sum, part) => sum + parts.bytes[part], 0);
    const { verdict, reason, growth } = judges.curveVerdicts.judgePart(rows, { ages: detail, bytes }, counters);
    return { verdict, verdictReason: reason, growth, curve: [] };
  }
  const { verdict, reason, growth } = judges.curveVerdicts.judge(rows, detail, counters);
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
  readonly meanings = new Set<HeldMeaning>();
  /** The values that all its call paths share; null where they differ. */
  readonly category: string | null;
  readonly note: string | null;
  readonly watched: string | null;
  readonly held: HeldShare | null;
  private readonly context: MergeContext;
  private compared = 0;
  private doubtful = 0;
  private movedUnseen = 0;
  private readonly bytesOfState: Record<ReliabilityName, number> = { confirmed: 0, plausible: 0, unreliable: 0 };
  private readonly bytesOfCache = new Map<string, number>();
  private readonly merged: MergedCaches;

  constructor(context: MergeContext, members: number[]) {
    this.context = context;
    const { ranking, found } = context;
    this.merged = new MergedCaches(ranking);
    const { core, facts, totals } = ranking;
    const rows = members.map((part) => found.parts.row[part]);
    for (const part of members) this.add(part);
    const heldParts = members.map((part) => heldPart(ranking, found, part));
    this.category = common(heldParts, (part) => categoryOfPart(totals, part));
    this.watched = common(rows, (row) => totals.watchOf(row));
    this.held = heldShare(totals.held, heldParts);
    this.note = common(rows, (row) => poolNoteOf(core, facts, row));
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
      movedUnseen: this.movedUnseen,
      reason: `by bytes of its call paths: ${shares.length === 0 ? 'nothing held' : shares.join(', ')}`,
    };
  }

  /** The sum of its allocators' bounds, because all lost frees may belong to this row. */
  lostFreeBytes(): number {
    let bound = 0;
    for (const allocator of this.allocators) bound += this.context.ranking.judges.lostFrees.bytes(allocator);
    return Math.min(this.bytes, bound);
  }

  /** Names of its caches, those with most bytes first. */
  caches(): string[] {
    return [...this.bytesOfCache].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  }

  private add(part: number): void {
    const { ranking, found } = this.context;
    const { core, judges } = ranking;
    const { paths } = core;
    const row = found.parts.row[part];
    const unit = unitBytes(core, paths.allocator[row]);
    const at = row * PATH_STATS;
    const bytes = found.parts.bytes[part];
    this.bytes += bytes;
    this.count += found.parts.count[part];
    if (!paths.isBefore(row)) {
      this.allocBytes += paths.stats[at + ALLOC_SIZE] * unit;
      this.allocCount += paths.stats[at + ALLOC_COUNT];
    }
    this.freeCount += paths.stats[at + FREE_COUNT];
    this.missedFrees += paths.stats[at + MISSED_COUNT];
    this.peakBytes += paths.liveAtPeak(row) * unit;
    this.allocators.add(paths.allocator[row]);
    this.meanings.add(heldMeaning(core.hostFacts.coverage, paths.kind[row]));
    const [compared, doubtful] = judges.reliability.figures(row);
    this.compared += compared;
    this.doubtful += doubtful;
    // Any of its call paths may hold them, so they are no sum.
    this.movedUnseen = Math.max(this.movedUnseen, judges.reliability.movedUnseen(row));
    this.bytesOfState[judges.reliability.state(row)] += bytes;
    for (const id of paths.cachesOf(row)) {
      const name = this.merged.label(id, paths.stackId[row]);
      this.bytesOfCache.set(name, (this.bytesOfCache.get(name) ?? 0) + bytes);
    }
  }
}

function heldPart({ totals }: Ranking, { parts, excess }: GroupParts, part: number): HeldPart {
  const row = parts.row[part];
  const bytes = parts.bytes[part];
  return excess === null ? wholePart(totals.held, row, bytes) : { row, bytes, excess: excess.of(part) };
}

function categoryOfPart(totals: PathTotals, part: HeldPart): Category | null {
  return totals.categoryOf(part.row, heldShare(totals.held, [part])?.bytes ?? 0, part.bytes);
}

function common<M, T>(members: M[], valueOf: (member: M) => T | null): T | null {
  const value = valueOf(members[0]);
  return members.every((member) => valueOf(member) === value) ? value : null;
}
