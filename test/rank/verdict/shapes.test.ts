/** Verdicts on made histories that rise in steps, or rest: VERDICTS.md, "Steps and rests", has the table. */
import { beforeAll, expect, it } from 'vitest';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import { HISTORY_DURATIONS_NS, historyCore, historyReport } from '../../helpers/history-traces.js';
import { SHAPE_KINDS } from '../../helpers/shape-traces.js';
import { tableRows, verdictTable } from '../../helpers/verdict-table.js';

const SEEDS = 10;
const stacks: ReportStack[][] = SHAPE_KINDS.map(() => []);

beforeAll(() => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const durationNs of HISTORY_DURATIONS_NS) {
      for (const stack of historyReport(historyCore(seed, durationNs, SHAPE_KINDS)).stacks) {
        stacks[Math.floor(stack.stackId / 4) - 1].push(stack);
      }
    }
  }
});

function allOf(verdict: string): ReportStack[] {
  return stacks.flat().filter((stack) => stack.verdict === verdict);
}

it('are those of the table', () => {
  expect(verdictTable('Steps and rests')).toEqual(tableRows(SHAPE_KINDS, stacks));
});

it('never call in steps what gives back what it took, or comes to a level', () => {
  for (const [i, { name, truth }] of SHAPE_KINDS.entries()) {
    if (truth.includes('in-steps')) continue;
    expect(stacks[i].filter(({ verdict }) => verdict === 'in-steps').length, name).toBe(0);
  }
});

it('say how a staircase rose, and at which rate: that of its steps, one more or fewer', () => {
  const name = '6 to 12 even steps';
  for (const [i, { verdictReason, growth, bytes }] of stacks[
    SHAPE_KINDS.findIndex((each) => each.name === name)
  ].entries()) {
    expect(verdictReason).toMatch(
      /^rose by .* in \d+ steps since .*, and each has stayed: .*; the last step was .* ago/,
    );
    // All came evenly over the whole trace.
    const perHour = bytes / (HISTORY_DURATIONS_NS[i % HISTORY_DURATIONS_NS.length] / 3600e9);
    expect(growth?.lowBytesPerHour).toBeGreaterThan(perHour * 0.6);
    expect(growth?.lowBytesPerHour).toBeLessThan(perHour);
    expect(growth?.highBytesPerHour).toBeGreaterThan(perHour);
  }
});

it('say until when a rested call path rose, and that it rests', () => {
  const name = 'leak that rests for the last third';
  for (const { verdictReason } of stacks[SHAPE_KINDS.findIndex((each) => each.name === name)]) {
    expect(verdictReason).toMatch(/^rose by .* until .* into the trace, as a leak does, and has rested at .* for /);
  }
  expect(allOf('rested').length).toBeGreaterThanOrEqual(200);
});

it('leave a leak that rests a quarter of its weight, and a staircase all of it', () => {
  const { stacks: ranked } = historyReport(historyCore(1, 24e9, SHAPE_KINDS));
  expect(ranked.map(score)).toEqual(ranked.map(score).toSorted((a, b) => b - a));
});

const WEIGHTS: Record<string, number> = { growing: 16, 'in-steps': 16, rested: 4, steady: 1 / 4, churning: 1 / 16 };

function score({ verdict, bytes }: ReportStack): number {
  return bytes * (WEIGHTS[verdict ?? 'none'] ?? 1);
}
