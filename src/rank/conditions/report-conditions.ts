/**
 * Conditions on a report (conditions.ts). A row grows when its verdict is 'growing' or 'in-steps',
 * by the low end of its interval. Bytes that could be lost frees, or that lie above the low end of
 * an estimate, do not count, nor do rows whose frees the trace does not cover (uncovered.ts). All
 * rows that pass the selection count, whether shown or not. Where call paths are grouped, rows are
 * the groups.
 */

import type { Report } from '../report/report.js';
import { isRising, type ReportStack } from '../report/report-rows.js';
import {
  type Condition,
  type ConditionSyntax,
  isCounted,
  type Verification,
  verifyRows,
  verifyTrace,
} from './conditions.js';
import { verifyCovered } from './uncovered.js';

const ROWS = ['any', 'total'] as const;

export const REPORT_CONDITIONS: ConditionSyntax = {
  figures: {
    growing: { units: ['rate'], scopes: ROWS, alone: true },
    bytes: { units: ['bytes'], scopes: ROWS },
    count: { units: ['count'], scopes: ROWS },
    age: { units: ['age'], scopes: ['any'] },
    missed: { units: ['count'], scopes: ROWS },
    allocs: { units: ['count'], scopes: ROWS },
    lost: { units: ['count'], scopes: ['trace'] },
    unaccounted: { units: ['bytes'], scopes: ['trace'] },
    'unaccounted-growth': { units: ['bytes'], scopes: ['trace'] },
    referenced: { units: ['bytes'], scopes: ['trace'] },
    unexplained: { units: ['bytes'], scopes: ['trace'] },
  },
  help: [
    "any row or all together: '[any|total] growing|bytes|count|age|missed|allocs > VALUE [including unreliable]'",
    "the whole trace: 'lost|unaccounted|unaccounted-growth|referenced|unexplained > VALUE'",
    "VALUE: a size (50M), a size a time (1M/h, 20k/min, 1G/d), a number, an age (30m); '>=' as well as '>'; 'growing' alone",
  ],
};

/** `report` must hold all rows that pass the selection. */
export function verifyReport(condition: Condition, report: Report): Verification<ReportStack> {
  const { figure, includingUnreliable } = condition;
  if (condition.scope === 'trace') {
    const { of, missing } = TRACE_FIGURES[figure];
    return verifyTrace(condition, of(report), missing);
  }
  const untold = figure === 'growing' ? noGrowth(report) : null;
  if (untold !== null) return { finding: null, untold };
  // Without its frees nothing has a trend, certain or not.
  const takesAll = figure === 'missed' || figure === 'allocs' || (includingUnreliable && figure !== 'growing');
  const covered = takesAll ? report.stacks : report.stacks.filter(isCovered);
  const verify = (stacks: readonly ReportStack[], valueOf: Figure): Verification<ReportStack> =>
    verifyRows(condition, stacks, (stack) => countedValue(condition, { stack, selection: report.selection }, valueOf));
  // What is not covered may grow, however slowly.
  const atMost: Figure = figure === 'growing' ? (stack) => (isCovered(stack) ? null : Infinity) : ROW_FIGURES[figure];
  return verifyCovered(
    verify(covered, ROW_FIGURES[figure]),
    () => (takesAll ? NOT_FOUND : verify(report.stacks, atMost)),
    report.source.coverage,
  );
}

type Figure = (stack: ReportStack, all: boolean) => number | null;

const NOT_FOUND: Verification<ReportStack> = { finding: null, untold: null };

function isCovered({ meaning }: ReportStack): boolean {
  return meaning === 'outstanding' || meaning === 'before';
}

/** The figure of a row; null if it does not count. */
function countedValue(
  condition: Condition,
  { stack, selection }: { stack: ReportStack; selection: Report['selection'] },
  valueOf: Figure,
): number | null {
  // Missed frees make a row unreliable, so this figure counts unreliable rows too.
  const unreliable = stack.reliability === 'unreliable' && condition.figure !== 'missed';
  if (!isCounted(condition, { category: stack.category, unreliable }, selection)) return null;
  return valueOf(stack, condition.includingUnreliable);
}

/** Each returns null if the row has no such figure. `all`: include uncertain amounts. */
const ROW_FIGURES: Record<string, Figure> = {
  growing: growthOf,
  bytes: (stack, all) => (all ? stack.bytes : certainBytes(stack)),
  count: (stack) => stack.count,
  age: (stack) => stack.oldestAgeNs,
  missed: (stack) => stack.missedFrees,
  allocs: (stack) => stack.allocCount,
};

const NO_MEMINFO = 'the trace has no samples of /proc/meminfo';

/** `missing`: reason if the trace does not have the figure. */
const TRACE_FIGURES: Record<string, { of: (report: Report) => number | null; missing: string }> = {
  lost: { of: ({ anomalies }) => anomalies.lostEvents, missing: '' },
  unaccounted: { of: ({ meminfo }) => meminfo?.unaccountedBytes ?? null, missing: NO_MEMINFO },
  'unaccounted-growth': {
    of: ({ meminfo }) => (meminfo === null ? null : meminfo.unaccountedBytes - meminfo.unaccountedAtStartBytes),
    missing: NO_MEMINFO,
  },
  referenced: { of: ({ meminfo }) => meminfo?.heldByReferenceBytes ?? null, missing: NO_MEMINFO },
  unexplained: {
    of: (report) => report.reconciliation?.pages?.unexplainedBytes ?? unexplainedOf(report),
    missing:
      "the trace has no pages, or fewer than two samples of the kernel's page counters; or no figures of processes",
  },
};

/** Of a trace of processes: VmSize less the mappings seen, or the other way round, of all of them; null without such figures. */
function unexplainedOf({ processes }: Report): number | null {
  const rests = (processes ?? []).flatMap(({ last, objects }) =>
    last === null || objects === null ? [] : [Math.abs(last.vsz - objects.mapped - objects.reserved)],
  );
  return rests.length === 0 ? null : rests.reduce((sum, rest) => sum + rest, 0);
}

/** Reason why growth cannot be decided; null if it can. */
function noGrowth({ stacks, curve, source }: Report): string | null {
  if (source.timesAreCounts) return 'the unit of the times in the trace is not known';
  if (stacks.length > 0 && stacks.every(({ baseline }) => baseline)) {
    return 'what was held at one moment does not show what grows: unfreed diff compares two dumps';
  }
  const isJudged = stacks.some(
    ({ growth, verdict, meaning }) => growth !== null || verdict !== null || meaning !== 'outstanding',
  );
  if (stacks.length === 0 || isJudged) return null;
  return curve === null || stacks.some((stack) => stack.curve.length > 0)
    ? 'the trace is too short to tell what grows'
    : 'the rows are parts of call paths, and only whole call paths have a history';
}

/**
 * Certain bytes an hour of a growing row, and with `all` of an unreliable row whose trend rises;
 * null for other rows.
 */
function growthOf({ growth, verdict }: ReportStack, all: boolean): number | null {
  if (growth === null) return null;
  const grows = isRising(verdict) || (all && verdict === 'unreliable' && growth.lowBytesPerHour > 0);
  return grows ? Math.max(0, growth.lowBytesPerHour) : null;
}

function certainBytes({ bytes, estimate, lostFreeBytes }: ReportStack): number {
  return Math.max(0, (estimate?.lowBytes ?? bytes) - lostFreeBytes);
}
