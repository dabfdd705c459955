/** --fail-if: checks a report or a diff against conditions (rank/conditions/conditions.ts); exit status 3 when one holds. */
import { InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import {
  type Condition,
  type ConditionSyntax,
  type Finding,
  parseCondition,
  type Verification,
} from '../../rank/conditions/conditions.js';
import { verifyDiff } from '../../rank/conditions/diff-conditions.js';
import { verifyReport } from '../../rank/conditions/report-conditions.js';
import type { DiffReport } from '../../rank/report/diff-report.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportFrame, ReportStack } from '../../rank/report/report-rows.js';
import type { Selection } from '../../rank/report/selection.js';

const ALL_ROWS = 2 ** 31 - 1;
const FRAMES_NAMED = 4;

/** The option --fail-if with the conditions of `syntax`. */
export function failIfOption(syntax: ConditionSyntax, example: string): Option {
  return new Option('--fail-if <condition>', `exit status 3 if it holds, e.g. '${example}'; may be given again`)
    .argParser((text: string, before: Condition[]) => [...before, conditionOf(text, syntax)])
    .default([], 'none');
}

function conditionOf(text: string, syntax: ConditionSyntax): Condition {
  const { ok, error } = parseCondition(text, syntax);
  if (ok !== null) return ok;
  throw new InvalidArgumentError(`${error}. Give one of these:\n${syntax.help.map((line) => `  ${line}\n`).join('')}`);
}

/**
 * Must be called when all output is written. `reportOf` makes the report of a selection. Throws a UserError with exit
 * status 3 if a condition holds, else with status 1 if one cannot be decided.
 */
export function assertReport(
  conditions: readonly Condition[],
  reportOf: (selection: Selection) => Report,
  selection: Selection,
): void {
  if (conditions.length === 0) return;
  const report = reportOf({ ...selection, limit: ALL_ROWS });
  if (conditions.some(({ figure }) => figure === 'growing')) sayUnjudged(report);
  const nameOf = (stack: ReportStack): string => rowName(stack, report);
  assertNoneHolds(conditions, (condition) => verifyReport(condition, report), nameOf);
}

/** Warns of rows whose growth is unknown: without a curve (pair/curves.ts), or only a part of call paths that have one. */
function sayUnjudged({ curve, stacks }: Report): void {
  if (curve === null) return;
  const rows = stacks.filter((stack) => stack.curve.length === 0 && stack.verdict === null);
  if (rows.length === 0) return;
  const bytes = rows.reduce((sum, stack) => sum + stack.bytes, 0);
  const [are, them] = rows.length === 1 ? ['row has', 'it'] : ['rows have', 'them'];
  const held = `${formatBytes(bytes)} held`;
  say(`--fail-if: ${formatCount(rows.length)} ${are} no history, so that growth of ${them} cannot be seen: ${held}`);
}

/** The same for a diff, which must list all call paths that changed. */
export function assertDiff(conditions: readonly Condition[], diff: DiffReport): void {
  assertNoneHolds(conditions, (condition) => verifyDiff(condition, diff), pathName);
}

function assertNoneHolds<Row>(
  conditions: readonly Condition[],
  verify: (condition: Condition) => Verification<Row>,
  nameOf: (row: Row) => string,
): void {
  let held = 0;
  let untold = 0;
  for (const condition of conditions) {
    const result = verify(condition);
    if (result.untold !== null) {
      untold++;
      say(`--fail-if '${condition.text}' cannot be told: ${result.untold}`);
    } else if (result.finding !== null) {
      held++;
      say(`--fail-if '${condition.text}': ${findingText(result.finding, nameOf)}`);
    }
  }
  const all = `of ${conditions.length} condition${conditions.length === 1 ? '' : 's'}`;
  if (held > 0) throw new UserError(`${held} ${all} to fail by hold${held === 1 ? 's' : ''}`, [], { failed: true });
  if (untold > 0) throw new UserError(`${untold} ${all} to fail by cannot be told`);
}

function say(line: string): void {
  process.stderr.write(`unfreed: ${safeText(line)}\n`);
}

function findingText<Row>({ condition, value, rows }: Finding<Row>, nameOf: (row: Row) => string): string {
  const text = (condition.unit === 'rate' ? RATE_TEXTS : TEXTS)[condition.figure](value);
  if (condition.scope === 'trace') return text;
  const name = nameOf(rows[0]);
  const more = `${formatCount(rows.length - 1)} more row${rows.length === 2 ? '' : 's'}`;
  if (rows.length === 1) return `${name}: ${text}`;
  return condition.scope === 'any' ? `${name}: ${text}, and ${more}` : `${name} and ${more}, together: ${text}`;
}

/** The name of a row: its group, or the first frames of its call path. */
function rowName(stack: ReportStack, { selection: { group } }: Report): string {
  return stack.merged !== null && group !== 'path' ? `${group} ${stack.merged.label}` : pathName(stack);
}

function pathName(path: { frames: ReportFrame[]; firstFrame: number; interruptedFrom: number | null }): string {
  const own = path.frames.slice(path.firstFrame, path.interruptedFrom ?? path.frames.length);
  if (own.length === 0) return '[no stack]';
  const names = own.slice(0, FRAMES_NAMED).map((frame) => frame.symbol);
  return names.join(' < ') + (own.length > FRAMES_NAMED ? ' …' : '');
}

const TEXTS: Record<string, (value: number) => string> = {
  bytes: (value) => `${formatBytes(value)} held`,
  count: (value) => `${formatCount(value)} pages or objects held`,
  age: (value) => `its oldest allocation is ${formatDuration(value)} old`,
  missed: (value) => `${formatCount(value)} missed frees`,
  allocs: (value) => `${formatCount(value)} pages or objects allocated`,
  grown: (value) => `grown by ${formatBytes(value)}`,
  lost: (value) => `${formatCount(value)} events were lost`,
  unaccounted: (value) => `${formatBytes(value)} are unaccounted by /proc/meminfo`,
  'unaccounted-growth': (value) => `unaccounted memory has grown by ${formatBytes(value)}`,
  referenced: (value) => `${formatBytes(value)} are mapped by no process, but held by a reference`,
  unexplained: (value) => `${formatBytes(value)} of the growth of memory in use are not explained by what is held`,
};

const RATE_TEXTS: Record<string, (value: number) => string> = {
  growing: (value) => (value > 0 ? `growing by at least ${formatBytes(value)} an hour` : 'growing'),
  grown: (value) => `grown by ${formatBytes(value)} an hour`,
};
