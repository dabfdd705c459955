/** diffReports: growth between two reports of all call paths under the same selection. */
import type { CensusReport } from '../../census/report.js';
import { subtractCensus } from '../../census/subtract-census.js';
import { type HeldMeaning, sumMeaning } from '../../coverage/meaning.js';
import { ALLOCATOR_NAMES, type AllocatorName, byAllocator, valuesOf } from '../../event/kinds.js';
import { type Compared, diffConclusions } from '../answer/diff-conclusions.js';
import type {
  ChangeName,
  DiffComm,
  DiffFigures,
  DiffGroup,
  DiffInput,
  DiffReport,
  DiffSide,
  DiffStack,
  DiffTotal,
  MatchedBy,
  ProcessHeld,
} from '../report/diff-report.js';
import { totalMeaning } from '../report/meaning.js';
import type { Outstanding, Report } from '../report/report.js';
import type { Holder, ReportStack } from '../report/report-rows.js';
import { diffCgroups } from './diff-cgroups.js';
import { differenceEstimate, sumEstimate } from './diff-estimate.js';
import { matchingOf, stackKey } from './diff-match.js';
import { notesOf } from './diff-notes.js';
import { type DiffOrder, growthOrder } from './diff-order.js';
import { byComm, diffProcesses, processesOfReport, withSizes } from './diff-processes.js';

export interface DiffOptions {
  /** Both are of one trace, `after` at the same moment as `before` or later. */
  sameTrace: boolean;
  sort: DiffOrder;
  /** Most call paths to list. */
  limit: number;
}

export function diffReports(before: DiffInput, after: DiffInput, options: DiffOptions): DiffReport {
  const { by, reason } = options.sameTrace
    ? { by: 'stack' as const, reason: null }
    : matchingOf(before.report, after.report);
  const rates = new Rates(before.report, after.report, options.sameTrace);
  const order = growthOrder(options.sort);
  const stacksOf = ({ report }: DiffInput): StacksByKey =>
    groupedBy(options.sameTrace ? report.stacks : report.stacks.map(withoutPid), by);
  const rows = stackRows(stacksOf(before), stacksOf(after), rates)
    .toSorted((a, b) => Number(a.change === 'unchanged') - Number(b.change === 'unchanged') || order(a, b))
    .map((row, i) => ({ ...row, rank: i + 1 }));
  const withPids = before.processes !== null && after.processes !== null;
  const { processes, unchanged } = diffProcesses(heldBy(before, withPids), heldBy(after, withPids));
  const byCgroup = diffCgroups(before.report, after.report, options.sameTrace);
  const compared: Compared = {
    format: 'unfreed-diff',
    version: 1,
    kind: options.sameTrace ? 'moments' : 'traces',
    matchedBy: by,
    before: sideOf(before),
    after: sideOf(after),
    elapsedNs: options.sameTrace ? after.report.durationNs - before.report.durationNs : null,
    outstanding: totalsOf(before.report, after.report, rates),
    selection: { ...after.report.selection, sort: options.sort },
    changes: changesOf(rows),
    stacks: rows,
    processes: withSizes(processes, before.report, after.report),
    processesUnchanged: unchanged,
    cgroups: byCgroup.cgroups,
    cgroupsUnchanged: byCgroup.unchanged,
    census: censusOf(before.report.census, after.report.census),
    notes: [...(reason === null ? [] : [reason]), ...notesOf(before, after, options.sameTrace)],
  };
  const changed = rows.filter((row) => row.change !== 'unchanged');
  return { ...compared, conclusions: diffConclusions(compared), stacks: changed.slice(0, options.limit) };
}

function censusOf(before: CensusReport | null, after: CensusReport | null): CensusReport | null {
  return before === null || after === null || before.timeMs === after.timeMs ? null : subtractCensus(after, before);
}

function heldBy(input: DiffInput, withPids: boolean): readonly ProcessHeld[] {
  if (input.processes === null) return processesOfReport(input.report);
  return withPids ? input.processes : byComm(input.processes);
}

function sideOf({ name, report }: DiffInput): DiffSide {
  const { source, durationNs, events, anomalies, losses, outstanding, self, matching } = report;
  const given = report.stacks.length;
  return { name, source, durationNs, events, anomalies, losses, outstanding, self, matching: { ...matching, given } };
}

const NS_PER_HOUR = 3600e9;

/** Rates in bytes per hour; null where no time has passed, or where its unit is not known. */
class Rates {
  private readonly beforeNs: number;
  private readonly afterNs: number;
  private readonly sameTrace: boolean;
  private readonly isTimed: boolean;

  constructor(before: Report, after: Report, sameTrace: boolean) {
    this.beforeNs = before.durationNs;
    this.afterNs = after.durationNs;
    this.sameTrace = sameTrace;
    this.isTimed = !before.source.timesAreCounts && !after.source.timesAreCounts;
  }

  perHour(beforeBytes: number, afterBytes: number): number | null {
    const { beforeNs, afterNs } = this;
    if (!this.isTimed) return null;
    if (this.sameTrace) {
      return afterNs > beforeNs ? ((afterBytes - beforeBytes) / (afterNs - beforeNs)) * NS_PER_HOUR : null;
    }
    if (beforeNs <= 0 || afterNs <= 0) return null;
    return (afterBytes / afterNs - beforeBytes / beforeNs) * NS_PER_HOUR;
  }
}

function totalsOf(before: Report, after: Report, rates: Rates): DiffReport['outstanding'] {
  const [a, b] = [before.outstanding, after.outstanding];
  const total = (name: AllocatorName): DiffTotal => {
    const [first, second] = [a[name] ?? NONE, b[name] ?? NONE];
    return {
      ...totalOf(first, second, rates),
      estimate: differenceEstimate(
        { bytes: first.bytes, estimate: before.estimate?.[name] ?? null },
        { bytes: second.bytes, estimate: after.estimate?.[name] ?? null },
      ),
    };
  };
  const names = ALLOCATOR_NAMES.filter((name) => a[name] !== undefined || b[name] !== undefined);
  return {
    ...byAllocator(total, names),
    distinct: totalOf(distinctOf(before), distinctOf(after), rates),
  };
}

type Total = Pick<Outstanding, 'meaning' | 'bytes' | 'lostFreeBytes'>;
/** Of an address space that one side does not have. */
const NONE: Total = { meaning: 'outstanding', bytes: 0, lostFreeBytes: 0 };

/** False where frees are missing: then there is no rate of growth. */
function isWhole(side: { meaning: HeldMeaning } | null): boolean {
  return side === null || side.meaning === 'outstanding';
}

function distinctOf(report: Report): Total {
  const { outstanding } = report;
  const lostFreeBytes = valuesOf(outstanding).reduce((sum, [, held]) => sum + held.lostFreeBytes, 0);
  return { meaning: totalMeaning(report), bytes: outstanding.distinct.bytes, lostFreeBytes };
}

function totalOf(before: Total, after: Total, rates: Rates): DiffTotal {
  const [beforeBytes, afterBytes] = [before.bytes, after.bytes];
  const differenceBytes = afterBytes - beforeBytes;
  return {
    beforeBytes,
    afterBytes,
    differenceBytes,
    lowestBytes: differenceBytes - Math.min(afterBytes, after.lostFreeBytes),
    highestBytes: differenceBytes + Math.min(beforeBytes, before.lostFreeBytes),
    bytesPerHour: isWhole(before) && isWhole(after) ? rates.perHour(beforeBytes, afterBytes) : null,
    estimate: null,
  };
}

type StacksByKey = ReadonlyMap<string, ReportStack[]>;

function stackRows(before: StacksByKey, after: StacksByKey, rates: Rates): DiffStack[] {
  const rows: DiffStack[] = [];
  for (const [key, stacks] of after) rows.push(rowOf(before.get(key) ?? [], stacks, rates));
  for (const [key, stacks] of before) if (!after.has(key)) rows.push(rowOf(stacks, [], rates));
  return rows;
}

function groupedBy(stacks: readonly ReportStack[], by: MatchedBy): StacksByKey {
  const groups = new Map<string, ReportStack[]>();
  for (const stack of stacks) {
    const key = stackKey(stack, by);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stack]);
    else group.push(stack);
  }
  return groups;
}

/** One of the two may be empty. */
function rowOf(old: ReportStack[], now: ReportStack[], rates: Rates): DiffStack {
  const before = figuresOf(old);
  const after = figuresOf(now);
  const beforeBytes = before?.bytes ?? 0;
  const afterBytes = after?.bytes ?? 0;
  const differenceBytes = afterBytes - beforeBytes;
  const differenceCount = (after?.count ?? 0) - (before?.count ?? 0);
  const [shown] = now.length > 0 ? now : old;
  const main = mainOf(now.length > 0 ? now : old);
  return {
    rank: 0,
    change: changeOf(before, after, differenceBytes === 0 ? differenceCount : differenceBytes),
    allocator: shown.allocator,
    kind: shown.kind,
    category: shown.category,
    differenceBytes,
    differenceCount,
    bytesPerHour: isWhole(before) && isWhole(after) ? rates.perHour(beforeBytes, afterBytes) : null,
    estimate: differenceEstimate(before ?? NOTHING, after ?? NOTHING),
    before,
    after,
    comms: commsOf(old, now),
    caches: [...new Set([...now, ...old].flatMap((stack) => stack.caches))],
    noun: main.noun,
    growth: differenceBytes > 0 ? main.growth : null,
    frames: shown.frames,
    firstFrame: shown.firstFrame,
    interruptedFrom: shown.interruptedFrom,
    note: shown.note,
  };
}

/** The row that holds most. */
function mainOf(stacks: readonly ReportStack[]): ReportStack {
  return stacks.toSorted((a, b) => b.bytes - a.bytes || a.stackId - b.stackId)[0];
}

function withoutPid(stack: ReportStack): ReportStack {
  return { ...stack, holder: { ...stack.holder, pid: null } };
}

/** The holder of the row that holds most; without a pid where the other rows have another. */
function holderOf({ holder }: ReportStack, stacks: readonly ReportStack[]): Holder {
  return stacks.every((stack) => stack.holder.pid === holder.pid) ? holder : { ...holder, pid: null };
}

const NOTHING = { bytes: 0, estimate: null };

function changeOf(before: DiffFigures | null, after: DiffFigures | null, difference: number): ChangeName {
  if (before === null) return 'new';
  if (after === null) return 'gone';
  if (difference === 0) return 'unchanged';
  return difference > 0 ? 'grown' : 'shrunk';
}

/** Sums over rows; null without rows. Verdict and reliability are those of the row that holds most. */
function figuresOf(stacks: ReportStack[]): DiffFigures | null {
  if (stacks.length === 0) return null;
  const main = mainOf(stacks);
  const sum = (value: (stack: ReportStack) => number): number =>
    stacks.reduce((total, stack) => total + value(stack), 0);
  return {
    rows: stacks.length,
    meaning: sumMeaning(stacks.map((stack) => stack.meaning)),
    bytes: sum((stack) => stack.bytes),
    count: sum((stack) => stack.count),
    // The bound of the allocator, because all lost frees may belong to any one row.
    lostFreeBytes: Math.min(
      sum((stack) => stack.bytes),
      Math.max(...stacks.map((stack) => stack.lostFreeBytes)),
    ),
    allocBytes: sum((stack) => stack.allocBytes),
    allocCount: sum((stack) => stack.allocCount),
    freeCount: sum((stack) => stack.freeCount),
    missedFrees: sum((stack) => stack.missedFrees),
    estimate: sumEstimate(stacks),
    verdict: main.verdict,
    reliability: main.reliability,
    holder: holderOf(main, stacks),
  };
}

function commsOf(old: ReportStack[], now: ReportStack[]): DiffComm[] {
  const sums = new Map<string, DiffComm>();
  const add = (stacks: ReportStack[], column: 'beforeBytes' | 'afterBytes'): void => {
    for (const { comm, bytes } of stacks.flatMap((stack) => stack.comms)) {
      const sum = sums.get(comm) ?? { comm, beforeBytes: 0, afterBytes: 0 };
      sums.set(comm, sum);
      sum[column] += bytes;
    }
  };
  add(old, 'beforeBytes');
  add(now, 'afterBytes');
  return [...sums.values()].toSorted((a, b) => sizeOf(b) - sizeOf(a) || (a.comm < b.comm ? -1 : 1));
}

function sizeOf(share: DiffComm): number {
  return Math.abs(share.afterBytes - share.beforeBytes);
}

function changesOf(rows: DiffStack[]): DiffReport['changes'] {
  const changes = { new: noGroup(), grown: noGroup(), shrunk: noGroup(), gone: noGroup(), unchanged: noGroup() };
  for (const { change, differenceBytes } of rows) {
    changes[change].stacks++;
    changes[change].differenceBytes += differenceBytes;
  }
  return changes;
}

function noGroup(): DiffGroup {
  return { stacks: 0, differenceBytes: 0 };
}
