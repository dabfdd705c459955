/**
 * Conditions on a diff (conditions.ts): the growth of a call path, or of all together, in bytes or
 * in bytes an hour. Of the memory after, bytes that could be lost frees do not count, nor do bytes
 * above the low end of a sample's estimate. All call paths count, listed or not.
 */

import type { DiffReport, DiffStack } from '../report/diff-report.js';
import {
  type Condition,
  type ConditionSyntax,
  isCounted,
  type Verification,
  verifyRows,
  verifyTrace,
} from './conditions.js';
import { verifyCovered } from './uncovered.js';

export const DIFF_CONDITIONS: ConditionSyntax = {
  figures: {
    grown: { units: ['bytes', 'rate'], scopes: ['any', 'total'] },
    lost: { units: ['count'], scopes: ['trace'] },
  },
  help: [
    "any call path or all together: '[any|total] grown > VALUE [including unreliable]'",
    "events lost in both: 'lost > NUMBER'",
    "VALUE: a size (50M), or a size a time (1M/h, 20k/min, 1G/d); '>=' as well as '>'",
  ],
};

/** `diff` must list all call paths that changed. */
export function verifyDiff(condition: Condition, diff: DiffReport): Verification<DiffStack> {
  const { before, after } = diff;
  if (condition.scope === 'trace') {
    return verifyTrace(condition, before.anomalies.lostEvents + after.anomalies.lostEvents, '');
  }
  if (condition.unit === 'rate' && (before.source.timesAreCounts || after.source.timesAreCounts)) {
    return { finding: null, untold: 'the unit of the times in a trace is not known' };
  }
  const gaps = [...before.source.coverage, ...after.source.coverage];
  if (condition.unit === 'rate' && !hasRates(diff)) {
    return { finding: null, untold: 'no time has passed between the two' };
  }
  const verify = (stacks: readonly DiffStack[]): Verification<DiffStack> => verifyGrowth(condition, diff, stacks);
  if (condition.includingUnreliable || gaps.length === 0) return verify(diff.stacks);
  return verifyCovered(verify(diff.stacks.filter(isCovered)), () => verify(diff.stacks), gaps);
}

/** False if no time passed: between the moments, or in one of the traces. */
function hasRates({ elapsedNs, before, after }: DiffReport): boolean {
  return elapsedNs === null ? before.durationNs > 0 && after.durationNs > 0 : elapsedNs > 0;
}

/** True if the trace covers the frees of a call path on both sides. */
function isCovered({ before, after }: DiffStack): boolean {
  return [before, after].every((side) => side === null || side.meaning === 'outstanding' || side.meaning === 'before');
}

function verifyGrowth(condition: Condition, diff: DiffReport, stacks: readonly DiffStack[]): Verification<DiffStack> {
  return verifyRows(condition, stacks, (stack) => {
    const unreliable = [stack.before, stack.after].some((side) => side?.reliability === 'unreliable');
    if (!isCounted(condition, { category: stack.category, unreliable }, diff.selection)) return null;
    const { low, high } = certainBytes(stack, condition.includingUnreliable);
    const grown = condition.unit === 'bytes' ? low - high : perHour(low, high, diff);
    return grown > 0 ? grown : null;
  });
}

/** Lower bound of the bytes after, and upper bound of the bytes before. */
function certainBytes({ before, after }: DiffStack, all: boolean): { low: number; high: number } {
  if (all) return { low: after?.bytes ?? 0, high: before?.bytes ?? 0 };
  const held = after === null ? 0 : (after.estimate?.lowBytes ?? after.bytes) - after.lostFreeBytes;
  return { low: Math.max(0, held), high: before?.estimate?.highBytes ?? before?.bytes ?? 0 };
}

/**
 * For two traces, the rate of each over its own length: a shorter trace may hold less and yet grow
 * faster.
 */
function perHour(low: number, high: number, { elapsedNs, before, after }: DiffReport): number {
  if (elapsedNs !== null) return (low - high) / (elapsedNs / NS_PER_HOUR);
  return low / (after.durationNs / NS_PER_HOUR) - high / (before.durationNs / NS_PER_HOUR);
}

const NS_PER_HOUR = 3600e9;
