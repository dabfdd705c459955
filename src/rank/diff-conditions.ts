/**
 * Conditions on a diff (conditions.ts): what a call path, or all together, hold more than before, in bytes or in bytes an
 * hour. Of what is held after, bytes that could be lost frees are left out, and of a sample what lies above the low end of
 * its estimate. All call paths count, listed or not.
 */
import {
  type Condition,
  type ConditionSyntax,
  isCounted,
  type Verification,
  verifyRows,
  verifyTrace,
} from './conditions.js';
import type { DiffReport, DiffStack } from './diff-report.js';

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

/** `diff` lists all call paths that changed. */
export function verifyDiff(condition: Condition, diff: DiffReport): Verification<DiffStack> {
  const { before, after, selection } = diff;
  if (condition.scope === 'trace') {
    return verifyTrace(condition, before.anomalies.lostEvents + after.anomalies.lostEvents, '');
  }
  if (condition.unit === 'rate' && diff.outstanding.distinct.bytesPerHour === null) {
    return { finding: null, untold: 'no time has passed between the two' };
  }
  return verifyRows(condition, diff.stacks, (stack) => {
    const unreliable = [stack.before, stack.after].some((side) => side?.reliability === 'unreliable');
    if (!isCounted(condition, { category: stack.category, unreliable }, selection)) return null;
    const grown = certainGrowth(stack, condition.includingUnreliable);
    if (condition.unit === 'bytes' || grown === null) return grown;
    // The pace of what is certain of it.
    const share = stack.differenceBytes <= 0 ? 0 : grown / stack.differenceBytes;
    return stack.bytesPerHour === null ? null : stack.bytesPerHour * share;
  });
}

/** Null for a call path that has not grown. */
function certainGrowth({ differenceBytes, estimate, after }: DiffStack, all: boolean): number | null {
  const grown = all ? differenceBytes : (estimate?.lowBytes ?? differenceBytes) - (after?.lostFreeBytes ?? 0);
  return grown > 0 ? grown : null;
}
