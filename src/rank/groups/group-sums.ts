/**
 * The values that order the groups of a ranking: sums over their call paths, or the greatest of
 * them, or a value of the group as a whole. The order itself is that of call paths (rank-order.ts).
 */
import type { PairingCore } from '../../pair/pairing-core.js';
import { ALLOC_COUNT, FREE_COUNT, MISSED_COUNT, PATH_STATS } from '../../pair/path-table.js';
import { isBacking } from '../names/backing.js';
import type { ReliabilityName, ReportStack } from '../report/report-rows.js';
import type { SortKey } from '../report/selection.js';
import { isByHeld } from '../rows/rank-order.js';
import type { Ranking, RowJudges } from '../rows/ranking.js';
import type { ShownDetail } from '../rows/shown-ages.js';
import { verdictPlace } from '../rows/suspicion.js';
import { unitBytes } from '../select/held-table.js';
import type { PathTotals } from '../select/path-totals.js';
import type { GroupParts } from './part-list.js';

const BACKING_TIER = 2;
const UNRELIABLE_TIER = 1;
const CONFIRMED_SHARE = 3 / 4;
const UNRELIABLE_SHARE = 1 / 2;

/** The order of groups. All columns are indexed by group. */
export class GroupSums {
  private readonly found: GroupParts;
  private readonly core: PairingCore;
  private readonly judges: RowJudges;
  private readonly bytes: Float64Array;
  private readonly value: Float64Array;
  /** Bytes times the weights of their categories. */
  private readonly weighed: Float64Array;
  private readonly sort: SortKey;
  private readonly confirmedBytes: Float64Array;
  private readonly unreliableBytes: Float64Array;
  /** The part that holds most, by group. */
  private readonly first: Uint32Array;
  private readonly tiers: Uint8Array;

  constructor(ranking: Ranking, found: GroupParts) {
    const { core, facts, selection, judges } = ranking;
    this.core = core;
    this.judges = judges;
    this.found = found;
    const length = found.groups + 1;
    this.bytes = new Float64Array(length);
    this.value = new Float64Array(length);
    this.weighed = new Float64Array(length);
    this.sort = selection.sort;
    this.confirmedBytes = new Float64Array(length);
    this.unreliableBytes = new Float64Array(length);
    this.first = new Uint32Array(length);
    this.tiers = new Uint8Array(length);
    const valueOf = partValue(ranking, found);
    const greatest = isGreatest(selection.sort);
    const { parts } = found;
    const order = byBytes(core, found);
    for (let part = 1; part <= parts.size; part++) {
      const group = parts.group[part];
      this.bytes[group] += parts.bytes[part];
      this.weighed[group] += weighedBytes(ranking, found, part);
      const value = valueOf(part);
      this.value[group] = greatest ? Math.max(this.value[group], value) : this.value[group] + value;
      const state = judges.reliability.state(parts.row[part]);
      if (state === 'confirmed') this.confirmedBytes[group] += parts.bytes[part];
      else if (state === 'unreliable') this.unreliableBytes[group] += parts.bytes[part];
      if (this.first[group] === 0 || order(part, this.first[group]) < 0) this.first[group] = part;
    }
    if (selection.sort === 'freed') this.value.set(freedShares(core, found));
    const byHeld = isByHeld(selection.sort);
    for (let group = 1; group < length; group++) {
      if (isBacking(core, facts, parts.row[this.first[group]])) this.tiers[group] = BACKING_TIER;
      else if (byHeld && this.reliability(group) === 'unreliable') this.tiers[group] = UNRELIABLE_TIER;
    }
  }

  /** Takes the median ages as values, from group 1 on. */
  takeValues(details: ShownDetail[]): void {
    for (const [i, detail] of details.entries()) this.value[i + 1] = detail.medianAgeNs;
  }

  /**
   * Sets the value of a group whose verdict as a whole is known. A group without a curve and a verdict
   * of its own keeps the sum of its parts.
   */
  settle(group: number, { verdict, growth, curve }: Pick<ReportStack, 'verdict' | 'growth' | 'curve'>): void {
    if (curve.length === 0 && verdict === null) return;
    const { suspicion } = this.judges;
    if (this.sort === 'suspect') this.value[group] = suspicion.weigh(this.weighed[group], this.bytes[group], verdict);
    else if (this.sort === 'verdict') this.value[group] = verdictPlace(verdict);
    else if (this.sort === 'growth' && growth !== null) this.value[group] = growth.bytesPerHour;
  }

  /** The value by which a group is ranked. */
  valueOf(group: number): number {
    return this.value[group];
  }

  reliability(group: number): ReliabilityName {
    const bytes = this.bytes[group];
    if (bytes === 0) return this.judges.reliability.state(this.found.parts.row[this.first[group]]);
    if (this.confirmedBytes[group] >= bytes * CONFIRMED_SHARE) return 'confirmed';
    return this.unreliableBytes[group] > bytes * UNRELIABLE_SHARE ? 'unreliable' : 'plausible';
  }

  /**
   * As rankOrder(). Ties are decided by the first call paths of the groups, or by name where both
   * have the same one.
   */
  compare(a: number, b: number): number {
    const { tiers, value, bytes, first, found } = this;
    const order = tiers[a] - tiers[b] || value[b] - value[a] || bytes[b] - bytes[a];
    if (order !== 0) return order;
    const byId = byPathId(this.core, found.parts.row[first[a]], found.parts.row[first[b]]);
    return byId !== 0 ? byId : found.label(first[a]) < found.label(first[b]) ? -1 : 1;
  }
}

/** Returns the value of a part. A group has the sum of these, or the greatest; see isGreatest(). */
function partValue(ranking: Ranking, found: GroupParts): (part: number) => number {
  const { core, selection, totals, judges } = ranking;
  const { paths } = core;
  const { suspicion } = judges;
  const { parts } = found;
  // The verdict on a call path says nothing of a part of it.
  const scoreOf = (part: number): number => {
    const share = shareOf(found, totals, part);
    return share < 1 ? weighedBytes(ranking, found, part) : suspicion.score(parts.row[part]);
  };
  switch (selection.sort) {
    case 'suspect':
      return scoreOf;
    case 'verdict':
      return (part) =>
        shareOf(found, totals, part) < 1 ? verdictPlace(null) : suspicion.verdictPlace(parts.row[part]);
    case 'growth':
      return suspicion.hasVerdicts
        ? (part) => (shareOf(found, totals, part) < 1 ? 0 : suspicion.growth(parts.row[part]))
        : (part) => parts.bytes[part];
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
    case 'freed':
    case 'median-age':
      // These are values of groups as a whole: freedShares(), and takeValues().
      return () => 0;
    default:
      return (part) => parts.bytes[part];
  }
}

/** Bytes of a part times the weight of their category. */
function weighedBytes({ totals, judges: { suspicion } }: Ranking, found: GroupParts, part: number): number {
  const { parts, excess } = found;
  const row = parts.row[part];
  if (excess === null) return suspicion.weighedBytes(row) * shareOf(found, totals, part);
  return suspicion.weighedPart(row, parts.bytes[part], excess.factBytes(part));
}

/** Share of a call path that a part is; below 1 for a call path in several groups. */
function shareOf({ parts }: GroupParts, totals: PathTotals, part: number): number {
  const bytes = totals.bytes[parts.row[part]];
  return bytes === 0 ? 0 : parts.bytes[part] / bytes;
}

function isGreatest(sort: SortKey): boolean {
  return sort === 'age' || sort === 'verdict';
}

/** Freed shares by group. */
function freedShares({ paths }: PairingCore, { parts, groups }: GroupParts): Float64Array {
  const allocs = new Float64Array(groups + 1);
  const freed = new Float64Array(groups + 1);
  for (let part = 1; part <= parts.size; part++) {
    const at = parts.row[part] * PATH_STATS;
    allocs[parts.group[part]] += paths.stats[at + ALLOC_COUNT];
    freed[parts.group[part]] += paths.stats[at + FREE_COUNT] + paths.stats[at + MISSED_COUNT];
  }
  return freed.map((count, group) => (allocs[group] === 0 ? 0 : count / allocs[group]));
}

/** The order of parts: negative if a stands before b. */
export function byBytes(core: PairingCore, { parts }: GroupParts): (a: number, b: number) => number {
  return (a, b) => parts.bytes[b] - parts.bytes[a] || byPathId(core, parts.row[a], parts.row[b]);
}

function byPathId({ paths }: PairingCore, a: number, b: number): number {
  return paths.stackId[a] - paths.stackId[b] || paths.allocator[a] - paths.allocator[b];
}
