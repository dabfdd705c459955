/**
 * Conditions on a diff (conditions.ts): what a call path, or all together, hold more than before, in bytes or in bytes an
 * hour. Of what is held after, bytes that could be lost frees are left out, and of a sample what lies above the low end of
 * its estimate. All call paths count, listed or not.
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
    const { low, high } = certainBytes(stack, condition.includingUnreliable);
    const grown = condition.unit === 'bytes' ? low - high : perHour(low, high, diff);
    return grown > 0 ? grown : null;
  });
}

/** What it holds after, at least, and what it held before, at most. */
function certainBytes({ before, after }: DiffStack, all: boolean): { low: number; high: number } {
  if (all) return { low: after?.bytes ?? 0, high: before?.bytes ?? 0 };
  const held = after === null ? 0 : (after.estimate?.lowBytes ?? after.bytes) - after.lostFreeBytes;
  return { low: Math.max(0, held), high: before?.estimate?.highBytes ?? before?.bytes ?? 0 };
}

/** Of two traces, the pace of each over its own length: one that is shorter may hold less and yet grow faster. */
function perHour(low: number, high: number, { elapsedNs, before, after }: DiffReport): number {
  if (elapsedNs !== null) return (low - high) / (elapsedNs / NS_PER_HOUR);
  return low / (after.durationNs / NS_PER_HOUR) - high / (before.durationNs / NS_PER_HOUR);
}

const NS_PER_HOUR = 3600e9;
