/**
 * Conditions that a report may be held against (--fail-if), for soak tests and CI.
 *
 *     CONDITION = [any | total] ROW-FIGURE OP VALUE [including unreliable]   of rows: any one of them (the default), or their sum
 *               | TRACE-FIGURE OP VALUE                                      of the whole trace
 *               | growing                                                    is any row growing, at whatever pace?
 *     OP        = > | >=
 *
 * A condition holds only by what is certain. A row grows when its verdict is 'growing', and by the low end of its
 * interval; of bytes, those are left out that could be lost frees, or what lies above the low end of an estimate. Rows
 * that are unreliable count in no figure but missed frees, unless they are asked for. Backing pages never do, but where
 * the selection asks for them: their bytes stand under what they hold. All rows that pass the selection count, whether
 * shown or not; where call paths are grouped, rows are the groups.
 */
import { parseDuration, parseSize } from '../base/quantity.js';
import type { Report, ReportStack } from './report.js';

type Unit = 'bytes' | 'count' | 'rate' | 'age';

interface RowFigure {
  unit: Unit;
  /** Ages and the like have no sum. */
  summed: boolean;
  /** Null: this row has no such figure. `all`: with what may be wrong. */
  of: (stack: ReportStack, all: boolean) => number | null;
}

const ROW_FIGURES: Record<string, RowFigure> = {
  growing: { unit: 'rate', summed: true, of: growth },
  bytes: { unit: 'bytes', summed: true, of: (stack, all) => (all ? stack.bytes : certainBytes(stack)) },
  count: { unit: 'count', summed: true, of: (stack) => stack.count },
  age: { unit: 'age', summed: false, of: (stack) => stack.oldestAgeNs },
  missed: { unit: 'count', summed: true, of: (stack) => stack.missedFrees },
  allocs: { unit: 'count', summed: true, of: (stack) => stack.allocCount },
};

interface TraceFigure {
  unit: Unit;
  /** Null: this trace does not tell. */
  of: (report: Report) => number | null;
  /** Why it may not tell. */
  missing: string;
}

const NO_MEMINFO = 'the trace has no samples of /proc/meminfo';

const TRACE_FIGURES: Record<string, TraceFigure> = {
  lost: { unit: 'count', of: ({ anomalies }) => anomalies.lostEvents, missing: '' },
  unaccounted: { unit: 'bytes', of: ({ meminfo }) => meminfo?.unaccountedBytes ?? null, missing: NO_MEMINFO },
  'unaccounted-growth': {
    unit: 'bytes',
    of: ({ meminfo }) => (meminfo === null ? null : meminfo.unaccountedBytes - meminfo.unaccountedAtStartBytes),
    missing: NO_MEMINFO,
  },
  unexplained: {
    unit: 'bytes',
    of: ({ reconciliation }) => reconciliation?.pages?.unexplainedBytes ?? null,
    missing: "the trace has fewer than two samples of the kernel's page counters",
  },
};

export interface Condition {
  /** As it was typed. */
  text: string;
  scope: 'any' | 'total' | 'trace';
  figure: string;
  unit: Unit;
  orEqual: boolean;
  /** Bytes, pages or objects, bytes an hour, or ns. Below 0 for `growing` alone: any pace. */
  limit: number;
  includingUnreliable: boolean;
}

export type ConditionResult = { ok: Condition; error: null } | { ok: null; error: string };

/** What may be typed, a line each. */
export const CONDITION_GRAMMAR: readonly string[] = [
  "any row or all together: '[any|total] growing|bytes|count|age|missed|allocs > VALUE [including unreliable]'",
  "the whole trace: 'lost|unaccounted|unaccounted-growth|unexplained > VALUE'",
  "VALUE: a size (50M), a size a time (1M/h, 20k/min, 1G/d), a number, an age (30m); '>=' as well as '>'; 'growing' alone",
];

function fail(error: string): ConditionResult {
  return { ok: null, error };
}

export function parseCondition(text: string): ConditionResult {
  const match = /^\s*(?:(any|total)\s+)?([a-z-]+)\s*(?:(>=?)\s*(.*?))?(\s+including\s+unreliable)?\s*$/i.exec(text);
  if (match === null) return fail(`'${text}' is no condition`);
  const [, scopeWord, figureWord, operator, value = '', unreliable] = match;
  const figure = figureWord.toLowerCase();
  const row = Object.hasOwn(ROW_FIGURES, figure) ? ROW_FIGURES[figure] : null;
  const trace = Object.hasOwn(TRACE_FIGURES, figure) ? TRACE_FIGURES[figure] : null;
  const unit = row?.unit ?? trace?.unit;
  if (unit === undefined) return fail(`'${figureWord}' is none of the figures`);
  if (row === null && scopeWord !== undefined) return fail(`'${figure}' is of the whole trace: without '${scopeWord}'`);
  if (row === null && unreliable !== undefined)
    return fail(`'${figure}' is of the whole trace, not of unreliable rows`);
  const scope = row === null ? 'trace' : scopeWord?.toLowerCase() === 'total' ? 'total' : 'any';
  if (scope === 'total' && row?.summed === false) return fail(`'${figure}' has no total`);
  const condition = { text: text.trim(), scope, figure, unit, includingUnreliable: unreliable !== undefined } as const;
  if (operator === undefined) {
    if (figure !== 'growing' || scope === 'total')
      return fail(`'${text.trim()}' lacks what to compare with: '> VALUE'`);
    return { ok: { ...condition, orEqual: false, limit: -1 }, error: null };
  }
  const limit = PARSERS[unit](value);
  if (limit === null) return fail(`'${value}' is not ${UNIT_NAMES[unit]}`);
  return { ok: { ...condition, orEqual: operator === '>=', limit }, error: null };
}

/** That a condition holds, and by what. */
export interface Finding {
  condition: Condition;
  /** The figure that does it: of the row, of all rows, or of the trace. */
  value: number;
  /** Rows by which it holds, the greatest figure first; of a total, all with a part in it; none of the whole trace. */
  stacks: ReportStack[];
}

/** `untold`: why the condition could not be told; then it neither holds nor does it not. */
export type Verification = { finding: Finding | null; untold: null } | { finding: null; untold: string };

/** `report` holds all rows that pass the selection. */
export function verify(condition: Condition, report: Report): Verification {
  if (condition.scope === 'trace') return verifyTrace(condition, report);
  const { group } = report.selection;
  if (condition.figure === 'growing' && (group === 'comm' || group === 'cache')) {
    return { finding: null, untold: `call paths have one history each: what grows is not known by ${group}` };
  }
  if (condition.figure === 'growing' && !hasVerdicts(report)) {
    return { finding: null, untold: 'the trace is too short to tell what grows' };
  }
  const { of } = ROW_FIGURES[condition.figure];
  const rows: { stack: ReportStack; value: number }[] = [];
  for (const stack of report.stacks) {
    const value = counts(condition, stack, report) ? of(stack, condition.includingUnreliable) : null;
    if (value !== null) rows.push({ stack, value });
  }
  rows.sort((a, b) => b.value - a.value || a.stack.rank - b.stack.rank);
  const total = rows.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  const found =
    condition.scope === 'total'
      ? rows.filter(({ value }) => value > 0)
      : rows.filter(({ value }) => exceeds(condition, value));
  const value = condition.scope === 'total' ? total : (found[0]?.value ?? 0);
  const holds = condition.scope === 'total' ? exceeds(condition, total) : found.length > 0;
  return { finding: holds ? { condition, value, stacks: found.map(({ stack }) => stack) } : null, untold: null };
}

function verifyTrace(condition: Condition, report: Report): Verification {
  const { of, missing } = TRACE_FIGURES[condition.figure];
  const value = of(report);
  if (value === null) return { finding: null, untold: missing };
  return { finding: exceeds(condition, value) ? { condition, value, stacks: [] } : null, untold: null };
}

function exceeds({ limit, orEqual }: Condition, value: number): boolean {
  return orEqual ? value >= limit : value > limit;
}

function counts({ figure, includingUnreliable }: Condition, stack: ReportStack, { selection }: Report): boolean {
  if (stack.category === 'backing' && !selection.categories.includes('backing')) return false;
  return stack.reliability !== 'unreliable' || includingUnreliable || figure === 'missed';
}

/** Is there a row whose history is long enough? */
function hasVerdicts({ stacks }: Report): boolean {
  return stacks.length === 0 || stacks.some((stack) => stack.growth !== null);
}

function certainBytes({ bytes, estimate, lostFreeBytes }: ReportStack): number {
  return Math.max(0, (estimate?.lowBytes ?? bytes) - lostFreeBytes);
}

/** Bytes an hour that are certain, of a row that is growing; of an unreliable one, whatever its trend. */
function growth(stack: ReportStack, all: boolean): number | null {
  if (stack.growth === null) return null;
  const grows =
    stack.verdict === 'growing' || (all && stack.verdict === 'unreliable' && stack.growth.lowBytesPerHour > 0);
  return grows ? Math.max(0, stack.growth.lowBytesPerHour) : null;
}

const UNIT_NAMES: Record<Unit, string> = {
  bytes: 'a size, such as 50M',
  count: 'a whole number',
  rate: 'a size a time, such as 1M/h, 20k/min or 1G/d',
  age: 'an age, such as 30s or 2h',
};

const PARSERS: Record<Unit, (text: string) => number | null> = {
  bytes: parseSize,
  count: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : null),
  rate: parseRate,
  age: parseDuration,
};

const HOURS: Record<string, number> = { s: 1 / 3600, min: 1 / 60, h: 1, hour: 1, d: 24, day: 24 };

/** Bytes an hour. */
function parseRate(text: string): number | null {
  const match = /^(.+?)\s*\/\s*(s|min|h|hour|d|day)$/i.exec(text);
  const bytes = match === null ? null : parseSize(match[1]);
  return match === null || bytes === null ? null : bytes / HOURS[match[2].toLowerCase()];
}
