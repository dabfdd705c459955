/**
 * Conditions that end the program with a status of its own when they hold (--fail-if), for soak
 * tests and CI.
 *
 *     CONDITION = [any | total] ROW-FIGURE OP VALUE [including unreliable]
 *                                              any one row (the default), or the sum of all rows
 *               | TRACE-FIGURE OP VALUE        the whole trace
 *     OP        = > | >=
 *
 * The figures are listed in report-conditions.ts and diff-conditions.ts. A condition holds only by
 * certain figures. Unreliable rows count only where the condition includes them. Backing pages
 * count only where the selection asks for them, because their bytes are in other rows.
 */
import { parseDuration, parseSize } from '../../base/quantity.js';
import type { Selection } from '../report/selection.js';

export type Unit = 'bytes' | 'count' | 'rate' | 'age';

/** The forms that a condition on a figure may take. */
export interface FigureSyntax {
  /** Units of its value. The first unit in which the value can be read is taken. */
  units: readonly Unit[];
  scopes: readonly ('any' | 'total' | 'trace')[];
  /** True if it may stand without a value. */
  alone?: boolean;
}

export interface ConditionSyntax {
  figures: Readonly<Record<string, FigureSyntax>>;
  /** The valid forms, a line each. */
  help: readonly string[];
}

export interface Condition {
  /** As the user typed it. */
  text: string;
  scope: 'any' | 'total' | 'trace';
  figure: string;
  unit: Unit;
  orEqual: boolean;
  /** Bytes, pages or objects, bytes an hour, or ns. Below 0 for a figure alone, which any value exceeds. */
  limit: number;
  includingUnreliable: boolean;
}

export type ConditionResult = { ok: Condition; error: null } | { ok: null; error: string };

export function parseCondition(text: string, { figures }: ConditionSyntax): ConditionResult {
  const match = /^\s*(?:(any|total)\s+)?([a-z-]+)\s*(?:(>=?)\s*(.*?))?(\s+including\s+unreliable)?\s*$/i.exec(text);
  if (match === null) return fail(`'${text}' is no condition`);
  const [, scopeWord, figureWord, operator, value = '', unreliable] = match;
  const figure = figureWord.toLowerCase();
  if (!Object.hasOwn(figures, figure)) return fail(`'${figureWord}' is none of the figures`);
  const { scopes, units, alone } = figures[figure];
  const ofTrace = scopes.includes('trace');
  if (ofTrace && scopeWord !== undefined) return fail(`'${figure}' is of the whole trace: without '${scopeWord}'`);
  if (ofTrace && unreliable !== undefined) return fail(`'${figure}' is of the whole trace, not of unreliable rows`);
  const scope = ofTrace ? 'trace' : scopeWord?.toLowerCase() === 'total' ? 'total' : 'any';
  if (!scopes.includes(scope)) return fail(`'${figure}' has no total`);
  const condition = { text: text.trim(), scope, figure, includingUnreliable: unreliable !== undefined } as const;
  if (operator === undefined) {
    if (alone !== true || scope === 'total') return fail(`'${text.trim()}' lacks what to compare with: '> VALUE'`);
    return { ok: { ...condition, unit: units[0], orEqual: false, limit: -1 }, error: null };
  }
  for (const unit of units) {
    const limit = PARSERS[unit](value);
    if (limit !== null) return { ok: { ...condition, unit, orEqual: operator === '>=', limit }, error: null };
  }
  return fail(`'${value}' is not ${units.map((unit) => UNIT_NAMES[unit]).join(', nor ')}`);
}

function fail(error: string): ConditionResult {
  return { ok: null, error };
}

/** A condition that holds, and the rows that make it hold. */
export interface Finding<Row> {
  condition: Condition;
  /** The figure that exceeds the limit: of the first row, of all rows, or of the trace. */
  value: number;
  /**
   * Rows by which it holds, the greatest figure first; for a total, all rows with a part in it;
   * empty for a figure of the trace.
   */
  rows: Row[];
}

/** `untold`: reason why the condition cannot be decided; otherwise null. */
export type Verification<Row> = { finding: Finding<Row> | null; untold: null } | { finding: null; untold: string };

/** `valueOf` returns null for a row that does not count. */
export function verifyRows<Row extends { rank: number }>(
  condition: Condition,
  all: readonly Row[],
  valueOf: (row: Row) => number | null,
): Verification<Row> {
  const rows: { row: Row; value: number }[] = [];
  for (const row of all) {
    const value = valueOf(row);
    if (value !== null) rows.push({ row, value });
  }
  rows.sort((a, b) => b.value - a.value || a.row.rank - b.row.rank);
  const ofTotal = condition.scope === 'total';
  const found = rows.filter(({ value }) => (ofTotal ? value > 0 : exceeds(condition, value)));
  const total = found.reduce((sum, { value }) => sum + value, 0);
  const holds = ofTotal ? exceeds(condition, total) : found.length > 0;
  if (!holds) return { finding: null, untold: null };
  const value = ofTotal ? total : found[0].value;
  return { finding: { condition, value, rows: found.map(({ row }) => row) }, untold: null };
}

/** `value` is null if the trace does not have the figure; `reason` says why. */
export function verifyTrace<Row>(condition: Condition, value: number | null, reason: string): Verification<Row> {
  if (value === null) return { finding: null, untold: reason };
  return { finding: exceeds(condition, value) ? { condition, value, rows: [] } : null, untold: null };
}

/** True if a row of this category and state counts. */
export function isCounted(
  { includingUnreliable }: Condition,
  { category, unreliable }: { category: string | null; unreliable: boolean },
  { categories }: Selection,
): boolean {
  if (category === 'backing' && !categories.includes('backing')) return false;
  return !unreliable || includingUnreliable;
}

function exceeds({ limit, orEqual }: Condition, value: number): boolean {
  return orEqual ? value >= limit : value > limit;
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
