/** --fail-if: holds a report against conditions (rank/conditions.ts) and ends the program with status 3 when one holds. */
import { InvalidArgumentError } from 'commander';
import { UserError } from '../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../base/format.js';
import { safeText } from '../base/safe-text.js';
import { CONDITION_GRAMMAR, type Condition, type Finding, parseCondition, verify } from '../rank/conditions.js';
import type { Report, ReportStack } from '../rank/report.js';
import type { Selection } from '../rank/selection.js';

const ALL_ROWS = 2 ** 31 - 1;
const FRAMES_NAMED = 4;

/** For the option: one more condition. */
export function conditionArgument(text: string, before: Condition[]): Condition[] {
  const { ok, error } = parseCondition(text);
  if (ok === null)
    throw new InvalidArgumentError(`\n${error}. Expected\n${CONDITION_GRAMMAR.map((line) => `  ${line}\n`).join('')}`);
  return [...before, ok];
}

/**
 * To be called when all output is written. `reportOf` makes the report by a selection. Throws a UserError with exit
 * status 3 if a condition holds, else with status 1 if one cannot be told.
 */
export function assertConditions(
  conditions: readonly Condition[],
  reportOf: (selection: Selection) => Report,
  selection: Selection,
): void {
  if (conditions.length === 0) return;
  // By growth: in an order that goes by verdicts, all rows that may grow are judged.
  const report = reportOf({ ...selection, sort: 'growth', limit: ALL_ROWS });
  let held = 0;
  let untold = 0;
  for (const condition of conditions) {
    const result = verify(condition, report);
    if (result.untold !== null) {
      untold++;
      say(`--fail-if '${condition.text}' cannot be told: ${result.untold}`);
    } else if (result.finding !== null) {
      held++;
      say(`--fail-if '${condition.text}': ${findingText(result.finding, report)}`);
    }
  }
  const all = `of ${conditions.length} condition${conditions.length === 1 ? '' : 's'}`;
  if (held > 0) throw new UserError(`${held} ${all} to fail by hold${held === 1 ? 's' : ''}`, [], { failed: true });
  if (untold > 0) throw new UserError(`${untold} ${all} to fail by cannot be told`);
}

function say(line: string): void {
  process.stderr.write(`unfreed: ${safeText(line)}\n`);
}

function findingText({ condition, value, stacks }: Finding, report: Report): string {
  if (condition.scope === 'trace') return TRACE_TEXTS[condition.figure](value);
  const name = nameOf(stacks[0], report);
  const { length } = stacks;
  const more = `${formatCount(length - 1)} more row${length === 2 ? '' : 's'}`;
  const text = ROW_TEXTS[condition.figure](value);
  if (length === 1) return `${name}: ${text}`;
  return condition.scope === 'any' ? `${name}: ${text}, and ${more}` : `${name} and ${more}, together: ${text}`;
}

/** What a row is called: its group, or the first frames of its call path. */
function nameOf({ merged, frames, firstFrame, interruptedFrom }: ReportStack, { selection }: Report): string {
  if (merged !== null && selection.group !== 'path') return `${selection.group} ${merged.label}`;
  const own = frames.slice(firstFrame, interruptedFrom ?? frames.length).map((frame) => frame.symbol);
  if (own.length === 0) return '[no stack]';
  return own.slice(0, FRAMES_NAMED).join(' < ') + (own.length > FRAMES_NAMED ? ' …' : '');
}

const ROW_TEXTS: Record<string, (value: number) => string> = {
  growing: (value) => (value > 0 ? `growing by at least ${formatBytes(value)} an hour` : 'growing'),
  bytes: (value) => `${formatBytes(value)} held`,
  count: (value) => `${formatCount(value)} pages or objects held`,
  age: (value) => `its oldest allocation is ${formatDuration(value)} old`,
  missed: (value) => `${formatCount(value)} missed frees`,
  allocs: (value) => `${formatCount(value)} pages or objects allocated`,
};

const TRACE_TEXTS: Record<string, (value: number) => string> = {
  lost: (value) => `${formatCount(value)} events were lost`,
  unaccounted: (value) => `${formatBytes(value)} are unaccounted by /proc/meminfo`,
  'unaccounted-growth': (value) => `unaccounted memory has grown by ${formatBytes(value)}`,
  unexplained: (value) => `${formatBytes(value)} of the growth of memory in use are not explained by what is held`,
};
